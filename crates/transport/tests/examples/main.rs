//! Each example, with Node as its peer.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A program of which the standard output is read. Dropped, it is killed.
struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let output = child.stdout.take().expect("it is piped");
        Self { child, output: BufReader::new(output) }
    }

    /// The next line, with ports replaced.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("UTF-8");
        line.trim_end().to_owned()
    }

    /// The port that it says it listens on.
    fn port(&mut self) -> String {
        let line = self.line();
        line.rsplit(':').next().expect("a port at the end").to_owned()
    }

    /// What else it prints, once it has ended well.
    fn rest(mut self) -> Vec<String> {
        let mut text = String::new();
        self.output.read_to_string(&mut text).expect("UTF-8");
        assert!(self.child.wait().expect("it was started").success(), "{text}");
        text.lines().map(str::to_owned).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn example(name: &str, args: &[&str]) -> Running {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test.parent().and_then(std::path::Path::parent).expect("target/PROFILE/deps");
    let program = folder.join("examples").join(name);
    assert!(program.exists(), "{program:?} is built with the tests");
    Running::start(Command::new(program).args(args))
}

/// Node's side; none if there is no Node.
fn node(what: &str, port: &str) -> Option<Running> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/examples/peers.js");
    let mut node = cwire_tests::tool("node")?;
    Some(Running::start(node.args([script, what, port])))
}

/// An example that connects to a server of Node's.
fn against(server: &str, name: &str, args: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
    let mut node = node(server, "")?;
    let endpoint = format!("127.0.0.1:{}", node.port());
    let client = example(name, &[&[&endpoint[..]], args].concat());
    Some((client.rest(), node.rest()))
}

#[test]
fn hello_server_greets_and_keeps_the_connection_open() {
    let mut server = example("hello_server", &["127.0.0.1:0"]);
    let Some(client) = node("hello", &server.port()) else { return };
    assert_eq!(client.rest(), ["Hello from server", "close false"]);
    let seen: Vec<_> = (0..3).map(|_| server.line()).collect();
    let peer = seen[0].strip_suffix(" connected").expect("the peer first").to_owned();
    assert_eq!(
        seen[1..],
        [format!("{peer} says thank you"), format!("{peer}: closed by the peer")]
    );
}

#[test]
fn chat_relay_tells_all_but_the_sender() {
    let mut server = example("chat_relay", &["127.0.0.1:0"]);
    let Some(clients) = node("chat", &server.port()) else { return };
    let mut heard = clients.rest();
    heard.sort();
    assert_eq!(heard, ["1 hello", "1 world", "2 hello", "2 world"]);
}

#[test]
fn idle_farewell_is_said_to_who_is_silent() {
    let mut server = example("idle_farewell", &["127.0.0.1:0", "0.2"]);
    let Some(client) = node("silent", &server.port()) else { return };
    let farewell = "You were silent for too long. Farewell!";
    assert_eq!(client.rest(), [farewell, "end", "close false"]);
    assert!(server.line().ends_with(" idle: Read"));
    assert!(server.line().ends_with(": idle for too long"));
}

/// proc_pid_net(5): the column `tr` is 2 for the keep-alive timer, `tm->when` its hundredths of a
/// second, in hexadecimal.
#[cfg(target_os = "linux")]
#[test]
fn keep_alive_sets_the_timer_of_the_system() {
    let mut server = example("keep_alive", &["127.0.0.1:0"]);
    let port = server.port();
    let client = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).expect("it listens");
    let peer = client.local_addr().expect("open").port();
    let port: u16 = port.parse().expect("a port");
    let timer = || {
        let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux");
        let row =
            table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find(|row| {
                row[1].ends_with(&format!(":{port:04X}"))
                    && row[2].ends_with(&format!(":{peer:04X}"))
            });
        row.map(|row| row[5].to_owned())
    };
    // Accepting sets it, some time after connecting is done.
    let mut tries = 0..1_000_000;
    let timer = loop {
        assert!(tries.next().is_some(), "the timer is never set: {:?}", timer());
        match timer() {
            Some(timer) if timer.starts_with("02:") => break timer,
            _ => std::thread::yield_now(),
        }
    };
    let hundredths = u64::from_str_radix(&timer[3..], 16).expect("hexadecimal");
    assert!((5_000..=6_000).contains(&hundredths), "{timer}");
}

#[test]
fn no_delay_is_switched_while_the_connection_is_open() {
    let Some((seen, _)) = against("echo", "no_delay", &[]) else { return };
    assert_eq!(
        seen,
        [
            "no-delay true",
            "answer no-delay true",
            "no-delay false",
            "answer no-delay false",
            "closed by this side"
        ]
    );
}

#[test]
fn server_close_ends_in_order_with_clients_attached() {
    let mut server = example("server_close", &["127.0.0.1:0"]);
    let Some(clients) = node("closer", &server.port()) else { return };
    let mut seen = clients.rest();
    seen.sort();
    assert_eq!(seen, ["close false", "closing", "other close false"]);
    let said = server.rest();
    assert_eq!(said[0], "closing with 2 clients");
    assert!(
        said[1].ends_with(": the server shut down") && said[2].ends_with(": the server shut down")
    );
    assert_eq!(said[3..], ["closed", "2 sessions, 0 open"]);
}

#[test]
fn text_and_bytes_are_two_views_of_one_stream() {
    let Some((text, _)) = against("echo", "text_and_bytes", &["text"]) else { return };
    assert_eq!(text, ["text héllo"]);
    let Some((bytes, _)) = against("echo", "text_and_bytes", &["bytes"]) else { return };
    assert_eq!(bytes, ["bytes [68, c3, a9, 6c, 6c, 6f, 0a]"]);
}

#[test]
fn ctestdata_client_exchanges_structs_with_buffer_calls() {
    let Some((seen, parsed)) = against("struct", "ctestdata_client", &[]) else { return };
    assert_eq!(parsed, ["A 300 hello", "A 301 hello", "A 302 hello"]);
    let answers = [600, 602, 604].map(|b| format!("Z {b} fifteen letters"));
    assert_eq!(seen, [&answers[..], &["closed by this side".to_owned()]].concat());
}
