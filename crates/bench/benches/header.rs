//! Time to read a header, beside the compilers that read it too.
//!
//! Compilers are told to do no more than check (`-fsyntax-only`); `cwire layout --json` also places
//! every member and prints all that it knows, to nowhere. Each run is a process from its start to its
//! end. `read_file` is the library alone, in this process.
//!
//! - `generated`: many structs of 8 members each: scalars, arrays, bit-fields, pointers, and in every
//!   tenth a struct.
//! - `linux/perf_event.h`: a header of this machine, with what it includes.
//!
//! The ratio is that to the first line of a table.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Parser;
use cwire_bench::{Contestant, Measured, Options, compare, process};
use cwire_header::read_file;
use cwire_layout::abi::Abi;

/// Where this machine keeps its headers; compilers know.
const INCLUDE_DIRS: [&str; 2] = ["/usr/include", "/usr/include/x86_64-linux-gnu"];

fn main() {
    let options = Options::parse();
    let count = if options.smoke { 500 } else { 10_000 };
    let title = format!("header of {count} generated structs");
    let compilers = compilers();
    if options.wants(&title) {
        let header = TemporaryHeader::new(&generated(count));
        // What <stdint.h> declares comes on top.
        assert!(records(&header.path) >= count, "each struct is read");
        race(&options, &title, &compilers, &header.path);
    }
    let title = "header linux/perf_event.h";
    if options.wants(title) {
        let header = Path::new("/usr/include/linux/perf_event.h");
        match header.exists() {
            true => race(&options, title, &compilers, header),
            false => eprintln!("no {} here: it is left out", header.display()),
        }
    }
}

/// The compilers that can be started here, the yardstick first.
fn compilers() -> Vec<&'static str> {
    let mut compilers = vec!["gcc", "clang-19"];
    compilers.retain(|compiler| {
        let version = Command::new(compiler).arg("--version").stdout(Stdio::null()).status();
        let is_here = version.is_ok_and(|status| status.success());
        if !is_here {
            eprintln!("no `{compiler}` here: it is left out");
        }
        is_here
    });
    compilers
}

fn race(options: &Options, title: &str, compilers: &[&'static str], header: &Path) {
    let cwire = process::cwire(options);
    let compiler = |name: &&'static str| -> Contestant<'_> {
        let mut command = Command::new(name);
        command.args(["-fsyntax-only", "-x", "c"]).arg(header);
        (name, run(command))
    };
    let mut contestants: Vec<_> = compilers.iter().map(compiler).collect();
    let mut layout = Command::new(cwire);
    layout.args(["layout", "--json", "--abi", Abi::X86_64_LINUX.triple()]);
    layout.args(INCLUDE_DIRS.iter().flat_map(|dir| ["-I", dir])).arg(header);
    contestants.push(("cwire layout --json", run(layout)));
    let read = move || {
        let start = Instant::now();
        let result = i64::from(records(header) == 0);
        Measured { value: start.elapsed().as_secs_f64() * 1e3, result }
    };
    contestants.push(("read_file, in this process", Box::new(read)));
    compare(options, title, "ms", contestants);
}

/// Runs a program to its end, in ms; the result is its exit status.
fn run<'a>(mut command: Command) -> Box<dyn FnMut() -> Measured + 'a> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    Box::new(move || {
        let start = Instant::now();
        let status = command.status().expect("the program starts");
        let value = start.elapsed().as_secs_f64() * 1e3;
        Measured { value, result: i64::from(status.code().expect("it ends by itself")) }
    })
}

/// The records of a header, as the library reads them.
fn records(header: &Path) -> usize {
    let mut options = cwire_header::Options::new(Abi::X86_64_LINUX);
    options.include_dirs = INCLUDE_DIRS.iter().map(PathBuf::from).collect();
    let header = read_file(header, &options).expect("compilers read it, too");
    header.types.records().len()
}

/// Structs with members of every kind.
fn generated(count: usize) -> String {
    let mut text =
        String::from("#include <stdint.h>\n\nstruct inner { short kind; int value; };\n");
    // That one counts.
    for index in 1..count {
        let (len, width) = (index % 31 + 1, index % 29 + 1);
        let nested = match index % 10 {
            0 => format!("struct inner nested[{}];", index % 4 + 1),
            _ => "int64_t stamp;".to_owned(),
        };
        let _ = write!(
            text,
            "
struct message_{index} {{
    char tag;
    uint32_t sequence;
    double price;
    char name[{len}];
    unsigned flags : {width};
    unsigned more : {};
    struct message_{index} *next;
    {nested}
}};
",
            32 - width,
        );
    }
    text
}

/// A header that is gone when this is.
struct TemporaryHeader {
    path: PathBuf,
}

impl TemporaryHeader {
    fn new(text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cwire-bench-{}.h", std::process::id()));
        std::fs::write(&path, text).expect("temporary files can be written");
        Self { path }
    }
}

impl Drop for TemporaryHeader {
    fn drop(&mut self) {
        // It stays where it cannot be removed.
        let _ = std::fs::remove_file(&self.path);
    }
}
