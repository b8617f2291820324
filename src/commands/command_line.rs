//! The command line as a record holds it: without the values of options.

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory};

use crate::arguments::with_two_dashes;
use crate::cli::Cli;
use crate::values::name_and_value;

/// The text in place of a value.
const VALUE: &str = "…";

/// The arguments without an option whose value is kept: a path of a runbook or of a plan file, and a run.
const KEPT: [&str; 2] = ["path", "run"];

/// Returns the words of a command line: the command, its options by their names, and the path of the runbook.
///
/// The words come from the parsed arguments, so no spelling of an option lets a value through.
pub fn recorded(typed: impl IntoIterator<Item = OsString>) -> Vec<String> {
    let mut command = Cli::command();
    // A command line that cannot be parsed has started no run.
    let Ok(matches) = command.try_get_matches_from_mut(with_two_dashes(typed)) else { return Vec::new() };
    let (mut command, mut matches, mut words) = (&command, &matches, vec![command.get_name().to_owned()]);
    while let Some((name, inner)) = matches.subcommand() {
        words.push(name.to_owned());
        let Some(subcommand) = command.find_subcommand(name) else { return words };
        (command, matches) = (subcommand, inner);
    }
    words.extend(arguments(command, matches));
    words
}

/// Returns the words of the arguments of a command, in their order.
fn arguments(command: &Command, matches: &ArgMatches) -> Vec<String> {
    let is_typed = |argument: &&Arg| {
        let id = argument.get_id().as_str();
        matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    let typed = command.get_arguments().filter(is_typed);
    let mut words: Vec<(usize, String)> = typed.flat_map(|argument| words_of(argument, matches)).collect();
    words.sort();
    words.into_iter().map(|(_, word)| word).collect()
}

/// Returns the words of an argument, each with its position.
fn words_of(argument: &Arg, matches: &ArgMatches) -> Vec<(usize, String)> {
    let id = argument.get_id().as_str();
    let places: Vec<usize> = matches.indices_of(id).into_iter().flatten().collect();
    let Some(name) = argument.get_long() else {
        let is_kept = KEPT.contains(&id);
        let values = raw(matches, id).into_iter();
        let values = values.map(|value| if is_kept { without_secrets(&value) } else { VALUE.to_owned() });
        return places.into_iter().zip(values).collect();
    };
    if !argument.get_action().takes_values() {
        return places.into_iter().map(|at| (at, format!("-{name}"))).collect();
    }
    let variable = |value: &String| (id == "var").then(|| Some(name_and_value(value)?.0.to_owned()))?;
    let word = |value: &String| match variable(value) {
        Some(variable) => format!("-{name} {variable}={VALUE}"),
        None => format!("-{name} {VALUE}"),
    };
    let words: Vec<String> = raw(matches, id).iter().map(word).collect();
    places.into_iter().zip(words).collect()
}

/// Returns the values of an argument as they were typed.
fn raw(matches: &ArgMatches, id: &str) -> Vec<String> {
    let values = matches.get_raw(id).into_iter().flatten();
    values.map(|value| value.to_string_lossy().into_owned()).collect()
}

/// Returns a path without the parts in which a URL carries secrets: the user, the query and the fragment.
fn without_secrets(path: &str) -> String {
    let Some((scheme, rest)) = path.split_once("://") else { return path.to_owned() };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (rest, is_cut) = (&rest[..end], end < rest.len());
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}{}", if is_cut { VALUE } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(typed: &[&str]) -> String {
        recorded(["arcbook"].iter().chain(typed).map(OsString::from)).join(" ")
    }

    #[test]
    fn a_command_line_has_no_values() {
        let cases: [(&[&str], &str); 16] = [
            (&["run"], "arcbook run"),
            (&["apply", "-auto-approve", "site"], "arcbook run -auto-approve site"),
            (&["run", "--auto-approve", "--", "-site"], "arcbook run -auto-approve -site"),
            (&["run", "-var", "pin=hunter2"], "arcbook run -var pin=…"),
            (&["run", "-var=pin=hunter2"], "arcbook run -var pin=…"),
            (&["run", "--var", "pin=hunter2"], "arcbook run -var pin=…"),
            (&["run", "--var=pin=a=hunter2"], "arcbook run -var pin=…"),
            (&["run", "-var", " pin =hunter2"], "arcbook run -var pin=…"),
            (&["run", "-var", "hunter2"], "arcbook run -var …"),
            (&["run", "-var", "=hunter2"], "arcbook run -var …"),
            (
                &["run", "-var", "a=hunter2", "-var-file", "hunter2", "site", "-var", "b=hunter2"],
                "arcbook run -var a=… -var-file … site -var b=…",
            ),
            (&["run", "-target", "step.a.b[\"hunter2\"]", "-timeout=1h"], "arcbook run -target … -timeout …"),
            (&["-json", "run", "-no-color", "-journal", "hunter2"], "arcbook run -no-color -journal …"),
            (&["undo", "-auto-approve", "20261126-1"], "arcbook undo -auto-approve 20261126-1"),
            (&["runs", "prune", "-keep", "3"], "arcbook runs prune -keep …"),
            (&["run", "https://ann:hunter2@git.test/x?token=hunter2"], "arcbook run https://git.test/x…"),
        ];
        for (typed, expected) in cases {
            let words = words(typed);
            assert!(!words.contains("hunter2"), "{typed:?}: {words}");
            assert_eq!(words.replace("-json ", ""), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_path_loses_the_secret_parts_of_a_url() {
        let cases = [
            ("site", "site"),
            ("../a b/c?d#e", "../a b/c?d#e"),
            ("https://h/x", "https://h/x"),
            ("https://u@h", "https://h"),
            ("git::ssh://u:p@w@h:22/x@1?ref=v", "git::ssh://h:22/x@1…"),
            ("https://h#f", "https://h…"),
            ("https://h?a/b@c", "https://h…"),
        ];
        for (path, expected) in cases {
            assert_eq!(without_secrets(path), expected, "{path}");
        }
    }
}
