//! The end of the user's session.

use std::io;

/// The time that a process has after it was told, before Windows ends it.
#[cfg(windows)]
pub(crate) const TIME_LEFT: std::time::Duration = std::time::Duration::from_secs(5);

/// The way in which a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The user logs off.
    LogOff,
    /// The system shuts down.
    Shutdown,
}

/// Calls `told` when the session ends, at most once in a process. Unix sends signals in place of it.
pub fn on_end(told: impl Fn(SessionEnd) + Send + Sync + 'static) -> io::Result<()> {
    #[cfg(unix)]
    drop(told);
    #[cfg(windows)]
    crate::windows::session::on_end(Box::new(told))?;
    Ok(())
}
