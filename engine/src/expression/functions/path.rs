//! Implements functions on paths as text; only `abspath` and `pathexpand` access the environment.

use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};

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
            Ok(clean(&absolute.to_string_lossy()).into())
        },
    ),
    Function::new(
        "basename",
        "The last part of a path.",
        [r#"basename("/etc/hosts")"#, r#""hosts""#],
        PATH,
        STRING,
        |given| {
            let path = given.text(0);
            let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            Ok(match (name, path) {
                ("", "") => ".",
                ("", _) => "/",
                (name, _) => name,
            }
            .into())
        },
    ),
    Function::new(
        "dirname",
        "The path without its last part.",
        [r#"dirname("/etc/hosts")"#, r#""/etc""#],
        PATH,
        STRING,
        |given| {
            let path = given.text(0);
            Ok(clean(path.rfind('/').map_or("", |at| &path[..=at])).into())
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
                    let home = home.to_string_lossy();
                    Ok(if rest.is_empty() { home.into_owned() } else { clean(&format!("{home}{rest}")) }
                        .into())
                }
                Some(_) => Err(Failure::new("cannot expand user-specific home dir")),
            }
        },
    ),
];

/// Returns the shortest equivalent path, without access to the file system.
fn clean(path: &str) -> String {
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
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("abspath", r#"["/a/./b/../c/"]"#, r#""/a/c""#),
            ("abspath", r#"["x"]"#, r#""/x""#),
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
