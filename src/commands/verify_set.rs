//! `arcbook verify -from`: checks the records of several machines.

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal::{Audit, HeadFound, LeftOut};
use serde_json::json;

use super::verify_directory::{LIMIT, problems, say, to_json};
use crate::exit::Exit;
use crate::from::Source;
use crate::screen::Screen;

/// Checks the records of each machine; `head` is the digest that a run printed at its end.
pub fn perform(source: &Source, head: Option<&str>, screen: &Screen) -> Exit {
    let audits = source.set.audit(head);
    let machines = || source.set.machines.iter().map(|machine| machine.name.as_str()).zip(&audits);
    let mut found = Diagnostics::new();
    for (machine, audit) in machines() {
        // The head may be that of any machine.
        found.append(problems(audit, None).about(machine));
    }
    let is_here = |audit: &Audit| audit.head.as_ref().is_some_and(|head| *head != HeadFound::Lost);
    if let Some(head) = head.filter(|_| !audits.iter().any(is_here)) {
        let summary = format!("no record has the digest {}", head.to_ascii_lowercase());
        found.push(
            Diagnostic::error("record-missing", summary)
                .detail("The record of that run was not uploaded, or was removed or altered.")
                .help("check that the digest is of a run of one of these machines"),
        );
    }
    let left_out = source.left_out();
    let is_whole = found.is_empty() && !left_out.has_errors();
    let exit = if is_whole { Exit::Done } else { Exit::Failed };
    if screen.json {
        for (machine, audit) in machines() {
            let is_whole = problems(audit, None).is_empty();
            let mut object = to_json(audit, head, is_whole);
            object["machine"] = json!(machine);
            screen.object(&object);
        }
        let left_out = source.set.left_out.iter().map(|LeftOut { name, why, may_be_record }| {
            json!({ "name": name, "because": why, "may_be_record": may_be_record })
        });
        let left_out: Vec<_> = left_out.collect();
        screen.object(&json!({ "whole": is_whole, "machines": audits.len(), "left_out": left_out }));
        return exit;
    }
    for (machine, audit) in machines() {
        say(audit, machine, screen);
    }
    match (audits.is_empty(), head) {
        (true, _) => screen.line("There are no records."),
        (false, None) => screen.line(&format!("No other record names the newest one of a machine. {LIMIT}")),
        (false, Some(_)) => {}
    }
    found.append(left_out);
    screen.diagnostic(found);
    exit
}
