//! Describes values as they are made from the results of steps.

use std::sync::Arc;

use crate::expression::evaluate;
use crate::graph::{Instance, Item, ModuleId, Node};
use crate::runbook::{Step, Target};
use crate::source::{Span, Spanned};
use crate::syntax::{
    Binary, BinaryOperator, Conditional, Expression, ExpressionKind, Key, ObjectItem, Reference, Segment,
    TemplatePart,
};
use crate::value::{Data, Entries, Type, Value};

use super::rule::truth;
use super::why_nothing::{instance, made_from};
use super::{EvalScope, Plan, PlannedStep};

/// A value, as it is made from the results of steps.
#[derive(Clone, Debug, PartialEq)]
pub enum Symbol {
    /// A value that is known, and public.
    Known(Value),
    /// A part of the result of a step.
    Leaf(Leaf),
    /// Texts, one after another.
    Text(Vec<Self>),
    /// The elements of a list.
    Tuple(Vec<Self>),
    /// The entries of an object.
    Object(Vec<(Arc<str>, Self)>),
    /// The result of a function.
    Call(Arc<str>, Vec<Self>),
    /// True if a value is null.
    IsNull(Box<Self>),
    /// True if a value is not null.
    IsNotNull(Box<Self>),
}

/// A part of the result of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// The address of the instance.
    pub address: String,
    /// The way from the result to the part: an output, and what is inside.
    pub path: Vec<Segment>,
    /// True if it is sensitive or ephemeral.
    pub is_secret: bool,
}

/// An expression that cannot be described.
#[derive(Clone, Debug, PartialEq)]
pub struct Opaque {
    /// The place.
    pub span: Span,
    /// The reason, as a fragment.
    pub reason: String,
}

impl Leaf {
    /// Returns the leaf as an expression, such as `step.arm_list.resources.extract.vault`.
    #[must_use]
    pub fn expression(&self) -> String {
        self.path.iter().fold(self.address.clone(), |text, segment| text + &segment.to_string())
    }
}

impl Symbol {
    /// Calls `see` with each part of a result of a step in it.
    pub fn leaves(&self, see: &mut impl FnMut(&Leaf)) {
        match self {
            Self::Known(_) => {}
            Self::Leaf(leaf) => see(leaf),
            Self::Text(all) | Self::Tuple(all) | Self::Call(_, all) => {
                for one in all {
                    one.leaves(see);
                }
            }
            Self::Object(entries) => {
                for (_, one) in entries {
                    one.leaves(see);
                }
            }
            Self::IsNull(one) | Self::IsNotNull(one) => one.leaves(see),
        }
    }
}

/// Returns the result that the condition chooses; none if it is not known, is no public value, or if the other result gives
/// the chosen one another type.
fn chosen<'a>(
    scope: &EvalScope<'_>,
    conditional: &'a Conditional,
    whole: &Expression,
) -> Option<&'a Expression> {
    let condition = evaluate(&conditional.condition, scope).ok().filter(|value| !value.has_deep_marks())?;
    let is_true = truth(&conditional.condition, &condition, scope).ok()??;
    let chosen = if is_true { &conditional.then } else { &conditional.otherwise };
    let is_as_it_is = evaluate(chosen, scope).ok()?.ty() == evaluate(whole, scope).ok()?.ty();
    is_as_it_is.then_some(chosen)
}

/// Describes the value of an expression. `this` is the step of `self`.
pub fn symbol(scope: &EvalScope<'_>, expression: &Expression, this: Option<&str>) -> Result<Symbol, Opaque> {
    Follower { this }.follow(scope, expression, &[])
}

struct Follower<'a> {
    this: Option<&'a str>,
}

impl Follower<'_> {
    /// Describes the part of an expression's value at the path `rest`.
    fn follow(
        &self,
        scope: &EvalScope<'_>,
        expression: &Expression,
        rest: &[Segment],
    ) -> Result<Symbol, Opaque> {
        let opaque = |reason: &str| Opaque { span: expression.span, reason: reason.to_owned() };
        let value = evaluate(expression, scope).map_err(|_| opaque("cannot be evaluated"))?;
        let value = part(&value, rest);
        if value.is_wholly_known() {
            // A script is a file that people read.
            return if value.has_deep_marks() {
                Err(opaque("is a sensitive value, which a script must not hold"))
            } else {
                Ok(Symbol::Known(value))
            };
        }
        match &expression.kind {
            ExpressionKind::Parenthesis(inner) | ExpressionKind::Wrap(inner) => {
                self.follow(scope, inner, rest)
            }
            ExpressionKind::Variable(_) | ExpressionKind::Traversal(_) => {
                let mut reference =
                    written(expression).ok_or_else(|| opaque("has an index that is computed, or a splat"))?;
                reference.path.extend_from_slice(rest);
                self.reference(scope, &reference, expression.span)
            }
            ExpressionKind::Template(template) if rest.is_empty() => {
                let part = |part: &TemplatePart| match part {
                    TemplatePart::Text(text) => Ok(Symbol::Known(Value::string(text.clone()))),
                    TemplatePart::Interpolation(inner) => self.follow(scope, inner, &[]),
                    TemplatePart::If(_) | TemplatePart::For(_) => {
                        Err(opaque("has a directive over values that are known only while running"))
                    }
                };
                template.parts.iter().map(part).collect::<Result<_, _>>().map(Symbol::Text)
            }
            ExpressionKind::Object(items) => self.object(scope, items, expression.span, rest),
            ExpressionKind::Tuple(items) if rest.is_empty() => {
                let items = items.iter().map(|item| self.follow(scope, item, &[]));
                items.collect::<Result<_, _>>().map(Symbol::Tuple)
            }
            ExpressionKind::Call(call) if rest.is_empty() && !call.expand => {
                let arguments = call.arguments.iter().map(|argument| self.follow(scope, argument, &[]));
                Ok(Symbol::Call(call.function().into(), arguments.collect::<Result<_, _>>()?))
            }
            ExpressionKind::Binary(binary) if rest.is_empty() => self
                .comparison(scope, binary)
                .ok_or_else(|| opaque("has an operator over values that are known only while running"))?,
            ExpressionKind::Conditional(conditional) => {
                let chosen = chosen(scope, conditional, expression)
                    .ok_or_else(|| opaque("depends on a condition that is known only while running"))?;
                self.follow(scope, chosen, rest)
            }
            _ => Err(opaque("is computed from values that are known only while running")),
        }
    }

    /// Describes an object, or the part of it at a path.
    fn object(
        &self,
        scope: &EvalScope<'_>,
        items: &[ObjectItem],
        span: Span,
        rest: &[Segment],
    ) -> Result<Symbol, Opaque> {
        let computed = || Opaque { span, reason: "has keys that are computed".to_owned() };
        let name = |key: &Expression| match &key.kind {
            ExpressionKind::Literal(value) => value.as_str().map(Arc::<str>::from),
            _ => None,
        };
        if let Some((first, rest)) = rest.split_first() {
            let item = items.iter().rfind(|item| name(&item.key).as_ref() == first.name());
            return self.follow(scope, &item.ok_or_else(computed)?.value, rest);
        }
        let entry = |item: &ObjectItem| {
            Ok((name(&item.key).ok_or_else(computed)?, self.follow(scope, &item.value, &[])?))
        };
        items.iter().map(entry).collect::<Result<_, _>>().map(Symbol::Object)
    }

    /// Describes a comparison with null.
    fn comparison(&self, scope: &EvalScope<'_>, binary: &Binary) -> Option<Result<Symbol, Opaque>> {
        let is_null =
            |side: &Expression| matches!(&side.kind, ExpressionKind::Literal(value) if value.is_null());
        let other = match (&binary.left, &binary.right) {
            (left, right) if is_null(right) => left,
            (left, right) if is_null(left) => right,
            _ => return None,
        };
        let compared = match binary.operator.value {
            BinaryOperator::Equal => Symbol::IsNull,
            BinaryOperator::NotEqual => Symbol::IsNotNull,
            _ => return None,
        };
        Some(self.follow(scope, other, &[]).map(|other| compared(Box::new(other))))
    }

    fn reference(&self, scope: &EvalScope<'_>, reference: &Reference, span: Span) -> Result<Symbol, Opaque> {
        let opaque = |reason: &str| Opaque { span, reason: reason.to_owned() };
        let state = scope.state;
        let resolved = state.runbook(scope.module).names.resolve(reference);
        let (target, used) = resolved.map_err(|_| opaque("cannot be evaluated"))?;
        let rest = reference.path.get(used..).unwrap_or_default();
        match target {
            Target::Step(step) => {
                let slots = &state.known(scope.module).steps[step];
                let (instance, path) = instance(slots, rest);
                let instance = instance.ok_or_else(|| opaque("takes all instances of a step at once"))?;
                leaf(scope, scope.module, step, &instance, path)
                    .ok_or_else(|| opaque("takes an instance that is known only while running"))
            }
            Target::This => {
                let address = self.this.ok_or_else(|| opaque("cannot be evaluated"))?.to_owned();
                let value = part(&scope.this.cloned().unwrap_or(Value::NULL), rest);
                Ok(Symbol::Leaf(Leaf { address, path: rest.to_vec(), is_secret: value.has_deep_marks() }))
            }
            _ => match made_from(scope, scope.module, span, target, rest) {
                Some((made_in, expression, rest)) => self.follow(&made_in, expression, &rest),
                None => Err(opaque("is known only while running")),
            },
        }
    }
}

/// Returns the reference that an expression is; none if it is more.
fn written(expression: &Expression) -> Option<Reference> {
    match &expression.kind {
        ExpressionKind::Variable(name) => Some(Reference::new(name, expression.span, &[])),
        _ => expression.as_reference(),
    }
}

/// Returns a part of the result of an instance of a step; none if there is no such instance.
fn leaf(
    scope: &EvalScope<'_>,
    module: ModuleId,
    step: usize,
    instance: &Instance,
    path: &[Segment],
) -> Option<Symbol> {
    let object = scope.state.step(module, step, instance)?;
    let node = Node::Item { module, item: Item::Step(step), instance: instance.clone() };
    let is_secret = part(&object, path).has_deep_marks();
    Some(Symbol::Leaf(Leaf { address: scope.state.modules.address(&node), path: path.to_vec(), is_secret }))
}

/// Returns the part of a value at a path, as far as it is known.
fn part(value: &Value, path: &[Segment]) -> Value {
    path.iter().fold(value.clone(), |value, segment| {
        let inner = match (value.data(), segment) {
            (Data::Object(entries) | Data::Map(_, entries), segment) => {
                segment.name().and_then(|name| entries.get(name)).cloned()
            }
            (Data::Tuple(elements) | Data::List(_, elements), Segment::Index(key)) => match &key.value {
                Key::Number(number) => number.to_usize().and_then(|at| elements.get(at)).cloned(),
                Key::String(_) => None,
            },
            (Data::Unknown(_), _) => return value,
            _ => None,
        };
        inner.unwrap_or(Value::NULL).with_marks(value.marks())
    })
}

impl Plan {
    /// Returns the scope of a step's expressions, its declaration and its result, as far as they are known.
    #[must_use]
    pub fn written_as<'a>(&'a self, planned: &PlannedStep) -> Option<(EvalScope<'a>, &'a Step, Value)> {
        let Node::Item { module, item: Item::Step(index), instance } = self.graph.get(planned.node) else {
            return None;
        };
        let scope = self.state.step_scope(*module, *index, instance);
        let step = self.state.runbook(*module).steps.get(*index)?;
        Some((scope, step, self.state.step(*module, *index, instance)?))
    }
}

/// The most elements of a list that is made for a part of it.
const MOST_ELEMENTS: usize = 1000;

/// Returns a value with another part at a path; none if there can be no such part.
#[must_use]
pub fn with_part(value: &Value, path: &[Segment], inner: &Value) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else {
        return Some(inner.clone().with_marks(value.marks()));
    };
    let unknown = || Value::unknown(Type::Any, value.origins());
    let Some(name) = first.name() else {
        let Segment::Index(Spanned { value: Key::Number(index), .. }) = first else { return None };
        let mut elements = match value.data() {
            Data::Tuple(elements) => Vec::clone(elements),
            Data::Unknown(_) => Vec::new(),
            _ => return None,
        };
        let index = index.to_usize().filter(|index| *index < MOST_ELEMENTS)?;
        while elements.len() <= index {
            elements.push(unknown());
        }
        elements[index] = with_part(&elements[index], rest, inner)?;
        return Some(Value::tuple(elements).with_marks(value.marks()));
    };
    let mut entries = match value.data() {
        Data::Object(entries) => Entries::clone(entries),
        Data::Unknown(_) => Entries::new(),
        _ => return None,
    };
    let before = entries.get(name).cloned().unwrap_or_else(unknown);
    entries.insert(name.clone(), with_part(&before, rest, inner)?);
    Some(Value::object(entries).with_marks(value.marks()))
}
