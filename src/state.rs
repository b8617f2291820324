//! The directory of the program's user state.

use std::ffi::OsString;
use std::path::PathBuf;

/// Returns the program's state directory, which may not exist yet; none if the user has no state directory.
pub fn directory() -> Option<PathBuf> {
    place(cfg!(windows), |name| std::env::var_os(name))
}

/// Returns the directory within `XDG_STATE_HOME`; else within the user's local application data on Windows, and within
/// the default of that variable elsewhere.
///
/// Windows goes by `HOME` last: it is set by shells that were brought along, and scheduled tasks do without.
fn place(is_windows: bool, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let directory = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let local = || directory("LOCALAPPDATA").filter(|_| is_windows);
    let home = || directory("HOME").map(|home| home.join(".local/state"));
    let state = directory("XDG_STATE_HOME").or_else(local).or_else(home)?;
    Some(state.join("arcbook"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_the_users_own() {
        let cases = [
            (false, &[("XDG_STATE_HOME", "/s"), ("HOME", "/h")][..], Some("/s/arcbook")),
            (false, &[("XDG_STATE_HOME", "s"), ("HOME", "/h")][..], Some("/h/.local/state/arcbook")),
            (false, &[("HOME", "")][..], None),
            (false, &[][..], None),
            (false, &[("LOCALAPPDATA", "/l"), ("HOME", "/h")][..], Some("/h/.local/state/arcbook")),
            (true, &[("LOCALAPPDATA", "/l"), ("HOME", "/h")][..], Some("/l/arcbook")),
            (true, &[("XDG_STATE_HOME", "/s"), ("LOCALAPPDATA", "/l")][..], Some("/s/arcbook")),
            (true, &[("HOME", "/h")][..], Some("/h/.local/state/arcbook")),
        ];
        for (is_windows, variables, expected) in cases {
            let get =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
            assert_eq!(place(is_windows, get), expected.map(PathBuf::from), "{variables:?}");
        }
    }
}
