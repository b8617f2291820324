//! The numbers of a file and its volume.

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle as _;

use windows_sys::Win32::Storage::FileSystem::{BY_HANDLE_FILE_INFORMATION, GetFileInformationByHandle};

use super::check;
use crate::file::Number;

/// Returns the numbers of an open file.
pub(crate) fn of(file: &File) -> io::Result<Number> {
    let mut information = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and the structure is of the call's type.
    check(unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut information) })?;
    Ok(Number {
        device: information.dwVolumeSerialNumber.into(),
        file: u64::from(information.nFileIndexHigh) << 32 | u64::from(information.nFileIndexLow),
    })
}
