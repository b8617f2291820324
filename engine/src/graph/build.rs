//! Runbook to graph.

use crate::diagnostic::Diagnostics;
use crate::runbook::{Runbook, Target};
use crate::syntax::Reference;

use super::cycle;
use super::{Edge, Graph, Node, NodeId};

/// The graph of `runbook`, without tokens: which calls a step makes only the plan knows.
///
/// Fails with every cycle, each as the path that closes it.
pub fn build(runbook: &Runbook) -> Result<Graph, Diagnostics> {
    let mut builder = Builder { runbook, graph: Graph::default() };
    for (index, step) in runbook.steps.iter().enumerate() {
        let id = builder.graph.node(Node::Step(index));
        step.expressions().for_each(|expression| builder.references(id, expression.references()));
        builder.waits(id, &step.depends_on);
    }
    for (index, local) in runbook.locals.iter().enumerate() {
        let id = builder.graph.node(Node::Local(index));
        builder.references(id, local.expression.references());
    }
    for (index, output) in runbook.outputs.iter().enumerate() {
        let id = builder.graph.node(Node::Output(index));
        builder.references(id, output.expression.references());
        builder.waits(id, &output.depends_on);
    }
    cycle::check(&builder.graph, runbook).or(builder.graph)
}

struct Builder<'a> {
    runbook: &'a Runbook,
    graph: Graph,
}

impl Builder<'_> {
    fn references(&mut self, waiter: NodeId, references: Vec<Reference>) {
        for reference in references {
            self.connect(waiter, &reference, Edge::Reference(reference.span));
        }
    }

    fn waits(&mut self, waiter: NodeId, references: &[Reference]) {
        for reference in references {
            self.connect(waiter, reference, Edge::DependsOn(reference.span));
        }
    }

    /// A name that means nothing was reported when the runbook was loaded.
    fn connect(&mut self, waiter: NodeId, reference: &Reference, why: Edge) {
        let node = match self.runbook.names.resolve(reference) {
            Ok((Target::Step(index), _)) => Node::Step(index),
            Ok((Target::Local(index), _)) => Node::Local(index),
            _ => return,
        };
        let needed = self.graph.node(node);
        self.graph.connect(needed, waiter, why);
    }
}
