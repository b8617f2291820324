//! Reads password files, as libpq does: `host:port:database:user:password` in each line.

use std::io::Read as _;
use std::path::Path;

use arcbook_engine::source::open_plain;
use arcbook_engine::step::{ErrorKind, StepError};
use arcbook_os::private::is_private;

/// The maximum size of a password file, in bytes.
const LONGEST: u64 = 1 << 20;

/// The argument that names the file.
const ARGUMENT: &str = "password_file";

/// The names that a line must match.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// Returns the password that the file at `path` has for a connection.
///
/// libpq ignores a file that others may read; here it is an error, because the connection would fail without a reason.
pub(crate) fn read(path: &Path, wanted: Wanted<'_>) -> Result<String, StepError> {
    let unusable = |reason: String| {
        StepError::new(ErrorKind::Local, format!("the password file {} cannot be used", path.display()))
            .detail(format!("{reason}."))
            .argument(ARGUMENT)
    };
    let file = open_plain(path).map_err(|error| unusable(error.to_string()))?;
    if !is_private(&file).map_err(|error| unusable(error.to_string()))? {
        return Err(unusable("Others may read it".to_owned()).help(remedy(cfg!(windows), path)));
    }
    let mut text = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut text).map_err(|error| unusable(error.to_string()))?;
    if text.len() as u64 > LONGEST {
        return Err(unusable("It is larger than 1 MiB".to_owned()));
    }
    let text = String::from_utf8(text).map_err(|_| unusable("It is not UTF-8".to_owned()))?;
    find(&text, wanted).ok_or_else(|| {
        unusable("No line matches the host, the port, the database and the user".to_owned())
            .help("add a line `host:port:database:user:password`; `*` matches everything")
    })
}

/// Returns the command that makes a file private.
fn remedy(is_windows: bool, path: &Path) -> String {
    if is_windows {
        // A quote in a text of PowerShell is doubled. The reset takes away what others were given.
        let path = path.display().to_string().replace('\'', "''");
        format!("icacls '{path}' /reset; icacls '{path}' /inheritance:r /grant:r \"${{env:USERNAME}}:F\"")
    } else {
        format!("chmod 0600 {}", path.display())
    }
}

/// Returns the password of the first line that matches.
fn find(text: &str, wanted: Wanted<'_>) -> Option<String> {
    text.split('\n').map(|line| line.trim_end_matches('\r')).find_map(|line| password(line, wanted))
}

fn password(line: &str, wanted: Wanted<'_>) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line;
    let port = wanted.port.to_string();
    for name in [wanted.host, &port, wanted.database, wanted.user] {
        let (is_wildcard, field, after) = field(rest);
        if !is_wildcard && field != name {
            return None;
        }
        rest = after?;
    }
    Some(field(rest).1)
}

/// Returns whether the first field is `*`, its text without escapes, and the text after its colon.
fn field(line: &str) -> (bool, String, Option<&str>) {
    let (mut text, mut rest) = (String::new(), line.char_indices());
    while let Some((at, next)) = rest.next() {
        match next {
            ':' => return (&line[..at] == "*", text, Some(&line[at + 1..])),
            '\\' => text.extend(rest.next().map(|(_, next)| next)),
            next => text.push(next),
        }
    }
    (line == "*", text, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted<'_> = Wanted { host: "db.test", port: 5432, database: "app", user: "ann" };

    #[test]
    fn the_first_line_that_matches_has_the_password() {
        for (text, expected) in [
            ("db.test:5432:app:ann:pw", Some("pw")),
            ("db.test:5432:app:ann:pw\r\n", Some("pw")),
            ("*:*:*:*:pw", Some("pw")),
            ("*:5433:*:*:no\n*:*:*:bob:no\n*:*:other:*:no\nother:*:*:*:no\n*:*:*:ann:pw", Some("pw")),
            ("*:*:*:*:first\ndb.test:5432:app:ann:second", Some("first")),
            ("# db.test:5432:app:ann:no\n*:*:*:*:pw", Some("pw")),
            (" # db.test:5432:app:ann:no", None),
            ("db.test:5432:app:ann:a\\:b\\\\c\\d", Some("a:b\\cd")),
            ("db.test:5432:app:ann:pw:rest", Some("pw")),
            ("db.test:5432:app:ann:", Some("")),
            ("db.test:5432:app:ann", None),
            ("d\\b.test:5432:app:ann:pw", Some("pw")),
            ("\\*:5432:app:ann:no", None),
            ("db.test :5432:app:ann:no", None),
            ("", None),
            ("\n\n", None),
        ] {
            assert_eq!(find(text, WANTED).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn the_remedy_is_a_command_of_the_system() {
        let path = Path::new("pgpass.conf");
        assert!(remedy(true, Path::new("O'Brien")).starts_with("icacls 'O''Brien' /reset; "));
        assert_eq!(remedy(false, path), "chmod 0600 pgpass.conf");
        let expected =
            "icacls 'pgpass.conf' /reset; icacls 'pgpass.conf' /inheritance:r /grant:r \"${env:USERNAME}:F\"";
        assert_eq!(remedy(true, path), expected);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pgpass");
        std::fs::write(&path, "*:*:*:*:hunter2").unwrap();
        for (mode, expected) in [
            (0o600, Ok("hunter2")),
            (0o400, Ok("hunter2")),
            (0o640, Err("Others may read it")),
            (0o604, Err("Others may read it")),
        ] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let told = read(&path, WANTED).map_err(|error| error.why().unwrap_or_default().to_owned());
            match expected {
                Ok(password) => assert_eq!(told.as_deref(), Ok(password)),
                Err(part) => assert!(told.unwrap_err().contains(part)),
            }
        }
        for (path, part) in [(dir.path().join("none"), "No such file"), (dir.path().to_owned(), "")] {
            assert!(read(&path, WANTED).unwrap_err().why().unwrap_or_default().contains(part));
        }
    }
}
