//! `arcbook runs -from`: the records of several machines in one table.

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal::{Absent, Audit, Audited, Condition, Journal, MachineRecords, RunRecord};
use arcbook_engine::layout::one_line;
use arcbook_engine::step::Setting;
use arcbook_steps::MACHINE;
use serde_json::{Value as Json, json};

use super::verify_set::audited;
use crate::exit::Exit;
use crate::from::Source;
use crate::progress::plural;
use crate::screen::Screen;

/// Lists the records of each machine, and those that are missing there.
pub fn perform(source: &Source, screen: &Screen) -> Exit {
    let audits = audited(source, None);
    if audits.is_empty() && !screen.json {
        screen.line("There are no records.");
    }
    for (machine, audit) in source.set.machines.iter().zip(&audits) {
        if !screen.json {
            heading(machine, audit, screen);
        }
        for record in &audit.records {
            let facts = Facts::of(machine, record);
            if screen.json { screen.object(&facts.json(machine)) } else { screen.line(&facts.line()) }
        }
        for absent in audit.missing() {
            missing(machine, absent, screen);
        }
    }
    // The table is what was asked for; `verify` fails.
    screen.diagnostic(source.left_out().into_iter().map(Diagnostic::into_warning).collect::<Diagnostics>());
    Exit::Done
}

fn heading(machine: &MachineRecords, audit: &Audit, screen: &Screen) {
    let count = plural(audit.records.len(), "record");
    screen.line(&one_line(&format!("{}: {count}", machine.name)));
}

fn missing(machine: &MachineRecords, absent: &Absent, screen: &Screen) {
    let Absent { run, .. } = absent;
    if screen.json {
        screen.object(&json!({ "machine": machine.name, "run": run, "verdict": "missing" }));
    } else {
        screen.line(&format!("  {}  {:<24}  {:<11}  MISSING", one_line(run), "", ""));
    }
}

/// The facts about a record, as far as it can be read.
struct Facts {
    run: String,
    runbook: String,
    at: String,
    status: &'static str,
    verdict: &'static str,
    reason: Option<String>,
    host: Option<String>,
    principal: Setting,
}

impl Facts {
    fn of(machine: &MachineRecords, audited: &Audited) -> Self {
        let (verdict, reason) = match &audited.condition {
            Condition::Whole => ("whole", None),
            Condition::Unfinished => ("unfinished", None),
            Condition::Empty => ("empty", None),
            Condition::Altered(reason) => ("ALTERED", Some(reason.clone())),
            Condition::Unreadable(reason) => ("UNREADABLE", Some(reason.clone())),
        };
        let journal = machine.read(&audited.run);
        let record = journal.as_ref().map(RunRecord::of);
        let status = match record.as_ref().map(|record| record.finished) {
            None if machine.is_removal(&audited.run) => "removal",
            None => "unknown",
            Some(None) => "unfinished",
            Some(Some(finished)) => finished.status.as_str(),
        };
        let started = journal.as_ref().and_then(Journal::started);
        let who = record.as_ref().and_then(RunRecord::who);
        let principal = who.iter().flat_map(|who| &who.actors).find(|acted| acted.acts_as == "machine");
        Self {
            run: audited.run.clone(),
            runbook: started.map(|started| started.runbook.clone()).unwrap_or_default(),
            at: record.as_ref().map(|record| record.at.to_owned()).unwrap_or_default(),
            status,
            verdict,
            reason,
            host: started.and_then(|started| started.by.host.clone()),
            principal: principal.map(|acted| acted.principal.clone()).unwrap_or_default(),
        }
    }

    fn line(&self) -> String {
        let Self { run, runbook, at, status, verdict, reason, .. } = self;
        let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let [run, at] = [run, at].map(|text| one_line(text));
        format!("  {run}  {at:<24}  {status:<11}  {verdict:<10}  {}", one_line(&format!("{runbook}{reason}")))
    }

    fn json(&self, machine: &MachineRecords) -> Json {
        json!({
            "machine": machine.name,
            "run": self.run,
            "runbook": self.runbook,
            "at": self.at,
            "status": self.status,
            "verdict": self.verdict.to_lowercase(),
            "reason": self.reason,
            "host": self.host,
            "resource": self.principal.get(MACHINE),
        })
    }
}
