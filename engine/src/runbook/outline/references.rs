//! Finds the names in references.

use std::sync::Arc;

use crate::runbook::expressions::Around;
use crate::runbook::references::{NamedReference, RefPlace};
use crate::runbook::{Module, Runbook, Step, Target};
use crate::source::{Span, Spanned};
use crate::syntax::{Expression, ExpressionKind, Reference, TraversalStep};
use crate::value::Data;

use super::{Declaration, NameKind, NameUse};

/// Returns the names in a reference: the target's, and that of its output.
pub fn uses(runbook: &Runbook, named: &NamedReference<'_>) -> Vec<NameUse> {
    let reference = &named.reference;
    let Ok((target, used)) = named.meaning else {
        return vec![found(reference.to_string(), reference.span, NameKind::Unknown, None)];
    };
    let (expression, around) = match named.place {
        RefPlace::Expression(expression, around) => (Some(expression), around),
        RefPlace::Dependency | RefPlace::Identity => (None, Around::default()),
    };
    let (kind, declaration) = declaration(runbook, target, around, reference);
    let path = reference.path[..used].to_vec();
    let span = path.last().map_or(reference.root.span, |last| reference.root.span.to(last.span()));
    let name = Reference { root: reference.root.clone(), path, span }.to_string();
    let steps = expression.and_then(|expression| steps(expression, reference.root.span));
    let after = steps.as_deref().and_then(|steps| steps.get(used..)).unwrap_or_default();
    let member = match target {
        Target::Step(index) => of_step(&runbook.steps[index], after),
        Target::This => around.this.and_then(|step| output(step, &names(after, false))),
        Target::Module(index) => of_module(&runbook.modules[index], after),
        _ => None,
    };
    [found(name, span, kind, declaration)].into_iter().chain(member).collect()
}

fn found(name: String, span: Span, kind: NameKind, declaration: Option<Declaration>) -> NameUse {
    NameUse { name, span, kind, within: None, declaration }
}

/// Returns the kind and the declaration of a target.
fn declaration(
    runbook: &Runbook,
    target: Target,
    around: Around<'_>,
    reference: &Reference,
) -> (NameKind, Option<Declaration>) {
    let declared = |address: String, span: Span| Some(Declaration { address, span: Some(span) });
    let repeated = |root: &str| {
        let repetition = around.repetition.filter(|repetition| repetition.root() == root);
        repetition.and_then(|repetition| declared(repetition.keyword().to_owned(), repetition.span()))
    };
    match target {
        Target::Variable(index) => {
            let name = &runbook.variables[index].name;
            (NameKind::Variable, declared(format!("var.{}", name.value), name.span))
        }
        Target::Local(index) => {
            let name = &runbook.locals[index].name;
            (NameKind::Local, declared(format!("local.{}", name.value), name.span))
        }
        Target::Step(index) => {
            let step = &runbook.steps[index];
            (NameKind::Step, declared(step.address.to_string(), step.name.span))
        }
        Target::Module(index) => {
            let module = &runbook.modules[index];
            (NameKind::Module, declared(module.address(), module.name.span))
        }
        Target::Identity(index) => {
            let identity = &runbook.identities[index];
            (NameKind::Identity, declared(identity.address.to_string(), identity.name.span))
        }
        Target::Each => (NameKind::Each, repeated("each")),
        Target::Count => (NameKind::Count, repeated("count")),
        Target::This => {
            let step = around.this;
            (NameKind::This, step.and_then(|step| declared(step.address.to_string(), step.name.span)))
        }
        Target::Path => (NameKind::Path, Some(Declaration { address: reference.to_string(), span: None })),
        Target::Runbook => {
            (NameKind::Runbook, Some(Declaration { address: reference.to_string(), span: None }))
        }
    }
}

fn of_step(step: &Step, after: &[Spanned<TraversalStep>]) -> Option<NameUse> {
    output(step, &names(after, step.repetition.is_some()))
}

/// Returns the use of an output or of an extracted value of a step.
fn output(step: &Step, names: &[Spanned<Arc<str>>]) -> Option<NameUse> {
    let (first, extracted) = (names.first()?, names.get(1));
    if &*first.value == "extract" {
        let name = extracted?;
        let declared = step.extract.iter().find(|extract| extract.name.value == name.value);
        let declaration = declared.map(|extract| Declaration {
            address: format!("{}.extract.{}", step.address, name.value),
            span: Some(extract.name.span),
        });
        return Some(found(name.value.to_string(), name.span, NameKind::Extract, declaration));
    }
    let is_known = &*first.value == "body" || step.step_type.schema().output(&first.value).is_some();
    let address = format!("{}.{}", step.address, first.value);
    let declaration = is_known.then_some(Declaration { address, span: None });
    Some(found(first.value.to_string(), first.span, NameKind::Output, declaration))
}

fn of_module(module: &Module, after: &[Spanned<TraversalStep>]) -> Option<NameUse> {
    let names = names(after, module.repetition.is_some());
    let name = names.first()?;
    let declared = module.runbook.outputs.iter().find(|output| output.name.value == name.value);
    let declaration = declared.map(|output| Declaration {
        address: format!("output.{}", name.value),
        span: Some(output.name.span),
    });
    Some(found(name.value.to_string(), name.span, NameKind::Output, declaration))
}

/// Returns the names that follow a target, after the key of an instance or a splat if it is repeated.
fn names(after: &[Spanned<TraversalStep>], mut is_repeated: bool) -> Vec<Spanned<Arc<str>>> {
    let mut found = Vec::new();
    let mut rest = after.iter();
    while let Some(step) = rest.next() {
        match &step.value {
            TraversalStep::Attribute(name) => found.push(Spanned::new(name.clone(), step.span)),
            TraversalStep::Index(_) if is_repeated => is_repeated = false,
            TraversalStep::Index(key) => match literal(key) {
                Some(name) => found.push(Spanned::new(name, step.span)),
                None => break,
            },
            TraversalStep::Splat(each) => {
                is_repeated = false;
                rest = each.iter();
            }
        }
    }
    found
}

fn literal(key: &Expression) -> Option<Arc<str>> {
    match &key.kind {
        ExpressionKind::Literal(value) => match value.data() {
            Data::String(name) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the steps of the traversal in `expression` whose root is at `root`.
fn steps(expression: &Expression, root: Span) -> Option<Vec<Spanned<TraversalStep>>> {
    let mut found = None;
    expression.walk(&mut |part| {
        if let ExpressionKind::Traversal(traversal) = &part.kind
            && traversal.base.span == root
        {
            found = Some(traversal.steps.clone());
        }
    });
    found
}
