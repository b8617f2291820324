//! The sources of the values of options and arguments.

use std::path::{Path, PathBuf};

use arcbook_engine::explain::{Group, topics};
use arcbook_engine::journal::Directory;
use arcbook_steps::registry;
use clap::{Arg, Command};

use super::addresses;
use super::answer::{Answer, Candidate};
use super::line::Line;
use super::options::takes_value;
use super::runbook::Written;
use crate::azure;
use crate::commands::JOURNAL;

/// The source of the values of an option or an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody can tell: a number, a time, a text.
    Nothing,
    /// The words that the argument takes.
    Words,
    /// Directories, and files with these endings; any file where there is none.
    Files(&'static [&'static str]),
    /// The runs on record, and files with these endings.
    Runs(&'static [&'static str]),
    /// The addresses in the runbook; for targets, `all` too.
    Addresses,
    /// The variables of the runbook.
    Variables,
    /// Everything that can be explained.
    Topics,
}

/// No file, and so only directories: none ends like this.
const DIRECTORIES: &[&str] = &["/"];
/// At most so many runs are offered.
const RUNS: usize = 200;

impl Source {
    /// The source of the values of an argument of a command; none where it has not been decided.
    pub fn of(command: &Command, argument: &Arg) -> Option<Self> {
        if !takes_value(argument) || !argument.get_possible_values().is_empty() {
            return Some(Self::Words);
        }
        Some(match (command.get_name(), argument.get_id().as_str()) {
            (_, "journal" | "token_dir" | "from" | "policy") | ("init", "directory") => {
                Self::Files(DIRECTORIES)
            }
            (_, "roles" | "baseline") => Self::Files(&["json"]),
            (_, "var_file") => Self::Files(&["hcl", "json"]),
            ("report", "out") => Self::Files(&["html", "md", "xml"]),
            ("report", "plan") => Self::Files(&["plan", "runbook.hcl"]),
            (_, "out" | "plan") => Self::Files(&["plan"]),
            (_, "trace" | "ca_file" | "state") => Self::Files(&[]),
            (_, "sign" | "key" | "plan_key" | "require_signature") => Self::Files(&["pem", "key", "pub"]),
            (_, "world") => Self::Files(&["lab.hcl"]),
            (_, "target" | "exclude") => Self::Addresses,
            (_, "var") => Self::Variables,
            (_, "against" | "resume") | ("console", "run") => Self::Runs(&[]),
            ("show" | "verify", "run") => Self::Runs(&["plan", "jsonl", "jsonl.gz"]),
            ("report", "run") => Self::Runs(&["plan", "runbook.hcl", "jsonl", "jsonl.gz"]),
            ("undo", "run") | ("output", "words") => Self::Runs(&["jsonl", "jsonl.gz"]),
            ("run" | "permissions", "path") | ("diff", "old" | "new") => {
                Self::Files(&["runbook.hcl", "plan"])
            }
            ("fmt", "paths") => Self::Files(&["hcl"]),
            ("undo" | "output", "runbook") | (_, "path") => Self::Files(&["runbook.hcl"]),
            ("explain", "name") => Self::Topics,
            (
                _,
                "parallelism" | "timeout" | "lock_timeout" | "wait_for_agent" | "fault" | "port"
                | "himds_port" | "imds_port" | "latency" | "digest" | "resource" | "head" | "older_than"
                | "keep" | "revision" | "for_machine" | "explain" | "custom_role" | "identity"
                | "assignable_scope" | "ship" | "to",
            ) => Self::Nothing,
            _ => return None,
        })
    }

    /// The values of `argument` that go on from `begun`.
    pub fn answer(self, argument: &Arg, line: &Line<'_>, begun: &str) -> Answer {
        match self {
            Self::Nothing => Answer::default(),
            Self::Words => words(argument, begun),
            Self::Files(endings) => Answer::files(endings),
            Self::Runs(endings) => runs(line, begun, endings),
            Self::Addresses => {
                let written = Written::read(&runbook(line));
                let found = written.map(|written| addresses::of(&written, begun)).unwrap_or_default();
                let all = (argument.get_id() == "target").then(|| Candidate::new("all", "everything"));
                Answer::of(found.into_iter().chain(all), begun)
            }
            Self::Variables => {
                let written = Written::read(&runbook(line));
                let names = written.iter().flat_map(|written| written.labels("variable"));
                let names = names.filter_map(|labels| labels.first().map(|name| format!("{name}=")));
                Answer::of(names.map(|name| Candidate::new(name, "variable")), begun)
            }
            Self::Topics => explained(line.positionals(), begun),
        }
    }
}

/// The runbook that the line is about.
fn runbook(line: &Line<'_>) -> PathBuf {
    let path = line.value("path").unwrap_or(".");
    let home = std::env::home_dir();
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    }
}

fn words(argument: &Arg, begun: &str) -> Answer {
    let values = argument.get_possible_values();
    let candidates = values.iter().map(|value| {
        Candidate::new(value.get_name(), value.get_help().map(ToString::to_string).unwrap_or_default())
    });
    Answer::of(candidates, begun)
}

/// The newest runs first; files too, once a path is begun.
fn runs(line: &Line<'_>, begun: &str, endings: &'static [&'static str]) -> Answer {
    let directory = line.value("journal").map(PathBuf::from);
    let directory = directory.or_else(|| std::env::var_os("ARCBOOK_JOURNAL").map(PathBuf::from));
    let directory = directory.unwrap_or_else(|| Path::new(JOURNAL).to_owned());
    let ids = Directory::new(directory).ids().unwrap_or_default();
    let is_plain =
        |id: &String| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let newest = ids.into_iter().rev().filter(|id| is_plain(id) && id.starts_with(begun)).take(RUNS);
    let latest = Candidate::new("latest", "the newest run");
    let runs = newest.map(|id| {
        let begun = moment(&id).unwrap_or_else(|| "a run".to_owned());
        Candidate::new(id, begun)
    });
    let answer = Answer::of(std::iter::once(latest).chain(runs), begun);
    if endings.is_empty() { answer } else { answer.or_files(endings) }
}

/// The moment in the name of a run, as people read it.
fn moment(id: &str) -> Option<String> {
    let (date, time) = (id.get(..8)?, id.get(9..15)?);
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(date) && is_number(time)).then(|| {
        let [year, month, day] = [&date[..4], &date[4..6], &date[6..]];
        let [hour, minute, second] = [&time[..2], &time[2..4], &time[4..]];
        format!("{year}-{month}-{day} {hour}:{minute}:{second} UTC")
    })
}

/// Names, and the words of their groups; after such a word, the names of that group.
fn explained(before: &[String], begun: &str) -> Answer {
    let registry = registry(&azure::public());
    let all = topics(&registry);
    let group = match before {
        [] => None,
        [word] => match Group::ALL.into_iter().find(|group| group.word() == word) {
            Some(group) => Some(group),
            None => return Answer::default(),
        },
        _ => return Answer::default(),
    };
    let named = all.iter().filter(|topic| group.is_none_or(|group| topic.group() == group));
    let mut candidates: Vec<Candidate> = Vec::new();
    for topic in named {
        // A name that is of several groups is offered once: all of them are explained.
        if candidates.iter().all(|candidate| candidate.word != topic.name()) {
            candidates.push(Candidate::new(topic.name(), topic.summary()));
        }
    }
    Answer::of(candidates, begun)
}

#[cfg(test)]
mod tests {
    use super::super::options::program;
    use super::*;

    #[test]
    fn of_every_argument_it_is_decided_what_completes_it() {
        let program = program();
        let commands = program.get_subcommands().filter(|command| !command.is_hide_set());
        for command in commands.flat_map(|command| command.get_subcommands().chain([command])) {
            for argument in command.get_arguments() {
                let name = (command.get_name(), argument.get_id().as_str());
                assert!(
                    Source::of(command, argument).is_some(),
                    "{name:?} completes to nothing anyone chose"
                );
            }
        }
    }

    #[test]
    fn the_moment_of_a_run_is_in_its_name() {
        assert_eq!(moment("20261122-101500.123-1a2b3c").as_deref(), Some("2026-11-22 10:15:00 UTC"));
        for other in ["yesterday", "", "2026112é-101500.123", "20261122"] {
            assert_eq!(moment(other), None, "{other}");
        }
    }
}
