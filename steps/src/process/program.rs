//! Finds the file of a program.

#[cfg(unix)]
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Failure;

/// The directories that are searched if there is no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Returns the file of `program`: a path, relative to `directory`, or a name in a directory of `path`.
///
/// Relative directories in `path` are ignored, since a file in the working directory must not stand for a
/// command.
#[cfg(unix)]
pub(super) fn find(program: &str, path: Option<&str>, directory: &Path) -> Result<PathBuf, Failure> {
    if program.contains('/') {
        let file = within(directory, program);
        return check(&file).map(|()| file);
    }
    let directories =
        path.unwrap_or(DEFAULT_PATH).split(':').map(Path::new).filter(|path| path.is_absolute());
    let mut closest = Failure::NotInPath;
    for file in directories.map(|directory| directory.join(program)) {
        match check(&file) {
            Ok(()) => return Ok(file),
            Err(Failure::NotFound) => {}
            Err(failure) => closest = failure,
        }
    }
    Err(closest)
}

/// Returns the program as the system itself finds it.
#[cfg(not(unix))]
pub(super) fn find(program: &str, _path: Option<&str>, directory: &Path) -> Result<PathBuf, Failure> {
    let is_path = program.contains(['/', '\\']);
    Ok(if is_path { within(directory, program) } else { PathBuf::from(program) })
}

/// Returns the whole path of a program: it starts in `directory`, where a relative path would mean another file.
fn within(directory: &Path, program: &str) -> PathBuf {
    let file = directory.join(program);
    std::path::absolute(&file).unwrap_or(file)
}

#[cfg(unix)]
fn check(file: &Path) -> Result<(), Failure> {
    use nix::unistd::{AccessFlags, access};

    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => Err(Failure::IsDirectory),
        Ok(_) if access(file, AccessFlags::X_OK).is_err() => Err(Failure::NotExecutable),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(Failure::Denied),
        Err(_) => Err(Failure::NotFound),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn programs_are_found_by_path_or_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for (name, mode) in [("tool", 0o755), ("text", 0o644)] {
            std::fs::write(at(name), "").unwrap();
            std::fs::set_permissions(at(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        std::fs::create_dir(at("folder")).unwrap();
        let path = format!("/nowhere::.:{}", dir.path().display());
        for (program, path, expected) in [
            ("tool", Some(path.as_str()), Ok("tool")),
            ("text", Some(&path), Err(Failure::NotExecutable)),
            ("folder", Some(&path), Err(Failure::IsDirectory)),
            ("none", Some(&path), Err(Failure::NotInPath)),
            // Only absolute directories are searched.
            ("tool", Some(".:"), Err(Failure::NotInPath)),
            ("./tool", None, Ok("./tool")),
            ("./none", None, Err(Failure::NotFound)),
            ("folder/../text", None, Err(Failure::NotExecutable)),
        ] {
            assert_eq!(find(program, path, dir.path()), expected.map(at), "{program} {path:?}");
        }
        assert!(find("sh", None, dir.path()).is_ok());
    }
}
