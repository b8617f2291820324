//! Reads files without ever blocking.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use arcbook_os::file::{is_windows_device, open_unblocked};

use super::file_system::{is_a_directory, too_large};

/// Opens the regular file at `path` for reading, without ever blocking.
///
/// # Errors
///
/// Fails with [`ErrorKind::IsADirectory`] or [`ErrorKind::InvalidInput`] for a directory, a pipe, a socket or
/// a device, which may block, never end, or act when opened. Links are followed. System files that block
/// until there is data, such as `/proc/kmsg`, look regular; reading them fails instead of blocking.
pub fn open_plain(path: &Path) -> io::Result<File> {
    // Opening a device may act on it, so the type is checked before, and again after.
    if cfg!(windows) && is_windows_device(&path.to_string_lossy()) {
        return Err(not_regular());
    }
    check(&path.metadata()?)?;
    let file = open_unblocked(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// Reads the regular file at `path`.
///
/// # Errors
///
/// Fails with [`ErrorKind::FileTooLarge`] if the file has more than `most` bytes, after reading one more.
pub fn read_plain(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_plain(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

/// Opens the pipe at `path`, which blocks until something is written to it; none if the file is no pipe.
#[cfg(unix)]
pub fn open_pipe(path: &Path) -> io::Result<Option<File>> {
    use std::os::unix::fs::FileTypeExt;
    let is_pipe = path.metadata().is_ok_and(|metadata| metadata.file_type().is_fifo());
    if is_pipe { File::open(path).map(Some) } else { Ok(None) }
}

/// Returns none: other systems have no pipes in the file system.
#[cfg(not(unix))]
pub fn open_pipe(_path: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

fn check(metadata: &std::fs::Metadata) -> io::Result<()> {
    match () {
        () if metadata.is_file() => Ok(()),
        () if metadata.is_dir() => Err(is_a_directory()),
        () => Err(not_regular()),
    }
}

fn not_regular() -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn only_what_ends_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::write(at("file"), "12345678").unwrap();
        symlink(at("file"), at("link")).unwrap();
        symlink("/dev/zero", at("zero")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        for (name, expected) in [
            ("file", Ok(8)),
            ("link", Ok(8)),
            ("zero", Err(ErrorKind::InvalidInput)),
            ("/dev/null", Err(ErrorKind::InvalidInput)),
            ("pipe", Err(ErrorKind::InvalidInput)),
            ("socket", Err(ErrorKind::InvalidInput)),
            (".", Err(ErrorKind::IsADirectory)),
            ("none", Err(ErrorKind::NotFound)),
        ] {
            let read = read_plain(&at(name), 8).map(|bytes| bytes.len()).map_err(|error| error.kind());
            assert_eq!(read, expected, "{name}");
        }
        assert_eq!(read_plain(&at("file"), 7).unwrap_err().kind(), ErrorKind::FileTooLarge);
        // The file looks regular; a permitted reader gets the available data, or an error that there is none.
        let _ = read_plain(Path::new("/proc/kmsg"), 8);
        if cfg!(target_os = "linux") {
            assert!(!read_plain(Path::new("/proc/self/status"), 1 << 16).unwrap().is_empty());
        }
    }
}
