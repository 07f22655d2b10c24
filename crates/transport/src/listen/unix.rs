//! Listening on UNIX sockets.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener as StdUnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::UnixListener;

use super::ListenOptions;
use super::tcp::backlog;

/// Between bind(2) and listen(2) a socket refuses connections as a stale one does. They follow each
/// other at once, so one that refuses after this time is stale.
const SETTLED: Duration = Duration::from_millis(20);

/// How often, each [`SETTLED`] apart, the lock on the directory is asked for.
const LOCK_ATTEMPTS: u32 = 50;

/// Listens on a path, and takes over the file of a socket on which nobody listens any more.
pub(super) async fn listen_on_path(
    path: &Path,
    options: &ListenOptions,
) -> io::Result<(SocketFile, UnixListener)> {
    match listen_on(path, options) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_stale(path)? => {
            take_over(path, options, error).await
        }
        outcome => outcome,
    }
}

fn listen_on(path: &Path, options: &ListenOptions) -> io::Result<(SocketFile, UnixListener)> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    let file = SocketFile::new(path)?;
    // Nobody can connect before listen(2), so there is no moment with wrong permissions.
    if let Some(mode) = options.unix_permissions {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    socket.listen(backlog(options))?;
    socket.set_nonblocking(true)?;
    let listener = UnixListener::from_std(StdUnixListener::from(socket))?;
    Ok((file, listener))
}

/// Replaces a stale file; `in_use` is the error if it turns out not to be stale.
async fn take_over(
    path: &Path,
    options: &ListenOptions,
    in_use: io::Error,
) -> io::Result<(SocketFile, UnixListener)> {
    // Of two programs that find the file stale, the slower one would remove the other's socket.
    let Some(_lock) = lock_directory_of(path).await? else { return Err(in_use) };
    tokio::time::sleep(SETTLED).await;
    if !is_stale(path)? {
        return Err(in_use);
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => listen_on(path, options),
    }
}

/// Whether the path is a socket that refuses connections, or has just gone.
///
/// What cannot be found out, for want of a right, is not stale. On Linux only a socket without a
/// listener refuses, and a full queue says to try again; on BSD and macOS a full queue refuses too.
fn is_stale(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        // Connecting to another kind of file is refused as well.
        Ok(file) if !file.file_type().is_socket() => return Ok(false),
        metadata => metadata?,
    };
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // A full queue would block.
    socket.set_nonblocking(true)?;
    let refusals = [io::ErrorKind::ConnectionRefused, io::ErrorKind::NotFound];
    let connected = socket.connect(&SockAddr::unix(path)?);
    Ok(connected.is_err_and(|error| refusals.contains(&error.kind())))
}

/// Locks the directory until the file is dropped; `None` if another program keeps the lock.
async fn lock_directory_of(path: &Path) -> io::Result<Option<File>> {
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => File::open(parent)?,
        _ => File::open(".")?,
    };
    for _ in 0..LOCK_ATTEMPTS {
        match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Some(directory)),
            Err(rustix::io::Errno::WOULDBLOCK) => tokio::time::sleep(SETTLED).await,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// The file of a UNIX socket, which goes when the socket goes.
#[derive(Debug)]
pub(super) struct SocketFile {
    /// Absolute: the working directory may change.
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn new(path: &Path) -> io::Result<Self> {
        let path = std::path::absolute(path)?;
        Ok(Self { identity: identity(&path)?, path })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Another program may have put its own socket there. The numbers are not given to another
        // file as long as the socket is open.
        if identity(&self.path).is_ok_and(|found| found == self.identity) {
            // If it cannot be removed, it is found stale next time.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Device and inode.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let file = fs::symlink_metadata(path)?;
    Ok((file.dev(), file.ino()))
}
