//! Warns about queries that name what a step's result does not have: they find nothing, without a word.
//!
//! Only outputs whose attributes the step type declares are judged. A response is any JSON.

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::expression::asked;
use crate::jmespath::{Query, UnknownMember};
use crate::runbook::{Step, Target};
use crate::step::Response;
use crate::syntax::{Call, Expression, ExpressionKind, Segment};
use crate::value::Type;

use super::view::View;

pub fn check(view: &View<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    view.walk(|part| {
        if let ExpressionKind::Call(call) = &part.kind {
            found.extend(missing(call, view));
        }
    });
    found
}

fn missing(call: &Call, view: &View<'_>) -> Vec<Diagnostic> {
    let Some((query, of)) = asked(call).zip(call.arguments.first()) else { return Vec::new() };
    let ExpressionKind::Literal(text) = &query.kind else { return Vec::new() };
    let parsed = text.as_str().and_then(|text| Query::parse(text).ok());
    let (Some(parsed), Some(ty)) = (parsed, result_type(of, view)) else { return Vec::new() };
    let warning = |one: UnknownMember| {
        let known: Vec<&str> = one.known.iter().map(AsRef::as_ref).collect();
        let all = || known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let listed = || {
            if known.is_empty() { "it is no object there".to_owned() } else { format!("it has {}", all()) }
        };
        let help = did_you_mean(&one.name, known.iter().copied()).unwrap_or_else(listed);
        Diagnostic::warning(
            "unknown-member",
            format!("the query names `{}`, which the result does not have", one.name),
        )
        .at(query.span, "it finds nothing there")
        .help(help)
    };
    parsed.unknown_members(&ty).into_iter().map(warning).collect()
}

/// Returns the type of a step's result, or of a part of it, as the step type declares it.
fn result_type(of: &Expression, view: &View<'_>) -> Option<Type> {
    let reference = match &of.kind {
        ExpressionKind::Parenthesis(inner) => return result_type(inner, view),
        _ => of.as_reference()?,
    };
    let (Target::Step(step), used) = view.runbook.names.resolve(&reference).ok()? else { return None };
    let step = &view.runbook.steps[step];
    let mut path = reference.path.get(used..)?.iter();
    if step.repetition.is_some() {
        // The key of an instance; without one, the value is all of them.
        let Segment::Index(_) = path.next()? else { return None };
    }
    path.try_fold(whole(step), |ty, segment| match (ty, segment) {
        (Type::Object(attributes), segment) => attributes.get(segment.name()?).cloned(),
        (Type::Map(inner), _) | (Type::List(inner), Segment::Index(_)) => Some(Type::clone(&inner)),
        _ => None,
    })
}

/// Returns the type of the whole result: the outputs, and beside them the response and what is extracted from it.
fn whole(step: &Step) -> Type {
    let schema = step.step_type.schema();
    let outputs = schema.outputs.iter().map(|output| (output.name, output.ty.clone()));
    let extracts = step.extract.iter().map(|extract| (&*extract.name.value, Type::Any));
    let extract = if step.is_extract_whole { Type::object(extracts) } else { Type::Any };
    let response = [("body", Type::Any), ("extract", extract)];
    Type::object(outputs.chain(response.into_iter().filter(|_| schema.response != Response::None)))
}
