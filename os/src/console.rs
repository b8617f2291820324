//! The console of this process.

/// Makes the console interpret escape sequences; returns false if it cannot, as before Windows 10.
///
/// Terminals of Unix always do, and so does a pipe, which passes them on.
#[must_use]
pub fn enable_escapes() -> bool {
    #[cfg(unix)]
    return true;
    #[cfg(windows)]
    return crate::windows::console::enable_escapes();
}
