//! Reads the options of shells, up to their script.

use super::name::name;
use super::place::Place;

/// The options of shells that take a value.
const VALUED: [&str; 3] = ["--rcfile", "--init-file", "--user"];

/// The options of `ssh` that take a value.
const REMOTE_VALUED: &str = "BbcDEeFIiJLlmOopPQRSWw";

/// Reads the options of a POSIX shell, and of `su`: `-c` may stand among other letters.
pub(super) fn shell(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let (mut index, mut has_code, mut reads_input) = (at + 1, false, false);
    // `su` and `runuser` name the user before or behind their option.
    let skips_words = matches!(name(argv[at].unwrap_or_default()).as_str(), "su" | "runuser");
    while let Some(Some(text)) = argv.get(index) {
        if let Some(value) = text.strip_prefix("--command") {
            return Some(Place::Argument(if value.is_empty() { index + 1 } else { index }));
        }
        if *text == "--" {
            index += 1;
            break;
        }
        let is_option = text.len() > 1 && text.starts_with(['-', '+']);
        if !is_option && (!skips_words || has_code) {
            break;
        }
        if VALUED.contains(text) {
            index += 1;
        } else if is_option && !text.starts_with("--") {
            let letters = &text[1..];
            has_code |= letters.contains('c');
            reads_input |= letters.contains('s');
            // `-o pipefail` takes a name.
            index += usize::from(letters.contains(['o', 'O']));
        }
        index += 1;
    }
    match argv.get(index) {
        Some(_) if has_code => Some(Place::Argument(index)),
        None if !has_code => Some(Place::Input),
        _ if reads_input => Some(Place::Input),
        Some(Some("-" | "/dev/stdin")) => Some(Place::Input),
        Some(Some(_)) if !skips_words => Some(Place::File(index)),
        _ => None,
    }
}

/// Reads the options of PowerShell, which may be cut short: `-c`, `-enc`.
pub(super) fn power_shell(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let mut index = at + 1;
    while let Some(text) = argv.get(index) {
        let text = (*text)?;
        let Some(name) = text.strip_prefix(['-', '/']).map(str::to_ascii_lowercase) else {
            // Windows PowerShell takes a command without an option, and PowerShell a file.
            let is_old = argv[at].is_some_and(|text| name(text) == "powershell");
            return Some(if is_old { Place::From(index) } else { Place::File(index) });
        };
        let is = |whole: &str| !name.is_empty() && whole.starts_with(&name);
        if name.is_empty() {
            return Some(Place::Input);
        } else if is("command") || is("commandwithargs") || name == "cwa" {
            let is_input = argv.get(index + 1) == Some(&Some("-"));
            return Some(if is_input { Place::Input } else { Place::From(index + 1) });
        } else if is("encodedcommand") || name == "ec" {
            return Some(Place::Argument(index + 1));
        } else if is("file") {
            let is_input = argv.get(index + 1) == Some(&Some("-"));
            return Some(if is_input { Place::Input } else { Place::File(index + 1) });
        }
        let has_value =
            argv.get(index + 1).is_some_and(|next| next.is_none_or(|next| !next.starts_with('-')));
        let is_flag = ["no", "sta", "mta", "i", "l", "ver"].iter().any(|flag| name.starts_with(flag));
        index += if has_value && !is_flag { 2 } else { 1 };
    }
    Some(Place::Input)
}

/// Reads the options of `cmd`: everything behind `/c` or `/k` is the command.
pub(super) fn command_prompt(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let is_code = |text: &&str| {
        let text = text.to_ascii_lowercase();
        text.starts_with('/') && ["/c", "/k", "/r"].iter().any(|code| text.contains(code))
    };
    let found = (at + 1..argv.len()).find(|index| argv[*index].as_ref().is_some_and(is_code));
    match found {
        Some(index) => Some(Place::From(index + 1)),
        None => (argv.len() == at + 1).then_some(Place::Input),
    }
}

/// Reads the options of `ssh`: everything behind the host goes to a shell there, and else its input does.
pub(super) fn remote(argv: &[Option<&str>], at: usize) -> Option<Place> {
    let mut index = at + 1;
    while let Some(text) = argv.get(index).copied().flatten().filter(|text| text.starts_with('-')) {
        // A setting may be a command for this machine.
        let (place, setting) = if text == "-o" {
            (index + 1, argv.get(index + 1).copied().flatten())
        } else {
            (index, Some(text))
        };
        let setting = setting.unwrap_or_default().to_ascii_lowercase();
        if ["proxycommand", "localcommand", "knownhostscommand"].iter().any(|name| setting.contains(name)) {
            return Some(Place::Argument(place));
        }
        let takes = |letter: char| REMOTE_VALUED.contains(letter);
        index += if text.ends_with(takes) && text.len() == 2 { 2 } else { 1 };
    }
    match argv.len().checked_sub(index)? {
        0 => None,
        1 => Some(Place::Input),
        _ => Some(Place::From(index + 1)),
    }
}

/// Reads the arguments of a program that gives all of them to a shell.
pub(super) fn joined(argv: &[Option<&str>], at: usize) -> Option<Place> {
    (argv.len() > at + 1).then_some(Place::From(at + 1))
}
