//! Describes the blocks of a plan by its listing alone, for plan files, which have no expressions.

use std::collections::BTreeMap;

use super::meaning::{BlockForm, BlockKind, Form};
use crate::plan::{ListedStep, ListedWhen, Listing, Named};
use crate::runbook::{OnError, RunOn};
use crate::value::{Value, show_inline};

/// Returns the variables, identities, steps and outputs of a listing, with their values as a plan shows them.
pub fn listed(listing: &Listing) -> Vec<BlockForm> {
    let mut blocks = named(BlockKind::Variable, "var", &listing.variables);
    for identity in &listing.identities {
        blocks.push(block(BlockKind::Identity, identity.address.clone(), values(&identity.arguments)));
    }
    for step in &listing.steps {
        blocks.push(block(BlockKind::Step, step.address.clone(), parts(step)));
    }
    blocks.extend(named(BlockKind::Output, "output", &listing.outputs));
    blocks
}

fn block(kind: BlockKind, address: String, parts: BTreeMap<String, Form>) -> BlockForm {
    BlockForm { kind, address, parts, is_inner: false }
}

fn named(kind: BlockKind, prefix: &str, values: &Named) -> Vec<BlockForm> {
    let one = |(name, value): (&str, Value)| {
        let parts = BTreeMap::from([("value".to_owned(), shown(&value))]);
        block(kind, format!("{prefix}.{name}"), parts)
    };
    values.to_values().map(one).collect()
}

fn values(named: &Named) -> BTreeMap<String, Form> {
    named.to_values().map(|(name, value)| (name.to_owned(), shown(&value))).collect()
}

fn shown(value: &Value) -> Form {
    Form::phrase(show_inline(value, usize::MAX))
}

/// Returns the parts of a step that its listing has.
fn parts(step: &ListedStep) -> BTreeMap<String, Form> {
    let mut parts = values(&step.arguments);
    let mut add = |name: &str, text: String| parts.insert(name.to_owned(), Form::phrase(text));
    match &step.when {
        ListedWhen::Decided(true) => {}
        ListedWhen::Decided(false) => drop(add("when", "false".to_owned())),
        ListedWhen::Later(later) => drop(add("when", later.clone())),
    }
    if let Some(acts_as) = &step.acts_as {
        add("identity", acts_as.clone());
    }
    if step.run_on != RunOn::default() {
        add("run_on", format!("\"{}\"", step.run_on.as_str()));
    }
    if step.on_error == OnError::Continue {
        add("on_error", "\"continue\"".to_owned());
    }
    if let Some(each_of) = &step.each_of {
        add("for_each", format!("({each_of})"));
    }
    parts
}
