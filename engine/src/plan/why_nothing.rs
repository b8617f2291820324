//! Traces a null value to the query of a step that found nothing.

use std::collections::HashSet;

use crate::expression::WhyNothing;
use crate::graph::{Instance, Item, ModuleId, Node};
use crate::runbook::Target;
use crate::source::Spanned;
use crate::syntax::{Expression, ExpressionKind, Key, Reference, Segment};
use crate::value::Value;

use super::eval_scope::argument;
use super::found_nothing::Note;
use super::instance_map::InstanceMap;
use super::{EvalScope, State};

/// A possible origin of a null value: a reference in a module, and the key of the computed index that follows it.
struct Source {
    module: ModuleId,
    reference: Reference,
    key: Option<Value>,
}

/// Explains a reference that is null or empty because the query of a step found nothing.
///
/// The value may pass through any number of locals, variables and outputs of modules. Each name is followed once,
/// because the number of paths can be exponential.
pub(super) fn why_nothing(
    scope: &EvalScope<'_>,
    reference: &Reference,
    key: Option<&Value>,
) -> Option<WhyNothing> {
    let state = scope.state;
    let mut seen = HashSet::new();
    let mut open = vec![Source { module: scope.module, reference: reference.clone(), key: key.cloned() }];
    while let Some(source) = open.pop() {
        let Ok((target, used)) = state.runbook(source.module).names.resolve(&source.reference) else {
            continue;
        };
        let rest = source.reference.path.get(used..).unwrap_or_default();
        if let Target::Step(step) = target {
            if let Some(note) = note(state, &source, step, rest) {
                return Some(told(state, source.module, step, note));
            }
        } else if seen.insert((source.module, target))
            && let Some((module, expression, rest)) = made_from(scope, &source, target, rest)
        {
            follow(&mut open, module, expression, &rest);
        }
    }
    None
}

/// Returns the expression that sets a name, its module, and the path that is taken from its value.
fn made_from<'a>(
    scope: &EvalScope<'a>,
    source: &Source,
    target: Target,
    rest: &[Segment],
) -> Option<(ModuleId, &'a Expression, Vec<Segment>)> {
    let (state, module) = (scope.state, source.module);
    match target {
        Target::Local(index) => {
            Some((module, &state.runbook(module).locals[index].expression, rest.to_vec()))
        }
        Target::Variable(index) => {
            let (module, expression) = argument(state, module, index)?;
            Some((module, expression, rest.to_vec()))
        }
        Target::Module(block) => {
            let slots = &state.known(module).modules[block];
            let (instance, rest) = instance(slots, source, rest);
            let id = (*slots.get(&instance?)?)?;
            let (name, rest) = rest.split_first()?;
            let outputs = &state.runbook(id).outputs;
            let output = outputs.iter().find(|output| Some(&output.name.value) == name.name())?;
            Some((id, &output.expression, rest.to_vec()))
        }
        // The scope knows only its own `each`.
        Target::Each if module == scope.module => {
            let (key, expression) = scope.each_source()?;
            let at = source.reference.span;
            let key = Segment::Index(Spanned::new(Key::String(key), at));
            Some((module, expression, std::iter::once(key).chain(rest.iter().cloned()).collect()))
        }
        _ => None,
    }
}

/// Adds the possible origins of the part of an expression's value at the path `rest`.
fn follow(open: &mut Vec<Source>, module: ModuleId, expression: &Expression, rest: &[Segment]) {
    match &expression.kind {
        ExpressionKind::Parenthesis(inner) | ExpressionKind::Wrap(inner) => {
            return follow(open, module, inner, rest);
        }
        ExpressionKind::Object(items) => {
            let is_taken = |key: &Expression| match &key.kind {
                ExpressionKind::Literal(key) => {
                    key.as_str() == rest.first().and_then(Segment::name).map(|name| &**name)
                }
                _ => false,
            };
            if let Some(item) = items.iter().rfind(|item| is_taken(&item.key)) {
                return follow(open, module, &item.value, &rest[1..]);
            }
        }
        _ => {}
    }
    if let Some(mut reference) = expression.as_reference() {
        reference.path.extend_from_slice(rest);
        open.push(Source { module, reference, key: None });
        return;
    }
    let uses = expression.uses().into_iter().rev();
    open.extend(uses.map(|used| Source { module, reference: used.reference, key: None }));
}

/// Returns the instance that a reference names, and the path after it; none if the instance is uncertain.
fn instance<'a, T>(
    slots: &InstanceMap<T>,
    source: &Source,
    rest: &'a [Segment],
) -> (Option<Instance>, &'a [Segment]) {
    match (slots, rest) {
        (InstanceMap::Only(_), _) => (Some(Instance::Only), rest),
        (_, [Segment::Index(key), rest @ ..]) => (Instance::of(&key.value.to_value()), rest),
        _ => (source.key.as_ref().and_then(Instance::of), rest),
    }
}

/// Returns the note about the entry of `extract` at the path `rest`.
fn note<'a>(state: &'a State, source: &Source, step: usize, rest: &[Segment]) -> Option<&'a Note> {
    let (instance, rest) = instance(&state.known(source.module).steps[step], source, rest);
    let is_meant = |note: &&Note| instance.as_ref().is_none_or(|instance| note.instance == *instance);
    let mut notes = state.nothing.of_step(source.module, step).iter().filter(is_meant);
    match rest {
        [extract, name, ..] if is_extract(extract) => notes.find(|note| Some(&note.name) == name.name()),
        [extract] if is_extract(extract) => only(notes),
        [] => only(notes),
        _ => None,
    }
}

fn is_extract(segment: &Segment) -> bool {
    segment.name().is_some_and(|name| &**name == "extract")
}

/// Returns the first note if all are about entries of one name.
fn only<'a>(mut notes: impl Iterator<Item = &'a Note>) -> Option<&'a Note> {
    let first = notes.next()?;
    notes.all(|note| note.name == first.name).then_some(first)
}

fn told(state: &State, module: ModuleId, step: usize, note: &Note) -> WhyNothing {
    let item = Item::Step(step);
    let address = state.modules.address(&Node::Item { module, item, instance: note.instance.clone() });
    let reason = note.nothing.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let detail = format!("`extract.{}` of `{address}` found nothing{reason}.", note.name);
    let mut help = note.nothing.help.clone();
    if note.nothing.is_of_list && state.runbook(module).steps[step].step_type.schema().lists {
        help.push(
            "the list contains only resources that the identity may read: check its role assignments"
                .to_owned(),
        );
    }
    WhyNothing { detail, help }
}
