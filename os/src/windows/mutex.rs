//! Mutexes of the whole machine.

use std::io;
use std::os::windows::io::{FromRawHandle as _, OwnedHandle};
use std::ptr::null;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_ALREADY_EXISTS, ERROR_INVALID_HANDLE, GetLastError, SetLastError,
};
use windows_sys::Win32::System::Threading::CreateMutexW;

use super::text::wide;

/// A mutex that exists as long as this value, or the process. Nobody waits for it: its existence is the lock.
#[derive(Debug)]
pub(crate) struct Mutex(#[expect(dead_code, reason = "the handle keeps the mutex")] OwnedHandle);

impl Mutex {
    /// Creates the mutex with that name; none if it exists.
    pub(crate) fn create(name: &str) -> io::Result<Option<Self>> {
        let name = wide(name);
        // SAFETY: the name ends with a zero, and the attributes may be null.
        let (handle, code) = unsafe {
            SetLastError(0);
            let handle = CreateMutexW(null(), 0, name.as_ptr());
            (handle, GetLastError())
        };
        match (handle.is_null(), code) {
            // That of another user cannot be opened; an object of another kind takes the name as well.
            (true, ERROR_ACCESS_DENIED | ERROR_INVALID_HANDLE) => Ok(None),
            (true, code) => Err(io::Error::from_raw_os_error(code.cast_signed())),
            (false, code) => {
                // SAFETY: the handle is valid, and nobody else closes it.
                let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
                Ok((code != ERROR_ALREADY_EXISTS).then_some(Self(handle)))
            }
        }
    }
}
