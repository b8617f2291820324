//! Examines a runbook by the rules.

use indexmap::map::Entry;
use indexmap::{IndexMap, IndexSet};
use time::Date;

use super::all::may_be_allowed;
use super::allowing::Allowing;
use super::declassified::declassified;
use super::fingerprint::{Fingerprint, Fingerprints};
use super::policy_rules::{DENIES, WARNS};
use super::suppression::{Suppression, suppressions};
use super::suppression_rules::{EXPIRED, INVALID, UNUSED};
use super::{Allowed, AuditReport, AuditRule, Baseline, Finding, Found, Release, Rules, Subject};
use crate::diagnostic::did_you_mean;
use crate::diagnostic::json::JsonRange;
use crate::plan::shape;
use crate::runbook::SecretPlaces;
use crate::source::Span;

/// The format number of a report.
const FORMAT: u32 = 2;

/// A place that breaks a rule, with all instances that do.
type Group = (&'static AuditRule, Found, IndexSet<String>);

/// Examines a runbook by the rules; findings of the baseline do not count.
#[must_use]
pub fn examine(subject: &Subject<'_>, rules: &Rules, baseline: Option<&Baseline>) -> AuditReport {
    let today = subject.plan.clock().planned().date();
    let files = subject.runbook().all_files().into_iter();
    let mut comments = Allowing::new(files.flat_map(|file| suppressions(file, subject.sources)).collect());
    let allowed: Vec<(Group, Option<Allowed>)> = groups(subject, rules)
        .into_iter()
        .map(|group| {
            let (rule, found, _) = &group;
            let line = subject.sources.start(found.span).line;
            let may = may_be_allowed(rule);
            let allowed = may.then(|| comments.allow(rule.id, found.span, line, today)).flatten();
            (group, allowed)
        })
        .collect();
    let about_comments = comments.all().flat_map(|(comment, used)| about(comment, used, rules, today));
    let mut all: Vec<(Group, Option<Allowed>)> =
        allowed.into_iter().chain(about_comments.map(|group| (group, None))).collect();
    let path = |span: Span| subject.sources.file(span.file).path();
    all.sort_by(|((a_rule, a, _), _), ((b_rule, b, _), _)| {
        (path(a.span), a.span.start, a_rule.id).cmp(&(path(b.span), b.span.start, b_rule.id))
    });
    let mut fingerprints = Fingerprints::new(subject.sources, SecretPlaces::of(subject.runbook()));
    let known = baseline.map(Baseline::known).unwrap_or_default();
    let findings: Vec<Finding> = all
        .into_iter()
        .map(|((rule, found, others), allowed)| {
            let Fingerprint { place: fingerprint, content } = fingerprints.of(rule.id, found.span);
            Finding {
                rule: rule.id.to_owned(),
                level: rule.level,
                message: found.message,
                address: found.address,
                others: others.into_iter().collect(),
                range: JsonRange::new(found.span, subject.sources),
                in_baseline: known.contains(&(fingerprint.as_str(), content.as_str())),
                fingerprint,
                content,
                allowed,
                remedy: rule.remedy.to_owned(),
                prevents: rule.prevents.to_owned(),
                page: rule.page(),
            }
        })
        .collect();
    AuditReport {
        format: FORMAT,
        runbook: subject.listing.runbook.clone(),
        gone: baseline.map_or(0, |baseline| baseline.gone(&findings)),
        findings,
        released: released(subject),
        policies: Vec::new(),
    }
}

/// Returns what the rules find; the same at one place in several instances is one.
fn groups(subject: &Subject<'_>, rules: &Rules) -> Vec<Group> {
    let mut groups: IndexMap<(&str, Span, String), Group> = IndexMap::new();
    for rule in rules.iter() {
        for found in (rule.check)(subject) {
            // Instances differ in their keys alone; policies say what they like.
            let is_policy = [DENIES.id, WARNS.id].contains(&rule.id);
            let message = if is_policy { found.message.clone() } else { shape(&found.message) };
            match groups.entry((rule.id, found.span, message)) {
                Entry::Vacant(entry) => drop(entry.insert((rule, found, IndexSet::new()))),
                Entry::Occupied(mut entry) => {
                    let (_, first, others) = entry.get_mut();
                    let is_new = |address: &String| first.address.as_ref() != Some(address);
                    others.extend(found.address.filter(is_new));
                }
            }
        }
    }
    groups.into_values().collect()
}

/// Returns what is wrong with a comment that allows something.
fn about(comment: &Suppression, used: bool, rules: &Rules, today: Date) -> Vec<Group> {
    let found = |rule, message: String| (rule, Found::at(comment.span, message), IndexSet::new());
    if let Some(error) = comment.error {
        return vec![found(&INVALID, error.to_owned())];
    }
    let unknown: Vec<Group> = comment
        .rules
        .iter()
        .filter(|id| rules.get(id).is_none())
        .map(|id| {
            let help = did_you_mean(id, rules.iter().map(|rule| rule.id));
            let help = help.map(|help| format!(": {help}")).unwrap_or_default();
            found(&INVALID, format!("no rule has the id `{id}`{help}"))
        })
        .collect();
    if !unknown.is_empty() {
        return unknown;
    }
    match comment.until.filter(|until| *until < today) {
        Some(until) => vec![found(&EXPIRED, format!("the comment allowed this until {until}"))],
        None if !used => vec![found(&UNUSED, "the comment allows nothing that a rule finds here".to_owned())],
        None => Vec::new(),
    }
}

fn released(subject: &Subject<'_>) -> Vec<Release> {
    let release = |span, reason| Release { range: JsonRange::new(span, subject.sources), reason };
    declassified(subject).into_iter().map(|one| release(one.span, one.comment)).collect()
}
