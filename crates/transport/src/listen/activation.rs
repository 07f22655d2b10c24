//! Sockets that the parent process opened, as systemd does.

use std::ffi::{OsStr, OsString};
use std::sync::{Mutex, PoisonError};
use std::{env, io, process};

use listenfd::ListenFd;

use super::error::Place;
use super::{ListenError, OpenListener};

/// Between reading the variables and removing them, nobody else may take the descriptors.
static TAKING: Mutex<()> = Mutex::new(());

/// Takes the sockets that `LISTEN_FDS` announces, once, and removes the variables.
pub(super) fn take() -> Result<Vec<OpenListener>, ListenError> {
    let _taking = TAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let [pid, count] = ["LISTEN_PID", "LISTEN_FDS"].map(env::var_os);
    if !are_announced(pid, count, process::id())? {
        return Ok(Vec::new());
    }
    let mut sockets = ListenFd::from_env();
    (0..sockets.len()).map(|index| take_one(&mut sockets, index)).collect()
}

/// Whether the variables announce sockets to the process `own_pid`, by the rules of
/// sd_listen_fds(3).
fn are_announced(
    pid: Option<OsString>,
    count: Option<OsString>,
    own_pid: u32,
) -> Result<bool, ListenError> {
    let (Some(pid), Some(count)) = (pid, count) else { return Ok(false) };
    if parse::<u32>("LISTEN_PID", &pid, "a process id")? != own_pid {
        return Ok(false);
    }
    const NEEDED: &str = "a number of 1 to 65535";
    match parse::<u16>("LISTEN_FDS", &count, NEEDED)? {
        0 => Err(invalid("LISTEN_FDS", &count, NEEDED)),
        _ => Ok(true),
    }
}

fn parse<T: std::str::FromStr>(name: &str, value: &OsStr, needed: &str) -> Result<T, ListenError> {
    let number = value.to_str().and_then(|text| text.parse().ok());
    number.ok_or_else(|| invalid(name, value, needed))
}

fn invalid(name: &str, value: &OsStr, needed: &str) -> ListenError {
    ListenError::invalid(format!("{name}: needs {needed}, `{}` found", value.display()))
}

fn take_one(sockets: &mut ListenFd, index: usize) -> Result<OpenListener, ListenError> {
    let tcp = sockets.take_tcp_listener(index).ok().flatten().map(OpenListener::Tcp);
    tcp.or_else(|| sockets.take_unix_listener(index).ok().flatten().map(OpenListener::Unix))
        .ok_or_else(|| {
            let needed = "needs a TCP or UNIX stream socket";
            let error = io::Error::new(io::ErrorKind::InvalidInput, needed);
            ListenError::new(Place::Activated(index + 1), error)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(pid: Option<&str>, count: Option<&str>) -> Result<bool, String> {
        use std::error::Error;
        are_announced(pid.map(Into::into), count.map(Into::into), 7)
            .map_err(|error| format!("{error}: {}", error.source().expect("a reason")))
    }

    /// The cases of sd_listen_fds(3).
    #[test]
    fn sockets_are_for_the_process_that_is_named() {
        assert_eq!(announced(Some("7"), Some("1")), Ok(true));
        assert_eq!(announced(Some("8"), Some("1")), Ok(false));
        assert_eq!(announced(None, Some("1")), Ok(false));
        assert_eq!(announced(Some("7"), None), Ok(false));
        assert_eq!(announced(None, None), Ok(false));
    }

    #[test]
    fn malformed_variables_are_named() {
        for count in ["0", "-1", "x", "", "65536", "99999999999"] {
            let message =
                format!("cannot listen: LISTEN_FDS: needs a number of 1 to 65535, `{count}` found");
            assert_eq!(announced(Some("7"), Some(count)), Err(message));
        }
        let message = "cannot listen: LISTEN_PID: needs a process id, `me` found".to_owned();
        assert_eq!(announced(Some("me"), Some("1")), Err(message));
    }
}
