//! Rules about what a runbook fetches and uses.

use std::collections::{HashMap, HashSet};

use super::scripts::{processes, scripted};
use super::transport::leaves_cloud;
use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::graph::{Edge, Item, Node, NodeId};
use crate::plan::{PlannedStep, host};
use crate::program::{Started, name as program};
use crate::runbook::Rule;
use crate::source::Sources;
use crate::step::{ActionKind, FileWrite, Process, Safety, Text};
use crate::syntax::{Expression, ExpressionKind};

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "download-without-digest",
    level: Level::Warning,
    title: "a download is used without a look at its digest",
    explanation: "The file is whatever the host serves at that moment. Steps that write a response from outside of the cloud \
        into a file count, steps that write the body of such a response into a program, and programs such as `curl` and \
        `wget`. A digest of the file or of the response, computed in the runbook, is such a look: `filesha256()` of the path, \
        or `sha256()` of the body. A `postcondition` without one is none.",
    prevents: "Supply-chain attacks by a replaced file (SLSA; CWE-494).",
    remedy: "compare `filesha256(path)` with the published digest in a later step, before the file is used",
    check: download,
}];

/// The programs that download.
const LOADERS: [&str; 6] = ["curl", "wget", "aria", "invoke-webrequest", "iwr", "start-bitstransfer"];

/// The functions that compute a digest.
const DIGESTS: [&str; 9] = [
    "filesha256",
    "filesha512",
    "filebase64sha256",
    "filebase64sha512",
    "sha256",
    "sha512",
    "base64sha256",
    "base64sha512",
    "filesha1",
];

/// The endings of files that are run or installed.
const ENDINGS: [&str; 14] =
    ["sh", "bash", "ps1", "psm1", "bat", "cmd", "exe", "msi", "py", "pl", "rb", "deb", "rpm", "run"];

/// Returns true if a program downloads, by itself or in a script.
fn loads(view: &StepView<'_>, process: &Process) -> bool {
    let is_loader = |word: &str| LOADERS.contains(&program(word).as_str());
    let words = process.argv.known().into_iter().flatten().filter_map(Text::reveal);
    // A wrapper names the program among its arguments.
    let starts = words.take(1).any(|word| is_loader(&word));
    let in_script =
        |script: String| script.split(|next: char| !next.is_alphanumeric() && next != '-').any(is_loader);
    starts || scripted(view).iter().any(|one| in_script(one.text())) || is_wrapped(process, &is_loader)
}

/// Returns true if a program of this kind is behind another one that starts it.
fn is_wrapped(process: &Process, is_it: &impl Fn(&str) -> bool) -> bool {
    let Some(argv) = process.argv.known() else { return false };
    let known: Vec<Option<String>> = argv.iter().map(Text::reveal).collect();
    let words: Vec<Option<&str>> = known.iter().map(Option::as_deref).collect();
    let started = Started::of(&words);
    let is_there = |at: usize| words[at].is_some_and(is_it) && started.at(at);
    (1..words.len()).any(is_there)
}

/// Returns true if a request of the step reads from outside of the cloud.
fn reads_outside(subject: &Subject<'_>, view: &StepView<'_>) -> bool {
    view.planned.actions.iter().any(|action| {
        let of = |url: &Text| host(&url.to_string());
        let outside = action.request().is_some_and(|request| leaves_cloud(subject, view, &of(&request.url)));
        outside && action.safety == Safety::Reads
    })
}

fn written_files(step: &PlannedStep) -> impl Iterator<Item = &FileWrite> {
    step.actions.iter().filter_map(|action| match &action.kind {
        ActionKind::WriteFile(file) => Some(file),
        _ => None,
    })
}

/// Returns true if a file is one that is run: by its mode, by its ending or by its directory.
fn is_program(file: &FileWrite) -> bool {
    let path = file.path.to_string().replace('\\', "/").to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let is_inside = ["/bin/", "/sbin/", "/cron.d/", "/cron.daily/", "/init.d/", "/systemd/system/"];
    file.mode.is_some_and(|mode| mode & 0o111 != 0)
        || ENDINGS.contains(&ending)
        || is_inside.iter().any(|directory| path.contains(directory))
}

/// Returns the steps whose results may be in a value of the step: those that it refers to, also through values of names.
fn sources(subject: &Subject<'_>, id: NodeId) -> HashSet<NodeId> {
    let graph = &subject.plan.graph;
    let (mut open, mut seen, mut steps) = (vec![id], HashSet::from([id]), HashSet::new());
    while let Some(next) = open.pop() {
        for (needed, why) in graph.needs_with_reason(next) {
            if matches!(why, Edge::DependsOn(_) | Edge::Token) || !seen.insert(needed) {
                continue;
            }
            match graph.get(needed) {
                Node::Item { item: Item::Step(_), .. } => drop(steps.insert(needed)),
                _ => open.push(needed),
            }
        }
    }
    steps
}

/// Returns the arguments of the calls that compute a digest, as they are written.
fn digests(subject: &Subject<'_>) -> Vec<String> {
    let mut arguments = Vec::new();
    for runbook in subject.runbooks() {
        let rules =
            runbook.steps.iter().flat_map(|step| step.preconditions.iter().chain(&step.postconditions));
        let rules = rules.flat_map(Rule::expressions);
        runbook.expressions().chain(rules).for_each(|one| digests_in(one, subject.sources, &mut arguments));
    }
    arguments
}

fn digests_in(expression: &Expression, sources: &Sources, arguments: &mut Vec<String>) {
    expression.walk(&mut |part| {
        if let ExpressionKind::Call(call) = &part.kind
            && DIGESTS.contains(&call.function())
        {
            arguments.extend(call.arguments.iter().map(|argument| sources.text(argument.span).to_owned()));
        }
    });
}

/// Returns true if a digest is computed of the file or the response of a step: the call names its path, the step, or one of
/// the steps that the file is made from.
fn is_checked(subject: &Subject<'_>, view: &StepView<'_>, digests: &[String], from: &[&str]) -> bool {
    let text = |expression: &Expression| subject.sources.text(expression.span).to_owned();
    let mut own = vec![view.step.address.to_string()];
    own.extend(from.iter().map(ToString::to_string));
    own.extend(["save_to", "path"].iter().filter_map(|name| view.written(name).map(text)));
    if let Some(ExpressionKind::Tuple(elements)) = view.written("argv").map(|argv| &argv.kind) {
        own.extend(elements.iter().map(text));
    }
    let mut of_result = Vec::new();
    let rules = view.step.postconditions.iter();
    rules.for_each(|rule| digests_in(&rule.condition, subject.sources, &mut of_result));
    !of_result.is_empty()
        || digests.iter().any(|written| own.iter().any(|one| written.contains(one.as_str())))
}

fn download(subject: &Subject<'_>) -> Vec<Found> {
    let digests = digests(subject);
    let outside: HashMap<NodeId, &str> = subject
        .steps()
        .filter(|view| reads_outside(subject, view))
        .map(|view| (view.planned.node, &*view.step.address))
        .collect();
    let mut found = Vec::new();
    for view in subject.steps() {
        let saves = outside.contains_key(&view.planned.node) && written_files(view.planned).next().is_some();
        let fetches = saves || processes(&view).any(|process| loads(&view, process));
        if fetches && !is_checked(subject, &view, &digests, &[]) {
            let argument = ["save_to", "argv"].into_iter().find(|name| view.written(name).is_some());
            let message = "a file from elsewhere that nothing compares with a digest";
            found.push(view.found(argument.unwrap_or_default(), message));
        }
        let installs = !outside.is_empty() && written_files(view.planned).any(is_program);
        let from = if installs { sources(subject, view.planned.node) } else { HashSet::new() };
        let from: Vec<&str> = from.iter().filter_map(|node| outside.get(node).copied()).collect();
        if !from.is_empty() && !is_checked(subject, &view, &digests, &from) {
            let message =
                "a response from elsewhere becomes a program, and nothing compares it with a digest";
            found.push(view.found("content", message));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_program_is_known_by_its_mode_or_its_path() {
        for (path, mode, expected) in [
            ("/tmp/x", Some(0o755), true),
            ("/tmp/x", Some(0o644), false),
            ("/tmp/x", None, false),
            ("install.sh", None, true),
            ("/usr/local/bin/x", Some(0o644), true),
            ("/etc/cron.d/x", None, true),
            ("notes.txt", Some(0o600), false),
        ] {
            let file = FileWrite { path: Text::from(path), mode };
            assert_eq!(is_program(&file), expected, "{path}");
        }
    }
}
