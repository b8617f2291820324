//! The environment of a program: the variables that the step sets, and those of arcbook that the program gets.

use std::collections::BTreeMap;

use arcbook_engine::step::{Arg, ArgumentError, ErrorKind, StepError, Text, Texts};
use arcbook_engine::value::PathStep;

use crate::environment::Environment;
use crate::process::{is_default, is_withheld, reveals_password};

/// Environment variables by name, with values that may each be unknown or sensitive.
pub(super) type Variables = BTreeMap<String, Arg<String>>;

/// The argument that names arcbook's own variables.
const INHERIT: &str = "inherit_environment";

/// The way in which a program gets a secret of arcbook's environment.
const REMEDY: &str =
    "declare a variable with `sensitive = true`, which `ARCBOOK_VAR_name` sets, and pass it in `environment`";

/// Parts of the names of variables that hold secrets.
const SECRET_WORDS: [&str; 8] = ["TOKEN", "SECRET", "PASSW", "KEY", "CRED", "AUTH", "CONNECTION", "COOKIE"];

/// Words that stand for a secret if one of the words of a name is exactly this.
const WHOLE_SECRET_WORDS: [&str; 4] = ["PAT", "PIN", "PWD", "SAS"];

/// Variables whose names look like those of secrets, and that hold the path of a socket or of a file.
const PATHS: [&str; 4] = ["OLDPWD", "PWD", "SSH_AUTH_SOCK", "XAUTHORITY"];

/// Returns true if the value of the variable `name` may be a secret, by its name.
fn may_hold_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let is_secret = || upper.split('_').any(|word| WHOLE_SECRET_WORDS.contains(&word));
    let contains_secret = || SECRET_WORDS.iter().any(|word| upper.contains(word));
    !is_default(name) && !PATHS.contains(&name) && (contains_secret() || is_secret())
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
        let (message, help) = if is_withheld(name) {
            (
                "must not be a variable of arcbook itself, which may contain secrets",
                "pass the value that the program needs in `environment`",
            )
        } else if may_hold_secret(name) {
            (
                "must not be a variable whose name suggests a secret: nothing would keep its value out of the outputs",
                REMEDY,
            )
        } else {
            return None;
        };
        let error = ArgumentError::value(message).inside(PathStep::Index(index));
        Some(error.inside(PathStep::Attribute(INHERIT.into())).help(help))
    };
    names.value().into_iter().flatten().enumerate().filter_map(error).collect()
}

/// Returns an error if the value of one of arcbook's variables that the program would get contains a password.
pub(super) fn check_values(names: Option<&Arg<Vec<String>>>, own: &Environment) -> Result<(), StepError> {
    let Some(argument) = names else { return Ok(()) };
    let reveals = |name: &&String| own.exact(name).is_some_and(|value| reveals_password(name, value));
    let Some(name) = argument.get()?.iter().find(reveals) else { return Ok(()) };
    let variable =
        if argument.is_sensitive() { "a variable".to_owned() } else { format!("the variable {name}") };
    let summary = format!("{variable} of arcbook contains a password, so the program does not get it");
    Err(StepError::new(ErrorKind::Refused, summary)
        .detail("Nothing would keep the password out of the outputs.")
        .argument(INHERIT)
        .help(REMEDY))
}

/// Returns the names of the variables that the program gets beside the default ones: those that the step sets,
/// and those of arcbook that it lists. A sensitive map may have sensitive names.
pub(super) fn names(set: Option<&Arg<Variables>>, inherited: Option<&Arg<Vec<String>>>) -> Texts {
    let is_set = |name: &String| set.and_then(Arg::value).is_some_and(|set| set.contains_key(name));
    let set = listed(set, |variables| variables.keys().collect());
    let inherited =
        listed(inherited, |names| names.iter().filter(|name| !is_default(name) && !is_set(name)).collect());
    match (set, inherited) {
        (Texts::Known(set), Texts::Known(inherited)) => set.into_iter().chain(inherited).collect(),
        (Texts::Unknown(one), Texts::Unknown(other)) => Texts::Unknown(one.union(&other)),
        (Texts::Unknown(origins), _) | (_, Texts::Unknown(origins)) => Texts::Unknown(origins),
    }
}

fn listed<T>(argument: Option<&Arg<T>>, names: impl FnOnce(&T) -> Vec<&String>) -> Texts {
    match argument {
        None => Texts::default(),
        Some(Arg::Unknown(origins)) => Texts::Unknown(origins.clone()),
        Some(Arg::Partial(text)) => Texts::Unknown(text.origins()),
        Some(Arg::Known { value, sensitive }) => {
            let name = |name: &String| Arg::Known { value: name.clone(), sensitive: *sensitive };
            names(value).into_iter().map(|key| Text::new().then_arg(&name(key), Clone::clone)).collect()
        }
    }
}
