//! Describes who ran a run, where, and with which approval.

use std::fmt::Write;

use crate::diagnostic::visible_line;
use crate::run::RunStarted;
use crate::step::Setting;

/// The person, the program and the principal of a run, and its approval.
#[derive(Clone, Debug)]
pub struct Who<'a> {
    /// The start of the run, with the user, the host, the command line, the versions and the approval.
    pub started: &'a RunStarted,
    /// The principal, in facts from the tokens of the run; empty if none was acquired, or none names it.
    pub principal: Setting,
}

/// Describes it in one line per question, for the head of a page about the run.
#[must_use]
pub fn who_lines(who: &Who<'_>) -> String {
    let RunStarted { by, command, versions, approval, identity, setting, plan, .. } = who.started;
    let principal = match who.principal.is_empty() {
        true => "principal not known: no token named it".to_owned(),
        false => who.principal.to_string(),
    };
    let system = [&versions.os, &versions.kernel].into_iter().flatten().map(String::as_str);
    let system: Vec<&str> = system.chain([versions.architecture.as_str()]).collect();
    let approved = match plan {
        Some(sha256) => format!("{}, sha256 {sha256}", approval.words()),
        None => approval.words().to_owned(),
    };
    let lines = [
        ("Who", by.to_string()),
        ("As", format!("{identity}; {principal}")),
        ("On", if setting.is_empty() { "an unrecorded environment".to_owned() } else { setting.to_string() }),
        ("With", format!("arcbook {} on {}", versions.arcbook, system.join(", "))),
        ("Command", command.join(" ")),
        ("Approved", approved),
    ];
    let mut text = String::new();
    for (name, line) in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:<9} {}", visible_line(&line));
    }
    text
}
