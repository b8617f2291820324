//! Errors of the command line: options are named as they are typed, with one dash, and suggestions are made as everywhere
//! else.

use std::borrow::Cow;
use std::ffi::OsString;

use arcbook_engine::diagnostic::{Diagnostic, Lookalike, closest, did_you_mean, plain};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use crate::cli::Cli;

/// The commands of other programs, and what stands for them here.
const FOREIGN: [(&str, &str); 6] = [
    ("help", "-help"),
    ("version", "-version"),
    ("destroy", "undo"),
    ("history", "runs"),
    ("check", "validate"),
    ("lint", "audit"),
];

/// An argument that begins with a character which only looks like the dash of an option, where one of that name is.
///
/// It would be taken for a path. A file of that name can still be named: `./–name`.
pub fn odd_dash(typed: &[OsString]) -> Option<Diagnostic> {
    let arguments = typed.iter().skip(1).map(|argument| argument.to_string_lossy());
    let mut arguments = arguments.take_while(|argument| argument != "--");
    arguments.find_map(|argument| {
        let first = Lookalike::of(argument.chars().next()?)?;
        let meant = plain(&argument);
        let name = meant.split('=').next().filter(|name| name.starts_with('-'))?;
        let options = options(typed);
        let option = closest(name, options.iter().map(String::as_str))?;
        let written: String = argument.chars().take_while(|c| *c != '=').collect();
        let summary = format!("`{written}` begins with {first}, and an option with `-`");
        Some(Diagnostic::error("invalid-character", summary).help(format!("write `{option}`")))
    })
}

/// Puts what was meant into the error, and leaves out an argument that no command takes: where `-var pw = VALUE` was typed,
/// with spaces, it is the value. An option is named, without what was given to it.
pub fn explained(mut error: clap::Error, typed: &[OsString]) -> clap::Error {
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
                return error;
            };
            let argument = argument.clone();
            unknown_argument(&mut error, &argument, typed);
        }
        ErrorKind::InvalidSubcommand => {
            if let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) {
                let foreign = FOREIGN.iter().find(|(theirs, _)| theirs == name);
                let hint = foreign.map(|(_, ours)| format!("did you mean `{ours}`?"));
                let hint = hint.or_else(|| did_you_mean(name, commands().iter().map(String::as_str)));
                suggest(&mut error, ContextKind::SuggestedSubcommand, hint);
            }
        }
        ErrorKind::InvalidValue => {
            if let (Some(ContextValue::String(value)), Some(ContextValue::Strings(known))) =
                (error.get(ContextKind::InvalidValue), error.get(ContextKind::ValidValue))
            {
                let hint = did_you_mean(value, known.iter().map(String::as_str));
                suggest(&mut error, ContextKind::SuggestedValue, hint);
            }
        }
        _ => {}
    }
    error
}

fn unknown_argument(error: &mut clap::Error, argument: &str, typed: &[OsString]) {
    let is_option = argument.starts_with('-');
    let shown = if is_option { as_typed(argument, typed) } else { "…".to_owned() };
    let dash = if has_two_dashes(&shown) { "-" } else { "" };
    let options: Vec<String> = options(typed).iter().map(|option| format!("{dash}{option}")).collect();
    let hint = did_you_mean(&shown, options.iter().map(String::as_str)).filter(|_| is_option);
    error.insert(ContextKind::InvalidArg, ContextValue::String(shown));
    suggest(error, ContextKind::SuggestedArg, hint);
    // Clap's own shows the option that it would have suggested.
    let mut program = Cli::command();
    program.build();
    if let Some(mut command) = command(&program, typed).cloned() {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(command.render_usage()));
    }
}

/// The option that clap read as `argument`, as it was typed; without its value.
fn as_typed(argument: &str, typed: &[OsString]) -> String {
    let name = |text: &str| text.split('=').next().unwrap_or_default().to_owned();
    let argument = name(argument);
    let bare = argument.trim_start_matches('-');
    let typed = typed.iter().map(|word| name(&word.to_string_lossy()));
    let mut options = typed.filter(|word| word.starts_with('-'));
    let found = options.find(|word| {
        let word = word.trim_start_matches('-');
        // Of what clap takes for letters of several options it tells the first one.
        word == bare || (argument.chars().count() == 2 && word.starts_with(bare))
    });
    found.unwrap_or(argument)
}

/// Puts `hint` in the place of a suggestion of clap's own.
fn suggest(error: &mut clap::Error, theirs: ContextKind, hint: Option<String>) {
    error.remove(theirs);
    error.remove(ContextKind::Suggested);
    if let Some(hint) = hint {
        let hint = StyledStr::from(hint);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint]));
    }
}

/// The names of all commands.
fn commands() -> Vec<String> {
    let program = Cli::command();
    let shown = program.get_subcommands().filter(|command| !command.is_hide_set());
    let names = |command: &Command| {
        let aliases = command.get_visible_aliases().map(str::to_owned);
        std::iter::once(command.get_name().to_owned()).chain(aliases).collect::<Vec<_>>()
    };
    shown.flat_map(names).collect()
}

/// The command that was typed.
fn command<'a>(program: &'a Command, typed: &[OsString]) -> Option<&'a Command> {
    let words = typed.iter().skip(1).map(|word| word.to_string_lossy());
    let mut words = words.filter(|word| !word.starts_with('-'));
    let command = words.find_map(|word| program.find_subcommand(&*word))?;
    Some(words.find_map(|word| command.find_subcommand(&*word)).unwrap_or(command))
}

/// The options that may be typed, each with one dash: those of the command, else of all.
fn options(typed: &[OsString]) -> Vec<String> {
    let mut program = Cli::command();
    program.build();
    let commands =
        command(&program, typed).map_or_else(|| program.get_subcommands().collect(), |command| vec![command]);
    let all = commands.into_iter().chain([&program]).flat_map(Command::get_arguments);
    all.filter_map(|argument| Some(format!("-{}", argument.get_long()?))).collect()
}

/// Returns true if an option is typed with two dashes.
pub fn has_two_dashes(argument: &str) -> bool {
    argument.strip_prefix("--").is_some_and(|name| !name.is_empty())
}

/// Returns `text` with one dash before each option, as Terraform writes them.
pub fn with_one_dash(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("--") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        out += before;
        let begins =
            out.ends_with([' ', '\n', '\'', '`', '(', '[', '<', '|']) || out.is_empty() || ends_color(&out);
        let is_option = begins && after.starts_with(|c: char| c.is_ascii_alphabetic());
        out += if is_option { "-" } else { "--" };
        rest = after;
    }
    if out.is_empty() { text.into() } else { (out + rest).into() }
}

/// Returns true if `text` ends with an escape that sets a colour.
fn ends_color(text: &str) -> bool {
    let codes = text.strip_suffix('m').and_then(|text| text.rsplit_once("\x1b["));
    codes.is_some_and(|(_, codes)| codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_in_a_text_have_one_dash() {
        for (text, shown) in [
            ("      --json\n  -h, --help", "      -json\n  -h, -help"),
            ("'--auto-approve' found", "'-auto-approve' found"),
            ("\x1b[1m--json\x1b[0m a--b -- x", "\x1b[1m-json\x1b[0m a--b -- x"),
            ("<--older-than <TIME>|--keep <N>>", "<-older-than <TIME>|-keep <N>>"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(with_one_dash(text), shown);
        }
    }

    #[test]
    fn only_a_dash_that_is_none_before_an_option_is_odd() {
        let found = |words: &[&str]| {
            let typed: Vec<OsString> = ["arcbook"].iter().chain(words).map(OsString::from).collect();
            odd_dash(&typed).map(|found| (found.summary, found.help.concat()))
        };
        for (dash, name) in [
            ('–', "U+2013 EN DASH"),
            ('—', "U+2014 EM DASH"),
            ('−', "U+2212 MINUS SIGN"),
            ('‐', "U+2010 HYPHEN"),
            ('－', "U+FF0D FULLWIDTH HYPHEN-MINUS"),
        ] {
            let typed = format!("{dash}auto-approve");
            let (summary, help) = found(&["run", &typed]).expect("odd");
            assert_eq!(summary, format!("`{typed}` begins with {name}, and an option with `-`"));
            assert_eq!(help, "write `-auto-approve`");
        }
        let (summary, help) = found(&["run", "–var=pw=hush"]).expect("odd");
        assert!(!summary.contains("hush") && help == "write `-var`", "{summary} {help}");
        for words in
            [&["run", "–site"][..], &["run", "--", "–auto-approve"], &["run", "-auto-approve", "a–b"]]
        {
            assert_eq!(found(words), None, "{words:?}");
        }
    }
}
