//! Implements functions on paths as text; only `abspath` and `pathexpand` access the environment.

use std::path::Path;

use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::source::slashed;

const PATH: &[Parameter] = &[Parameter::new("path", Accepts::String)];
const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "abspath",
        "The path from the root, without . and .. in it.",
        [r#"abspath("/srv/../etc/hosts")"#, r#""/etc/hosts""#],
        PATH,
        STRING,
        |given| {
            let joined = given.context.base_dir().join(given.text(0));
            let absolute = std::path::absolute(joined);
            let absolute =
                absolute.map_err(|error| Failure::new(format!("there is no absolute path: {error}")))?;
            Ok(clean(&slashed(&absolute)).into())
        },
    ),
    Function::new(
        "basename",
        "The last part of a path.",
        [r#"basename("/etc/hosts")"#, r#""hosts""#],
        PATH,
        STRING,
        |given| {
            let path = slashed(Path::new(given.text(0)));
            Ok(base_name(&path, cfg!(windows)).into())
        },
    ),
    Function::new(
        "dirname",
        "The path without its last part.",
        [r#"dirname("/etc/hosts")"#, r#""/etc""#],
        PATH,
        STRING,
        |given| {
            let path = slashed(Path::new(given.text(0)));
            Ok(directory_name(&path, cfg!(windows)).into())
        },
    ),
    Function::new(
        "pathexpand",
        "The path with a leading ~ replaced by the home folder.",
        [r#"basename(pathexpand("~/notes.txt"))"#, r#""notes.txt""#],
        PATH,
        STRING,
        |given| {
            let path = given.text(0);
            match path.strip_prefix('~') {
                None => Ok(path.into()),
                Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                    let home =
                        std::env::home_dir().ok_or_else(|| Failure::new("the home folder is not known"))?;
                    let home = slashed(&home);
                    Ok(if rest.is_empty() { home } else { clean(&format!("{home}{rest}")) }.into())
                }
                Some(_) => Err(Failure::new("cannot expand user-specific home dir")),
            }
        },
    ),
];

/// Returns the shortest equivalent path, without access to the file system.
fn clean(path: &str) -> String {
    clean_within(path, cfg!(windows))
}

/// Returns the shortest equivalent path of a system; on Windows a volume stays before it.
fn clean_within(path: &str, is_windows: bool) -> String {
    let (volume, path) = path.split_at(if is_windows { volume(path) } else { 0 });
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, rest) => format!("{volume}/{rest}"),
        (false, rest) if rest.is_empty() && volume.starts_with("//") => volume.to_owned(),
        (false, rest) if rest.is_empty() => format!("{volume}."),
        (false, rest) => format!("{volume}{rest}"),
    }
}

/// Returns the last part of a path.
fn base_name(path: &str, is_windows: bool) -> &str {
    let below = &path[if is_windows { volume(path) } else { 0 }..];
    match (below.trim_end_matches('/').rsplit('/').next().unwrap_or_default(), path) {
        ("", "") => ".",
        ("", _) => "/",
        (name, _) => name,
    }
}

/// Returns a path without its last part.
fn directory_name(path: &str, is_windows: bool) -> String {
    let volume = if is_windows { volume(path) } else { 0 };
    let end = path[volume..].rfind('/').map_or(volume, |at| volume + at + 1);
    clean_within(&path[..end], is_windows)
}

/// Returns the length of the volume that a path of Windows with `/` begins with: `C:`, or `//server/share`.
fn volume(path: &str) -> usize {
    if path.as_bytes().get(1) == Some(&b':') && path.starts_with(|drive: char| drive.is_ascii_alphabetic()) {
        return 2;
    }
    let Some(rest) = path.strip_prefix("//") else { return 0 };
    let mut ends = rest.match_indices('/').map(|(at, _)| at + 2);
    match (ends.next(), ends.next()) {
        (Some(_), Some(share)) => share,
        (Some(_), None) => path.len(),
        (None, _) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};
    use super::{base_name, clean_within, directory_name};

    #[test]
    fn paths_of_windows_keep_their_volume() {
        for (path, clean, directory, base) in [
            ("C:/a/./b/../c/", "C:/a/c", "C:/a/c", "c"),
            ("C:/", "C:/", "C:/", "/"),
            ("C:/..", "C:/", "C:/", ".."),
            ("C:a", "C:a", "C:.", "a"),
            ("C:", "C:.", "C:.", "/"),
            ("//server/share/a/../b", "//server/share/b", "//server/share/a/..", "b"),
            ("//server/share", "//server/share", "//server/share", "/"),
            ("/a//b", "/a/b", "/a", "b"),
            ("a/b", "a/b", "a", "b"),
        ] {
            assert_eq!(clean_within(path, true), clean, "{path}");
            assert_eq!(base_name(path, true), base, "{path}");
            assert_eq!(directory_name(path, true), clean_within(directory, true), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn absolute_paths() {
        gives(&[("abspath", r#"["/a/./b/../c/"]"#, r#""/a/c""#), ("abspath", r#"["x"]"#, r#""/x""#)]);
    }

    #[test]
    fn results() {
        gives(&[
            ("basename", r#"["foo/bar.txt"]"#, r#""bar.txt""#),
            ("basename", r#"["foo/"]"#, r#""foo""#),
            ("basename", r#"[""]"#, r#"".""#),
            ("basename", r#"["/"]"#, r#""/""#),
            ("dirname", r#"["foo/bar/baz.txt"]"#, r#""foo/bar""#),
            ("dirname", r#"["/foo"]"#, r#""/""#),
            ("dirname", r#"["x"]"#, r#"".""#),
            ("pathexpand", r#"["a/~/b"]"#, r#""a/~/b""#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[(
            "pathexpand",
            r#"["~other/x"]"#,
            r#"call to function "pathexpand" failed: cannot expand user-specific home dir"#,
        )]);
    }
}
