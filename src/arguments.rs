//! Accepts Terraform's long options with a single dash.

use std::ffi::OsString;

/// Turns `-auto-approve` into `--auto-approve`, and keeps everything else: `-h`, `--json`, `-`, `-1`, and all
/// arguments after `--`.
pub fn with_two_dashes(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut literal = false;
    arguments
        .into_iter()
        .map(|argument| {
            let text = argument.to_str().unwrap_or_default();
            literal |= text == "--";
            if !literal && is_long(text) { OsString::from(format!("-{text}")) } else { argument }
        })
        .collect()
}

fn is_long(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next() == Some('-')
        && characters.next().is_some_and(char::is_alphabetic)
        && characters.next().is_some_and(|third| third.is_alphanumeric() || third == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_options_change() {
        let cases = [
            ("-json", "--json"),
            ("-var=a=-b", "--var=a=-b"),
            ("--json", "--json"),
            ("-h", "-h"),
            ("-", "-"),
            ("-5", "-5"),
            ("a-b", "a-b"),
        ];
        for (written, read) in cases {
            assert_eq!(with_two_dashes([written.into()]), [OsString::from(read)], "{written}");
        }
    }

    #[test]
    fn after_two_dashes_nothing_changes() {
        let read = with_two_dashes(["--".into(), "-json".into()]);
        assert_eq!(read, [OsString::from("--"), OsString::from("-json")]);
    }
}
