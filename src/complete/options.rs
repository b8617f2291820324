//! Commands and options.

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::answer::{Answer, Candidate};
use crate::cli::Cli;

/// The program as it is typed, every command with the options that all have.
pub fn program() -> Command {
    let mut program = Cli::command();
    program.build();
    program
}

/// The option with that long name.
pub fn long<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|argument| argument.get_long() == Some(name))
}

/// Returns true if the argument takes a value.
pub fn takes_value(argument: &Arg) -> bool {
    argument.get_action().takes_values()
}

/// The commands within the program, or within a command.
pub fn commands(command: &Command, begun: &str) -> Answer {
    let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
    let candidates = shown.flat_map(|command| {
        let aliases = command.get_visible_aliases().map(str::to_owned).filter(|_| !begun.is_empty());
        let help = summary(command.get_about());
        let named = move |name: String| Candidate::new(name, help.clone());
        std::iter::once(command.get_name().to_owned()).chain(aliases).map(named).collect::<Vec<_>>()
    });
    Answer::of(candidates, begun)
}

/// The options of a command that may still be given, with as many dashes as `begun` has, or one.
pub fn of(command: &Command, given: &[(&Arg, String)], begun: &str) -> Answer {
    let dashes = if begun.starts_with("--") { "--" } else { "-" };
    let may_come = |argument: &&Arg| {
        let is_given = given.iter().any(|(earlier, _)| earlier.get_id() == argument.get_id());
        !argument.is_hide_set() && (!is_given || matches!(argument.get_action(), ArgAction::Append))
    };
    let candidates = command.get_arguments().filter(may_come).filter_map(|argument| {
        let name = argument.get_long()?;
        Some(Candidate::new(format!("{dashes}{name}"), summary(argument.get_help())))
    });
    Answer::of(candidates, begun)
}

/// The first sentence of a help text.
fn summary(help: Option<&clap::builder::StyledStr>) -> String {
    let text = help.map(ToString::to_string).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    line.split_once("; ").map_or(line, |(first, _)| first).to_owned()
}
