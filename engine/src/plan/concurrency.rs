//! Evaluates the limits on the steps that run at once, beside that of the whole run.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::evaluate;
use crate::graph::{Block, Blocks, Item, ModuleId, Modules, Node};
use crate::runbook::Runbook;
use crate::syntax::{Expression, Reference};
use crate::value::{Data, Type, Value, convert};

use super::{State, When};

/// The index of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LimitId(usize);

impl LimitId {
    /// Returns the limit with that index.
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self(index)
    }

    /// Returns the index, counted from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// A limit on the steps that run at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The steps that count towards it.
    pub of: Limited,
    /// The maximum number of steps that run at once.
    pub most: usize,
}

/// The steps that count towards a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limited {
    /// The instances of the step block with this address: its `concurrency`.
    Instances(String),
    /// The steps with this `limit`.
    Steps(Arc<str>),
}

impl fmt::Display for Limited {
    /// Writes the argument that sets the limit: `step.type.name.concurrency` or `limits.name`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instances(address) => write!(f, "{address}.concurrency"),
            Self::Steps(name) => write!(f, "limits.{name}"),
        }
    }
}

/// The limits of a plan, and the limits of each step block in the runbook and its modules.
#[derive(Clone, Debug, Default)]
pub struct Concurrency {
    limits: Vec<Limit>,
    blocks: HashMap<Block, Vec<LimitId>>,
}

impl Concurrency {
    /// Evaluates the limits; all variables and local values that are known before the run are in `state`.
    pub fn of(blocks: &Blocks, state: &State, found: &mut Diagnostics) -> Self {
        let mut limits = Self::default();
        let mut shared: HashMap<&str, LimitId> = HashMap::new();
        for (place, inside) in blocks.runbooks.iter().enumerate() {
            for (index, step) in inside.runbook.steps.iter().enumerate() {
                let block = Block { place, item: Item::Step(index) };
                if let Some(expression) = &step.control.concurrency {
                    let address = format!("{}{}", inside.prefix, step.address);
                    let most = smallest(state, place, expression, &address, found);
                    let of = Limited::Instances(address);
                    limits.add(block, None, most.map(|most| Limit { of, most }));
                }
                if let Some(name) = step.control.limit.as_ref().map(|name| name.value.as_str()) {
                    let of = Limited::Steps(name.into());
                    let limit = size(blocks, name).map(|most| Limit { of, most });
                    if let Some(id) = limits.add(block, shared.get(name).copied(), limit) {
                        shared.insert(name, id);
                    }
                }
            }
        }
        limits
    }

    /// Makes a block count towards a limit that exists already, or else towards a new one.
    fn add(&mut self, block: Block, id: Option<LimitId>, new: Option<Limit>) -> Option<LimitId> {
        let id = match (id, new) {
            (Some(id), _) => id,
            (None, new) => {
                self.limits.push(new?);
                LimitId(self.limits.len() - 1)
            }
        };
        self.blocks.entry(block).or_default().push(id);
        Some(id)
    }

    /// Returns the sizes of the limits, by their indices.
    pub fn sizes(&self) -> impl Iterator<Item = usize> {
        self.limits.iter().map(|limit| limit.most)
    }

    /// Returns a limit.
    #[must_use]
    pub fn limit(&self, id: LimitId) -> &Limit {
        &self.limits[id.index()]
    }

    /// Returns the limits that a node counts towards while it runs.
    #[must_use]
    pub fn of_node(&self, modules: &Modules, node: &Node) -> &[LimitId] {
        let Node::Item { module, item, .. } = node else { return &[] };
        let block = Block { place: modules.get(*module).place, item: *item };
        self.blocks.get(&block).map_or(&[], Vec::as_slice)
    }
}

/// Returns the size of a shared limit: that of the root runbook, else the smallest in a module.
fn size(blocks: &Blocks, name: &str) -> Option<usize> {
    let in_runbook = |runbook: &Runbook| {
        let limits = runbook.settings.limits.iter().flatten();
        limits.filter(|limit| &*limit.name.value == name).map(|limit| limit.most).min()
    };
    let (root, modules) = blocks.runbooks.split_first()?;
    in_runbook(&root.runbook)
        .or_else(|| modules.iter().filter_map(|module| in_runbook(&module.runbook)).min())
}

/// Returns the smallest `concurrency` of a step block in the modules at `place`: the block has one limit, whatever each
/// module is given.
fn smallest(
    state: &State,
    place: usize,
    expression: &Expression,
    address: &str,
    found: &mut Diagnostics,
) -> Option<usize> {
    let modules = state.modules.iter().filter(|(_, module)| module.place == place).map(|(id, _)| id);
    let modules = modules.filter(|id| *state.when(*id) != When::No);
    modules.filter_map(|id| most(state, id, expression, address, found)).min()
}

/// Evaluates the `concurrency` of the step block at `address`; none if it is null.
fn most(
    state: &State,
    module: ModuleId,
    expression: &Expression,
    address: &str,
    found: &mut Diagnostics,
) -> Option<usize> {
    // The check of references has reported these: the number is one for all instances.
    let is_of_instance = |reference: &Reference| matches!(&*reference.root.value, "each" | "count" | "self");
    if expression.references().iter().any(is_of_instance) {
        return None;
    }
    let value = match evaluate(expression, &state.scope(module)) {
        Ok(value) => value,
        Err(errors) => {
            found.append(errors.about(address));
            return None;
        }
    };
    let wrong = |what: &str, label: &str, help: &str| {
        Diagnostic::error("invalid-argument", format!("`concurrency` {what}"))
            .at(expression.span, label)
            .help(help)
            .about(address)
    };
    if value.is_marked() {
        let summary = "`concurrency` must not be sensitive or ephemeral";
        let error = Diagnostic::error("sensitive-setting", summary).at(expression.span, "this is");
        let help = "everyone sees how many steps run at once: use a public number";
        found.push(error.help(help).about(address));
        return None;
    }
    let number = convert(&value, &Type::Number).ok();
    match number.as_ref().map(Value::data) {
        Some(Data::Null(_)) => None,
        Some(Data::Number(number)) if number.to_usize().is_some_and(|most| most > 0) => number.to_usize(),
        Some(Data::Unknown(_)) => {
            found.push(wrong(
                "must be known before the run",
                "this is known only during the run",
                "use a constant, or variables and local values that do not depend on steps",
            ));
            None
        }
        _ => {
            found.push(wrong(
                "is not a number of steps",
                "cannot be used",
                "write a whole number, at least 1",
            ));
            None
        }
    }
}
