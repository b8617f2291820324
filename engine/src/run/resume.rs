//! Whether a run can go on from where another one stopped.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Item, Node};
use crate::plan::{self, AddressIndex, Plan, StepIndex, shown};
use crate::redact::{Salt, Secrets, redact_json};
use crate::runbook::Runbook;
use crate::source::Sources;
use crate::value::Value;

use super::{Deed, Past};

/// What keeps a run of `plan` from resuming `past`: what a change depended on is not what it was.
#[must_use]
pub fn check(
    past: &Past,
    runbook: &Runbook,
    plan: &Plan,
    sources: &Sources,
    secrets: &Secrets,
) -> Diagnostics {
    let left_out = AddressIndex::of(plan.left_out.iter().map(|left| (left.address.as_str(), ())));
    let checked = Check { past, plan, steps: StepIndex::new(plan), left_out, sources, secrets };
    let mut found = Diagnostics::new();
    if past.runbook != runbook.name {
        let detail = format!("it is of the runbook `{}`, this is `{}`", past.runbook, runbook.name);
        found.push(checked.refuse(&detail));
        return found;
    }
    found.extend(checked.variables(runbook));
    found.extend(past.deeds.iter().filter_map(|(address, deed)| checked.step(address, deed)));
    found
}

struct Check<'a> {
    past: &'a Past,
    plan: &'a Plan,
    steps: StepIndex<'a>,
    left_out: AddressIndex<'a, ()>,
    sources: &'a Sources,
    secrets: &'a Secrets,
}

impl Check<'_> {
    fn refuse(&self, detail: &str) -> Diagnostic {
        Diagnostic::error(
            "cannot-resume",
            format!("the run {} cannot be resumed: {detail}", self.past.lineage.run),
        )
        .help("make it what it was, or run the runbook from its beginning: leave out `-resume`")
    }

    fn variables(&self, runbook: &Runbook) -> Vec<Diagnostic> {
        let now: BTreeMap<&str, &Value> = runbook
            .variables
            .iter()
            .map(|variable| &*variable.name.value)
            .zip(&self.plan.variables)
            .collect();
        let then = self.past.variables.as_object().into_iter().flatten();
        then.filter(|(name, then)| !self.is_same(name, then, now.get(name.as_str()).copied()))
            .map(|(name, _)| match now.get(name.as_str()) {
                None => self.refuse(&format!("the variable `{name}` is gone")),
                Some(_) => self.refuse(&format!("the variable `{name}` has another value")),
            })
            .collect()
    }

    fn is_same(&self, name: &str, then: &Json, now: Option<&Value>) -> bool {
        let Some(now) = now else { return false };
        match self.past.seals.get(name) {
            Some(seal) => Salt::parse(&self.past.salt).and_then(|salt| salt.seal(now)).as_ref() == Some(seal),
            // The record has it as it was shown then: without what was known to be a secret.
            None => redact_json(self.secrets, shown(now)) == *then,
        }
    }

    fn step(&self, address: &str, deed: &Deed) -> Option<Diagnostic> {
        if self.left_out.find(address).is_some() {
            // What it changed is not looked at.
            return None;
        }
        let Some(step) = self.steps.find(address) else {
            let detail = format!("{address} changed something, and is not in the runbook any more");
            return Some(self.refuse(&detail));
        };
        let Node::Item { module, item: Item::Step(index), .. } = *self.plan.graph.get(step.node) else {
            return None;
        };
        let now = plan::definition(&self.plan.state, self.sources, module, index);
        (now != deed.definition).then(|| {
            let header = self.plan.state.runbook(module).steps[index].header;
            self.refuse(&format!("{address} changed something, and is another step now"))
                .at(header, "its arguments, or the values they are made from, are written differently")
        })
    }
}
