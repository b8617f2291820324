//! `arcbook verify -from`: checks the records of several machines.

use arcbook_engine::attest::compare_with_claims;
use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal::{Audit, Condition, HeadFound, LeftOut, MachineRecords};
use serde_json::json;

use super::verify_directory::{LIMIT, nothing_signed, problems_with, say, to_json};
use super::verify_signature::Signed;
use crate::exit::Exit;
use crate::from::Source;
use crate::screen::Screen;
use crate::signing::claimed_end;

/// Checks the records of each machine, and that they are signed, if a key is given; `head` is the digest that a run printed
/// at its end.
pub fn perform(source: &Source, head: Option<&str>, signed: Option<&Signed>, screen: &Screen) -> Exit {
    let audits = audited(source, head);
    if signed.is_some() && audits.iter().all(|audit| audit.records.is_empty() && audit.absent.is_empty()) {
        return super::failed(screen, nothing_signed("that place"));
    }
    let machines = || source.set.machines.iter().zip(&audits);
    let problems: Vec<Diagnostics> =
        machines().map(|(machine, audit)| of_machine(machine, audit, signed)).collect();
    let whole: Vec<bool> = problems.iter().map(Diagnostics::is_empty).collect();
    let mut found = Diagnostics::new();
    for ((machine, _), problems) in machines().zip(problems) {
        found.append(problems.about(&machine.name));
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
        for ((machine, audit), is_whole) in machines().zip(whole) {
            let mut object = to_json(audit, head, is_whole);
            object["machine"] = json!(machine.name);
            screen.object(&object);
        }
        let left_out = source.set.left_out.iter().map(|LeftOut { name, why, may_be_record }| {
            json!({ "name": name, "because": why, "may_be_record": may_be_record })
        });
        let left_out: Vec<_> = left_out.collect();
        let problems = signed.map(|_| found.iter().map(Diagnostic::in_one_line).collect::<Vec<_>>());
        screen.object(&json!({ "whole": is_whole, "problems": problems, "machines": audits.len(), "left_out": left_out }));
        return exit;
    }
    for (machine, audit) in machines() {
        say(audit, &machine.name, screen);
    }
    if signed.is_some() && is_whole && !audits.is_empty() {
        screen.line("Each of them is signed.");
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

/// Checks the records of each machine, also against the ends that their signatures name.
pub fn audited(source: &Source, head: Option<&str>) -> Vec<Audit> {
    let mut audits = source.set.audit(head);
    for (machine, audit) in source.set.machines.iter().zip(&mut audits) {
        compare_with_claims(audit, |run| claimed_end(machine.file(run)?));
    }
    audits
}

/// Returns the errors of a machine's records. A head may be that of any machine.
fn of_machine(machine: &MachineRecords, audit: &Audit, signed: Option<&Signed>) -> Diagnostics {
    let unsigned = |run: &str, condition: &Condition| signed?.problem(machine.file(run)?, condition);
    let lost = signed.map(|_| Signed::lost(machine.signed(), audit)).unwrap_or_default();
    problems_with(audit, None, unsigned, lost)
}
