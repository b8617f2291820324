//! Compares a plan file with the plan made now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde_json::{Map, Value as Json};

use super::{FileDigest, FileFacts, PlanFile};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::{ListedStep, Named};
use crate::step::{ActionFacts, Follow};

/// The maximum number of characters shown of a value.
const SHORT: usize = 160;

/// Members of a step that are derived from others, or compared separately.
const COMPARED_APART: [&str; 13] = [
    "address",
    "title",
    "arguments",
    "actions",
    "secrets",
    "may_send",
    "answered_files",
    "whole_files",
    "sends_addresses",
    "format",
    "answered",
    "unanswered",
    "change",
];

impl PlanFile {
    /// Returns the differences between this earlier file and `now`, a plan made with its salt, time and path.
    /// `remedy` says how to make the file anew.
    ///
    /// Files, variables and steps are reported one by one; derived differences are reported only if nothing
    /// else differs.
    #[must_use]
    pub fn differences(&self, now: &Self, remedy: &str) -> Diagnostics {
        let refused = |difference: Difference| {
            let mut diagnostic = Diagnostic::error("stale-plan", difference.summary)
                .maybe_detail(difference.detail)
                .help(remedy);
            diagnostic.address = difference.address;
            diagnostic
        };
        let mut found = self.maker(now);
        found.extend(self.runbook_name(now));
        found.extend(files(&self.contents.sources, &now.contents.sources));
        found.extend(self.variables(now));
        found.extend(steps(&self.listing().steps, &now.listing().steps));
        found.extend(self.identity(now));
        if found.is_empty() {
            found.extend(rest(self.json(), now.json()));
        }
        found.into_iter().map(refused).collect()
    }

    fn maker(&self, now: &Self) -> Vec<Difference> {
        if self.version() == now.version() {
            return Vec::new();
        }
        let summary =
            format!("the plan was made by arcbook {}, and this is {}", self.version(), now.version());
        vec![Difference::of(summary)]
    }

    fn runbook_name(&self, now: &Self) -> Option<Difference> {
        let (then, now) = (&self.listing().runbook, &now.listing().runbook);
        (then != now).then(|| {
            let summary = format!("the runbook was called `{then}` when the plan was made, and is called `{now}` now");
            let detail = "A runbook has the name of its directory, or of its file where that was named. It was moved or renamed, or the plan file lies beside another runbook.";
            Difference::of(summary).because(detail.to_owned())
        })
    }

    fn identity(&self, now: &Self) -> Option<Difference> {
        let (then, now) = (&self.listing().identity, &now.listing().identity);
        (then != now).then(|| {
            let detail = format!("Planned {then}, now {now}.");
            Difference::of("the steps would use another identity").because(detail)
        })
    }

    fn variables(&self, now: &Self) -> Vec<Difference> {
        let (then, after) = (&self.listing().variables, &now.listing().variables);
        let difference = |name: &str| {
            let detail = match (then.get(name), after.get(name)) {
                (None, _) => return Some(Difference::of(format!("the variable `{name}` is new"))),
                (_, None) => return Some(Difference::of(format!("the variable `{name}` is gone"))),
                (Some(then), Some(now)) if then != now => changed(then, now),
                // Both are hidden in the same way; only their seals can differ.
                _ if self.contents.seals.get(name) != now.contents.seals.get(name) => {
                    "It is sensitive, so the plan has a seal of it and no value: give the one that the plan was made with."
                        .to_owned()
                }
                _ => return None,
            };
            let summary = format!("the variable `{name}` has another value than planned");
            Some(Difference::of(summary).because(detail))
        };
        union(then.names(), after.names()).into_iter().filter_map(difference).collect()
    }
}

/// A difference between the two plans.
struct Difference {
    summary: String,
    detail: Option<String>,
    address: Option<String>,
}

impl Difference {
    fn of(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), detail: None, address: None }
    }

    fn because(self, detail: String) -> Self {
        Self { detail: Some(detail), ..self }
    }
}

fn union<'a, T: Ord + ?Sized>(
    a: impl Iterator<Item = &'a T>,
    b: impl Iterator<Item = &'a T>,
) -> BTreeSet<&'a T> {
    a.chain(b).collect()
}

fn files(then: &[FileFacts], now: &[FileFacts]) -> Vec<Difference> {
    let by_path = |files: &[FileFacts]| {
        let mut by_path: BTreeMap<String, BTreeSet<FileDigest>> = BTreeMap::new();
        for file in files {
            by_path.entry(file.path.clone()).or_default().insert(file.digest.clone());
        }
        by_path
    };
    let (then, now) = (by_path(then), by_path(now));
    let missing = BTreeSet::from([FileDigest::Missing(())]);
    let renamed = renamed(&then, &now);
    let is_renamed = |path: &String| renamed.iter().any(|(was, is)| *was == path || *is == path);
    let difference = |path: &String| {
        let summary = match (then.get(path), now.get(path)) {
            (then, now) if then == now => return None,
            (None, _) => format!("the file {path} is read now, but was not read for the plan"),
            (_, None) => format!("the file {path} is no longer read"),
            (Some(then), _) if *then == missing => {
                format!("the file {path} exists now, but did not when the plan was made")
            }
            (_, Some(now)) if *now == missing => format!("the file {path} no longer exists"),
            _ => format!("the file {path} has changed since the plan was made"),
        };
        Some(Difference::of(summary))
    };
    let told = renamed.iter().map(|(was, is)| Difference::of(format!("the file {was} is called {is} now")));
    let all = union(then.keys(), now.keys()).into_iter().filter(|path| !is_renamed(path));
    told.chain(all.filter_map(difference)).collect()
}

/// Pairs the files that were renamed: the old path and the new one.
fn renamed<'a>(
    then: &'a BTreeMap<String, BTreeSet<FileDigest>>,
    now: &'a BTreeMap<String, BTreeSet<FileDigest>>,
) -> Vec<(&'a String, &'a String)> {
    let mut new: Vec<_> = now.iter().filter(|(path, _)| !then.contains_key(*path)).collect();
    let gone = then.iter().filter(|(path, _)| !now.contains_key(*path));
    gone.filter_map(|(was, digests)| {
        let is_same = |(_, others): &(&String, &BTreeSet<FileDigest>)| *others == digests;
        let is_there = !digests.contains(&FileDigest::Missing(()));
        let at = new.iter().position(is_same).filter(|_| is_there)?;
        Some((was, new.swap_remove(at).0))
    })
    .collect()
}

fn steps(then: &[ListedStep], now: &[ListedStep]) -> Vec<Difference> {
    fn by_address(steps: &[ListedStep]) -> BTreeMap<&str, &ListedStep> {
        steps.iter().map(|step| (step.address.as_str(), step)).collect()
    }
    let (then, now) = (by_address(then), by_address(now));
    let difference = |address: &str| {
        let summary = match (then.get(address), now.get(address)) {
            (Some(then), Some(now)) if then == now => return None,
            (Some(then), Some(now)) => {
                let summary = "the step differs from the plan".to_owned();
                let detail = describe_differences(then, now);
                return Some(Difference { summary, detail: Some(detail), address: Some(address.to_owned()) });
            }
            (None, _) => format!("{address} is not in the plan"),
            (_, None) => format!("{address} is in the plan, but would not run now"),
        };
        Some(Difference::of(summary))
    };
    union(then.keys().copied(), now.keys().copied()).into_iter().filter_map(difference).collect()
}

/// Describes how two steps differ, one line per difference.
fn describe_differences(then: &ListedStep, now: &ListedStep) -> String {
    let mut lines = arguments(&then.arguments, &now.arguments);
    lines.extend(actions(&then.actions, &now.actions));
    let (was, is) = (json(then), json(now));
    lines.extend(members("", &was, &is, &COMPARED_APART));
    lines.extend([planned_change, answered].into_iter().filter_map(|told| {
        let (then, now) = (told(then), told(now));
        (then != now).then(|| format!("in the plan {}, now {}", cut(&then, 0), cut(&now, 0)))
    }));
    if lines.is_empty() {
        lines = members("", &was, &is, &["address"]);
    }
    lines.join("\n")
}

fn json(step: &ListedStep) -> Json {
    // Serialization cannot fail: a step holds strings, numbers and values.
    serde_json::to_value(step).unwrap_or_default()
}

/// Describes the arguments in which two steps differ, one line each.
fn arguments(then: &Named, now: &Named) -> Vec<String> {
    let line = |name: &str| match (then.get(name), now.get(name)) {
        (then, now) if then == now => None,
        (Some(then), Some(now)) => Some(format!("{name}: {}", changed(then, now))),
        (Some(then), None) => Some(format!("{name}: {} in the plan, nothing now", brief(then))),
        (None, now) => now.map(|now| format!("{name}: nothing in the plan, {} now", brief(now))),
    };
    union(then.names(), now.names()).into_iter().filter_map(line).collect()
}

fn planned_change(step: &ListedStep) -> String {
    match &step.change {
        Some(planned_change) => format!("it would {}", planned_change.words()),
        None => "its effect was not asked for".to_owned(),
    }
}

/// Describes whether the result of a step is known.
fn answered(step: &ListedStep) -> String {
    match (step.answered, &step.unanswered) {
        (None, _) => "its results were not asked for".to_owned(),
        (Some(true), _) => "its results are known".to_owned(),
        (Some(false), None) => "its results are unknown".to_owned(),
        (Some(false), Some(why)) => format!("its results are unknown ({why})"),
    }
}

/// Describes the actions that only one of two steps performs, one line each.
fn actions(then: &[ActionFacts], now: &[ActionFacts]) -> Vec<String> {
    let only = |actions: &[ActionFacts], others: &[ActionFacts], when: &str| -> Vec<String> {
        let actions = actions.iter().filter(|action| !others.contains(action));
        actions.map(|one| format!("{} {when}: {}", one.noun(), action(one, others))).collect()
    };
    [only(then, now, "in the plan"), only(now, then, "now")].concat()
}

/// Describes an action in one line, with its token, permissions and paging if `others` contains one with the
/// same line.
fn action(action: &ActionFacts, others: &[ActionFacts]) -> String {
    let mut line = action.line();
    if others.iter().any(|other| other.line() == line) {
        let token = action.sent_token().map(|audience| format!(", token for {audience}"));
        let needs =
            action.needs.iter().map(|needed| format!(", needs {} at {}", needed.action, needed.scope));
        let follow = match action.follow {
            Follow::Nothing => "",
            Follow::Pages => ", and its further pages",
            Follow::Operation => ", and the polls of its operation",
            Follow::Blocks => ", in blocks if the file is large",
            Follow::Ranges => ", in ranges if the answer is large",
        };
        line.extend(token.into_iter().chain(needs));
        line.push_str(follow);
    }
    line
}

/// Describes the members in which two objects differ, one line each, except those named in `told`.
fn members(prefix: &str, then: &Json, now: &Json, told: &[&str]) -> Vec<String> {
    let none = Map::new();
    let (then, now) = (then.as_object().unwrap_or(&none), now.as_object().unwrap_or(&none));
    let line = |name: &String| match (then.get(name), now.get(name)) {
        _ if told.contains(&name.as_str()) => None,
        (Some(then), Some(now)) if then == now => None,
        (Some(then), Some(now)) => Some(format!("{prefix}{name}: {}", changed(then, now))),
        (Some(then), None) => Some(format!("{prefix}{name}: {} in the plan, nothing now", brief(then))),
        (None, Some(now)) => Some(format!("{prefix}{name}: nothing in the plan, {} now", brief(now))),
        (None, None) => None,
    };
    union(then.keys(), now.keys()).into_iter().filter_map(line).collect()
}

/// Returns a remaining difference, in a member that is not compared one by one.
fn rest(then: &Json, now: &Json) -> Option<Difference> {
    (then != now).then(|| {
        let outer = members("", then, now, &["plan"]);
        let [was, is] = [then, now].map(|file| file.get("plan").unwrap_or(&Json::Null));
        let inner = members("plan.", was, is, &[]);
        Difference::of("the plan has changed").because([outer, inner].concat().join("\n"))
    })
}

fn changed(then: &impl Display, now: &impl Display) -> String {
    let (then, now) = (then.to_string(), now.to_string());
    let same = then.chars().zip(now.chars()).take_while(|(then, now)| then == now).count();
    // Long values are shown from shortly before the first difference.
    let from = if same > SHORT / 2 { same - SHORT / 4 } else { 0 };
    format!("{} in the plan, {} now", cut(&then, from), cut(&now, from))
}

fn brief(value: &impl Display) -> String {
    cut(&value.to_string(), 0)
}

/// Returns a piece of a text, with `…` in place of omitted parts.
fn cut(text: &str, from: usize) -> String {
    let before = if from > 0 { "…" } else { "" };
    let piece: String = text.chars().skip(from).take(SHORT).collect();
    let after = if text.chars().count() > from + SHORT { "…" } else { "" };
    format!("{before}{piece}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::PlannedChange;
    use crate::redact::Redact as _;
    use crate::step;

    #[test]
    fn what_was_asked_is_told_in_words() {
        let step = |change: Option<PlannedChange>| ListedStep {
            change,
            answered: None,
            unanswered: None,
            ..ListedStep::samples("x").remove(0)
        };
        let differs = PlannedChange::Update(vec![step::Difference::new("content_type", "a", "b")]);
        let cases = [
            (Some(PlannedChange::Create), "it would create the object"),
            (Some(differs), "it would update the existing object (~ content_type = \"a\" -> \"b\")"),
            (Some(PlannedChange::unknown("gone")), "it would have an unknown effect (gone)"),
            (None, "its effect was not asked for"),
        ];
        let now = step(Some(PlannedChange::Nothing));
        for (then, words) in cases {
            assert_eq!(
                describe_differences(&step(then), &now),
                format!("in the plan {words}, now it would change nothing")
            );
        }
        let now = |answered, unanswered: Option<&str>| ListedStep {
            answered: Some(answered),
            unanswered: unanswered.map(str::to_owned),
            ..step(None)
        };
        let words = "in the plan its results were not asked for, now its results are known";
        assert_eq!(describe_differences(&step(None), &now(true, None)), words);
        let words =
            "in the plan its results were not asked for, now its results are unknown (it is made first)";
        assert_eq!(describe_differences(&step(None), &now(false, Some("it is made first"))), words);
    }
}
