//! Reads a source file, or explains why it cannot be one.

use std::io::{self, Read};
use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::source::{BYTE_ORDER_MARK, FileSystem, SourceFile, open_pipe, open_plain};

/// The size limit of a file, in bytes.
pub const MAX_FILE: u64 = 8 << 20;

/// Reads a file as UTF-8 text of at most [`MAX_FILE`] bytes, without a byte-order mark.
///
/// Reads at most one byte beyond the limit, however large the file is.
pub fn read_source(path: &Path, file_system: &dyn FileSystem) -> Result<SourceFile, Box<Diagnostic>> {
    let bytes = file_system.read(path, MAX_FILE).map_err(|error| Box::new(unreadable(path, &error)))?;
    decode(path, bytes)
}

/// Reads a file as [`read_source`] does. The user names it, so it may also be a pipe: `/dev/stdin`, or the
/// shell's `<(…)`.
///
/// The user is responsible for the pipe to end; the size limit is the same.
pub fn read_given_source(path: &Path, file_system: &dyn FileSystem) -> Result<SourceFile, Box<Diagnostic>> {
    match open_pipe(path).map_err(|error| Box::new(unreadable(path, &error)))? {
        Some(pipe) => read_source_from(path, pipe),
        None => read_source(path, file_system),
    }
}

/// Returns the reason why the file at `path`, called `name`, cannot be read as a regular file of at most
/// `most` bytes.
///
/// The file is opened, but not read. It is one of the disk: a step reads it on the machine that it runs on.
#[must_use]
pub fn check_file(path: &Path, name: &Path, most: u64) -> Option<Diagnostic> {
    let size = open_plain(path).and_then(|file| file.metadata()).map(|metadata| metadata.len());
    match size {
        Ok(size) if size > most => {
            let summary = format!("{} is larger than {} MiB", name.display(), most >> 20);
            Some(Diagnostic::error("file-too-large", summary).help("use smaller files"))
        }
        Ok(_) => None,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(absent(name)),
        Err(error) => Some(unreadable(name, &error)),
    }
}

/// Returns the text of a file of at most `most` bytes on the disk; none if it cannot be read, or is no text.
#[must_use]
pub fn text_on_disk(path: &Path, most: u64) -> Option<String> {
    let mut bytes = Vec::new();
    open_plain(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    String::from_utf8(bytes).ok()
}

/// Reads from an open reader, such as standard input, as [`read_source`] does; `path` is its name.
pub fn read_source_from(path: &Path, reader: impl Read) -> Result<SourceFile, Box<Diagnostic>> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_FILE + 1).read_to_end(&mut bytes);
    read.map_err(|error| Box::new(unreadable(path, &error)))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Box::new(too_large(path)));
    }
    decode(path, bytes)
}

fn decode(path: &Path, bytes: Vec<u8>) -> Result<SourceFile, Box<Diagnostic>> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        Box::new(not_text(path, valid, &error.as_bytes()[..valid]))
    })?;
    Ok(match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => SourceFile::new(path, rest.to_owned()).after_mark(),
        None => SourceFile::new(path, text),
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let name = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            absent(path).help("check the name, and the directory that the command is run in")
        }
        io::ErrorKind::PermissionDenied => {
            Diagnostic::error("file-not-readable", format!("{name} may not be read by this user"))
                .help("change its permissions, or run as a user who may read it")
        }
        io::ErrorKind::FileTooLarge => too_large(path),
        io::ErrorKind::IsADirectory => not_a_file(path, true),
        // This error covers all other files that are not regular.
        io::ErrorKind::InvalidInput => not_a_file(path, false),
        _ => Diagnostic::error("file-not-readable", format!("{name} cannot be read"))
            .detail(format!("{error}.")),
    }
}

fn absent(path: &Path) -> Diagnostic {
    Diagnostic::error("file-not-found", format!("there is no file {}", path.display()))
}

fn not_a_file(path: &Path, is_directory: bool) -> Diagnostic {
    let name = path.display();
    if is_directory {
        Diagnostic::error("not-a-file", format!("{name} is a directory")).help("name a file in it")
    } else {
        Diagnostic::error("not-a-file", format!("{name} is not a regular file"))
            .help("copy its content to a regular file, and use that")
    }
}

fn too_large(path: &Path) -> Diagnostic {
    Diagnostic::error("file-too-large", format!("{} is larger than {} MiB", path.display(), MAX_FILE >> 20))
        .help("keep large data in a file of its own and read it with `file(\"data.txt\")`")
}

fn not_text(path: &Path, offset: usize, before: &[u8]) -> Diagnostic {
    let line = before.split(|&byte| byte == b'\n').count();
    Diagnostic::error("not-utf-8", format!("{}:{line} is not UTF-8 text", path.display()))
        .detail(format!("The byte at offset {offset} of the file is not UTF-8."))
        .help("save it as UTF-8")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::source::Disk;

    fn written(bytes: &[u8]) -> Result<SourceFile, Box<Diagnostic>> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        read_source(file.path(), &Disk)
    }

    #[test]
    fn a_byte_order_mark_is_left_out() {
        assert_eq!(written(b"\xef\xbb\xbfa = 1\n").unwrap().text(), "a = 1\n");
    }

    #[test]
    fn what_is_not_text_is_refused_with_its_line() {
        let error = written(b"a = 1\nb = \"\xff\"\n").unwrap_err();
        assert_eq!(error.code, "not-utf-8");
        assert!(error.summary.ends_with(":2 is not UTF-8 text"), "{}", error.summary);
        assert_eq!(error.reason().unwrap(), "The byte at offset 11 of the file is not UTF-8.");
    }

    #[test]
    fn a_huge_file_is_refused_unread() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        assert_eq!(read_source(file.path(), &Disk).unwrap_err().code, "file-too-large");
    }

    #[test]
    fn a_file_that_cannot_be_sent_is_told_before_it_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::write(at("small"), "12345678").unwrap();
        std::fs::File::create(at("large")).unwrap().set_len((1 << 20) + 1).unwrap();
        for (name, expected) in [
            ("small", None),
            ("large", Some("file-too-large")),
            ("none", Some("file-not-found")),
            ("small/x", Some(if cfg!(windows) { "file-not-found" } else { "file-not-readable" })),
            ("", Some("not-a-file")),
            (if cfg!(windows) { "NUL" } else { "/dev/null" }, Some("not-a-file")),
        ] {
            let found = check_file(&at(name), Path::new(name), 1 << 20);
            assert_eq!(found.as_ref().map(|error| error.code), expected, "{name}: {found:?}");
        }
    }

    #[test]
    fn a_directory_and_a_missing_file_are_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(read_source(directory.path(), &Disk).unwrap_err().code, "not-a-file");
        assert_eq!(read_source(&directory.path().join("x"), &Disk).unwrap_err().code, "file-not-found");
        assert_eq!(read_source(Path::new("/dev/null"), &Disk).unwrap_err().code, "not-a-file");
    }
}
