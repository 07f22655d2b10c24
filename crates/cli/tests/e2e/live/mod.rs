//! `cwire` on live connections.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::running::{Running, compiled};
use crate::{command, data};

mod bench;
mod exchange;
mod hub;
mod replay;
mod tap;

pub(crate) const RECORD: [&str; 4] = ["--header", "ctestdata.h", "--record", "CTestData"];

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// `cwire` with pipes.
pub(crate) struct Cwire {
    pub(crate) child: Running,
    pub(crate) said: BufReader<ChildStderr>,
}

/// How a program ended, and what it printed and said that was not read before.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) printed: String,
    pub(crate) said: String,
}

impl Cwire {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut command = command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Running(command.spawn().unwrap());
        let said = BufReader::new(child.0.stderr.take().unwrap());
        Self { child, said }
    }

    /// A listener, and the address that it took.
    pub(crate) fn listen(args: &[&str]) -> (Self, String) {
        let mut listener = Self::start(&[&["listen", "127.0.0.1:0"], args].concat());
        let line = listener.hear("listening on ");
        let addr = line.rsplit(' ').next().unwrap().to_owned();
        (listener, addr)
    }

    /// Waits for a line on standard error.
    pub(crate) fn hear(&mut self, part: &str) -> String {
        let mut heard = String::new();
        loop {
            let mut line = String::new();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "no `{part}` in:\n{heard}");
            if line.contains(part) {
                return line.trim_end().to_owned();
            }
            heard.push_str(&line);
        }
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let stdin = self.child.0.stdin.as_mut().unwrap();
        stdin.write_all(bytes.as_ref()).unwrap();
        stdin.flush().unwrap();
    }

    /// Ends standard input, and waits until the program has ended.
    pub(crate) fn finish(mut self) -> Ended {
        drop(self.child.0.stdin.take());
        self.wait()
    }

    pub(crate) fn wait(mut self) -> Ended {
        let mut stdout = self.child.0.stdout.take().unwrap();
        let reader = std::thread::spawn(move || {
            let mut printed = String::new();
            stdout.read_to_string(&mut printed).unwrap();
            printed
        });
        let mut said = String::new();
        self.said.read_to_string(&mut said).unwrap();
        let printed = reader.join().unwrap();
        Ended { status: wait_for(&mut self.child.0), printed, said }
    }

    pub(crate) fn signal(&self, name: &str) {
        cwire_tests::run(Command::new("kill").args([name, &self.child.0.id().to_string()]));
    }

    /// The line of output that comes next.
    pub(crate) fn line(&mut self) -> String {
        let mut line = Vec::new();
        let stdout = self.child.0.stdout.as_mut().unwrap();
        let mut byte = [0];
        while stdout.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
            line.push(byte[0]);
        }
        String::from_utf8(line).unwrap()
    }
}

pub(crate) fn wait_for(child: &mut Child) -> ExitStatus {
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(since.elapsed() < PATIENCE, "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Ended {
    pub(crate) fn records(&self) -> Vec<Value> {
        self.printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn has_status(&self, status: i32) {
        assert_eq!(self.status.code(), Some(status), "{}\n{}", self.said, self.printed);
    }
}

pub(crate) fn with_record(args: &[&'static str]) -> Vec<&'static str> {
    [&RECORD[..], args].concat()
}

/// A record as JSON, one line.
pub(crate) fn line(b: i32) -> String {
    format!("{}\n", json!({"a": "A", "b": b, "c": "hello"}))
}

/// The bytes of [`line`], worked out by hand.
pub(crate) fn bytes(b: i32) -> Vec<u8> {
    [b"A\0\0\0", &b.to_le_bytes()[..], b"hello\0\0\0\0\0\0\0\0\0\0\0"].concat()
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A protocol file of records that have 0x7e in front of each.
pub(crate) fn marked(folder: &Folder) -> String {
    let header = data().join("ctestdata.h");
    let protocol = format!(
        "header = [{:?}]\n[[message]]\nwhen = \"u8(0) == 0x7e\"\nprefix = 1\nrecord = \"CTestData\"\n",
        header.to_str().unwrap()
    );
    folder.write("marked.toml", protocol)
}

/// A C++ receiver that serves one connection, and its address.
pub(crate) fn receiver(folder: &Folder, args: &[&str]) -> Option<(Running, String)> {
    let mut receiver = compiled("receiver", &folder.0)?;
    receiver.args(["--port", "0", "--connections", "1"]).args(args);
    let mut receiver =
        Running(receiver.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut listening = String::new();
    // The rest of what it says fits into the pipe.
    BufReader::new(receiver.0.stderr.as_mut().unwrap()).read_line(&mut listening).unwrap();
    let addr = listening.trim_end().rsplit(' ').next().unwrap().to_owned();
    Some((receiver, addr))
}

/// A certificate that its server has issued itself, for 127.0.0.1, and its key.
pub(crate) fn certificate(folder: &Folder) -> Option<[String; 2]> {
    let mut openssl = cwire_tests::tool("openssl")?;
    let files =
        ["cert.pem", "key.pem"].map(|name| folder.0.join(name).to_str().unwrap().to_owned());
    let [cert, key] = &files;
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    openssl.args(["-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE", "-days", "2"]);
    cwire_tests::run(openssl.args(["-keyout", key, "-out", cert]));
    Some(files)
}

/// A TLS server in openssl that sends each line back in reverse, and its address.
pub(crate) fn reversing(cert: &str, key: &str) -> (Running, String) {
    let addr = format!("127.0.0.1:{}", free_port());
    let mut server = Command::new("openssl");
    server.args(["s_server", "-quiet", "-rev", "-accept", &addr]);
    server.args(["-cert", cert, "-key", key]).stdout(Stdio::null()).stderr(Stdio::null());
    let server = Running(server.spawn().unwrap());
    let since = Instant::now();
    while std::net::TcpStream::connect(&addr).is_err() {
        assert!(since.elapsed() < PATIENCE, "openssl does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    (server, addr)
}
