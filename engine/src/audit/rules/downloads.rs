//! Rules about what a runbook fetches and uses.

use std::collections::HashMap;

use super::code::{is_program, remote_scripts, written_files};
use super::digests::Compared;
use super::loaders::{Load, load, load_in_script};
use super::scripts::{processes, scripted};
use super::transport::leaves_cloud;
use super::values::behind;
use super::words::{views, words};
use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::graph::NodeId;
use crate::plan::host;
use crate::runbook::Step;
use crate::step::{Process, Safety, Text};

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "download-without-digest",
    level: Level::Warning,
    title: "a download is used without a look at its digest",
    explanation: "The file is whatever the host serves at that moment. Steps that write a response from outside of the cloud \
        into a file count, steps that write the body of such a response into a program, and programs such as `curl` and \
        `wget` that save what another machine sends, or give it to another program; also in a script for another machine. A \
        condition that compares a digest of exactly that file or response is such a look: `filesha256()` of the path, \
        `sha256()` of the body, or the output `sha256` of the step that wrote the file. Conditions are those of `precondition`, \
        `postcondition`, `check`, `when` and `until`; a digest that is only an output is none.",
    prevents: "Supply-chain attacks by a replaced file (SLSA; CWE-494).",
    remedy: "compare `filesha256(path)` with the published digest in a later step, before the file is used",
    check: download,
}];

/// Returns true if a request of the step reads from outside of the cloud.
fn reads_outside(subject: &Subject<'_>, view: &StepView<'_>) -> bool {
    view.planned.actions.iter().any(|action| {
        let of = |url: &Text| host(&url.to_string());
        let outside = action.request().is_some_and(|request| leaves_cloud(subject, view, &of(&request.url)));
        outside && action.safety == Safety::Reads
    })
}

/// Tells what the programs and the scripts of a step load.
fn loads(view: &StepView<'_>) -> Load {
    let by_program = |process: &Process| load(&views(&words(process)));
    let programs = processes(view).map(by_program);
    let scripts = scripted(view).into_iter().map(|one| load_in_script(&one.text()));
    let remote = remote_scripts(view).map(|(_, text)| load_in_script(&text));
    programs.chain(scripts).chain(remote).max().unwrap_or(Load::Nothing)
}

/// Returns the argument that tells where a download goes to.
fn place(view: &StepView<'_>) -> &'static str {
    let remote = remote_scripts(view).map(|(argument, _)| argument);
    ["save_to", "argv"]
        .into_iter()
        .chain(remote)
        .find(|name| view.written(name).is_some())
        .unwrap_or_default()
}

fn download<'a>(subject: &Subject<'a>) -> Vec<Found> {
    let compared = Compared::of(subject);
    let loaded: Vec<(StepView<'a>, Load, bool)> =
        subject.steps().map(|view| (view, loads(&view), reads_outside(subject, &view))).collect();
    let outside: HashMap<NodeId, &'a Step> = loaded
        .iter()
        .filter(|(_, load, reads)| *reads || *load != Load::Nothing)
        .map(|(view, ..)| (view.planned.node, view.step))
        .collect();
    let mut found = Vec::new();
    for (view, load, reads) in &loaded {
        let saves = *reads && written_files(view).next().is_some();
        if (saves || *load == Load::Used) && !compared.has_file(subject, view) {
            found.push(view.found(place(view), "a file from elsewhere that nothing compares with a digest"));
        }
        if outside.is_empty() || !written_files(view).any(is_program) {
            continue;
        }
        let nodes = behind(subject, view.planned.node);
        let mut from = nodes.iter().filter_map(|node| outside.get(node).copied());
        if from.any(|step| !compared.has_result(step)) && !compared.has_file(subject, view) {
            let message =
                "a response from elsewhere becomes a program, and nothing compares it with a digest";
            found.push(view.found("content", message));
        }
    }
    found
}
