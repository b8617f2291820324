//! Moves files over others.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH, MoveFileExW,
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
/// others delete it, but is only on the disk once the file has been flushed. `ReplaceFile` is not used, since it may fail
/// after it has removed the target.
pub(crate) fn write_through(from: &Path, to: &Path) -> io::Result<()> {
    let mut tries = 1;
    loop {
        match attempt(from, to) {
            Err(error) if is_open_elsewhere(&error) && tries < TRIES => std::thread::sleep(PAUSE),
            done => return done,
        }
        tries += 1;
    }
}

fn attempt(from: &Path, to: &Path) -> io::Result<()> {
    let [wide_from, wide_to] = [wide_path(from)?, wide_path(to)?];
    // SAFETY: both paths end with a zero.
    let moved = check(unsafe {
        MoveFileExW(wide_from.as_ptr(), wide_to.as_ptr(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)
    });
    match moved {
        Err(error) if is_open_elsewhere(&error) => {
            let file = File::options().write(true).open(from);
            std::fs::rename(from, to)?;
            // The file has moved: an error here would say that it has not.
            let _ = file.and_then(|file| file.sync_all());
            Ok(())
        }
        done => done,
    }
}

fn is_open_elsewhere(error: &io::Error) -> bool {
    let codes = [ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION];
    codes.iter().any(|code| error.raw_os_error() == Some(code.cast_signed()))
}
