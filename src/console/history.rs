//! Where the lines of earlier sessions are.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file below the user's directory for states.
const FILE: &str = "arcbook/console_history";

/// The file of the history, made for the user alone when it is not there yet; none where that cannot be.
pub fn file() -> Option<PathBuf> {
    let path = place(|name| std::env::var_os(name))?;
    make(&path).ok().map(|()| path)
}

/// Where it is: in `XDG_STATE_HOME`, else where that is by default, else where Windows keeps such things.
fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let directory = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = directory("XDG_STATE_HOME")
        .or_else(|| directory("HOME").map(|home| home.join(".local/state")))
        .or_else(|| directory("LOCALAPPDATA"))?;
    Some(state.join(FILE))
}

fn make(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
    }
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_place_is_the_users_own() {
        let cases = [
            (&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")][..], Some("/s/arcbook/console_history")),
            (&[("XDG_STATE_HOME", "s"), ("HOME", "/h")][..], Some("/h/.local/state/arcbook/console_history")),
            (&[("HOME", "")][..], None),
            (&[][..], None),
        ];
        for (variables, expected) in cases {
            let get =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
            assert_eq!(place(get), expected.map(PathBuf::from), "{variables:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state").join(FILE);
        make(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}
