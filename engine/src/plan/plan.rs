//! What would happen, as data.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::expression::functions::Clock;
use crate::graph::{Blocks, Graph, Item, Node, NodeId};
use crate::runbook::{OnError, RunOn};
use crate::step::{Audience, Call, Effect, Part, Text, Touch};
use crate::value::Value;

use super::{Answered, ArgumentMarks, LeftOut, PlannedChange, Selection, Source, State, TargetFilter, When};

/// What a run would do, as far as it can be known before.
pub struct Plan {
    /// What is written, in the order in which it can be computed.
    pub blocks: Blocks,
    /// Who waits for whom, instance by instance, tokens included.
    pub graph: Graph<Node>,
    /// What is known of everything that can be referred to.
    pub state: State,
    /// The values of the variables, in the order of the runbook.
    pub variables: Vec<Value>,
    /// What each instance of a step would do, in the order of the runbook.
    pub steps: Vec<PlannedStep>,
    /// Which of them belongs to a node.
    pub(super) by_node: HashMap<NodeId, usize>,
    /// The tokens that are needed, in the order of their audiences.
    pub tokens: Vec<PlannedToken>,
    /// The files that were read for it, in order; paths are from the runbook's directory where they are in it.
    pub files: Vec<String>,
    /// What would come out, in the order of the runbook.
    pub outputs: Vec<PlannedOutput>,
    /// Who told what steps give.
    pub source: Source,
    /// The part that was asked for.
    pub selection: Selection,
    /// What is left out because of that: steps in the order of the runbook, then outputs and checks.
    pub left_out: Vec<LeftOut>,
    /// The same for each node.
    pub extent: TargetFilter,
}

/// What one step would do.
pub struct PlannedStep {
    /// The address.
    pub address: String,
    /// Its node.
    pub node: NodeId,
    /// When it stands for instances that are known only while running: after what they are.
    pub each_of: Option<String>,
    /// Whether it changes anything.
    pub effect: Effect,
    /// Whether it is done at all.
    pub when: When,
    /// After what it is done.
    pub run_on: RunOn,
    /// Whether its failure stops what waits for it.
    pub on_error: OnError,
    /// What it is for.
    pub description: Option<String>,
    /// The arguments, in the order they were written.
    pub arguments: Vec<(String, Value)>,
    /// The requests it would make.
    pub calls: Vec<Call>,
    /// What it would touch on this machine.
    pub touches: Vec<Touch>,
    /// Whether what it gives is known already.
    pub answered: Answered,
    /// What it would change; none when it was not asked, or changes nothing in any case.
    pub planned_change: Option<PlannedChange>,
}

/// A token that would be fetched.
pub struct PlannedToken {
    /// Who it is for.
    pub audience: Audience,
    /// The addresses of the steps that need it.
    pub steps: Vec<String>,
}

/// What would come out under one name.
pub struct PlannedOutput {
    /// The name.
    pub name: String,
    /// The value, as far as it is known.
    pub value: Value,
}

impl PlannedStep {
    /// Collects the marks of its arguments, which its outputs inherit.
    #[must_use]
    pub fn marks(&self) -> ArgumentMarks {
        ArgumentMarks::of(self.arguments.iter().map(|(name, value)| (name.as_str(), value)))
    }
}

impl Plan {
    /// The steps that change something.
    pub fn changes(&self) -> impl Iterator<Item = &PlannedStep> {
        self.steps.iter().filter(|step| step.effect == Effect::Changes && step.when != When::No)
    }

    /// Whether anything would change, as far as it is known, when nothing fails.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.changes()
            .any(|step| step.run_on != RunOn::Failure && step.planned_change != Some(PlannedChange::Nothing))
    }

    /// When it was made.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.state.clock
    }

    /// The steps that do not stand for others.
    pub fn certain(&self) -> impl Iterator<Item = &PlannedStep> {
        self.steps.iter().filter(|step| step.each_of.is_none() && !self.is_template(step))
    }

    fn is_template(&self, step: &PlannedStep) -> bool {
        self.state.modules.is_template(self.graph.get(step.node))
    }

    /// What was planned for a node, which may have come about only while running.
    #[must_use]
    pub fn step(&self, state: &State, node: &Node) -> Option<&PlannedStep> {
        let planned = state.planned_as(node).into_iter().find_map(|node| self.graph.find(&node))?;
        self.by_node.get(&planned).map(|&at| &self.steps[at])
    }

    /// The addresses of what a step waits for; what is only computed stands for what it waits for itself.
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
                        Item::Local(_) | Item::Variable(_) | Item::Rules(_) | Item::Open(_) | Item::Output(_),
                    ..
                } => queue.extend(self.graph.needs(needed)),
                _ if self.extent.leaves_out(needed) => queue.extend(self.graph.needs(needed)),
                node => drop(waits.insert(self.state.modules.address(node))),
            }
        }
        waits
    }

    /// The origins that are known already, such as `https://management.azure.com`, whatever else of their URLs is not.
    #[must_use]
    pub fn known_origins(&self) -> BTreeSet<String> {
        self.steps.iter().flat_map(|step| &step.calls).filter_map(|call| origin(&call.url)).collect()
    }
}

/// Scheme and host of a URL, when the part that is known reaches beyond them.
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
