//! Checks the program of `exec` and its arguments.

use arcbook_engine::step::{Arg, ArgumentError};
use arcbook_engine::value::PathStep;

/// A program and its arguments, each of which may be unknown.
pub(super) type Argv = Vec<Arg<String>>;

/// Returns the errors in the program and its arguments.
pub(super) fn check_argv(argument: &'static str, argv: &Arg<Argv>) -> Vec<ArgumentError> {
    let Some(parts) = argv.value() else { return Vec::new() };
    if parts.is_empty() {
        let error = ArgumentError::new(argument, "must name a program");
        return vec![error.help("write the program first, then its arguments: `[\"ls\", \"-l\"]`")];
    }
    let at = |index: usize, message: &str| {
        ArgumentError::value(message)
            .inside(PathStep::Index(index))
            .inside(PathStep::Attribute(argument.into()))
    };
    let error = |(index, part): (usize, &Arg<String>)| match part {
        part if part.is_sensitive() => Some(
            at(index, "must not be sensitive: every user of the machine can see the arguments of a program")
                .help("pass the secret in `environment` or `stdin`")
                .secret(),
        ),
        Arg::Known { value, .. } if value.contains('\0') => {
            Some(at(index, "must not contain a null character"))
        }
        Arg::Known { value, .. } if index == 0 && value.is_empty() => Some(at(index, "must name a program")),
        _ => None,
    };
    parts.iter().enumerate().filter_map(error).collect()
}
