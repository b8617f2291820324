//! Compares paths textually.

use std::path::{Component, Path, PathBuf};

/// Returns the absolute path without `.` and `..`; links are not followed.
#[must_use]
pub fn whole(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut whole = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(whole.pop()),
            other => whole.push(other),
        }
    }
    whole
}

/// Returns the path of `path` relative to the directory `from`, with `/` as separator on all systems, such as
/// `../modules/site`; `.` for the directory itself.
///
/// Returns the absolute path if there is no relative one, as between two drives of Windows.
#[must_use]
pub fn relative(from: &Path, path: &Path) -> String {
    let (from, path) = (whole(from), whole(path));
    let mut left = from.components().peekable();
    let mut right = path.components().peekable();
    let mut shared = 0;
    while left.peek().is_some() && left.peek() == right.peek() {
        left.next();
        right.next();
        shared += 1;
    }
    if shared == 0 {
        return slashed(&path);
    }
    let up = left.map(|_| "..".to_owned());
    let down = right.map(|component| component.as_os_str().to_string_lossy().into_owned());
    let names: Vec<String> = up.chain(down).collect();
    if names.is_empty() { ".".to_owned() } else { names.join("/") }
}

/// Returns true for the path of a file outside of the runbook's directory.
#[must_use]
pub fn is_elsewhere(path: &str) -> bool {
    Path::new(path).is_absolute() || path.starts_with(['/', '\\']) || path.starts_with("..")
}

/// Returns the text of a path with `/` as separator on all systems.
///
/// Values of the language have this form, as in Terraform, so that a runbook need not ask which system it runs on.
#[must_use]
pub fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// Returns the text of a path of any system in one spelling: in lower case, with `/`, without `.`, and without `..` behind a
/// directory. A path that begins with `..` afterwards leads out of a directory that the text does not name.
#[must_use]
pub fn comparable(path: &str) -> String {
    let path = path.replace('\\', "/").to_ascii_lowercase();
    let start = if path.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if !start.is_empty() => {}
            part => parts.push(part),
        }
    }
    format!("{start}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_is_told_from_a_directory() {
        for (from, path, expected) in [
            ("/a/b", "/a/b", "."),
            ("/a/b", "/a/b/c.hcl", "c.hcl"),
            ("/a/b", "/a/c/d", "../c/d"),
            ("/a/b/../x", "/a/./x/y/", "y"),
            ("/a", "/b", "../b"),
            ("/", "/b", "b"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(path)), expected, "{from} {path}");
        }
    }

    #[test]
    fn a_path_without_a_root_begins_where_the_process_is() {
        assert_eq!(relative(Path::new("a/b"), Path::new("a/c")), "../c");
        assert_eq!(relative(Path::new(""), Path::new("a")), "a");
    }

    #[test]
    fn a_path_has_one_spelling() {
        for (path, expected) in [
            ("//etc/./passwd", "/etc/passwd"),
            ("/home/x/../../etc/passwd", "/etc/passwd"),
            ("/../etc", "/etc"),
            ("a/../../b", "../b"),
            ("C:\\Windows\\System32", "c:/windows/system32"),
            ("", ""),
        ] {
            assert_eq!(comparable(path), expected, "{path}");
        }
    }
}
