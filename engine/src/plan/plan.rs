//! Defines the plan as data.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::expression::functions::Clock;
use crate::graph::{Acting, Blocks, Graph, Item, Node, NodeId};
use crate::runbook::{OnError, RunOn};
use crate::step::{
    Action, Deletion, Effect, HttpRequest, Part, Platform, RecordStore, RemoteCode, Text, Title,
};
use crate::value::Value;

use super::{
    Answered, ArgumentMarks, Concurrency, LeftOut, Limit, PlannedChange, PlannedToken, Selection, Source,
    State, TargetFilter, When,
};

/// The plan of a run, as far as it is known beforehand.
pub struct Plan {
    /// The blocks of the runbook, in evaluation order.
    pub blocks: Blocks,
    /// The dependencies between instances, tokens included.
    pub graph: Graph<Node>,
    /// The values known so far.
    pub state: State,
    /// The values of the variables, in the order of the runbook.
    pub variables: Vec<Value>,
    /// The planned step instances, in the order of the runbook.
    pub steps: Vec<PlannedStep>,
    /// The index in `steps` of each step node.
    pub(super) by_node: HashMap<NodeId, usize>,
    /// The tokens that the run needs, those of the machine first, in the order of their audiences.
    pub tokens: Vec<PlannedToken>,
    /// The files read while planning, in order; paths inside the runbook's directory are relative to it.
    pub files: Vec<String>,
    /// The planned outputs, in the order of the runbook.
    pub outputs: Vec<PlannedOutput>,
    /// The source of the known results.
    pub source: Source,
    /// The selected part of the runbook.
    pub selection: Selection,
    /// The parts outside the selection: steps in the order of the runbook, then outputs and checks.
    pub left_out: Vec<LeftOut>,
    /// The selection, decided node by node.
    pub target_filter: TargetFilter,
    /// The limits on the steps that run at once, beside that of the whole run.
    pub concurrency: Concurrency,
    /// The place that keeps the record of the run, if it leaves the machine.
    pub record: Option<Arc<dyn RecordStore>>,
}

/// A planned step.
pub struct PlannedStep {
    /// The address.
    pub address: String,
    /// The node of the step.
    pub node: NodeId,
    /// For a placeholder of instances not known yet: the phrase that says after which steps they are known.
    pub each_of: Option<String>,
    /// The effect: whether the step changes anything.
    pub effect: Effect,
    /// The `when` condition.
    pub when: When,
    /// The outcomes of earlier steps after which the step runs.
    pub run_on: RunOn,
    /// The effect of a failure on dependent steps.
    pub on_error: OnError,
    /// The number of instances that may fail without failing the run, as far as it is known; none if it is not given.
    pub max_failures: Option<Value>,
    /// The description.
    pub description: Option<String>,
    /// The arguments, in source order.
    pub arguments: Vec<(String, Value)>,
    /// The object that the step reads or changes, in words.
    pub title: Title,
    /// The code that the step lets run elsewhere.
    pub remote_code: Option<RemoteCode>,
    /// The deletion of an object by an action that does not say so.
    pub deletion: Deletion,
    /// True if it keeps a copy of a file that it replaces or removes.
    pub keeps_copies: bool,
    /// The actions of its undo that an argument writes out.
    pub undo_actions: Vec<Action>,
    /// The actions that the step would perform.
    pub actions: Vec<Action>,
    /// The state of its result before the run.
    pub answered: Answered,
    /// The planned change; none for an offline plan or a step that never changes anything.
    pub planned_change: Option<PlannedChange>,
}

/// A planned output.
pub struct PlannedOutput {
    /// The name.
    pub name: String,
    /// The value, as far as it is known.
    pub value: Value,
}

impl PlannedStep {
    /// Collects the marks of the arguments, which the outputs inherit.
    #[must_use]
    pub fn marks(&self) -> ArgumentMarks {
        ArgumentMarks::of(self.arguments.iter().map(|(name, value)| (name.as_str(), value)))
    }
}

impl Plan {
    /// Returns the steps that change something.
    pub fn changes(&self) -> impl Iterator<Item = &PlannedStep> {
        self.steps.iter().filter(|step| step.effect == Effect::Changes && step.when != When::No)
    }

    /// Returns the steps that change something on this machine or in a database, rather than only in a service of Azure.
    pub fn local_changes(&self) -> impl Iterator<Item = &PlannedStep> {
        let is_local = |action: &Action| action.is_local() && !action.is_read();
        self.changes().filter(move |step| step.actions.iter().any(is_local))
    }

    /// Returns true if a run would change anything, as far as that is known and if nothing fails.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.changes()
            .any(|step| step.run_on != RunOn::Failure && step.planned_change != Some(PlannedChange::Nothing))
    }

    /// Describes the identities whose tokens steps use: that of the machine, and the addresses of declared ones; none if
    /// no step uses a token.
    #[must_use]
    pub fn actors(&self, platform: &dyn Platform) -> Option<String> {
        let mut actors = Vec::new();
        for acting in self.tokens.iter().map(|token| token.acting) {
            let actor = match acting {
                Acting::Machine => platform.machine().describe(),
                Acting::Declared { .. } => self.state.modules.acting_address(acting),
            };
            if actors.last() != Some(&actor) {
                actors.push(actor);
            }
        }
        (!actors.is_empty()).then(|| actors.join(", "))
    }

    /// Returns the time at which the plan was made.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.state.clock
    }

    /// Returns the steps that are not placeholders.
    pub fn certain(&self) -> impl Iterator<Item = &PlannedStep> {
        self.steps.iter().filter(|step| step.each_of.is_none() && !self.is_template(step))
    }

    /// Returns the limits that a step counts towards while it runs.
    pub fn limits(&self, step: &PlannedStep) -> impl Iterator<Item = &Limit> {
        let limits = self.concurrency.of_node(&self.state.modules, self.graph.get(step.node));
        limits.iter().map(|id| self.concurrency.limit(*id))
    }

    fn is_template(&self, step: &PlannedStep) -> bool {
        self.state.modules.is_template(self.graph.get(step.node))
    }

    /// Returns the planned step of a node, or of the placeholder of a node added while running.
    #[must_use]
    pub fn step(&self, state: &State, node: &Node) -> Option<&PlannedStep> {
        let planned = state.planned_as(node).into_iter().find_map(|node| self.graph.find(&node))?;
        self.by_node.get(&planned).map(|&at| &self.steps[at])
    }

    /// Returns the addresses that a step waits for; a computed node is replaced by the nodes that it waits
    /// for.
    #[must_use]
    pub fn waits(&self, step: &PlannedStep) -> BTreeSet<String> {
        let mut waits = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut queue: Vec<NodeId> = self.graph.needs(step.node).collect();
        while let Some(needed) = queue.pop() {
            if !seen.insert(needed) {
                continue;
            }
            match self.graph.get(needed) {
                Node::Item {
                    item:
                        Item::Local(_)
                        | Item::Identity(_)
                        | Item::Variable(_)
                        | Item::Rules(_)
                        | Item::Open(_)
                        | Item::Output(_),
                    ..
                } => queue.extend(self.graph.needs(needed)),
                _ if self.target_filter.leaves_out(needed) => queue.extend(self.graph.needs(needed)),
                // An identity may wait for steps, and so does each step that acts as it.
                node @ Node::Token { .. } => {
                    waits.insert(self.state.modules.address(node));
                    queue.extend(self.graph.needs(needed));
                }
                node => drop(waits.insert(self.state.modules.address(node))),
            }
        }
        waits
    }

    /// Returns the addresses of the steps that wait for one of `steps`, also through others. Those that clean up run
    /// whatever became of the others, so they do not wait.
    #[must_use]
    pub fn waiting_for(&self, steps: &[&str]) -> HashSet<String> {
        let of = |steps: &HashSet<&str>| {
            let found = self.steps.iter().filter(|step| steps.contains(step.address.as_str()));
            found.map(|step| step.node).collect::<Vec<_>>()
        };
        let mut queue = of(&steps.iter().copied().collect());
        let mut seen: HashSet<NodeId> = queue.iter().copied().collect();
        let mut waiting = HashSet::new();
        while let Some(id) = queue.pop() {
            for waiter in self.graph.waiters(id).filter(|waiter| seen.insert(*waiter)).collect::<Vec<_>>() {
                let step = self.by_node.get(&waiter).map(|&at| &self.steps[at]);
                if step.is_none_or(|step| !step.run_on.is_cleanup()) {
                    waiting.extend(step.map(|step| step.address.clone()));
                    queue.push(waiter);
                }
            }
        }
        waiting
    }

    /// Returns the HTTP requests of all steps.
    pub fn requests(&self) -> impl Iterator<Item = &HttpRequest> {
        self.steps.iter().flat_map(|step| &step.actions).filter_map(Action::request)
    }

    /// Returns the known URL origins, such as `https://management.azure.com`, including those of partly
    /// unknown URLs.
    #[must_use]
    pub fn known_origins(&self) -> BTreeSet<String> {
        self.requests().filter_map(|request| origin(&request.url)).collect()
    }
}

/// Returns the scheme and host of a URL, if the known part extends beyond them.
fn origin(url: &Text) -> Option<String> {
    let Some(Part::Known(known)) = url.parts().first() else { return None };
    let authority = known.find("://")? + 3;
    let end = known[authority..].find('/')?;
    Some(known[..authority + end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Arg;
    use crate::value::Origins;

    #[test]
    fn an_origin_is_known_before_its_path() {
        let later: Arg<String> = Arg::Unknown(Origins::of("step.a.b"));
        let then = |start: &str| Text::from(start).then_arg(&later, Clone::clone).then(".test/x");
        assert_eq!(origin(&then("https://a.test/")).as_deref(), Some("https://a.test"));
        assert_eq!(origin(&then("https://a.test")), None);
        assert_eq!(origin(&then("https://")), None);
        assert_eq!(origin(&"http://127.0.0.1:40342/x".into()).as_deref(), Some("http://127.0.0.1:40342"));
    }
}
