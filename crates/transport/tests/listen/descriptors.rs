//! A server that runs out of descriptors.

use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use cwire_transport::{ListenOptions, Listener};
use tokio::io::AsyncReadExt;

use crate::addr_of;
use crate::child::{self, MARK, Running};

/// Descriptors of the child, and more connections than they are enough for.
const DESCRIPTORS: u32 = 32;
const CONNECTIONS: usize = 60;

/// Keeps each connection until the peer closes it.
async fn serve() {
    let mut listener =
        Listener::bind(["127.0.0.1:0"], &ListenOptions::default()).await.expect("a free port");
    child::say(addr_of(&listener, 0));
    loop {
        match listener.accept().await {
            Ok(mut stream) => {
                child::say("accepted");
                tokio::spawn(async move { stream.read(&mut [0]).await });
            }
            Err(error) => child::say(error),
        }
    }
}

#[test]
fn it_pauses_and_goes_on_when_there_are_some_again() {
    if child::is_child() {
        return child::run(serve());
    }
    let script = format!(r#"ulimit -n {DESCRIPTORS} && exec "$@""#);
    let line = child::command_line("descriptors::it_pauses_and_goes_on_when_there_are_some_again");
    let child =
        Running::start(Command::new("sh").args(["-c", &script, "sh"]).args(line).env(MARK, ""));
    let addr: SocketAddr = child.hears().parse().expect("an address");
    let mut clients: Vec<_> =
        (0..CONNECTIONS).map(|_| TcpStream::connect(addr).expect("the queue is long")).collect();

    let mut accepted = 0;
    let failure = loop {
        match child.hears().as_str() {
            "accepted" => accepted += 1,
            failure => break failure.to_owned(),
        }
    };
    // EMFILE of errno(3).
    assert_eq!(failure, "Too many open files (os error 24)");
    assert!((10..DESCRIPTORS as usize).contains(&accepted), "{accepted} accepted");

    // A loop without a pause would spend all of this time, or its share of it on a busy machine.
    let before = processor_time(child.id());
    std::thread::sleep(Duration::from_secs(2));
    let spent = processor_time(child.id()) - before;
    eprintln!("{spent:?} of processor time in 2 s without descriptors");
    assert!(spent <= Duration::from_millis(100), "{spent:?}");
    assert!(child.is_silent(), "the failure is told once");

    // As many as close are accepted, though it fails again after them.
    let start = Instant::now();
    clients.drain(..10);
    for _ in 0..10 {
        assert_eq!(child.hears(), "accepted");
    }
    let recovery = start.elapsed();
    eprintln!("10 accepted {recovery:?} after 10 closed");
    assert!(recovery < Duration::from_secs(10), "{recovery:?}");
    clients.clear();
    for _ in accepted + 10..CONNECTIONS {
        assert_eq!(child.hears(), "accepted");
    }
    assert!(child.is_silent());
}

/// User and system time of a process, to 10 ms: fields 14 and 15 of proc_pid_stat(5).
fn processor_time(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("it runs");
    // Field 2, in parentheses, may hold spaces.
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let ticks: u32 = fields.split_whitespace().skip(11).take(2).flat_map(str::parse::<u32>).sum();
    // A tick is 1/100 s on every Linux that says so to programs (USER_HZ, see time(7)).
    Duration::from_millis(10) * ticks
}
