//! Calls of Windows, each wrapped in a safe function.
#![expect(unsafe_code, reason = "the system has no other interface; each block says why it is sound")]

pub(crate) mod console;
pub(crate) mod handle;
pub(crate) mod job;
pub(crate) mod mutex;
pub(crate) mod number;
pub(crate) mod private;
pub(crate) mod rename;
pub(crate) mod session;
pub(crate) mod system;
pub(crate) mod text;
pub(crate) mod token;

use std::io;

use windows_sys::core::BOOL;

/// Returns the last error of the system if a call failed.
fn check(succeeded: BOOL) -> io::Result<()> {
    if succeeded == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
