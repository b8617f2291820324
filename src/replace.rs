//! Atomic replacement of files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use arcbook_engine::source::open_plain;
use arcbook_os::{durable, private};
use tempfile::NamedTempFile;

/// Replaces the text of a file atomically: readers see either the old or the new text.
///
/// It keeps the permissions, and the owner if this user may set it; a symbolic link is followed. A read-only
/// file is refused.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = arcbook_os::path::canonicalize(path)?;
    let metadata = fs::metadata(&path)?;
    if metadata.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let mut file = beside(&path)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    // The file is closed, since Windows replaces none that is open.
    let new = file.into_temp_path();
    durable::replace(&new, &path)
}

/// Writes a file for this user alone, atomically: readers see either the old content or all that `write`
/// wrote.
///
/// A symbolic link is followed.
pub fn write_private(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> io::Result<()> {
    let path = whole(path);
    let file = beside(&path)?;
    let mut out = BufWriter::new(file.as_file());
    write(&mut out)?;
    out.flush()?;
    drop(out);
    file.as_file().sync_all()?;
    let new = file.into_temp_path();
    durable::rename(&new, &path)
}

/// Returns whether `path` may be overwritten: nothing exists there, or an empty file, or one that starts with
/// `like`. Fails if a file cannot be written there.
pub fn may_be_written(path: &Path, like: &str) -> io::Result<bool> {
    beside(&whole(path))?;
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    let mut beginning = Vec::new();
    if metadata.is_file() {
        open_plain(path)?.take(like.len() as u64).read_to_end(&mut beginning)?;
    }
    Ok(metadata.is_file() && (beginning.is_empty() || beginning == like.as_bytes()))
}

/// Returns the path that `path` links to.
fn whole(path: &Path) -> PathBuf {
    arcbook_os::path::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Creates a temporary file beside `path`, for this user alone; it is deleted unless it is persisted.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    private::temporary(directory.unwrap_or(Path::new(".")), ".arcbook-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_its_text_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        fs::write(&path, "old").unwrap();
        replace(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_nobody_may_write_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        fs::write(&path, "old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert_eq!(replace(&path, "new").unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_for_its_user_alone() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let [path, link] = ["a", "b"].map(|name| directory.path().join(name));
        for text in ["new", "newer"] {
            write_private(&path, |out| out.write_all(text.as_bytes())).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        }
        symlink("a", &link).unwrap();
        write_private(&link, |out| out.write_all(b"newest")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "newest");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 2);
        // Simulates a full disk.
        let full = |out: &mut BufWriter<&File>| {
            out.write_all(b"the beginning").and(Err(io::ErrorKind::StorageFull.into()))
        };
        write_private(&path, full).unwrap_err();
        write_private(&directory.path().join("new"), full).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "newest");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 2);
    }

    #[test]
    fn only_what_is_alike_may_be_written_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for (name, content) in [("empty", ""), ("alike", "{a: 1}"), ("other", "step"), ("short", "{")] {
            fs::write(path(name), content).unwrap();
        }
        let cases = [
            ("empty", true),
            ("alike", true),
            ("other", false),
            ("short", false),
            ("new", true),
            (".", false),
        ];
        for (name, expected) in cases {
            assert_eq!(may_be_written(&path(name), "{a").unwrap(), expected, "{name}");
        }
        may_be_written(&path("none/new"), "{a").unwrap_err();
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 4);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let [path, link] = ["a", "b"].map(|name| directory.path().join(name));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a", &link).unwrap();
        replace(&link, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
