//! `az`: arcbook in place of the Azure CLI, for clients that take their tokens from it.
//!
//! Under that name the program answers the few commands that such clients run, with the identity of this machine, and
//! refuses all others.

mod account;
mod cli;
mod token;
mod version;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use arcbook_engine::diagnostic::Diagnostic;
use clap::Parser as _;

use crate::VERSION;
use crate::exit::Exit;
use crate::screen::Screen;
use cli::{Account, Cli, Command};

/// The name of the program of the Azure CLI.
const NAME: &str = "az";

/// Returns true if the program was started as `az`: through a link, or as a copy of that name.
pub fn is_called(program: Option<&OsString>) -> bool {
    let stem = program.and_then(|program| Path::new(program).file_stem()).and_then(OsStr::to_str);
    stem.is_some_and(|stem| if cfg!(windows) { stem.eq_ignore_ascii_case(NAME) } else { stem == NAME })
}

/// Answers a command of the Azure CLI.
pub fn perform(typed: &[OsString]) -> Exit {
    let screen = Screen::new(false, false);
    let exit = match Cli::try_parse_from(typed) {
        Ok(cli) => answer(&cli.command, &screen),
        Err(error) => refuse(&screen, typed, &error),
    };
    let Some(reason) = screen.failure() else { return exit };
    let summary = format!("the output could not be written: {reason}");
    screen.complain_of_output(&Diagnostic::error("not-written", summary).help("check where it goes"));
    if exit == Exit::Done { Exit::Failed } else { exit }
}

fn answer(command: &Command, screen: &Screen) -> Exit {
    match command {
        Command::Account(Account::GetAccessToken(arguments)) => token::perform(arguments, screen),
        Command::Account(Account::Show) => account::show(screen),
        Command::Account(Account::List) => account::list(screen),
        Command::Version => version::perform(screen),
    }
}

/// Returns the words that a command begins with: `group list` of `group list --name x`.
///
/// They name the command; all others may be values, which no message repeats.
fn name(typed: &[OsString]) -> String {
    let words = typed.iter().skip(1).map_while(|word| word.to_str());
    let is_plain = |word: &&str| {
        !word.starts_with('-') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    words.take_while(is_plain).fold(NAME.to_owned(), |name, word| name + " " + word)
}

/// Prints why a command is not answered.
fn refuse(screen: &Screen, typed: &[OsString], error: &clap::Error) -> Exit {
    let reason = error.kind().as_str().unwrap_or("unrecognized subcommand");
    let summary =
        format!("this `az` is arcbook {VERSION}, which answers a few commands of the Azure CLI only");
    screen.diagnostic(
        Diagnostic::error("az", summary)
            .detail(format!("`{}` cannot be answered: {reason}.", name(typed)))
            .help("it answers `account get-access-token` with one of --resource and --scope, and one of --tenant and --subscription; `account show`, `account list` and `version`; each with `--output json`")
            .help("to use the Azure CLI itself, take the directory of this `az` out of PATH"),
    );
    Exit::Wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_program_decides() {
        for (program, expected) in [
            ("az", true),
            ("/opt/arcbook/bin/az", true),
            ("./arcbook", false),
            ("/az/arcbook", false),
            ("", false),
        ] {
            assert_eq!(is_called(Some(&program.into())), expected, "{program}");
        }
        assert!(!is_called(None));
    }
}
