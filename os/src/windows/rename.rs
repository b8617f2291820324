//! Moves files over others.

use std::io;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH, MoveFileExW, REPLACEFILE_IGNORE_MERGE_ERRORS,
    ReplaceFileW,
};

use super::check;
use super::text::wide_path;

/// The number of times that a move is tried while another program has the file open.
const TRIES: usize = 20;

/// The time between two of them.
const PAUSE: Duration = Duration::from_millis(50);

/// Moves a file, and returns once the move is on the disk.
///
/// The system's own move fails while anybody has the target open. The one of the standard library succeeds if they let
/// others delete it, but is only on the disk once the file has been flushed.
pub(crate) fn write_through(from: &Path, to: &Path) -> io::Result<()> {
    let [wide_from, wide_to] = [wide_path(from)?, wide_path(to)?];
    patiently(|| {
        // SAFETY: both paths end with a zero.
        let moved = check(unsafe {
            MoveFileExW(
                wide_from.as_ptr(),
                wide_to.as_ptr(),
                MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH,
            )
        });
        match moved {
            Err(error) if is_open_elsewhere(&error) => {
                std::fs::rename(from, to)?;
                std::fs::File::options().write(true).open(to)?.sync_all()
            }
            done => done,
        }
    })
}

/// Replaces a file by another one, which gets its access control list, its attributes and its name.
pub(crate) fn replace(new: &Path, path: &Path) -> io::Result<()> {
    let [new, path] = [wide_path(new)?, wide_path(path)?];
    patiently(|| {
        // SAFETY: both paths end with a zero; the other pointers may be null.
        check(unsafe {
            ReplaceFileW(
                path.as_ptr(),
                new.as_ptr(),
                null(),
                REPLACEFILE_IGNORE_MERGE_ERRORS,
                null_mut(),
                null_mut(),
            )
        })
    })
}

/// Repeats a change that fails because another program has a file open.
fn patiently(change: impl Fn() -> io::Result<()>) -> io::Result<()> {
    for _ in 1..TRIES {
        match change() {
            Err(error) if is_open_elsewhere(&error) => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    change()
}

fn is_open_elsewhere(error: &io::Error) -> bool {
    let codes = [ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION];
    codes.iter().any(|code| error.raw_os_error() == Some(code.cast_signed()))
}
