//! What a step gave in an earlier run.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value as Json;

use super::Past;
use crate::graph::{Item, Node};
use crate::plan::{Plan, is_whole, shape};
use crate::runbook::Step;
use crate::step::Response;
use crate::value::{Entries, Type, Value, convert};

/// The outputs of a step, as a record has them: those that are whole.
///
/// What holds a phrase for something that is not shown may not be what it was, and is left out.
#[must_use]
pub fn recorded(outputs: &Json) -> Entries {
    let outputs = outputs.as_object().into_iter().flatten();
    let whole = outputs.filter(|(_, value)| is_whole(value));
    whole
        .filter_map(|(name, value)| Some((Arc::from(name.as_str()), Value::from_json(value).ok()?)))
        .collect()
}

/// The object of a step that gave these outputs in an earlier run; none when something of it is not in the record.
#[must_use]
pub fn object(step: &Step, outputs: &Json) -> Option<Value> {
    let mut recorded = recorded(outputs);
    let schema = step.step_type.schema();
    let mut entries = Entries::new();
    for field in &schema.outputs {
        entries.insert(field.name.into(), convert(&recorded.remove(field.name)?, &field.ty).ok()?);
    }
    if schema.response != Response::None && outputs.get("body").is_some() {
        for name in ["body", "extract"] {
            entries.insert(name.into(), convert(&recorded.remove(name)?, &Type::Any).ok()?);
        }
    }
    Some(Value::object(entries))
}

/// The place of the last cleanup of a run in the order of what it changed; behind all others when nobody knows whether it
/// was done.
#[must_use]
pub fn cleaned_up(past: &Past, plan: &Plan) -> Option<usize> {
    let cleans_up = |node: &Node| match node {
        Node::Item { module, item: Item::Step(index), .. } => {
            plan.state.runbook(*module).steps[*index].control.run_on.is_cleanup()
        }
        _ => false,
    };
    let cleanups = plan.graph.nodes().map(|(_, node)| node).filter(|node| cleans_up(node));
    let cleanups: HashSet<String> = cleanups.map(|node| shape(&plan.state.modules.address(node))).collect();
    let done = past.deeds.iter().filter(|(address, _)| cleanups.contains(&shape(address)));
    done.map(|(_, deed)| deed.outcome.as_ref().map_or(usize::MAX, |outcome| outcome.at)).max()
}
