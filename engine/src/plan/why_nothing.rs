//! Traces a null value to the query of a step that found nothing.

use std::collections::HashSet;

use crate::expression::{WhyNothing, references_within};
use crate::graph::{Instance, Item, ModuleId, Node};
use crate::runbook::Target;
use crate::source::{Span, Spanned};
use crate::syntax::{Expression, ExpressionKind, Key, Reference, Segment};

use super::found_nothing::Note;
use super::instance_map::InstanceMap;
use super::provenance::argument;
use super::{EvalScope, State};

/// A possible origin of a null value: a reference in a module.
struct Source {
    module: ModuleId,
    reference: Reference,
}

/// Explains a reference that is null or empty because the query of a step found nothing.
///
/// The value may pass through any number of locals, variables and outputs of modules. Each name is followed once,
/// because the number of paths can be exponential.
pub(super) fn why_nothing(scope: &EvalScope<'_>, reference: &Reference) -> Option<WhyNothing> {
    let state = scope.state;
    let mut seen = HashSet::new();
    let mut open = vec![Source { module: scope.module, reference: reference.clone() }];
    while let Some(source) = open.pop() {
        let Ok((target, used)) = state.runbook(source.module).names.resolve(&source.reference) else {
            continue;
        };
        let rest = source.reference.path.get(used..).unwrap_or_default();
        if let Target::Step(step) = target {
            if let Some(note) = note(state, source.module, step, rest) {
                return Some(told(state, source.module, step, note));
            }
        } else if seen.insert((source.module, target))
            && let Some((made_in, expression, rest)) =
                made_from(scope, source.module, source.reference.span, target, rest)
        {
            follow(&mut open, &made_in, expression, &rest);
        }
    }
    None
}

/// Returns the expression that sets a name, its scope, and the path that is taken from its value.
pub(super) fn made_from<'a>(
    scope: &EvalScope<'a>,
    module: ModuleId,
    at: Span,
    target: Target,
    rest: &[Segment],
) -> Option<(EvalScope<'a>, &'a Expression, Vec<Segment>)> {
    let state = scope.state;
    match target {
        Target::Local(index) => {
            Some((state.scope(module), &state.runbook(module).locals[index].expression, rest.to_vec()))
        }
        Target::Variable(index) => {
            let (_, expression) = argument(state, module, index)?;
            let user = state.modules.get(module).user.as_ref()?;
            Some((state.module_scope(user), expression, rest.to_vec()))
        }
        Target::Module(block) => {
            let slots = &state.known(module).modules[block];
            let (instance, rest) = instance(slots, rest);
            let id = (*slots.get(&instance?)?)?;
            let (name, rest) = rest.split_first()?;
            let outputs = &state.runbook(id).outputs;
            let output = outputs.iter().find(|output| Some(&output.name.value) == name.name())?;
            Some((state.scope(id), &output.expression, rest.to_vec()))
        }
        // The scope knows only its own `each`.
        Target::Each if module == scope.module => {
            let (key, expression) = scope.each_source()?;
            let key = Segment::Index(Spanned::new(Key::String(key), at));
            let rest = std::iter::once(key).chain(rest.iter().cloned()).collect();
            Some((state.scope(module), expression, rest))
        }
        _ => None,
    }
}

/// Adds the possible origins of the part of an expression's value at the path `rest`.
fn follow(open: &mut Vec<Source>, scope: &EvalScope<'_>, expression: &Expression, rest: &[Segment]) {
    match &expression.kind {
        ExpressionKind::Parenthesis(inner) | ExpressionKind::Wrap(inner) => {
            return follow(open, scope, inner, rest);
        }
        ExpressionKind::Object(items) => {
            let is_taken = |key: &Expression| match &key.kind {
                ExpressionKind::Literal(key) => {
                    key.as_str() == rest.first().and_then(Segment::name).map(|name| &**name)
                }
                _ => false,
            };
            if let Some(item) = items.iter().rfind(|item| is_taken(&item.key)) {
                return follow(open, scope, &item.value, &rest[1..]);
            }
        }
        _ => {}
    }
    let mut references = references_within(expression, scope);
    if let (ExpressionKind::Traversal(_), [reference, ..]) = (&expression.kind, &mut *references) {
        // The traversal comes first; what follows is in its indices.
        reference.path.extend_from_slice(rest);
        references.truncate(1);
    }
    let source = |reference| Source { module: scope.module, reference };
    open.extend(references.into_iter().rev().map(source));
}

/// Returns the instance that a reference names, and the path after it; none if the instance is uncertain.
pub(super) fn instance<'a, T>(
    slots: &InstanceMap<T>,
    rest: &'a [Segment],
) -> (Option<Instance>, &'a [Segment]) {
    match (slots, rest) {
        (InstanceMap::Only(_), _) => (Some(Instance::Only), rest),
        (_, [Segment::Index(key), rest @ ..]) => (Instance::of(&key.value.to_value()), rest),
        _ => (None, rest),
    }
}

/// Returns the note about the entry of `extract` at the path `rest`.
///
/// If the instance is uncertain, only one may have a note.
fn note<'a>(state: &'a State, module: ModuleId, step: usize, rest: &[Segment]) -> Option<&'a Note> {
    let (instance, rest) = instance(&state.known(module).steps[step], rest);
    let name = match rest {
        [extract, name, ..] if is_extract(extract) => Some(name.name()?),
        [extract] if is_extract(extract) => None,
        [] => None,
        _ => return None,
    };
    let is_meant = |note: &&Note| {
        instance.as_ref().is_none_or(|instance| note.instance == *instance)
            && name.is_none_or(|name| note.name == *name)
    };
    let mut notes = state.nothing.of_step(module, step).iter().filter(is_meant);
    let first = notes.next()?;
    notes.next().is_none().then_some(first)
}

fn is_extract(segment: &Segment) -> bool {
    segment.name().is_some_and(|name| &**name == "extract")
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
