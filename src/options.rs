//! Errors in the command line, and its help.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{self, Write};

use arcbook_engine::diagnostic::{Diagnostic, visible};
use arcbook_engine::source::Sources;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::commands::validate;
use crate::exit::Exit;
use crate::screen::{Screen, is_monochrome};

/// Prints `error`, as JSON if `typed` asks for it, and returns the exit status.
pub fn tell(error: clap::Error, typed: &[OsString]) -> Exit {
    let error = without_values(error);
    if !error.use_stderr() {
        // A reader that has gone away is no error.
        let _ = print(&error, asks_for(typed, "--no-color"));
        return Exit::Done;
    }
    if asks_for(typed, "--json") {
        let screen = Screen::new(true, true);
        let found = diagnostic(&error).into();
        let command =
            typed.iter().skip(1).find_map(|typed| typed.to_str().filter(|typed| !typed.starts_with('-')));
        match command {
            Some("validate") => screen.object(&validate::answer(false, &found, &Sources::new())),
            _ => screen.diagnostic(found),
        }
    } else {
        let _ = print(&error, asks_for(typed, "--no-color"));
    }
    Exit::Wrong
}

/// Returns true if a global option is among the arguments, which could not be parsed.
fn asks_for(typed: &[OsString], option: &str) -> bool {
    typed.iter().take_while(|argument| *argument != "--").any(|argument| argument == option)
}

/// Removes the unexpected argument from the error about it: after `-var pw = VALUE`, typed with spaces, it is
/// the value. An option is named, without its value.
fn without_values(mut error: clap::Error) -> clap::Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    if let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) {
        let name = argument.split_once('=').map_or(argument.as_str(), |(name, _)| name);
        let shown = if argument.starts_with('-') { name.to_owned() } else { "…".to_owned() };
        error.insert(ContextKind::InvalidArg, ContextValue::String(shown));
    }
    error
}

/// Returns the error for tools: its first line is the summary, tips and usage are the remedies.
fn diagnostic(error: &clap::Error) -> Diagnostic {
    let is_bare = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if [is_bare, ErrorKind::MissingSubcommand].contains(&error.kind()) {
        return Diagnostic::error("invalid-option", "no command is given")
            .help("the commands: arcbook -help");
    }
    let text = error.render().to_string();
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

/// Prints the error, or the help. It quotes arguments: if a terminal would act on one of them, the whole text
/// is escaped, including its colors.
fn print(error: &clap::Error, no_color: bool) -> io::Result<()> {
    let text = error.render().to_string();
    match visible(&text) {
        Cow::Borrowed(_) if !is_monochrome(no_color) => error.print(),
        text if error.use_stderr() => io::stderr().write_all(text.as_bytes()),
        text => io::stdout().write_all(text.as_bytes()),
    }
}
