//! Collects the references of an expression.

use std::fmt;
use std::sync::Arc;

use super::expression::{Expression, ExpressionKind, Traversal, TraversalStep};
use super::template::{Template, TemplatePart};
use crate::source::{Span, Spanned};
use crate::value::{Data, Number, Value, quote};

/// A free name of an expression and the constant steps after it: `step.blob.report["x"].url`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The first name.
    pub root: Spanned<Arc<str>>,
    /// The steps up to the first that is not constant.
    pub path: Vec<Segment>,
    /// The span from the root to the last step in `path`.
    pub span: Span,
}

/// A constant step of a reference.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    /// `.name`.
    Attribute(Spanned<Arc<str>>),
    /// `["key"]` or `[0]`.
    Index(Spanned<Key>),
}

/// A constant index.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// `["key"]`.
    String(Arc<str>),
    /// `[0]`.
    Number(Number),
}

impl Key {
    /// Returns the key as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::String(key) => Value::string(key.clone()),
            Self::Number(key) => key.clone().into(),
        }
    }
}

impl Segment {
    /// Returns the span.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Attribute(name) => name.span,
            Self::Index(key) => key.span,
        }
    }

    /// Returns the name or the string key; none for a number.
    #[must_use]
    pub fn name(&self) -> Option<&Arc<str>> {
        match self {
            Self::Attribute(name) => Some(&name.value),
            Self::Index(Spanned { value: Key::String(key), .. }) => Some(key),
            Self::Index(_) => None,
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => write!(f, ".{}", name.value),
            Self::Index(key) => match &key.value {
                Key::String(key) => write!(f, "[{}]", quote(key)),
                Key::Number(key) => write!(f, "[{key}]"),
            },
        }
    }
}

impl fmt::Display for Reference {
    /// Writes the reference as an expression: `step.blob.report["x"].url`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root.value)?;
        self.path.iter().try_for_each(|segment| segment.fmt(f))
    }
}

impl Reference {
    /// Returns the reference of a name and the constant steps after it.
    pub(crate) fn new(root: &Arc<str>, at: Span, steps: &[Spanned<TraversalStep>]) -> Self {
        let path: Vec<Segment> = steps.iter().map_while(segment).collect();
        let span = path.last().map_or(at, |last| at.to(last.span()));
        Self { root: Spanned::new(root.clone(), at), path, span }
    }
}

fn segment(step: &Spanned<TraversalStep>) -> Option<Segment> {
    match &step.value {
        TraversalStep::Attribute(name) => Some(Segment::Attribute(Spanned::new(name.clone(), step.span))),
        TraversalStep::Index(index) => {
            let ExpressionKind::Literal(value) = &index.kind else { return None };
            let key = match value.data() {
                Data::String(key) => Key::String(key.clone()),
                Data::Number(key) => Key::Number(key.clone()),
                _ => return None,
            };
            Some(Segment::Index(Spanned::new(key, step.span)))
        }
        TraversalStep::Splat(_) => None,
    }
}

/// A reference with the computed index after it, if any.
#[derive(Clone, Debug)]
pub struct Use {
    /// The constant part.
    pub reference: Reference,
    /// The computed key directly after it, as in `step.a.b[each.key]`; none if an enclosing `for` binds a
    /// name in it.
    pub key: Option<Expression>,
}

/// Returns the free references of `expression` in source order.
pub(super) fn collect(expression: &Expression) -> Vec<Use> {
    let mut collector = Collector::default();
    collector.expression(expression);
    collector.found
}

/// Returns the computed index after the constant steps.
fn computed(steps: &[Spanned<TraversalStep>]) -> Option<&Expression> {
    match &steps.iter().find(|step| segment(step).is_none())?.value {
        TraversalStep::Index(key) => Some(key),
        TraversalStep::Attribute(_) | TraversalStep::Splat(_) => None,
    }
}

#[derive(Default)]
struct Collector {
    bound: Vec<Arc<str>>,
    found: Vec<Use>,
}

impl Collector {
    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Literal(_) | ExpressionKind::Invalid => {}
            ExpressionKind::Template(template) => self.template(template),
            ExpressionKind::Wrap(inner) | ExpressionKind::Parenthesis(inner) => self.expression(inner),
            ExpressionKind::Variable(name) => self.name(name, expression.span, &[]),
            ExpressionKind::Traversal(traversal) => self.traversal(traversal),
            ExpressionKind::Tuple(elements) => elements.iter().for_each(|element| self.expression(element)),
            ExpressionKind::Object(items) => {
                for item in items {
                    self.expression(&item.key);
                    self.expression(&item.value);
                }
            }
            ExpressionKind::Call(call) => {
                call.arguments.iter().for_each(|argument| self.expression(argument));
            }
            ExpressionKind::Conditional(conditional) => {
                self.expression(&conditional.condition);
                self.expression(&conditional.then);
                self.expression(&conditional.otherwise);
            }
            ExpressionKind::Unary(unary) => self.expression(&unary.operand),
            ExpressionKind::Binary(binary) => {
                self.expression(&binary.left);
                self.expression(&binary.right);
            }
            ExpressionKind::For(each) => {
                self.expression(&each.collection);
                self.binding(each.key_name.as_ref(), &each.value_name, |collector| {
                    let key = each.key.as_ref().map(|key| &key.expression);
                    for part in [key, Some(&each.result), each.condition.as_ref()].into_iter().flatten() {
                        collector.expression(part);
                    }
                });
            }
        }
    }

    fn traversal(&mut self, traversal: &Traversal) {
        match &traversal.base.kind {
            ExpressionKind::Variable(name) => self.name(name, traversal.base.span, &traversal.steps),
            _ => self.expression(&traversal.base),
        }
        self.steps(&traversal.steps);
    }

    fn steps(&mut self, steps: &[Spanned<TraversalStep>]) {
        for step in steps {
            match &step.value {
                TraversalStep::Attribute(_) => {}
                TraversalStep::Index(key) => self.expression(key),
                TraversalStep::Splat(steps) => self.steps(steps),
            }
        }
    }

    fn template(&mut self, template: &Template) {
        for part in &template.parts {
            match part {
                TemplatePart::Text(_) => {}
                TemplatePart::Interpolation(inner) => self.expression(inner),
                TemplatePart::If(choice) => {
                    self.expression(&choice.condition);
                    self.template(&choice.then);
                    self.template(&choice.otherwise);
                }
                TemplatePart::For(each) => {
                    self.expression(&each.collection);
                    self.binding(each.key_name.as_ref(), &each.value_name, |collector| {
                        collector.template(&each.body);
                    });
                }
            }
        }
    }

    fn name(&mut self, name: &Arc<str>, at: Span, steps: &[Spanned<TraversalStep>]) {
        if !self.bound.contains(name) {
            let key = computed(steps).filter(|key| !self.binds(key)).cloned();
            self.found.push(Use { reference: Reference::new(name, at, steps), key });
        }
    }

    /// Returns true if an enclosing `for` binds a name in `key`.
    fn binds(&self, key: &Expression) -> bool {
        !self.bound.is_empty()
            && collect(key).iter().any(|used| self.bound.contains(&used.reference.root.value))
    }

    fn binding(
        &mut self,
        key: Option<&Spanned<Arc<str>>>,
        value: &Spanned<Arc<str>>,
        inside: impl FnOnce(&mut Self),
    ) {
        let outside = self.bound.len();
        self.bound.extend(key.into_iter().chain([value]).map(|name| name.value.clone()));
        inside(self);
        self.bound.truncate(outside);
    }
}
