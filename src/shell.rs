//! Writes words and commands for the shell of the user.

/// The shell that users of a system type into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// `sh`, and all that read a line as it does.
    Posix,
    /// PowerShell 5.1, which is part of Windows. It takes `"` out of the arguments of a program.
    PowerShell5,
    /// PowerShell 7, which gives a program its arguments as they are.
    PowerShell7,
}

impl Shell {
    /// Returns the shell on this system.
    pub fn here() -> Self {
        if cfg!(windows) {
            Self::on_windows(std::env::var("PSModulePath").ok().as_deref())
        } else {
            Self::Posix
        }
    }

    /// Returns the PowerShell that started this program, by its variable `PSModulePath`: version 7 keeps its
    /// modules in directories `PowerShell`, version 5.1 in directories `WindowsPowerShell`.
    fn on_windows(module_path: Option<&str>) -> Self {
        let is_seven = |part: &str| part.eq_ignore_ascii_case("PowerShell");
        let is_seven = module_path.is_some_and(|path| path.split(['\\', '/', ';']).any(is_seven));
        if is_seven { Self::PowerShell7 } else { Self::PowerShell5 }
    }

    /// Returns the line that sets an environment variable for the programs that the shell starts after it.
    pub fn assign(self, name: &str, value: &str) -> String {
        match self {
            Self::Posix => format!("export {name}={}", self.quote(value)),
            Self::PowerShell5 | Self::PowerShell7 => format!("$env:{name} = {}", in_quotes(value)),
        }
    }

    /// Quotes text as one word of a command, if it needs quotes.
    pub fn quote(self, text: &str) -> String {
        let is_plain = |also: &str| {
            let plain = |next: char| next.is_alphanumeric() || also.contains(next);
            !text.is_empty() && text.chars().all(plain)
        };
        match self {
            Self::Posix if is_plain("-_./=:…") => text.to_owned(),
            Self::Posix => format!("'{}'", text.replace('\'', r"'\''")),
            // PowerShell cuts a word that begins with `-` at its first point.
            _ if is_plain(r"-_./\=:…") && !text.starts_with('-') => text.to_owned(),
            // Windows PowerShell passes no empty argument, unless it is two double quotes.
            Self::PowerShell5 if text.is_empty() => "'\"\"'".to_owned(),
            Self::PowerShell5 => in_quotes(&with_backslashes(text)),
            Self::PowerShell7 => in_quotes(text),
        }
    }

    /// Returns the remark for a shell that takes double quotes out of arguments.
    pub fn about_double_quotes(self) -> Option<&'static str> {
        let remark = "Windows PowerShell takes double quotes out of arguments: write each one as `\\\"`, or use `-var-file`";
        (self == Self::PowerShell5).then_some(remark)
    }
}

/// Quotes text as one word for the shell on this system.
pub fn quoted(text: &str) -> String {
    Shell::here().quote(text)
}

/// Returns text as a string of PowerShell, in which each quote is doubled. Typographic quotes end a string too.
fn in_quotes(text: &str) -> String {
    let mut quoted = String::from("'");
    for next in text.chars() {
        if matches!(next, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(next);
        }
        quoted.push(next);
    }
    quoted + "'"
}

/// Writes `"` as `\"`, and doubles the backslashes in front of it. PowerShell 5.1 puts an argument with spaces
/// in quotes, so that backslashes at its end come in front of one too.
fn with_backslashes(text: &str) -> String {
    let (mut escaped, mut backslashes) = (String::new(), 0);
    for next in text.chars() {
        if next == '"' {
            escaped.extend(std::iter::repeat_n('\\', backslashes + 1));
        }
        backslashes = if next == '\\' { backslashes + 1 } else { 0 };
        escaped.push(next);
    }
    let is_enclosed = text.contains(char::is_whitespace);
    escaped.extend(std::iter::repeat_n('\\', if is_enclosed { backslashes } else { 0 }));
    escaped
}

#[cfg(test)]
mod tests {
    use super::Shell::{PowerShell5, PowerShell7};
    use super::*;

    #[test]
    fn a_word_is_quoted_as_the_shell_needs_it() {
        // The text, and the word for a POSIX shell, for PowerShell 5.1 and for PowerShell 7.
        for (text, posix, five, seven) in [
            ("site.plan", "site.plan", "site.plan", "site.plan"),
            (
                "20261122-101500.123-1a2b3c",
                "20261122-101500.123-1a2b3c",
                "20261122-101500.123-1a2b3c",
                "20261122-101500.123-1a2b3c",
            ),
            ("über/x=…", "über/x=…", "über/x=…", "über/x=…"),
            ("", "''", "'\"\"'", "''"),
            ("a b", "'a b'", "'a b'", "'a b'"),
            ("it's", r"'it'\''s'", "'it''s'", "'it''s'"),
            ("a’; b", "'a’; b'", "'a’’; b'", "'a’’; b'"),
            ("$(x)`y", "'$(x)`y'", "'$(x)`y'", "'$(x)`y'"),
            ("a,b", "'a,b'", "'a,b'", "'a,b'"),
            ("@x", "'@x'", "'@x'", "'@x'"),
            ("-x.plan", "-x.plan", "'-x.plan'", "'-x.plan'"),
            ("–x", "'–x'", "'–x'", "'–x'"),
            (r"C:\runs", r"'C:\runs'", r"C:\runs", r"C:\runs"),
            (r"C:\my runs\", r"'C:\my runs\'", r"'C:\my runs\\'", r"'C:\my runs\'"),
            (r"C:\a+b\", r"'C:\a+b\'", r"'C:\a+b\'", r"'C:\a+b\'"),
            (r#"step.a["k"]"#, r#"'step.a["k"]'"#, r#"'step.a[\"k\"]'"#, r#"'step.a["k"]'"#),
            (r#"a\\"b"#, r#"'a\\"b'"#, r#"'a\\\\\"b'"#, r#"'a\\"b'"#),
        ] {
            let found = [Shell::Posix, PowerShell5, PowerShell7].map(|shell| shell.quote(text));
            assert_eq!(found, [posix, five, seven], "{text}");
        }
    }

    #[test]
    fn a_variable_is_set_as_the_shell_does_it() {
        // The value, and the line for a POSIX shell and for PowerShell.
        for (value, posix, power) in [
            ("http://localhost:1/x", "export A_B=http://localhost:1/x", "$env:A_B = 'http://localhost:1/x'"),
            ("it's", r"export A_B='it'\''s'", "$env:A_B = 'it''s'"),
            (r#"C:\a "b"\"#, r#"export A_B='C:\a "b"\'"#, r#"$env:A_B = 'C:\a "b"\'"#),
        ] {
            assert_eq!(Shell::Posix.assign("A_B", value), posix);
            assert_eq!(PowerShell5.assign("A_B", value), power);
            assert_eq!(PowerShell7.assign("A_B", value), power);
        }
    }

    #[test]
    fn the_modules_tell_the_version_of_powershell() {
        for (path, shell) in [
            (None, PowerShell5),
            (
                Some(
                    r"C:\Users\ann\Documents\WindowsPowerShell\Modules;C:\Windows\system32\WindowsPowerShell\v1.0\Modules",
                ),
                PowerShell5,
            ),
            (
                Some(r"C:\Users\ann\Documents\PowerShell\Modules;c:\program files\powershell\7\Modules"),
                PowerShell7,
            ),
        ] {
            assert_eq!(Shell::on_windows(path), shell, "{path:?}");
        }
        assert_eq!(Shell::here() == Shell::Posix, !cfg!(windows));
    }
}
