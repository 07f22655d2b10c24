//! Sockets that a parent process opened: systemd's own program, and the protocol by hand.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};

use cwire_transport::{ListenOptions, Listener};
use tokio::io::AsyncWriteExt;

use crate::chain;
use crate::child::{self, MARK, Running};
use crate::unix::Folder;

/// What a program does that systemd starts: says what it got, and serves as many connections.
async fn activated() {
    let mut listener = Listener::new(&ListenOptions::default()).expect("no options");
    let count = match listener.adopt_activated() {
        Ok(count) => count,
        Err(error) => return child::say(chain(&error)),
    };
    assert_eq!(listener.local_addrs().len(), count);
    child::say(count);
    // Once per process; neither this process nor its children find the variables again.
    assert_eq!(listener.adopt_activated().expect("nothing is left"), 0);
    if count > 0 {
        assert_eq!(std::env::var_os("LISTEN_FDS"), None);
    }
    for _ in 0..count {
        let mut stream = listener.accept().await.expect("a connection");
        let local = stream.local().to_string();
        stream.write_all(local.as_bytes()).await.expect("open");
        stream.shutdown().await.expect("open");
    }
    drop(listener);
    child::say("done");
}

fn read(mut stream: impl Read) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("open");
    text
}

/// `sh` with the first socket as descriptor 3 and the second as 4, which says how to go on; `$@` is
/// the child.
fn hand_over(script: &str, name: &str, first: OwnedFd, second: OwnedFd) -> Command {
    let mut sh = Command::new("sh");
    let script = format!("exec 3<&0 4<&2 0</dev/null 2>/dev/null; {script}");
    sh.args(["-c", &script, "sh"]).args(child::command_line(name)).env(MARK, "");
    sh.stdin(Stdio::from(first)).stderr(Stdio::from(second));
    sh
}

fn tcp() -> (SocketAddr, OwnedFd) {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    (socket.local_addr().expect("bound"), socket.into())
}

#[test]
fn sockets_of_both_kinds_are_taken() {
    if child::is_child() {
        return child::run(activated());
    }
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let (addr, first) = tcp();
    let second = UnixListener::bind(&path).expect("a free path").into();
    let child = Running::start(&mut hand_over(
        r#"LISTEN_PID=$$ LISTEN_FDS=2 exec "$@""#,
        "activation::sockets_of_both_kinds_are_taken",
        first,
        second,
    ));
    assert_eq!(child.hears(), "2");
    assert_eq!(read(TcpStream::connect(addr).expect("it listens")), addr.to_string());
    let unix = UnixStream::connect(&path).expect("it listens");
    assert_eq!(read(unix), format!("unix:{}", path.display()));
    assert_eq!(child.hears(), "done");
    assert!(path.exists(), "the file is the parent's");
}

#[test]
fn sockets_for_another_process_are_not_taken() {
    if child::is_child() {
        return child::run(activated());
    }
    for script in [r#"LISTEN_PID=1 LISTEN_FDS=2 exec "$@""#, r#"LISTEN_FDS=2 exec "$@""#] {
        let (_, first) = tcp();
        let (_, second) = tcp();
        let name = "activation::sockets_for_another_process_are_not_taken";
        let child = Running::start(&mut hand_over(script, name, first, second));
        assert_eq!(child.hears(), "0", "{script}");
        assert_eq!(child.hears(), "done");
    }
}

#[test]
fn what_is_no_socket_that_listens_is_named() {
    if child::is_child() {
        return child::run(activated());
    }
    let name = "activation::what_is_no_socket_that_listens_is_named";
    let script = r#"LISTEN_PID=$$ LISTEN_FDS=2 exec "$@""#;
    let file = std::fs::File::open("/dev/null").expect("Linux has it");
    let (connected, _peer) = UnixStream::pair().expect("a pair");
    for (second, needed) in [
        (file.into(), "needs a TCP or UNIX stream socket"),
        (connected.into(), "needs a socket that listens"),
    ] {
        let (_, first) = tcp();
        let child = Running::start(&mut hand_over(script, name, first, second));
        assert_eq!(child.hears(), format!("cannot listen on socket 2 of LISTEN_FDS: {needed}"));
    }
    let (_, first) = tcp();
    let (_, second) = tcp();
    let script = r#"LISTEN_PID=$$ LISTEN_FDS=many exec "$@""#;
    let child = Running::start(&mut hand_over(script, name, first, second));
    let message = "cannot listen: LISTEN_FDS: needs a number of 1 to 65535, `many` found";
    assert_eq!(child.hears(), message);
}

/// It passes on a socket that it got, so that no test picks a port, and opens one of its own.
#[test]
fn systemd_activates() {
    if child::is_child() {
        return child::run(activated());
    }
    if cwire_tests::tool("systemd-socket-activate").is_none() {
        return;
    }
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let (addr, first) = tcp();
    let script = format!(
        r#"LISTEN_PID=$$ LISTEN_FDS=1 exec 4<&- \
           systemd-socket-activate -E {MARK} -l '{}' "$@""#,
        path.display()
    );
    let null = std::fs::File::open("/dev/null").expect("Linux has it").into();
    let child =
        Running::start(&mut hand_over(&script, "activation::systemd_activates", first, null));
    // It runs the program at the first connection.
    let tcp = TcpStream::connect(addr).expect("it listens");
    assert_eq!(child.hears(), "2");
    assert_eq!(read(tcp), addr.to_string());
    let unix = UnixStream::connect(&path).expect("it listens");
    assert_eq!(read(unix), format!("unix:{}", path.display()));
    assert_eq!(child.hears(), "done");
}

/// `Accept=yes` passes connections, not sockets that listen.
#[test]
fn systemd_passes_a_connection() {
    if child::is_child() {
        return child::run(activated());
    }
    if cwire_tests::tool("systemd-socket-activate").is_none() {
        return;
    }
    let (addr, first) = tcp();
    let script = format!(
        r#"LISTEN_PID=$$ LISTEN_FDS=1 exec 4<&- \
           systemd-socket-activate --accept -E {MARK} "$@""#
    );
    let null = std::fs::File::open("/dev/null").expect("Linux has it").into();
    let name = "activation::systemd_passes_a_connection";
    let child = Running::start(&mut hand_over(&script, name, first, null));
    let _tcp = TcpStream::connect(addr).expect("it listens");
    let message = "cannot listen on socket 1 of LISTEN_FDS: needs a socket that listens";
    assert_eq!(child.hears(), message);
}
