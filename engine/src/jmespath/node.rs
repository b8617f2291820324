//! Defines the tree of a checked query.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jmespath::ast::Comparator;

use super::functions::Function;
use crate::value::Value;

/// An expression, which is evaluated for a current value.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// `@`
    Current,
    /// `name`
    Field(Arc<str>),
    /// `[0]`
    Index(i32),
    /// `[1:2:3]`; the step is not 0.
    Slice(Slice),
    /// `'text'` or `` `json` ``
    Literal(Value),
    /// `$name`, by the index of its binding, outermost first.
    Variable(usize),
    /// `let $name = a in b`: the bound values, and the body.
    Let(Vec<Self>, Box<Self>),
    /// `a.b` and `a | b`
    Chain(Box<Self>, Box<Self>),
    /// A projection by `[*]`, `*`, `[]` or a slice: the source, and the expression for each element.
    Project(Box<Self>, Box<Self>),
    /// A filter projection, `[?predicate]`.
    Filter {
        source: Box<Self>,
        /// The condition for each element.
        predicate: Box<Self>,
        /// The expression for each selected element.
        then: Box<Self>,
    },
    /// The values of an object.
    Values(Box<Self>),
    /// The flattened array.
    Flatten(Box<Self>),
    /// `[a, b]`
    List(Vec<Self>),
    /// `{name: a}`
    Hash(Vec<(Arc<str>, Self)>),
    /// `a == b`
    Compare(Comparator, Box<Self>, Box<Self>),
    /// `a && b`
    And(Box<Self>, Box<Self>),
    /// `a || b`
    Or(Box<Self>, Box<Self>),
    /// `!a`
    Not(Box<Self>),
    /// `name(a, b)`
    Call(Call),
}

/// The bounds and the step of a slice, as in Python.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    pub(super) start: Option<i32>,
    pub(super) end: Option<i32>,
    pub(super) step: i32,
}

/// A function call; the number and kinds of its arguments are checked.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) function: &'static Function,
    /// The range of the name in the query.
    pub(super) name: Range<usize>,
    pub(super) arguments: Vec<Node>,
    /// The expression argument, if any.
    pub(super) expression: Option<Box<Node>>,
}

/// Leaves out the place of the name, which is no part of the meaning.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, name: _, arguments, expression } = self;
        f.debug_tuple("Call").field(&function.name).field(arguments).field(expression).finish()
    }
}
