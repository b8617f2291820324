//! Reads the key file that a challenge names.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use arcbook_os::file::{is_link_error, open_no_follow};
use arcbook_os::path::canonicalize;

use super::challenge::KeyFile;

/// The maximum size of a key file, in bytes.
const LONGEST: u64 = 4096;

/// A key that entitles its holder to a token; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key(String);

impl Key {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(sensitive)")
    }
}

/// The reason why a key was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    /// The current user may not read the file.
    #[error("this user may not read it")]
    Denied,
    /// The file does not exist.
    #[error("it does not exist")]
    Missing,
    /// The file is not directly in the agent's token directory.
    #[error("it is not directly in the agent's token directory")]
    Elsewhere,
    /// The file is a link, a directory, a pipe or the like.
    #[error("it is not a plain file")]
    NotPlain,
    /// The file is longer than a key can be.
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
    /// The content is not a key.
    #[error("its content is not a key")]
    NotKey,
    /// Another I/O error.
    #[error("{0}")]
    Io(io::Error),
}

impl From<io::Error> for KeyError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            _ => Self::Io(error),
        }
    }
}

/// Reads the key in `file`, which must be directly in `token_dir`. Blocks.
///
/// All checks use the open file, so that it cannot be replaced between check and read.
pub(super) fn read(file: &KeyFile, token_dir: &Path) -> Result<Key, KeyError> {
    let directory = canonicalize(&file.directory)?;
    if directory != canonicalize(token_dir)? {
        return Err(KeyError::Elsewhere);
    }
    let opened = open(&directory.join(&file.name))?;
    let metadata = opened.metadata()?;
    if !metadata.is_file() {
        return Err(KeyError::NotPlain);
    }
    let mut content = Vec::new();
    opened.take(LONGEST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST {
        return Err(KeyError::TooLong);
    }
    let text = String::from_utf8(content).map_err(|_| KeyError::NotKey)?;
    let key = text.trim();
    if key.is_empty() || !key.chars().all(|character| character.is_ascii_graphic()) {
        return Err(KeyError::NotKey);
    }
    Ok(Key(key.to_owned()))
}

/// Opens the file without following a link in the last segment, and without blocking on a pipe.
fn open(path: &Path) -> Result<File, KeyError> {
    open_no_follow(path)
        .map_err(|error| if is_link_error(&error) { KeyError::NotPlain } else { error.into() })
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    fn named(directory: &Path, name: &str) -> KeyFile {
        KeyFile { directory: directory.to_str().unwrap().to_owned(), name: name.to_owned() }
    }

    fn read_content(content: &[u8]) -> Result<Key, KeyError> {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("a.key"), content).unwrap();
        read(&named(dir.path(), "a.key"), dir.path())
    }

    #[test]
    fn a_key_is_read_and_trimmed() {
        assert_eq!(read_content(b" a2V5+/= \r\n").unwrap().as_str(), "a2V5+/=");
        assert_eq!(read_content(&[b'x'; 4096]).unwrap().as_str().len(), 4096);
        assert!(!format!("{:?}", read_content(b"hunter2").unwrap()).contains("hunter2"));
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        assert!(matches!(read_content(&[b'x'; 4097]), Err(KeyError::TooLong)));
        for content in [&b""[..], b" \n", b"a\nb", b"a\x01b", b"a b", b"\xFF", "ü".as_bytes()] {
            assert!(matches!(read_content(content), Err(KeyError::NotKey)), "{content:?}");
        }
    }

    #[test]
    fn only_plain_files_directly_in_the_token_directory_are_read() {
        let (tokens, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let outside = elsewhere.path().join("a.key");
        fs::write(&outside, "key").unwrap();
        symlink(&outside, tokens.path().join("link.key")).unwrap();
        symlink(elsewhere.path(), tokens.path().join("sub")).unwrap();
        fs::create_dir(tokens.path().join("dir.key")).unwrap();
        let judge = |file: &KeyFile| read(file, tokens.path()).unwrap_err();
        assert!(matches!(judge(&named(elsewhere.path(), "a.key")), KeyError::Elsewhere));
        assert!(matches!(judge(&named(&tokens.path().join("sub"), "a.key")), KeyError::Elsewhere));
        assert!(matches!(judge(&named(tokens.path(), "link.key")), KeyError::NotPlain));
        assert!(matches!(judge(&named(tokens.path(), "dir.key")), KeyError::NotPlain));
        assert!(matches!(judge(&named(tokens.path(), "none.key")), KeyError::Missing));
        assert!(matches!(judge(&named(&tokens.path().join("none"), "a.key")), KeyError::Missing));
    }

    #[test]
    fn a_token_directory_that_is_a_link_is_the_one_it_points_to() {
        let (real, links) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let link = links.path().join("tokens");
        symlink(real.path(), &link).unwrap();
        fs::write(real.path().join("a.key"), "key").unwrap();
        assert_eq!(read(&named(real.path(), "a.key"), &link).unwrap().as_str(), "key");
    }

    #[test]
    fn a_pipe_does_not_make_it_wait() {
        let dir = TempDir::new().unwrap();
        let made = std::process::Command::new("mkfifo").arg(dir.path().join("a.key")).status().unwrap();
        assert!(made.success());
        assert!(matches!(read(&named(dir.path(), "a.key"), dir.path()), Err(KeyError::NotPlain)));
    }
}
