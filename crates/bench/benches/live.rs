//! `cwire` on live connections, by its header alone, beside the same work elsewhere.
//!
//! - `listen`: records of a C++ sender as JSON on `/dev/null`, beside `cwire decode` of the same records in a
//!   file. A line of `listen` has addresses, side and time on top.
//! - `tap`: p50 of a C++ client that sends a record to a C++ server and waits for it to come back: straight,
//!   through `cwire tap` that only passes on, through one that prints both sides and writes a capture, and
//!   through a proxy as it is usually written for Node. Three processes share two cores, so that what stands
//!   between is always on the core of one of the others.
//!
//! The ratio is that to the first line of a table.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Parser;
use cwire_bench::process::{Process, figure};
use cwire_bench::{Contestant, Measured, Options, compare, process};

const NET: &str = env!("CWIRE_BENCH_NET");
const HEADER: &str = "struct CTestData { char a; int b; char c[15]; };\n";
const PROXY: &str = "
    const net = require('net');
    const to = Number(process.argv[1]);
    const server = net.createServer({noDelay: true}, (client) => {
        const upstream = net.connect({port: to, host: '127.0.0.1', noDelay: true});
        client.pipe(upstream).pipe(client);
        client.on('close', () => server.close());
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));";

fn main() {
    let options = Options::parse();
    let folder = std::env::temp_dir().join(format!("cwire-bench-live-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("ctestdata.h"), HEADER).expect("a header");
    let bench = Bench { cwire: process::cwire(&options), folder: folder.clone() };
    let (records, pings) = if options.smoke { (100_000, 500) } else { (10_000_000, 20_000) };
    bench.listen(&options, records);
    for quantile in ["p50", "p99"] {
        bench.tap(&options, pings, quantile);
    }
    std::fs::remove_dir_all(folder).expect("the folder goes");
}

struct Bench {
    cwire: PathBuf,
    folder: PathBuf,
}

impl Bench {
    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.cwire);
        command.arg(verb);
        command
    }

    fn with_record<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.arg("--header").arg(self.folder.join("ctestdata.h"));
        command.args(["--record", "CTestData", "--format", "json"])
    }

    fn listen(&self, options: &Options, count: u64) {
        let title = "listen, JSON to /dev/null";
        if !options.wants(title) {
            return;
        }
        let file = self.folder.join("records.bin");
        write_records(&file, count);
        let contestants: Vec<Contestant<'_>> = vec![
            ("cwire decode of a file", Box::new(|| self.measured(count, || self.decoded(&file)))),
            ("cwire listen", Box::new(|| self.measured(count, || self.listened(count)))),
        ];
        compare(options, title, "ns per record", contestants);
        std::fs::remove_file(file).expect("it was written");
    }

    fn measured(&self, count: u64, work: impl FnOnce() -> f64) -> Measured {
        Measured { value: work() * 1e9 / count as f64, result: 0 }
    }

    /// Seconds.
    fn decoded(&self, file: &Path) -> f64 {
        let mut command = self.command("decode");
        let begin = Instant::now();
        let command = self.with_record(command.arg(file).args(["--input", "binary"]));
        let status = command.stdout(Stdio::null()).status();
        assert!(status.expect("it starts").success());
        begin.elapsed().as_secs_f64()
    }

    /// Seconds from when the sender is started to when the last record is printed.
    fn listened(&self, count: u64) -> f64 {
        let mut command = self.command("listen");
        command.args(["127.0.0.1:0", "--count", &count.to_string()]);
        let mut listener = Process::cwire(self.with_record(&mut command));
        let port = listener.port();
        let begin = Instant::now();
        let mut sender = Process::start(Command::new(NET).args(["send", "1"]), &[port, count]);
        assert_eq!(figure::<u64>(&sender.line(), "records"), count);
        sender.end();
        let said: Vec<String> = (0..4).map(|_| listener.line()).collect();
        listener.end();
        let records = format!(" {count} records ");
        assert!(said.iter().any(|line| line.contains(&records)), "{said:?}");
        begin.elapsed().as_secs_f64()
    }

    fn tap(&self, options: &Options, pings: u64, quantile: &str) {
        let title = format!("tap, round trip {quantile}");
        if !options.wants(&title) {
            return;
        }
        let mut names = vec!["C++ pair", "cwire tap", "cwire tap, all", "Node proxy"];
        let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
        if !node.is_ok_and(|status| status.success()) {
            eprintln!("no `node` here: it is left out");
            names.pop();
        }
        let contestants = names.into_iter().map(|name| -> Contestant<'_> {
            let measure = || {
                let mut echo = Process::cpp(NET, "echo", 0, &[]);
                let port = echo.port();
                let mut between = self.between(name, port);
                let front = between.as_mut().map_or(port, Process::port);
                let mut client = Process::cpp(NET, "ping", 1, &[front, pings]);
                let value = figure(&client.line(), quantile);
                client.end();
                echo.end();
                if let Some(between) = between {
                    between.end();
                }
                Measured { value, result: 0 }
            };
            (name, Box::new(measure))
        });
        compare(options, &title, "ns", contestants.collect());
    }

    /// What stands in front of a port.
    fn between(&self, name: &str, port: u64) -> Option<Process> {
        let to = format!("127.0.0.1:{port}");
        let mut tap = self.command("tap");
        tap.args(["--listen", "127.0.0.1:0", "--once", "--to", &to]);
        match name {
            "C++ pair" => None,
            "cwire tap" => Some(Process::cwire(&mut tap)),
            "cwire tap, all" => {
                let capture = self.folder.join("tap.pcapng");
                Some(Process::cwire(self.with_record(tap.arg("-o").arg(capture))))
            }
            _ => Some(Process::start(Command::new("node").args(["-e", PROXY]), &[port])),
        }
    }
}

/// Records as the C++ sender has them.
fn write_records(path: &Path, count: u64) {
    let file = std::fs::File::create(path).expect("a file");
    let mut out = std::io::BufWriter::new(file);
    for index in 0..count {
        let mut record = *b"A\0\0\0\0\0\0\0hello\0\0\0\0\0\0\0\0\0\0\0";
        record[4..8].copy_from_slice(&(index as u32).to_le_bytes());
        out.write_all(&record).expect("room on the disk");
    }
    out.flush().expect("room on the disk");
}
