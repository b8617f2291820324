//! Finds the file of a program.

use std::path::{Path, PathBuf};

#[cfg(unix)]
use unix::{check, files, is_path};
#[cfg(windows)]
use windows::{check, files, is_path};

use super::Failure;

/// The environment variables that decide which file a name means.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Search<'a> {
    /// The directories, as in `PATH`; none for those of the system.
    pub path: Option<&'a str>,
    /// The endings of programs on Windows, as in `PATHEXT`; none for those of the system.
    #[cfg_attr(unix, allow(dead_code, reason = "programs have no ending"))]
    pub endings: Option<&'a str>,
}

/// Returns the file of `program`: a path, relative to `directory`, or a name in a directory of `PATH`.
///
/// Relative directories in `PATH` are ignored, since a file in the working directory must not stand for a command.
/// Windows itself would search the working directory and that of arcbook first; arcbook does not.
pub(super) fn find(program: &str, search: Search<'_>, directory: &Path) -> Result<PathBuf, Failure> {
    if is_path(program) {
        return first(files(&within(directory, program), search), check, Failure::NotFound);
    }
    let directories: Vec<PathBuf> = match search.path {
        Some(path) => std::env::split_paths(path).filter(|path| path.is_absolute()).collect(),
        None => default_path(),
    };
    let candidates = directories.iter().flat_map(|directory| files(&directory.join(program), search));
    first(candidates, check, Failure::NotInPath)
}

/// Returns why there is no program that could be started, if there is none; `path` and `endings` are those of [`Search`].
pub(crate) fn why_missing(
    program: &str,
    path: Option<&str>,
    endings: Option<&str>,
    directory: &Path,
) -> Option<Failure> {
    find(program, Search { path, endings }, directory).err()
}

/// Returns the first of the files that can run; else the reason why a file that exists cannot, or `none`.
fn first(
    files: impl IntoIterator<Item = PathBuf>,
    check: impl Fn(&Path) -> Result<(), Failure>,
    none: Failure,
) -> Result<PathBuf, Failure> {
    let mut closest = none;
    for file in files {
        match check(&file) {
            Ok(()) => return Ok(file),
            Err(Failure::NotFound) => {}
            Err(failure) => closest = failure,
        }
    }
    Err(closest)
}

/// Returns the directories that are searched if there is no `PATH`.
fn default_path() -> Vec<PathBuf> {
    if cfg!(windows) {
        let root = std::env::var_os("SystemRoot").map_or_else(|| r"C:\Windows".into(), PathBuf::from);
        return vec![root.join("System32"), root];
    }
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from).into()
}

/// Returns the whole path of a program: it starts in `directory`, where a relative path would mean another file.
fn within(directory: &Path, program: &str) -> PathBuf {
    let file = directory.join(program);
    std::path::absolute(&file).unwrap_or(file)
}

#[cfg(unix)]
mod unix {
    use std::io::ErrorKind;
    use std::path::{Path, PathBuf};

    use nix::unistd::{AccessFlags, access};

    use super::{Failure, Search};

    /// Returns true if a program is written as a path.
    pub fn is_path(program: &str) -> bool {
        program.contains('/')
    }

    /// Returns the files that a path may mean.
    pub fn files(path: &Path, _search: Search<'_>) -> Vec<PathBuf> {
        vec![path.to_owned()]
    }

    /// Returns the reason why a file cannot run.
    pub fn check(file: &Path) -> Result<(), Failure> {
        match file.metadata() {
            Ok(metadata) if metadata.is_dir() => Err(Failure::IsDirectory),
            Ok(_) if access(file, AccessFlags::X_OK).is_err() => Err(Failure::NotExecutable),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(Failure::Denied),
            Err(_) => Err(Failure::NotFound),
        }
    }
}

/// Windows chooses a program by the ending of its file.
#[cfg_attr(unix, cfg(test))]
mod windows {
    use std::io::ErrorKind;
    use std::path::{Path, PathBuf};

    use super::{Failure, Search};

    /// The endings of the system.
    const ENDINGS: &str = ".COM;.EXE;.BAT;.CMD";

    /// Returns true if a program is written as a path: with a separator or a drive.
    pub fn is_path(program: &str) -> bool {
        program.contains(['/', '\\', ':'])
    }

    /// Returns the files that a path may mean: with an ending of a program the file itself, and else those with each
    /// ending.
    pub fn files(path: &Path, search: Search<'_>) -> Vec<PathBuf> {
        let endings =
            || search.endings.unwrap_or(ENDINGS).split(';').filter(|ending| ending.starts_with('.'));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_ending = |ending: &str| {
            let at = name.len().checked_sub(ending.len()).filter(|at| *at > 0);
            at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
        };
        if endings().any(is_ending) {
            return vec![path.to_owned()];
        }
        let with = |ending: &str| path.with_file_name(format!("{name}{}", ending.to_ascii_lowercase()));
        endings().map(with).collect()
    }

    /// Returns the reason why a file cannot run.
    pub fn check(file: &Path) -> Result<(), Failure> {
        match file.metadata() {
            Ok(metadata) if metadata.is_dir() => Err(Failure::IsDirectory),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(Failure::Denied),
            Err(_) => Err(Failure::NotFound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn programs_are_found_by_path_or_by_name() {
        use std::os::unix::fs::PermissionsExt as _;

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
            let search = Search { path, ..Search::default() };
            assert_eq!(find(program, search, dir.path()), expected.map(at), "{program} {path:?}");
        }
        assert!(find("sh", Search::default(), dir.path()).is_ok());
    }

    #[test]
    fn windows_finds_a_program_by_its_ending() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in ["tool.exe", "tool.cmd", "script.ps1", "plain", "a.b.exe"] {
            std::fs::write(at(name), "").unwrap();
        }
        std::fs::create_dir(at("folder.exe")).unwrap();
        for (name, endings, expected) in [
            ("tool", None, Ok("tool.exe")),
            ("tool.cmd", None, Ok("tool.cmd")),
            ("tool", Some(".CMD;.EXE"), Ok("tool.cmd")),
            ("a.b", None, Ok("a.b.exe")),
            // A script needs its interpreter, and a file without an ending is no program.
            ("script.ps1", None, Err(Failure::NotFound)),
            ("plain", None, Err(Failure::NotFound)),
            ("folder", None, Err(Failure::IsDirectory)),
            ("exe", None, Err(Failure::NotFound)),
            ("tool", Some("nonsense;;"), Err(Failure::NotFound)),
        ] {
            let search = Search { path: None, endings };
            let found = first(windows::files(&at(name), search), windows::check, Failure::NotFound);
            assert_eq!(found, expected.map(at), "{name} {endings:?}");
        }
        for (program, expected) in
            [("tool", false), (r"bin\tool", true), ("bin/tool", true), ("C:tool", true), ("tool.exe", false)]
        {
            assert_eq!(windows::is_path(program), expected, "{program}");
        }
    }
}
