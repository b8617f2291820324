//! Reads the options of interpreters, up to their script.

use super::program_name::program;
use super::script_place::ScriptPlace;

/// The options of shells that take a value.
const VALUED: [&str; 3] = ["--rcfile", "--init-file", "--user"];

/// The options of `ssh` that take a value.
const REMOTE_VALUED: &str = "BbcDEeFIiJLlmOopPQRSWw";

/// The letters of the options by which each language gets code.
const CODE: [(&[&str], &str); 6] = [
    (&["python", "pythonw", "pypy", "py"], "c"),
    (&["perl"], "eE"),
    (&["node", "nodejs", "deno", "bun"], "ep"),
    (&["php"], "rBRE"),
    (&["julia"], "eE"),
    (&["ruby", "lua", "osascript", "rscript"], "e"),
];

/// Reads the options of a POSIX shell, and of `su`: `-c` may stand among other letters.
pub(super) fn shell(argv: &[Option<&str>], at: usize) -> Option<ScriptPlace> {
    let (mut index, mut has_code, mut reads_input) = (at + 1, false, false);
    // `su` and `runuser` name the user before or behind their option.
    let skips_words = matches!(program(argv[at].unwrap_or_default()).as_str(), "su" | "runuser");
    while let Some(Some(text)) = argv.get(index) {
        if let Some(value) = text.strip_prefix("--command") {
            return Some(ScriptPlace::Argument(if value.is_empty() { index + 1 } else { index }));
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
        Some(_) if has_code => Some(ScriptPlace::Argument(index)),
        None if !has_code => Some(ScriptPlace::Input),
        _ if reads_input => Some(ScriptPlace::Input),
        Some(Some("-" | "/dev/stdin")) => Some(ScriptPlace::Input),
        _ => None,
    }
}

/// Reads the options of PowerShell, which may be cut short: `-c`, `-enc`.
pub(super) fn power_shell(argv: &[Option<&str>], at: usize) -> Option<ScriptPlace> {
    let mut index = at + 1;
    while let Some(text) = argv.get(index) {
        let text = (*text)?;
        let Some(name) = text.strip_prefix(['-', '/']).map(str::to_ascii_lowercase) else {
            // Windows PowerShell takes a command without an option, and PowerShell a file.
            let is_old = argv[at].is_some_and(|text| program(text) == "powershell");
            return is_old.then_some(ScriptPlace::From(index));
        };
        let is = |whole: &str| !name.is_empty() && whole.starts_with(&name);
        if name.is_empty() {
            return Some(ScriptPlace::Input);
        } else if is("command") || is("commandwithargs") || name == "cwa" {
            let is_input = argv.get(index + 1) == Some(&Some("-"));
            return Some(if is_input { ScriptPlace::Input } else { ScriptPlace::From(index + 1) });
        } else if is("encodedcommand") || name == "ec" {
            return Some(ScriptPlace::Argument(index + 1));
        } else if is("file") {
            return (argv.get(index + 1) == Some(&Some("-"))).then_some(ScriptPlace::Input);
        }
        let has_value =
            argv.get(index + 1).is_some_and(|next| next.is_none_or(|next| !next.starts_with('-')));
        let is_flag = ["no", "sta", "mta", "i", "l", "ver"].iter().any(|flag| name.starts_with(flag));
        index += if has_value && !is_flag { 2 } else { 1 };
    }
    Some(ScriptPlace::Input)
}

/// Reads the options of `cmd`: everything behind `/c` or `/k` is the command.
pub(super) fn command_prompt(argv: &[Option<&str>], at: usize) -> Option<ScriptPlace> {
    let is_code = |text: &&str| {
        let text = text.to_ascii_lowercase();
        text.starts_with('/') && ["/c", "/k", "/r"].iter().any(|code| text.contains(code))
    };
    let found = (at + 1..argv.len()).find(|index| argv[*index].as_ref().is_some_and(is_code));
    match found {
        Some(index) => Some(ScriptPlace::From(index + 1)),
        None => (argv.len() == at + 1).then_some(ScriptPlace::Input),
    }
}

/// Reads the options of a language: the letter for code may stand among others, with the code behind it.
pub(super) fn language(argv: &[Option<&str>], at: usize) -> Option<ScriptPlace> {
    let name = program(argv[at].unwrap_or_default());
    let letters =
        CODE.iter().find(|(names, _)| names.contains(&name.as_str())).map(|(_, letters)| *letters)?;
    let mut was_option = false;
    for (index, text) in argv.iter().enumerate().skip(at + 1) {
        let text = (*text)?;
        if text == "-" || text == "/dev/stdin" {
            return Some(ScriptPlace::Input);
        }
        if text == "eval" && matches!(name.as_str(), "deno" | "bun") {
            return Some(ScriptPlace::Argument(index + 1));
        }
        if let Some(long) = text.strip_prefix("--") {
            if ["eval", "print"].iter().any(|word| long.starts_with(word)) {
                return Some(ScriptPlace::Argument(if long.contains('=') { index } else { index + 1 }));
            }
        } else if let Some(short) = text.strip_prefix('-') {
            let named = if letters == "c" { "WXm" } else { "MmIrC" };
            let takes_rest = short.starts_with(|first| named.contains(first) && !letters.contains(first));
            if takes_rest {
                // A name stands behind it, in the same word or the next one.
            } else if let Some(found) = short.find(|letter| letters.contains(letter)) {
                let is_last = found + 1 == short.len();
                return Some(ScriptPlace::Argument(if is_last { index + 1 } else { index }));
            }
        } else if !was_option {
            // A file with a script, or a word of it.
            return None;
        }
        was_option = text.starts_with('-') && text.len() == 2;
    }
    Some(ScriptPlace::Input)
}

/// Reads the options of `ssh`: everything behind the host goes to a shell there, and else its input does.
pub(super) fn remote(argv: &[Option<&str>], at: usize) -> Option<ScriptPlace> {
    let mut index = at + 1;
    while let Some(text) = argv.get(index).copied().flatten().filter(|text| text.starts_with('-')) {
        let takes = |letter: char| REMOTE_VALUED.contains(letter);
        index += if text.ends_with(takes) && text.len() == 2 { 2 } else { 1 };
    }
    match argv.len().checked_sub(index)? {
        0 => None,
        1 => Some(ScriptPlace::Input),
        _ => Some(ScriptPlace::From(index + 1)),
    }
}

/// Reads the arguments of a program that gives all of them to a shell.
pub(super) fn joined(argv: &[Option<&str>], at: usize) -> Option<ScriptPlace> {
    (argv.len() > at + 1).then_some(ScriptPlace::From(at + 1))
}
