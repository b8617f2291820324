//! The directory of the program's user state.

use std::ffi::OsString;
use std::path::PathBuf;

/// Returns the program's state directory, which may not exist yet; none if the user has no state directory.
pub fn directory() -> Option<PathBuf> {
    place(|name| std::env::var_os(name))
}

/// Returns the directory within `XDG_STATE_HOME`, else within its default, else within Windows' local
/// application data.
fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let directory = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = directory("XDG_STATE_HOME")
        .or_else(|| directory("HOME").map(|home| home.join(".local/state")))
        .or_else(|| directory("LOCALAPPDATA"))?;
    Some(state.join("arcbook"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_place_is_the_users_own() {
        let cases = [
            (&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")][..], Some("/s/arcbook")),
            (&[("XDG_STATE_HOME", "s"), ("HOME", "/h")][..], Some("/h/.local/state/arcbook")),
            (&[("HOME", "")][..], None),
            (&[][..], None),
        ];
        for (variables, expected) in cases {
            let get =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
            assert_eq!(place(get), expected.map(PathBuf::from), "{variables:?}");
        }
    }
}
