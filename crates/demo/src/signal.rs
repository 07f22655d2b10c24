//! Being asked to stop.

use std::io;

/// Resolves when the user or the system asks the program to stop: SIGINT or SIGTERM. From this
/// call on, neither kills the program.
///
/// # Errors
///
/// The system takes no signal handler.
#[cfg(unix)]
pub fn termination() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves when the user asks the program to stop: Ctrl-C.
///
/// # Errors
///
/// None here.
#[cfg(not(unix))]
pub fn termination() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
