//! The beginning of a script.

use std::fmt::Write as _;

use crate::plan::Plan;
use crate::runbook::Runbook;
use crate::value::show_inline;

use super::block::{Uses, Writer};
use super::prelude;
use super::word::{comment, quoted};

/// Writes the beginning of the script, with the functions that the commands need.
pub(super) fn head(runbook: &Runbook, plan: &Plan, writer: &Writer<'_>, commands: &str) -> String {
    let Uses { names, ids, lines, lists, tokens, digests, files } = writer.uses;
    let description = runbook.settings.description.as_deref().unwrap_or_default();
    let mut head = "#!/usr/bin/env bash\n#\n".to_owned();
    head += &comment(format!("{}: {description}", runbook.name).trim_end_matches([':', ' ']));
    head += "#\n# arcbook wrote this script from the plan of the runbook: the requests of a run, one after another, as commands of curl and jq.\n\
             # It keeps no record, and undoes nothing.\n#\n";
    let tools = if digests { "curl, jq and openssl" } else { "curl and jq" };
    let _ = writeln!(head, "# It needs bash 4.4 or later, {tools}.");
    if tokens {
        head += "# It acts as the managed identity of this machine: run it as root, or as a member of the group himds.\n";
    }
    if files {
        head += "# Run it in the directory of the runbook: the files that it sends are named from there.\n";
    }
    head += &values(runbook, plan);
    head += "\n";
    head += prelude::BEGIN;
    for setting in writer.platform.settings {
        let is_used = commands.contains(&format!("${}", setting.variable)) || tokens;
        if is_used {
            let _ = writeln!(head, "{}=${{{}:-{}}}", setting.variable, setting.environment, setting.value);
        }
    }
    let definitions: Vec<&str> = writer.variables.definitions.iter().map(|one| one.as_str()).collect();
    if definitions.is_empty() {
        head += "definitions=\n";
    } else {
        let _ = write!(head, "\n# Functions of jq.\ndefinitions={}\n", quoted(&definitions.join("\n")));
    }
    let names_option = commands.contains(" -var ");
    let functions = [
        (true, if names_option { prelude::FAIL_WITH_OPTION } else { prelude::FAIL }),
        (tokens, writer.platform.token),
        (true, prelude::SEND),
        (lists, prelude::LIST),
        (names, prelude::NAME),
        (ids, prelude::ID),
        (lines, prelude::LINE),
        (commands.contains("\nshow "), prelude::SHOW),
    ];
    for (_, function) in functions.into_iter().filter(|(is_used, _)| *is_used) {
        let _ = write!(head, "\n{function}");
    }
    head += prelude::NO_ARGUMENTS;
    let programs = if digests { "curl jq openssl" } else { "curl jq" };
    let _ = write!(
        head,
        "\nfor program in {programs}; do\n  command -v \"$program\" >/dev/null || fail \"$program is not installed\"\ndone\n"
    );
    head
}

/// Writes the values of the variables as a comment.
fn values(runbook: &Runbook, plan: &Plan) -> String {
    let values = runbook.variables.iter().zip(&plan.variables);
    let values: Vec<String> = values
        .map(|(variable, value)| {
            let is_secret = value.has_deep_marks();
            let value = if is_secret { "(sensitive value)".to_owned() } else { show_inline(value, 100) };
            format!("{} = {value}", variable.name.value)
        })
        .collect();
    if values.is_empty() {
        return String::new();
    }
    let other = "For others, export it again: arcbook export -var NAME=VALUE …";
    comment(&format!("\nIts variables have these values:\n  {}\n{other}", values.join("\n  ")))
}
