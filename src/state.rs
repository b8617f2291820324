//! Where what the program remembers of its user lies.

use std::ffi::OsString;
use std::path::PathBuf;

/// The directory of this program below the user's directory for states, be it there or not; none where there is no such
/// directory.
pub fn directory() -> Option<PathBuf> {
    place(|name| std::env::var_os(name))
}

/// Where it is: in `XDG_STATE_HOME`, else where that is by default, else where Windows keeps such things.
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
