//! Values for the variables of a runbook on the command line.

use std::path::PathBuf;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::runbook::Inputs;
use arcbook_engine::source::{Disk, Sources};
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

use crate::shell::Shell;

/// Values for the variables of a runbook.
#[derive(Clone)]
pub struct ValueArguments {
    /// The values in the order of the command line: the last value of a variable wins.
    pub given: Vec<GivenValue>,
}

/// One `-var` or `-var-file`.
#[derive(Clone, Debug, PartialEq)]
pub enum GivenValue {
    /// `-var`, as it was typed.
    Typed(String),
    /// `-var-file`.
    File(PathBuf),
}

/// The two options; the parser gives their order by the indices of their values.
#[derive(Args, Clone)]
struct Options {
    /// Set a variable; may be repeated. The last value of a variable on the command line wins.
    #[arg(long, value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// Set variables from a file: HCL, or JSON if its name ends in .json; may be repeated.
    #[arg(long, value_name = "FILE")]
    var_file: Vec<PathBuf>,
}

impl ValueArguments {
    /// Returns whether no value is given.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Adds the values to `inputs`, in their order. Files are those of the disk, even if the runbook is one of a
    /// revision: their values belong to the command.
    pub fn read(&self, inputs: &mut Inputs, sources: &mut Sources, found: &mut Diagnostics) {
        let is_typed = |given: &&GivenValue| matches!(given, GivenValue::Typed(_));
        let all = self.given.iter().filter(is_typed).count();
        let mut number = 0;
        for given in &self.given {
            match given {
                GivenValue::File(path) => drop(found.take(inputs.given_file(path, &Disk, sources))),
                GivenValue::Typed(typed) => {
                    number += 1;
                    if let Some((name, value)) = name_and_value(typed) {
                        inputs.argument(name, value);
                    } else {
                        found.push(without_name(number, all));
                        inputs.note_unread();
                    }
                }
            }
        }
    }
}

impl Args for ValueArguments {
    fn augment_args(command: Command) -> Command {
        Options::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Options::augment_args_for_update(command)
    }
}

impl FromArgMatches for ValueArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let options = Options::from_arg_matches(matches)?;
        let places = |id| matches.indices_of(id).into_iter().flatten();
        let typed = places("var").zip(options.var.into_iter().map(GivenValue::Typed));
        let files = places("var_file").zip(options.var_file.into_iter().map(GivenValue::File));
        let mut given: Vec<_> = typed.chain(files).collect();
        given.sort_by_key(|(place, _)| *place);
        Ok(Self { given: given.into_iter().map(|(_, given)| given).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Parses `NAME=VALUE`, with optional spaces around the name.
pub fn name_and_value(typed: &str) -> Option<(&str, &str)> {
    let (name, value) = typed.split_once('=')?;
    Some((name.trim(), value)).filter(|(name, _)| !name.is_empty())
}

/// Returns the error for a `-var` without a name. The argument may be a secret, so the message gives only its
/// number.
fn without_name(number: usize, all: usize) -> Diagnostic {
    let which = if all == 1 { "`-var`".to_owned() } else { format!("`-var` number {number}") };
    Diagnostic::error("invalid-option", format!("{which} does not name a variable"))
        .help("write `-var NAME=VALUE`, in single quotes where the value has spaces or quotes")
        .maybe_help(Shell::here().about_double_quotes())
}
