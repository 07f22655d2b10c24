//! `cwire replay` to servers in C++, Node and here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Stdio;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use cwire_capture::Timestamp;
use cwire_capture::write::{self, Connection, Sender};
use serde_json::Value;

use super::{
    Cwire, Ended, RECORD, bytes, certificate, free_port, line, receiver, reversing, with_record,
};
use crate::folder::Folder;
use crate::running::Running;

/// A capture of one conversation: who says which bytes after how many milliseconds.
fn capture(folder: &Folder, said: &[(u32, Sender, Vec<u8>)]) -> String {
    let [client, server]: [SocketAddr; 2] =
        ["10.0.0.1:40000", "10.0.0.2:9000"].map(|it| it.parse().unwrap());
    let time = |millis: u32| {
        Timestamp::new(1_767_323_045 + i64::from(millis / 1000), millis % 1000 * 1_000_000)
    };
    let mut file = Vec::new();
    write::head("test", &mut file);
    let mut connection = Connection::open(0, client, server, time(0), &mut file);
    for (millis, from, bytes) in said {
        connection.data(*from, bytes, time(*millis), &mut file);
    }
    let last = said.last().map_or(0, |(millis, ..)| *millis);
    connection.finish(Sender::Client, time(last), &mut file);
    connection.finish(Sender::Server, time(last), &mut file);
    folder.write("said.pcapng", file)
}

/// Questions and their echoes, 10 ms apart.
fn echoes(folder: &Folder, count: u32) -> String {
    let said = (0..count).flat_map(|at| {
        let record = bytes(i32::try_from(at).unwrap());
        [(20 * at, Sender::Client, record.clone()), (20 * at + 10, Sender::Server, record)]
    });
    capture(folder, &said.collect::<Vec<_>>())
}

fn replay(capture: &str, to: &str, args: &[&str]) -> Ended {
    let flags = with_record(&["--format", "json"]);
    Cwire::start(&[&["replay", capture, "--to", to], &flags[..], args].concat()).wait()
}

fn numbers(ended: &Ended) -> Vec<Value> {
    ended.records().iter().map(|it| it["fields"]["b"].clone()).collect()
}

/// A server that does what `serve` does with one connection.
fn server<T: Send + 'static>(
    serve: impl FnOnce(std::net::TcpStream) -> T + Send + 'static,
) -> (String, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    (addr, std::thread::spawn(move || serve(listener.accept().unwrap().0)))
}

/// What a client says to the C++ receiver is tapped, and the capture is said to another.
#[test]
fn an_exchange_with_a_cpp_peer_is_replayed_with_the_same_answers() {
    let folder = Folder::new("replay-cpp");
    let file = folder.0.join("tap.pcapng").to_str().unwrap().to_owned();
    let Some((mut first, addr)) = receiver(&folder, &["--echo"]) else { return };
    let mut tap = Cwire::start(&["tap", "--listen", "127.0.0.1:0", "--to", &addr, "-o", &file]);
    let front = tap.hear("listening on ").rsplit(' ').next().unwrap().to_owned();
    let mut connect = Cwire::start(&[&["connect", &front], &RECORD[..]].concat());
    let all: String = (0..500).map(line).collect();
    connect.write(&all);
    connect.finish().has_status(0);
    first.wait();
    tap.hear("12000 bytes from the client, 12000 bytes from the server");
    tap.signal("-TERM");
    tap.wait().has_status(0);

    let Some((mut second, addr)) = receiver(&folder, &["--echo"]) else { return };
    let ended = replay(&file, &addr, &["--expect"]);
    ended.has_status(0);
    second.wait();
    let expected = "stream 0: 500 messages sent, 500 answers, all as in the capture";
    assert!(ended.said.contains(expected), "{}", ended.said);
    assert_eq!(numbers(&ended), (0..500).map(Value::from).collect::<Vec<_>>());
    let mut printed = String::new();
    second.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    let lines: Vec<_> = (0..500).map(|b| format!("65 {b} hello")).collect();
    assert_eq!(printed.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn what_node_answers_differently_is_said_field_by_field() {
    const SCRIPT: &str = "
        const server = require('net').createServer((socket) => {
            let all = Buffer.alloc(0);
            socket.on('data', (piece) => {
                all = Buffer.concat([all, piece]);
                for (; all.length >= 24; all = all.subarray(24)) {
                    const answer = Buffer.from(all.subarray(0, 24));
                    if (answer.readInt32LE(4) % 2) answer.writeInt32LE(-1, 4);
                    socket.write(answer);
                }
            });
        });
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));";
    let folder = Folder::new("replay-node");
    let file = echoes(&folder, 4);
    let Some(mut node) = cwire_tests::tool("node") else { return };
    let mut node = Running(node.args(["-e", SCRIPT]).stdout(Stdio::piped()).spawn().unwrap());
    let mut port = String::new();
    BufReader::new(node.0.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let addr = format!("127.0.0.1:{}", port.trim_end());
    let ended = replay(&file, &addr, &["--expect"]);
    ended.has_status(1);
    assert_eq!(numbers(&ended), [0, -1, 2, -1]);
    for expected in [
        "cwire: the answer at 0x18 (24): b: 1 in the capture, -1 now\n",
        "cwire: the answer at 0x48 (72): b: 3 in the capture, -1 now\n",
        "4 messages sent, 4 answers: 2 with differences\n",
    ] {
        assert!(ended.said.contains(expected), "{}", ended.said);
    }
    let ended = replay(&file, &addr, &["--expect", "--ignore", "b", "--asap"]);
    ended.has_status(0);
    assert!(ended.said.contains("4 answers, all as in the capture"), "{}", ended.said);
}

#[test]
fn fields_are_set_on_the_way() {
    let folder = Folder::new("replay-set");
    let file = echoes(&folder, 3);
    let (addr, came) = server(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    });
    let set = ["--set", "c=\"123456789\"", "--set", "a='Z' - number()", "--set", "b = b + 1000"];
    let ended = replay(&file, &addr, &[&set[..], &["--wait", "50ms"]].concat());
    // Nobody answered, and nobody asked whether they would.
    ended.has_status(1);
    assert!(ended.said.contains("1 answer of the capture did not come"), "{}", ended.said);
    let expected = (0..3).flat_map(|at: u8| {
        let b = (1000 + i32::from(at)).to_le_bytes();
        [&[b'Z' - at, 0, 0, 0][..], &b, b"123456789\0\0\0\0\0\0\0"].concat()
    });
    assert_eq!(came.join().unwrap(), expected.collect::<Vec<_>>());

    // The check value of CRC-32/ISO-HDLC, over what was set before it.
    let (addr, came) = server(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    });
    let set = ["--set", "c=\"123456789\"", "--set", "b=(int)crc32(8, 9)"];
    replay(&file, &addr, &[&set[..], &["--wait", "10ms"]].concat());
    assert_eq!(came.join().unwrap()[4..8], 0xcbf4_3926_u32.to_le_bytes());

    let (addr, came) = server(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    });
    let ended = replay(&file, &addr, &["--set", "b=1 << (31 - b)", "--wait", "10ms"]);
    ended.has_status(1);
    let problem = "cwire: the message at 0x0 (0) is not sent: b: 2147483648 does not fit";
    assert!(ended.said.contains(problem), "{}", ended.said);
    assert_eq!(came.join().unwrap().len(), 48);
}

#[test]
fn messages_wait_for_the_answers_before_them() {
    let folder = Folder::new("replay-wait");
    let file = echoes(&folder, 3);
    let (addr, early) = server(|mut stream| {
        let mut early = 0;
        let mut record = [0; 24];
        while stream.read_exact(&mut record).is_ok() {
            std::thread::sleep(Duration::from_millis(100));
            stream.set_nonblocking(true).unwrap();
            early += usize::from(stream.peek(&mut [0]).is_ok_and(|count| count > 0));
            stream.set_nonblocking(false).unwrap();
            stream.write_all(&record).unwrap();
        }
        early
    });
    let ended = replay(&file, &addr, &["--asap", "--expect"]);
    ended.has_status(0);
    assert_eq!(early.join().unwrap(), 0);
}

#[test]
fn messages_are_as_far_apart_as_they_were() {
    let folder = Folder::new("replay-pace");
    let said = [0, 300, 900].map(|millis| (millis, Sender::Client, bytes(7)));
    let file = capture(&folder, &said);
    // With how many milliseconds the second and the third come at least behind the beginning.
    for (args, least) in [(&[][..], [300, 900]), (&["--speed", "3"], [100, 300])] {
        let begin = Instant::now();
        let (addr, times) = server(move |mut stream| {
            let mut times = Vec::new();
            while stream.read_exact(&mut [0; 24]).is_ok() {
                times.push(begin.elapsed().as_millis());
            }
            times
        });
        replay(&file, &addr, args).has_status(0);
        let times = times.join().unwrap();
        let are_late = times.iter().skip(1).zip(least).all(|(&time, least)| time >= least);
        assert!(times.len() == 3 && are_late, "{times:?} {least:?}");
    }
    // An hour of silence.
    let said = [0, 3_600_000].map(|millis| (millis, Sender::Client, bytes(7)));
    let file = capture(&folder, &said);
    let (addr, count) = server(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all.len()
    });
    replay(&file, &addr, &["--asap"]).has_status(0);
    assert_eq!(count.join().unwrap(), 48);
}

#[test]
fn answers_that_do_not_come_or_come_beyond_are_said() {
    let folder = Folder::new("replay-counts");
    let file = echoes(&folder, 2);
    let (addr, done) = server(|mut stream| {
        stream.read_exact(&mut [0; 24]).unwrap();
        stream.write_all(&bytes(0)).unwrap();
        stream.read_exact(&mut [0; 24]).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    });
    let ended = replay(&file, &addr, &["--expect", "--wait", "1s"]);
    done.join().unwrap();
    ended.has_status(1);
    assert!(ended.said.contains(": 1 missing\n"), "{}", ended.said);
    let (addr, done) = server(|mut stream| {
        for at in 0..2 {
            stream.read_exact(&mut [0; 24]).unwrap();
            stream.write_all(&bytes(at)).unwrap();
        }
        stream.write_all(&bytes(2)).unwrap();
    });
    let ended = replay(&file, &addr, &["--expect"]);
    done.join().unwrap();
    ended.has_status(1);
    assert!(ended.said.contains("cwire: 1 answer more than in the capture\n"), "{}", ended.said);
    // A server that goes away leaves messages unsent.
    let (addr, done) = server(|mut stream| {
        stream.read_exact(&mut [0; 24]).unwrap();
        stream.write_all(&bytes(0)).unwrap();
    });
    let file = echoes(&folder, 50);
    let ended = replay(&file, &addr, &["--expect", "--wait", "1s"]);
    done.join().unwrap();
    ended.has_status(1);
    assert!(ended.said.contains(" not sent: the connection is over"), "{}", ended.said);
}

#[test]
fn a_server_in_openssl_is_talked_to() {
    let folder = Folder::new("replay-tls");
    let Some([cert, key]) = certificate(&folder) else { return };
    let (_server, addr) = reversing(&cert, &key);
    let header = folder.write("line.h", "struct line { char text[8]; };\n");
    let said = [
        (0, Sender::Client, b"abcdefg\n".to_vec()),
        (1, Sender::Server, b"gfedcba\n".to_vec()),
        (2, Sender::Client, b"racecar\n".to_vec()),
        (3, Sender::Server, b"racecar\n".to_vec()),
    ];
    let file = capture(&folder, &said);
    let args = ["replay", &file, "--to", &addr, "--header", &header, "--record", "line"];
    let more = ["--tls-ca", &cert, "--expect", "--wait", "1s", "--format", "json"];
    let ended = Cwire::start(&[&args[..], &more].concat()).wait();
    ended.has_status(0);
    let texts: Vec<_> = ended.records().iter().map(|it| it["fields"]["text"].clone()).collect();
    assert_eq!(texts, ["gfedcba\n", "racecar\n"]);
    assert!(ended.said.contains("2 answers, all as in the capture"), "{}", ended.said);
}

/// A server that finishes at once still listens, one that does not read is given up, and more answers than
/// are waited for do not keep the program.
#[test]
fn servers_that_stand_still_are_not_waited_for_without_end() {
    let folder = Folder::new("replay-still");
    let said = [0, 1, 2].map(|millis| (millis, Sender::Client, bytes(7)));
    let file = capture(&folder, &said);
    let (addr, count) = server(|mut stream| {
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all.len()
    });
    replay(&file, &addr, &["--expect"]).has_status(0);
    assert_eq!(count.join().unwrap(), 72);

    let many = (0..200).map(|at| (at, Sender::Client, bytes(7).repeat(5000)));
    let file = capture(&folder, &many.collect::<Vec<_>>());
    let (addr, held) = server(|stream| stream);
    let ended = replay(&file, &addr, &["--asap", "--wait", "500ms"]);
    ended.has_status(1);
    assert!(ended.said.contains("the server takes no more of what is sent"), "{}", ended.said);
    drop(held.join());

    let answers = (0..12_000).map(|_| bytes(1)).collect::<Vec<_>>().concat();
    let said = [(0, Sender::Client, bytes(1)), (1, Sender::Server, answers)];
    let file = capture(&folder, &said);
    let (addr, done) = server(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
    });
    let ended = replay(&file, &addr, &["--expect", "--wait", "300ms"]);
    ended.has_status(1);
    assert!(ended.said.contains(": 12000 missing\n"), "{}", ended.said);
    done.join().unwrap();
}

#[test]
fn a_set_that_changes_nothing_is_said() {
    let folder = Folder::new("replay-unused");
    let header = "struct head { int kind; };\nstruct one { struct head h; int x; };\n\
                  struct two { struct head h; int y; };\n";
    folder.write("two.h", header);
    let protocol = "header = ['two.h']
        [[message]]
        when = 'le32(0) == 1'
        record = 'one'
        [[message]]
        when = 'le32(0) == 2'
        record = 'two'";
    let protocol = folder.write("two.toml", protocol);
    let said = [(0, Sender::Client, [1_u32.to_le_bytes(), 5_u32.to_le_bytes()].concat())];
    let file = capture(&folder, &said);
    let (addr, came) = server(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    });
    let args = ["replay", &file, "--to", &addr, "--protocol", &protocol, "--wait", "1s"];
    let set = ["--set", "x=h.kind + 8", "--set", "y=7", "--set", "h.kind=x - 8"];
    let ended = Cwire::start(&[&args[..], &set].concat()).wait();
    ended.has_status(1);
    assert!(ended.said.contains("cwire: --set y=7 has changed nothing\n"), "{}", ended.said);
    let other = "cwire: --set h.kind=x - 8: not in two: ";
    assert!(ended.said.contains(other), "{}", ended.said);
    assert_eq!(came.join().unwrap(), [1_u32.to_le_bytes(), 9_u32.to_le_bytes()].concat());
}

#[test]
fn a_signal_ends_a_replay_in_order() {
    let folder = Folder::new("replay-signal");
    let said = [0, 3_600_000].map(|millis| (millis, Sender::Client, bytes(7)));
    let file = capture(&folder, &said);
    let (tell, first) = std::sync::mpsc::channel();
    let (addr, count) = server(move |mut stream| {
        stream.read_exact(&mut [0; 24]).unwrap();
        tell.send(()).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        24 + rest.len()
    });
    let replay = Cwire::start(&[&["replay", &file, "--to", &addr], &RECORD[..]].concat());
    first.recv().unwrap();
    replay.signal("-INT");
    let ended = replay.wait();
    ended.has_status(0);
    assert!(ended.said.contains("1 message sent, 0 answers"), "{}", ended.said);
    assert_eq!(count.join().unwrap(), 24);
}

#[test]
fn what_cannot_be_replayed_is_refused() {
    let folder = Folder::new("replay-refused");
    let file = echoes(&folder, 1);
    let plain = folder.write("plain.bin", [0xff; 100]);
    let closed = format!("127.0.0.1:{}", free_port());
    for (file, to, args, needed) in [
        (&file, "192.0.2.1:9000", &[][..], "192.0.2.1:9000 is not an address of this machine"),
        (&file, "example.org:9000", &[], "--yes is needed"),
        (&plain, &closed, &[], "plain.bin: a capture (pcap or pcapng) is needed"),
        (&file, &closed, &[], "connecting: cannot connect to "),
        (&file, &closed, &["--set", "d=1"], "--set d=1: no record has a field `d`"),
        (
            &file,
            &closed,
            &["--set", "b=e+1"],
            "--set:1:1: error: `e` is no field of `struct CTestData`",
        ),
        (&file, &closed, &["--set", "b"], "FIELD=EXPR is needed, found `b`"),
        (&file, &closed, &["--expect", "--ignore", "d"], "--ignore d: no record has a field"),
        (&file, &closed, &["--speed", "0"], "a number above 0 is needed"),
    ] {
        let ended = replay(file, to, args);
        ended.has_status(2);
        assert!(ended.said.contains(needed), "{needed}: {}", ended.said);
    }
    let (addr, _) = server(drop);
    let ended = replay(&file, &addr, &["--stream", "7", "--wait", "50ms"]);
    ended.has_status(1);
    assert!(ended.said.contains("no TCP connection of number 7 with data"), "{}", ended.said);
    assert_eq!(ended.records(), Vec::<Value>::new());
}
