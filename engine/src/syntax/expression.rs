//! Expressions.

use std::sync::Arc;

use super::{Reference, Template, Use};
use crate::source::{Span, Spanned};
use crate::value::Value;

/// An expression and where it was written.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// All of it.
    pub span: Span,
}

/// The forms of expressions.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// `null`, `true`, `1.5`, `"text"`.
    Literal(Value),
    /// Text with interpolations or directives in it.
    Template(Template),
    /// `"${x}"`: a template that is nothing but one interpolation keeps the type of what it holds.
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
    /// What could not be read, and was complained of; it refers to nothing, and its value is not known.
    Invalid,
}

impl Expression {
    /// The reference that it is, when it is nothing else.
    #[must_use]
    pub fn as_reference(&self) -> Option<Reference> {
        let ExpressionKind::Traversal(traversal) = &self.kind else { return None };
        let ExpressionKind::Variable(root) = &traversal.base.kind else { return None };
        let reference = Reference::new(root, traversal.base.span, &traversal.steps);
        (reference.path.len() == traversal.steps.len()).then_some(reference)
    }

    /// What it refers to outside itself, in the order written; names bound by its own `for`s are not references.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        self.uses().into_iter().map(|used| used.reference).collect()
    }

    /// The same, each with the computed index that follows it.
    #[must_use]
    pub fn uses(&self) -> Vec<Use> {
        super::reference::collect(self)
    }
}

/// A base and the steps taken from it.
#[derive(Clone, Debug)]
pub struct Traversal {
    /// Where it starts.
    pub base: Expression,
    /// The steps; at least one.
    pub steps: Vec<Spanned<TraversalStep>>,
}

/// One step of a traversal.
#[derive(Clone, Debug)]
pub enum TraversalStep {
    /// `.name`.
    Attribute(Arc<str>),
    /// `[key]`, or `.0` in the old way.
    Index(Box<Expression>),
    /// `[*]` and `.*`: these steps are taken from each element, and their results make a tuple.
    ///
    /// After `[*]` they are all the steps that follow; after `.*`, the attributes and old-style indices that follow.
    Splat(Vec<Spanned<TraversalStep>>),
}

/// `key = value` in an object literal.
#[derive(Clone, Debug)]
pub struct ObjectItem {
    /// The key; a bare name has become a literal.
    pub key: Expression,
    /// The value.
    pub value: Expression,
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The name, with its namespace when it has one: `core::max`.
    pub name: Spanned<Arc<str>>,
    /// The arguments.
    pub arguments: Vec<Expression>,
    /// Whether `...` spreads the last one.
    pub expand: bool,
}

/// `condition ? then : otherwise`.
#[derive(Clone, Debug)]
pub struct Conditional {
    /// Decides.
    pub condition: Expression,
    /// Taken when it is true.
    pub then: Expression,
    /// Taken when it is false.
    pub otherwise: Expression,
}

/// An operator before its operand.
#[derive(Clone, Debug)]
pub struct Unary {
    /// The operator.
    pub operator: Spanned<UnaryOperator>,
    /// The operand.
    pub operand: Expression,
}

/// The operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`.
    Negate,
    /// `!`.
    Not,
}

/// An operator between two operands.
#[derive(Clone, Debug)]
pub struct Binary {
    /// The left operand.
    pub left: Expression,
    /// The operator.
    pub operator: Spanned<BinaryOperator>,
    /// The right operand.
    pub right: Expression,
}

/// The operators with two operands.
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
    /// As written.
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
    /// As written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Negate => "-",
            Self::Not => "!",
        }
    }
}

/// `[for key, value in collection : result if condition]`.
#[derive(Clone, Debug)]
pub struct For {
    /// The name that stands for the key or the index.
    pub key_name: Option<Spanned<Arc<str>>>,
    /// The name that stands for the element.
    pub value_name: Spanned<Arc<str>>,
    /// What it goes through.
    pub collection: Expression,
    /// `{for … : key => result}`; none in the tuple form.
    pub key: Option<ForKey>,
    /// What it gives for each element.
    pub result: Expression,
    /// Which elements it takes.
    pub condition: Option<Expression>,
}

/// The key of a `for` that gives an object.
#[derive(Clone, Debug)]
pub struct ForKey {
    /// The key.
    pub expression: Expression,
    /// Whether `...` gathers the results of equal keys in a tuple.
    pub grouped: bool,
}
