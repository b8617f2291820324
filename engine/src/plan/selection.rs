//! Selects a part of a runbook: `-target` and `-exclude`.

use std::collections::HashSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::{Item, ModuleId, Node, NodeId};
use crate::redact::Redact;

use super::address::{Address, Located, shape};
use super::target_filter::{TargetFilter, View};
use super::{Plan, PlannedStep};

/// The selected parts of a runbook; by default all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The parts to run, with everything that they need; if empty, everything.
    pub targets: Vec<Address>,
    /// The parts to leave out of that, with everything that needs them.
    pub excludes: Vec<Address>,
}

/// A selection as records and plan files hold it; empty for a whole runbook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct SelectionFacts {
    /// The addresses of the parts to run, with everything that they need.
    pub targets: Vec<String>,
    /// The addresses of the parts to leave out, with everything that needs them.
    pub excludes: Vec<String>,
}

impl SelectionFacts {
    /// Parses the selection.
    pub fn parse(&self) -> Result<Selection, Diagnostics> {
        Selection::parse(&self.targets, &self.excludes)
    }
}

impl From<&Selection> for SelectionFacts {
    fn from(selection: &Selection) -> Self {
        let texts = |addresses: &[Address]| addresses.iter().map(Address::to_string).collect();
        Self { targets: texts(&selection.targets), excludes: texts(&selection.excludes) }
    }
}

/// A step, check or output outside the selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct LeftOut {
    /// The address.
    pub address: String,
    /// The reason, in words.
    pub because: String,
}

/// The target that selects everything.
const ALL: &str = "all";
/// The maximum number of names in a list for people.
const NAMED: usize = 10;

impl Selection {
    /// Parses the addresses that a user wrote; `all` among the targets selects everything.
    pub fn parse(targets: &[String], excludes: &[String]) -> Result<Self, Diagnostics> {
        let mut found = Diagnostics::new();
        let is_all = targets.iter().any(|target| target == ALL);
        let mut read = |texts: &[String]| -> Vec<Address> {
            texts.iter().filter_map(|text| found.take(Address::parse(text))).collect()
        };
        let selection =
            Self { targets: if is_all { Vec::new() } else { read(targets) }, excludes: read(excludes) };
        found.or(selection)
    }

    /// Returns true if the selection is the whole runbook.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.targets.is_empty() && self.excludes.is_empty()
    }
}

impl Plan {
    /// Removes the parts outside the selection from the plan; returns a warning if there are any.
    ///
    /// # Errors
    ///
    /// Returns every address that matches nothing, and leaves the plan unchanged.
    pub fn select(&mut self, selection: Selection) -> Result<Option<Diagnostic>, Diagnostics> {
        if selection.is_all() {
            return Ok(None);
        }
        let mut found = Diagnostics::new();
        let mut locate = |addresses: &[Address]| -> Vec<(Address, Located)> {
            let located = addresses.iter().map(|address| (address, found.take(address.locate(&self.blocks))));
            located.filter_map(|(address, located)| Some((address.clone(), located?))).collect()
        };
        let (targets, excludes) = (locate(&selection.targets), locate(&selection.excludes));
        found.or(())?;
        let target_filter = TargetFilter::new(targets, excludes, self.view());
        target_filter.unknown(self.view()).or(())?;
        self.target_filter = target_filter;
        self.selection = selection;
        let steps = self.leave_out();
        Ok((!self.left_out.is_empty()).then(|| self.partial(steps)))
    }

    /// Returns the graph and the state that the filter reads.
    pub(super) fn view(&self) -> View<'_> {
        View { graph: &self.graph, state: &self.state }
    }

    /// Moves the steps outside the selection to `left_out`; returns their number.
    fn leave_out(&mut self) -> usize {
        let steps = std::mem::take(&mut self.steps);
        let (out, kept): (Vec<_>, Vec<_>) =
            steps.into_iter().partition(|step| self.target_filter.leaves_out(step.node));
        self.steps = kept;
        self.by_node = self.steps.iter().enumerate().map(|(at, step)| (step.node, at)).collect();
        let gone: HashSet<&str> = out.iter().map(|step| step.address.as_str()).collect();
        for token in &mut self.tokens {
            token.steps.retain(|step| !gone.contains(step.as_str()));
        }
        self.tokens.retain(|token| !token.steps.is_empty());
        let mut at = 0..;
        let outputs = |at: usize| self.graph.find(&Node::only(ModuleId::ROOT, Item::Output(at)));
        self.outputs
            .retain(|_| !at.next().and_then(outputs).is_some_and(|id| self.target_filter.leaves_out(id)));
        let rest = self.graph.nodes().filter(|(_, node)| match node {
            Node::Item { module, item: Item::Output(_), .. } => *module == ModuleId::ROOT,
            Node::Item { item: Item::Check(_), .. } => true,
            _ => false,
        });
        let rest = rest.map(|(id, _)| id).filter(|id| self.target_filter.leaves_out(*id));
        let steps = out.len();
        self.left_out =
            out.iter().map(|PlannedStep { node, .. }| *node).chain(rest).map(|id| self.left(id)).collect();
        steps
    }

    fn left(&self, id: NodeId) -> LeftOut {
        LeftOut {
            address: self.state.modules.address(self.graph.get(id)),
            because: self.target_filter.because(self.view(), id),
        }
    }

    fn partial(&self, steps: usize) -> Diagnostic {
        let are = |count: usize, noun: &str| match count {
            1 => format!("1 {noun} is"),
            _ => format!("{count} {noun}s are"),
        };
        let warning = Diagnostic::warning(
            "partial-plan",
            match steps {
                0 => "only a part of the runbook is selected".to_owned(),
                _ => format!("only a part of the runbook is selected: {} left out", are(steps, "step")),
            },
        );
        if self.steps.is_empty() {
            return warning.detail("No step would run.").help("the end of `arcbook plan` has the reasons");
        }
        warning.help("the rest stays as it is: run the whole runbook afterwards")
    }
}

/// Describes the parts outside the selection, one line per reason; instances are counted if there are many.
#[must_use]
pub fn grouped(left_out: &[LeftOut]) -> Vec<String> {
    let mut groups: IndexMap<&str, IndexMap<String, Vec<&str>>> = IndexMap::new();
    for LeftOut { address, because } in left_out {
        groups.entry(because).or_default().entry(shape(address)).or_default().push(address);
    }
    let name = |(block, instances): (&String, &Vec<&str>)| match instances.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("{block} ({} instances)", many.len()),
    };
    let lines = groups.iter().map(|(because, blocks)| {
        format!("{because}: {}", abridged(&blocks.iter().map(name).collect::<Vec<_>>()))
    });
    let mut lines: Vec<String> = lines.collect();
    if lines.len() > NAMED {
        let more = lines.split_off(NAMED).len();
        lines.push(format!("and {more} more for other reasons"));
    }
    lines
}

/// Returns the first names of a list: `a, b and 3 more`.
#[must_use]
pub fn abridged(names: &[impl AsRef<str>]) -> String {
    let first: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", first.join(", "))
}
