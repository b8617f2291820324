//! Defines expressions.

use std::sync::Arc;

use super::{Reference, Template, Use};
use crate::source::{Span, Spanned};
use crate::value::Value;

/// An expression with its source position.
#[derive(Clone, Debug)]
pub struct Expression {
    /// The form.
    pub kind: ExpressionKind,
    /// The whole expression.
    pub span: Span,
}

/// The forms of expressions.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// `null`, `true`, `1.5`, `"text"`.
    Literal(Value),
    /// A string with interpolations or directives.
    Template(Template),
    /// `"${x}"`: a template of only one interpolation, which keeps the type of its value.
    Wrap(Box<Expression>),
    /// `name`.
    Variable(Arc<str>),
    /// `base.name[key]…`.
    Traversal(Box<Traversal>),
    /// `[a, b]`.
    Tuple(Vec<Expression>),
    /// `{ a = b }`.
    Object(Vec<ObjectItem>),
    /// `name(a, b...)`.
    Call(Box<Call>),
    /// `condition ? then : otherwise`.
    Conditional(Box<Conditional>),
    /// `-x`, `!x`.
    Unary(Box<Unary>),
    /// `a + b`.
    Binary(Box<Binary>),
    /// `[for …]`, `{for …}`.
    For(Box<For>),
    /// `(x)`.
    Parenthesis(Box<Expression>),
    /// An unreadable expression with a reported error; it has no references, and its value is unknown.
    Invalid,
}

impl Expression {
    /// Returns the reference, if the expression is only that.
    #[must_use]
    pub fn as_reference(&self) -> Option<Reference> {
        let ExpressionKind::Traversal(traversal) = &self.kind else { return None };
        let ExpressionKind::Variable(root) = &traversal.base.kind else { return None };
        let reference = Reference::new(root, traversal.base.span, &traversal.steps);
        (reference.path.len() == traversal.steps.len()).then_some(reference)
    }

    /// Returns the free references in source order; names bound by `for` expressions in it are not
    /// references.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        self.uses().into_iter().map(|used| used.reference).collect()
    }

    /// Returns the free references, each with the computed index that follows it.
    #[must_use]
    pub fn uses(&self) -> Vec<Use> {
        super::reference::collect(self)
    }
}

/// A base expression followed by steps.
#[derive(Clone, Debug)]
pub struct Traversal {
    /// The base.
    pub base: Expression,
    /// The steps; at least one.
    pub steps: Vec<Spanned<TraversalStep>>,
}

/// A step of a traversal.
#[derive(Clone, Debug)]
pub enum TraversalStep {
    /// `.name`.
    Attribute(Arc<str>),
    /// `[key]`, or the legacy `.0`.
    Index(Box<Expression>),
    /// `[*]` or `.*`: the steps are applied to each element, and the results form a tuple.
    ///
    /// After `[*]` these are all following steps; after `.*`, the following attributes and legacy indexes.
    Splat(Vec<Spanned<TraversalStep>>),
}

/// An item `key = value` of an object literal.
#[derive(Clone, Debug)]
pub struct ObjectItem {
    /// The key; a bare name is a literal.
    pub key: Expression,
    /// The value.
    pub value: Expression,
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The name, with its namespace if given: `core::max`.
    pub name: Spanned<Arc<str>>,
    /// The arguments.
    pub arguments: Vec<Expression>,
    /// True if `...` expands the last argument.
    pub expand: bool,
}

impl Call {
    /// Returns the name of the function without the namespace `core::`, which is optional.
    #[must_use]
    pub fn function(&self) -> &str {
        self.name.value.strip_prefix("core::").unwrap_or(&self.name.value)
    }
}

/// A conditional, `condition ? then : otherwise`.
#[derive(Clone, Debug)]
pub struct Conditional {
    /// The condition.
    pub condition: Expression,
    /// The result if the condition is true.
    pub then: Expression,
    /// The result if the condition is false.
    pub otherwise: Expression,
}

/// A unary operation.
#[derive(Clone, Debug)]
pub struct Unary {
    /// The operator.
    pub operator: Spanned<UnaryOperator>,
    /// The operand.
    pub operand: Expression,
}

/// A unary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`.
    Negate,
    /// `!`.
    Not,
}

/// A binary operation.
#[derive(Clone, Debug)]
pub struct Binary {
    /// The left operand.
    pub left: Expression,
    /// The operator.
    pub operator: Spanned<BinaryOperator>,
    /// The right operand.
    pub right: Expression,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `&&`.
    And,
    /// `||`.
    Or,
}

impl BinaryOperator {
    /// Returns the operator as written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::And => "&&",
            Self::Or => "||",
        }
    }
}

impl UnaryOperator {
    /// Returns the operator as written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Negate => "-",
            Self::Not => "!",
        }
    }
}

/// A `for` expression, `[for key, value in collection : result if condition]`.
#[derive(Clone, Debug)]
pub struct For {
    /// The variable of the key or the index.
    pub key_name: Option<Spanned<Arc<str>>>,
    /// The variable of the element.
    pub value_name: Spanned<Arc<str>>,
    /// The collection.
    pub collection: Expression,
    /// The key, in `{for … : key => result}`; none in the tuple form.
    pub key: Option<ForKey>,
    /// The result for each element.
    pub result: Expression,
    /// The condition that selects elements.
    pub condition: Option<Expression>,
}

/// The key of a `for` expression that returns an object.
#[derive(Clone, Debug)]
pub struct ForKey {
    /// The key.
    pub expression: Expression,
    /// True if `...` groups the results of equal keys in tuples.
    pub grouped: bool,
}
