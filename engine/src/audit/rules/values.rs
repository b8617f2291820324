//! Finds what the expressions of a step are made from.

use std::collections::HashSet;

use crate::audit::Subject;
use crate::audit::subject::StepView;
use crate::graph::{Edge, Item, Node, NodeId};
use crate::runbook::{Repetition, Runbook, Target};
use crate::syntax::{Expression, ExpressionKind};

/// The functions that put values into a text.
const MIXES: [&str; 8] = [
    "templatefile",
    "templatestring",
    "format",
    "formatlist",
    "join",
    "replace",
    "regexreplace",
    "jsonencode",
];

/// Returns an expression with those of the local values that it is made from.
pub(super) fn with_locals<'a>(runbook: &'a Runbook, expression: &'a Expression) -> Vec<&'a Expression> {
    let (mut all, mut seen) = (vec![expression], HashSet::new());
    let mut next = 0;
    while let Some(expression) = all.get(next).copied() {
        for reference in expression.references() {
            if let Ok((Target::Local(index), _)) = runbook.names.resolve(&reference)
                && seen.insert(index)
            {
                all.push(&runbook.locals[index].expression);
            }
        }
        next += 1;
    }
    all
}

/// Returns the expression that stands behind a reference to a local value, as a whole.
pub(super) fn meant<'a>(runbook: &'a Runbook, expression: &'a Expression) -> &'a Expression {
    let mut expression = expression;
    loop {
        let inner = match &expression.kind {
            ExpressionKind::Wrap(inner) | ExpressionKind::Parenthesis(inner) => Some(&**inner),
            _ => expression.as_reference().and_then(|reference| match runbook.names.resolve(&reference) {
                Ok((Target::Local(index), named)) if named == reference.path.len() => {
                    Some(&runbook.locals[index].expression)
                }
                _ => None,
            }),
        };
        let Some(inner) = inner else { return expression };
        expression = inner;
    }
}

/// Returns true if an expression of a step has a value that another place decides about, and not the text of the runbook.
pub(super) fn holds_value(subject: &Subject<'_>, view: &StepView<'_>, expression: &Expression) -> bool {
    let runbook = subject.runbook_of(view);
    let decides = |expression: &Expression, each: bool| {
        expression.references().iter().any(|reference| match runbook.names.resolve(reference) {
            Ok((Target::Path | Target::Local(_) | Target::Runbook | Target::Count, _)) => false,
            Ok((Target::Each, _)) => each,
            _ => true,
        })
    };
    let each = view.step.repetition.as_ref().map(Repetition::expression);
    let each = each.is_some_and(|each| with_locals(runbook, each).iter().any(|one| decides(one, true)));
    with_locals(runbook, expression).iter().any(|one| decides(one, each))
}

/// Returns true if an expression of a step puts such a value into a text.
pub(super) fn mixes_value(subject: &Subject<'_>, view: &StepView<'_>, expression: &Expression) -> bool {
    let mut mixes = false;
    for expression in with_locals(subject.runbook_of(view), expression) {
        expression.walk(&mut |part| {
            mixes |= match &part.kind {
                ExpressionKind::Template(_) => true,
                ExpressionKind::Call(call) => MIXES.contains(&call.function()),
                _ => false,
            };
        });
    }
    mixes && holds_value(subject, view, expression)
}

/// Returns the nodes whose values may be in those of a node, up to steps and no further.
pub(super) fn behind(subject: &Subject<'_>, id: NodeId) -> HashSet<NodeId> {
    let graph = &subject.plan.graph;
    let (mut open, mut seen) = (vec![id], HashSet::new());
    while let Some(next) = open.pop() {
        for (needed, why) in graph.needs_with_reason(next) {
            if matches!(why, Edge::DependsOn(_) | Edge::Token) || !seen.insert(needed) {
                continue;
            }
            if !matches!(graph.get(needed), Node::Item { item: Item::Step(_), .. }) {
                open.push(needed);
            }
        }
    }
    seen
}
