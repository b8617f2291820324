//! Compares the permissions that a run used with those of a plan.

use std::collections::{BTreeMap, HashMap};

use super::{PlanBeside, ReportedRun};
use crate::diagnostic::Style;
use crate::graph::Acting;
use crate::layout::{Ink, Page, Row};
use crate::plan::{ListedStep, Listing, host, plural, shape};
use crate::step::{ActionFacts, Follow, KindFacts, few};
use crate::timeline::Span;

/// A permission of an identity at a scope: the identity, the name and the scope.
type Key<'a> = (&'a str, &'a str, &'a str);

/// The steps that need a permission, and the number of requests that used it.
#[derive(Default)]
struct Use<'a> {
    steps: Vec<&'a str>,
    requests: usize,
}

/// Writes the permissions of the plan, each with its uses in the run; without a plan, the way to get them.
pub fn page(run: &ReportedRun<'_>) -> Page {
    let mut page = Page::new(Style::default());
    let Some(PlanBeside { listing, .. }) = run.plan else {
        page.prose(
            "A record has the requests of a run, and not the permissions that they need. \
             `arcbook report RUN -plan PLAN` compares them with a plan file, or with the plan of a runbook.",
        );
        return page;
    };
    if let Some(mismatch) = run.mismatch() {
        page.inked(0, Ink::Red, mismatch);
    }
    if run.is_undo() {
        return page;
    }
    let comparison = Comparison::of(run, listing);
    let mut uses: BTreeMap<Key<'_>, Use<'_>> = BTreeMap::new();
    for step in &listing.steps {
        comparison.add(&mut uses, step);
    }
    let row = |((identity, action, scope), used): (&Key<'_>, &Use<'_>)| {
        let words = match used.requests {
            0 => "not used".to_owned(),
            1 => "used by 1 request".to_owned(),
            count => format!("used by {count} requests"),
        };
        Row::of([
            (*action).to_owned(),
            (*scope).to_owned(),
            actor(identity).to_owned(),
            few(&used.steps),
            words,
        ])
    };
    let rows: Vec<Row> = uses.iter().map(row).collect();
    let is_empty = rows.is_empty();
    page.columns("", &["permission", "scope", "identity", "planned for", "in the run"], rows);
    if is_empty {
        page.line(0, "The plan needs no permission.");
    }
    comparison.write_others(&mut page);
    page
}

/// The requests of a run beside the actions of a plan.
struct Comparison<'a> {
    /// The requests of each planned step; those of instances that only the run knows belong to their placeholder.
    sent: HashMap<&'a str, Vec<&'a Span>>,
    /// The steps with requests, each with the step of the plan that it is.
    ran: BTreeMap<&'a str, (Option<&'a ListedStep>, Vec<&'a Span>)>,
    /// The number of planned steps.
    planned: usize,
    /// True if both are of one environment, so that hosts are the same.
    has_hosts: bool,
}

impl<'a> Comparison<'a> {
    fn of(run: &'a ReportedRun<'_>, listing: &'a Listing) -> Self {
        let planned: HashMap<&str, &ListedStep> =
            listing.steps.iter().map(|step| (step.address.as_str(), step)).collect();
        let placeholders = listing.steps.iter().filter(|step| !step.is_certain());
        let placeholders: HashMap<String, &ListedStep> =
            placeholders.map(|step| (shape(&step.address), step)).collect();
        let (mut sent, mut ran) = (HashMap::<&str, Vec<&Span>>::new(), BTreeMap::new());
        for (address, work) in run.work() {
            if work.requests.is_empty() || !run.run.steps.contains_key(address) {
                continue;
            }
            let step = planned.get(address).or_else(|| placeholders.get(&shape(address))).copied();
            if let Some(step) = step {
                sent.entry(&step.address).or_default().extend(&work.requests);
            }
            ran.insert(address, (step, work.requests));
        }
        let has_hosts = run.run.started.is_some_and(|started| started.setting == listing.setting);
        Self { sent, ran, planned: planned.len(), has_hosts }
    }

    /// Adds the permissions of a planned step, with the number of requests that used each.
    fn add(&self, uses: &mut BTreeMap<Key<'a>, Use<'a>>, step: &'a ListedStep) {
        let requests = self.sent.get(step.address.as_str()).map_or(&[][..], Vec::as_slice);
        let acts_as = step.acts_as.as_deref().unwrap_or(Acting::MACHINE);
        for action in &step.actions {
            let count = requests.iter().filter(|request| self.is_of(action, request)).count();
            for needed in &action.needs {
                let entry = uses.entry((acts_as, &needed.action, &needed.scope)).or_default();
                entry.requests += count;
                if entry.steps.last() != Some(&step.address.as_str()) {
                    entry.steps.push(&step.address);
                }
            }
        }
    }

    /// Writes the requests that are of no planned action, and the steps that the plan does not list.
    fn write_others(&self, page: &mut Page) {
        if !self.has_hosts {
            page.prose("The plan is for another environment than the run, so hosts are not compared.");
        }
        let mut others = Vec::new();
        let mut unlisted = Vec::new();
        for (address, (step, requests)) in &self.ran {
            let Some(step) = step else {
                unlisted.push(*address);
                continue;
            };
            let is_other = |request: &&&Span| !step.actions.iter().any(|action| self.admits(action, request));
            let row = |request: &&Span| Row::of([request.name.clone(), (*address).to_owned()]);
            others.extend(requests.iter().filter(is_other).map(row));
        }
        let is_compared = self.ran.len() > unlisted.len();
        if others.is_empty() && unlisted.is_empty() && is_compared {
            page.inked(
                0,
                Ink::Green,
                format_args!("Every request of the {} was planned.", plural(self.planned, "planned step")),
            );
        }
        page.columns("Requests that the plan does not list", &["request", "step"], others);
        if !unlisted.is_empty() {
            page.inked(0, Ink::Red, format_args!("The plan does not list these steps: {}.", few(&unlisted)));
        }
    }

    /// Returns true if a request is one of an action, or may follow from it.
    fn admits(&self, action: &ActionFacts, request: &Span) -> bool {
        self.is_of(action, request) || action.follow != Follow::Nothing
    }

    /// Returns true if a request has the method and the URL of an action, whose unknown parts may be anything.
    fn is_of(&self, action: &ActionFacts, request: &Span) -> bool {
        let KindFacts::Http { method, url, .. } = &action.kind else { return false };
        let Some((sent_method, sent)) = request.name.split_once(' ') else { return false };
        let (sent, url) = (without_query(sent), without_query(url));
        sent_method == method
            && if self.has_hosts {
                matches(&parts(url), sent)
            } else {
                matches(&parts(path(url)), path(sent))
            }
    }
}

/// Returns the words for an identity.
fn actor(acts_as: &str) -> &str {
    if acts_as == Acting::MACHINE { "the machine" } else { acts_as }
}

/// Returns the path of a URL.
fn path(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    &url[(start + host(url).len()).min(url.len())..]
}

fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

/// Returns the known parts of a planned URL: those outside of phrases in parentheses and of alternatives in braces.
fn parts(url: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0_usize);
    for c in url.chars() {
        match c {
            '(' | '{' => {
                if depth == 0 {
                    parts.push(String::new());
                }
                depth += 1;
            }
            ')' | '}' if depth > 0 => depth -= 1,
            c if depth == 0 => parts.last_mut().into_iter().for_each(|part| part.push(c)),
            _ => {}
        }
    }
    parts
}

/// Returns true if `text` has the parts in order, the first at its start and the last at its end. Letters have no case,
/// as in the ids of Azure.
fn matches(parts: &[String], text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let parts: Vec<String> = parts.iter().map(|part| part.to_ascii_lowercase()).collect();
    let Some((first, others)) = parts.split_first() else { return false };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    let Some((last, middle)) = others.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_parts_of_a_url_may_be_anything() {
        for (planned, sent, expected) in [
            ("https://a/b", "https://a/b", true),
            ("https://a/b", "https://a/bc", false),
            ("https://a/B", "https://a/b", true),
            ("https://(known after step.x.y).vault/secrets/z", "https://v01.vault/secrets/z", true),
            ("https://(known after step.x.y).vault/secrets/z", "https://v01.vault/keys/z", false),
            ("https://a/(known after step.x.y[\"(\"])", "https://a/anything", true),
            ("https://a/(x)/b/(y)/c", "https://a/1/b/2/c", true),
            ("https://(x).{blob.a,blob.b}/c", "https://x.blob.a/c", true),
            ("https://a/(x)/b/(y)/c", "https://a/1/2/c", false),
        ] {
            assert_eq!(matches(&parts(planned), sent), expected, "{planned} {sent}");
        }
    }
}
