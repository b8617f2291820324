//! How the user asks the program to stop.

use tokio::sync::mpsc;

/// One message for each time that the user asks to stop.
pub fn interrupts() -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        while asked_to_stop().await.is_ok() {
            if sender.send(()).await.is_err() {
                break;
            }
        }
    });
    receiver
}

/// Resolves when the user presses Ctrl-C, or the system asks the process to end.
#[cfg(unix)]
pub async fn asked_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
pub async fn asked_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
