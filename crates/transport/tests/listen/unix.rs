//! Over UNIX sockets.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cwire_transport::{Address, Endpoint, ListenError, ListenOptions, Listener};
use rustix::fs::{FlockOperation, flock};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::{addr_of, chain};

/// A folder that goes with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("cwire-listen-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).expect("a new folder");
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn bind(path: &Path) -> Result<Listener, ListenError> {
    Listener::bind([Endpoint::Unix(path.to_owned())], &ListenOptions::default()).await
}

fn in_use(path: &Path) -> String {
    let why = io::Error::from_raw_os_error(if cfg!(target_os = "linux") { 98 } else { 48 });
    format!("cannot listen on unix:{}: {why}", path.display())
}

/// std leaves the file behind, as a program that was killed does.
fn leave_stale_socket(path: &Path) {
    drop(UnixListener::bind(path).expect("a free path"));
    assert!(path.exists());
}

async fn exchange(listener: &mut Listener, path: &Path) {
    let client = UnixStream::connect(path).expect("it listens");
    let stream = listener.accept().await.expect("a connection");
    assert_eq!(stream.local().path(), client.peer_addr().expect("open").as_pathname());
    assert_eq!(stream.peer(), &Address::Unix(None));
}

#[tokio::test]
async fn the_file_is_there_as_long_as_the_listener() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let text = format!("unix:{}", path.display());
    let mut listener =
        Listener::bind(["127.0.0.1:0", &text], &ListenOptions::default()).await.expect("free");
    assert_eq!(listener.local_addrs()[1].to_string(), text);
    exchange(&mut listener, &path).await;
    let _tcp = std::net::TcpStream::connect(addr_of(&listener, 0)).expect("it listens");
    assert!(listener.accept().await.expect("a connection").tcp().is_some());

    drop(listener);
    assert!(!path.exists());
}

#[tokio::test]
async fn a_peer_that_has_a_path_is_known_by_it() {
    let folder = Folder::new();
    let [path, own] = ["feed.sock", "client.sock"].map(|name| folder.path(name));
    let mut listener = bind(&path).await.expect("a free path");
    let client = Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
    client.bind(&SockAddr::unix(&own).expect("short")).expect("a free path");
    client.connect(&SockAddr::unix(&path).expect("short")).expect("it listens");
    let stream = listener.accept().await.expect("a connection");
    assert_eq!(stream.peer(), &Address::Unix(Some(own)));
}

#[tokio::test]
async fn permissions_are_those_asked_for() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let endpoint = [Endpoint::Unix(path.clone())];
    for mode in [0o600, 0o666, 0o660] {
        let options = ListenOptions::new().unix_permissions(mode);
        let _listener = Listener::bind(&endpoint, &options).await.expect("a free path");
        let found = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(found & 0o7777, mode);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stale_socket_is_taken_over() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    leave_stale_socket(&path);
    let mut listener = bind(&path).await.expect("nobody listens");
    exchange(&mut listener, &path).await;
    drop(listener);
    // Of another type, and stale as well.
    drop(UnixDatagram::bind(&path).expect("a free path"));
    let mut listener = bind(&path).await.expect("nobody listens");
    exchange(&mut listener, &path).await;
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_is_alive_is_in_use() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let mut alive = bind(&path).await.expect("a free path");
    let error = bind(&path).await.expect_err("in use");
    assert_eq!((chain(&error), error.kind()), (in_use(&path), io::ErrorKind::AddrInUse));
    assert_eq!(error.addr(), None);
    // The question was a connection.
    alive.accept().await.expect("a connection");
    exchange(&mut alive, &path).await;

    let other = folder.path("datagram.sock");
    let _alive = UnixDatagram::bind(&other).expect("a free path");
    assert_eq!(chain(&bind(&other).await.expect_err("in use")), in_use(&other));
}

/// Connecting would wait for ever, or be told to try again.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_socket_whose_queue_is_full_is_alive() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let addr = SockAddr::unix(&path).expect("short");
    let busy = Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
    busy.bind(&addr).expect("a free path");
    busy.listen(0).expect("bound");
    let mut queued = Vec::new();
    let full = loop {
        let client = Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
        client.set_nonblocking(true).expect("open");
        match client.connect(&addr) {
            Ok(()) if queued.len() < 10 => queued.push(client),
            outcome => break outcome.expect_err("the queue is short"),
        }
    };
    assert_eq!(full.kind(), io::ErrorKind::WouldBlock);
    assert_eq!(chain(&bind(&path).await.expect_err("in use")), in_use(&path));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_socket_is_left_alone() {
    let folder = Folder::new();
    let [file, dir, link, stale] = ["file", "dir", "link", "stale"].map(|name| folder.path(name));
    fs::write(&file, "precious").expect("a new file");
    fs::create_dir(&dir).expect("a new folder");
    leave_stale_socket(&stale);
    symlink(&stale, &link).expect("a new link");
    for path in [&file, &dir, &link] {
        assert_eq!(chain(&bind(path).await.expect_err("in use")), in_use(path));
    }
    assert_eq!(fs::read_to_string(&file).expect("still there"), "precious");
    assert!(dir.is_dir());
    assert_eq!(fs::read_link(&link).expect("still there"), stale);
    assert!(fs::metadata(&stale).expect("still there").file_type().is_socket());

    let nowhere = folder.path("missing/feed.sock");
    let error = bind(&nowhere).await.expect_err("no such folder");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert_eq!(error.to_string(), format!("cannot listen on unix:{}", nowhere.display()));
    let long = folder.path(&"x".repeat(200));
    assert_eq!(bind(&long).await.expect_err("long").kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn the_file_of_another_program_stays() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let first = bind(&path).await.expect("a free path");
    fs::remove_file(&path).expect("there");
    let mut second = bind(&path).await.expect("a free path");
    drop(first);
    exchange(&mut second, &path).await;

    // A file, or nothing at all, is no trouble either.
    fs::remove_file(&path).expect("there");
    fs::write(&path, "precious").expect("a new file");
    drop(second);
    assert_eq!(fs::read_to_string(&path).expect("still there"), "precious");
}

/// It has called bind(2) when we look, and listen(2) soon after.
#[tokio::test(start_paused = true)]
async fn a_socket_that_is_about_to_listen_is_in_use() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let other = Socket::new(Domain::UNIX, Type::STREAM, None).expect("a socket");
    other.bind(&SockAddr::unix(&path).expect("short")).expect("a free path");
    let mut binding = tokio_test::task::spawn(bind(&path));
    tokio_test::assert_pending!(binding.poll());
    other.listen(1).expect("bound");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(chain(&binding.await.expect_err("in use")), in_use(&path));
    assert!(path.exists());
}

#[test]
fn of_many_that_find_a_stale_socket_one_gets_it() {
    const PROGRAMS: usize = 8;
    let folder = Folder::new();
    for round in 0..5 {
        let path = folder.path(&format!("feed{round}.sock"));
        leave_stale_socket(&path);
        let (start, end) = (Barrier::new(PROGRAMS), Barrier::new(PROGRAMS));
        let outcomes = std::thread::scope(|scope| {
            let run = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(async {
                    start.wait();
                    let mut bound = bind(&path).await;
                    // None goes before the others have tried.
                    end.wait();
                    if let Ok(listener) = &mut bound {
                        while !end_of_probes(listener).await {}
                        exchange(listener, &path).await;
                    }
                    bound.map(drop).map_err(|error| chain(&error))
                })
            };
            let threads: Vec<_> = (0..PROGRAMS).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let refusal = Err(in_use(&path));
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == refusal).count(), PROGRAMS - 1);
        assert!(!path.exists());
    }
}

/// Takes one of the connections by which others asked whether somebody listens; true if there is
/// none.
async fn end_of_probes(listener: &mut Listener) -> bool {
    let mut accepting = tokio_test::task::spawn(listener.accept());
    accepting.poll().is_pending()
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_stays_locked_is_waited_for_a_second() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    leave_stale_socket(&path);
    let lock = File::open(folder.path("")).expect("there");
    flock(&lock, FlockOperation::LockExclusive).expect("free");
    let start = tokio::time::Instant::now();
    assert_eq!(chain(&bind(&path).await.expect_err("locked")), in_use(&path));
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    drop(lock);
    bind(&path).await.expect("nobody listens");
}

#[tokio::test]
async fn the_file_of_an_adopted_socket_stays() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let mut listener = Listener::new(&ListenOptions::default()).expect("no options");
    listener.adopt(UnixListener::bind(&path).expect("a free path")).expect("it listens");
    assert_eq!(listener.local_addrs(), [Address::Unix(Some(path.clone()))]);
    exchange(&mut listener, &path).await;
    drop(listener);
    assert!(path.exists());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_backlog_is_what_was_asked_for() {
    let folder = Folder::new();
    let path = folder.path("feed.sock");
    let options = ListenOptions::new().backlog(7);
    let endpoint = [Endpoint::Unix(path.clone())];
    let _listener = Listener::bind(&endpoint, &options).await.expect("a free path");
    let path = path.to_str().expect("text");
    let Some(rows) = crate::ss(&["--unix", &format!("src unix:{path}")]) else { return };
    // ss(8): for sockets that listen, Send-Q is the backlog.
    assert_eq!((rows.len(), rows[0][3].as_str()), (1, "7"), "{rows:?}");
}
