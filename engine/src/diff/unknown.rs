//! Follows changes to accesses that are known only during the run.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::block::{BlockDifference, Change};
use super::meaning::BlockKind;
use super::side::Side;
use crate::plan::{ListedStep, shape};
use crate::value::{Value, read_unknown};

/// The blocks whose results may have another meaning than before.
pub struct Touched<'a> {
    blocks: HashSet<String>,
    /// For each changed step, the origins of its changed arguments that are not known.
    origins: HashMap<&'a str, BTreeSet<String>>,
}

impl<'a> Touched<'a> {
    /// Follows the changes through the steps of the new plan.
    pub fn of(differences: &'a [BlockDifference], new: &Side<'_>) -> Self {
        let is_here = |one: &&BlockDifference| match one.change {
            Change::Added => true,
            Change::Changed => decides(one),
            Change::Removed | Change::Renamed => false,
        };
        let changed: Vec<&BlockDifference> = differences.iter().filter(is_here).collect();
        let mut blocks: HashSet<String> = changed.iter().map(|one| shape(&one.address)).collect();
        let mut users: HashMap<String, Vec<String>> = HashMap::new();
        for (block, step) in new.steps() {
            for origin in step.arguments.to_values().flat_map(|(_, value)| origins(&value)) {
                users.entry(origin).or_default().push(block.to_owned());
            }
        }
        let mut queue: Vec<String> = blocks.iter().cloned().collect();
        while let Some(block) = queue.pop() {
            for user in users.get(&block).into_iter().flatten() {
                if blocks.insert(user.clone()) {
                    queue.push(user.clone());
                }
            }
        }
        let changed = changed.into_iter().filter(|one| one.kind == BlockKind::Step);
        let origins =
            changed.map(|one| (one.address.as_str(), changed_origins(one, new.block(&one.address))));
        Self { blocks, origins: origins.collect() }
    }

    /// Returns true if a text for people, which belongs to these blocks, has a part that is known later and may have
    /// another value than before.
    pub fn may_differ(&self, text: &str, of: &BTreeSet<String>) -> bool {
        let own = || of.iter().filter_map(|block| self.origins.get(block.as_str()));
        let mut rest = text;
        while let Some(at) = rest.find('(') {
            rest = &rest[at..];
            let Some((unknown, length)) = read_unknown(rest) else {
                rest = &rest[1..];
                continue;
            };
            rest = &rest[length..];
            for origin in unknown.iter().map(shape) {
                if self.blocks.contains(&origin) || own().any(|origins| origins.contains(&origin)) {
                    return true;
                }
            }
        }
        false
    }
}

/// The parts of a step that decide neither on what it does nor on its result.
const ASIDE: [&str; 9] = [
    "precondition",
    "postcondition",
    "timeout",
    "retry",
    "on_error",
    "run_on",
    "concurrency",
    "limit",
    "max_failures",
];

/// Returns true if a change of a block may change its result.
fn decides(one: &BlockDifference) -> bool {
    let is_aside = |name: &str| ASIDE.contains(&name.split('.').next().unwrap_or(name));
    one.parts.iter().any(|part| !is_aside(&part.name)) || !one.added_instances.is_empty()
}

fn origins(value: &Value) -> Vec<String> {
    value.origins().iter().map(shape).collect()
}

/// Returns the origins of the unknown arguments of a step that changed.
fn changed_origins(one: &BlockDifference, instances: &[&ListedStep]) -> BTreeSet<String> {
    let names: HashSet<&str> = one.parts.iter().map(|part| part.name.as_str()).collect();
    let of_step = |step: &&ListedStep| -> Vec<String> {
        let values = step.arguments.to_values().filter(|(name, _)| names.contains(name));
        values.flat_map(|(_, value)| origins(&value)).collect()
    };
    instances.iter().flat_map(of_step).collect()
}
