//! Errors in the command line, and its help.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use arcbook_engine::diagnostic::{Diagnostic, visible};
use arcbook_engine::source::Sources;
use clap::error::ErrorKind;

use crate::commands::validate;
use crate::exit::Exit;
use crate::mistyped::{has_two_dashes, with_one_dash};
use crate::screen::{Screen, is_monochrome};

/// Prints `error`, as JSON if `arguments` ask for it, and returns the exit status.
pub fn tell(error: &clap::Error, typed: &[OsString], arguments: &[OsString]) -> Exit {
    let no_color = asks_for(arguments, "--no-color");
    if error.use_stderr() && asks_for(arguments, "--json") {
        return refuse(diagnostic(error, typed), arguments);
    }
    // A reader that has gone away is no error.
    let _ = print(error, typed, no_color);
    if !error.use_stderr() {
        return Exit::Done;
    }
    let screen = Screen::new(false, no_color).summarized(asks_for_summary(arguments));
    if let Some(summary) = &screen.summary {
        summary.failed(&diagnostic(error, typed).into());
    }
    screen.summarize(Exit::Wrong);
    Exit::Wrong
}

/// Prints the error of a command line, as JSON if `arguments` ask for it, and returns the exit status.
pub fn refuse(diagnostic: Diagnostic, arguments: &[OsString]) -> Exit {
    let is_json = asks_for(arguments, "--json");
    let screen = Screen::new(is_json, asks_for(arguments, "--no-color"));
    let screen = screen.summarized(asks_for_summary(arguments));
    match command(arguments) {
        Some("validate") if is_json => {
            screen.object(&validate::answer(false, &diagnostic.into(), &Sources::new()));
        }
        _ => screen.diagnostic(diagnostic),
    }
    screen.summarize(Exit::Wrong);
    Exit::Wrong
}

/// Returns the first word that is no option.
fn command(arguments: &[OsString]) -> Option<&str> {
    let mut words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    words.find(|word| !word.starts_with('-'))
}

/// Returns true if the arguments, which could not be parsed, are those of a run with a summary.
fn asks_for_summary(arguments: &[OsString]) -> bool {
    matches!(command(arguments), Some("run" | "apply")) && asks_for(arguments, "--summary")
}

/// Returns true if a global option is among the arguments, which could not be parsed.
fn asks_for(typed: &[OsString], option: &str) -> bool {
    typed.iter().take_while(|argument| *argument != "--").any(|argument| argument == option)
}

/// Returns the error for tools: its first line is the summary, tips and usage are the remedies.
fn diagnostic(error: &clap::Error, typed: &[OsString]) -> Diagnostic {
    let is_bare = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if [is_bare, ErrorKind::MissingSubcommand].contains(&error.kind()) {
        return Diagnostic::error("invalid-option", "no command is given")
            .help("the commands: arcbook -help");
    }
    let text = error.render().to_string();
    let text = spelled(&text, typed);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let summary = lines.next().unwrap_or_default();
    let summary = summary.strip_prefix("error: ").unwrap_or(summary);
    let mut detail: Vec<&str> = Vec::new();
    let mut found = Diagnostic::error("invalid-option", summary);
    for line in lines.filter(|line| !line.starts_with("For more information")) {
        match (line.strip_prefix("tip: "), line.strip_prefix("Usage: ")) {
            (Some(tip), _) => found = found.help(tip),
            (_, Some(usage)) => found = found.help(format!("usage: {usage}")),
            _ => detail.push(line),
        }
    }
    if found.help.is_empty() {
        found = found.help("the options of each command: arcbook COMMAND -help");
    }
    found.maybe_detail((!detail.is_empty()).then(|| detail.join("\n")))
}

/// Returns `text` with the options spelled as the user types them: with two dashes if one of them has two.
fn spelled<'a>(text: &'a str, typed: &[OsString]) -> Cow<'a, str> {
    let has_two = |argument: &OsString| argument.to_str().is_some_and(has_two_dashes);
    if typed.iter().any(has_two) { text.into() } else { with_one_dash(text) }
}

/// Prints the error, or the help. It quotes arguments: if a terminal would act on one of them, the whole text
/// is escaped and has no colors.
fn print(error: &clap::Error, typed: &[OsString], no_color: bool) -> io::Result<()> {
    let is_error = error.use_stderr();
    let is_terminal = if is_error { io::stderr().is_terminal() } else { io::stdout().is_terminal() };
    let rendered = error.render();
    let plain = rendered.to_string();
    let text = match visible(&plain) {
        Cow::Borrowed(_) if is_terminal && !is_monochrome(no_color) => rendered.ansi().to_string(),
        Cow::Borrowed(_) => plain,
        Cow::Owned(escaped) => escaped,
    };
    let text = spelled(&text, typed);
    if is_error { io::stderr().write_all(text.as_bytes()) } else { io::stdout().write_all(text.as_bytes()) }
}
