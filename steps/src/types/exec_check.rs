//! Checks the arguments of `exec`.

use std::collections::BTreeMap;

use arcbook_engine::step::{Arg, ArgumentError};
use arcbook_engine::value::PathStep;

use crate::process::{DEFAULT_NAMES, is_withheld};

/// A program and its arguments, each of which may be unknown.
pub(super) type Argv = Vec<Arg<String>>;

/// Environment variables by name, with values that may each be unknown or sensitive.
pub(super) type Variables = BTreeMap<String, Arg<String>>;

/// Parts of the names of variables that hold secrets.
const SECRET_WORDS: [&str; 8] = ["TOKEN", "SECRET", "PASSW", "KEY", "CRED", "AUTH", "CONNECTION", "COOKIE"];

/// Returns true if the value of the variable `name` may be a secret, by its name.
pub(super) fn may_hold_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    !DEFAULT_NAMES.contains(&name) && SECRET_WORDS.iter().any(|word| upper.contains(word))
}

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
                .help("pass the secret in `environment` or `stdin`"),
        ),
        Arg::Known { value, .. } if value.contains('\0') => {
            Some(at(index, "must not contain a null character"))
        }
        Arg::Known { value, .. } if index == 0 && value.is_empty() => Some(at(index, "must name a program")),
        _ => None,
    };
    parts.iter().enumerate().filter_map(error).collect()
}

/// Returns the errors in the variables to set.
pub(super) fn check_environment(variables: &Arg<Variables>) -> Vec<ArgumentError> {
    let Some(entries) = variables.value() else { return Vec::new() };
    let at = |name: &String, message: &str| {
        ArgumentError::value(message)
            .inside(PathStep::Key(name.as_str().into()))
            .inside(PathStep::Attribute("environment".into()))
    };
    let error = |(name, value): (&String, &Arg<String>)| {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Some(at(name, "must have a name without `=`"));
        }
        let has_null = value.value().is_some_and(|value| value.contains('\0'));
        has_null.then(|| at(name, "must not contain a null character"))
    };
    // The names in a sensitive map are not shown.
    let is_sensitive = variables.is_sensitive();
    let hide = |error: ArgumentError| {
        if is_sensitive { ArgumentError::new("environment", error.message) } else { error }
    };
    entries.iter().filter_map(error).map(hide).collect()
}

/// Returns the errors in the names of arcbook's own variables.
pub(super) fn check_inherited(names: &Arg<Vec<String>>) -> Vec<ArgumentError> {
    let error = |(index, name): (usize, &String)| {
        is_withheld(name).then(|| {
            ArgumentError::value("must not be a variable of arcbook itself, which may contain secrets")
                .inside(PathStep::Index(index))
                .inside(PathStep::Attribute("inherit_environment".into()))
                .help("pass the value that the program needs in `environment`")
        })
    };
    names.value().into_iter().flatten().enumerate().filter_map(error).collect()
}
