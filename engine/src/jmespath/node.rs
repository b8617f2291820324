//! A checked query as a tree.

use std::ops::Range;
use std::sync::Arc;

use jmespath::ast::Comparator;

use super::functions::Function;
use crate::value::Value;

/// An expression; each is evaluated against a current value.
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
    /// `$name`: the value that was bound after so many others.
    Variable(usize),
    /// `let $name = a in b`: more values are bound while the last expression is evaluated.
    Let(Vec<Self>, Box<Self>),
    /// `a.b` and `a | b`
    Chain(Box<Self>, Box<Self>),
    /// What comes after `[*]`, `*`, `[]` or a slice, for each element.
    Project(Box<Self>, Box<Self>),
    /// `[?predicate]` and what comes after it.
    Filter {
        /// What is filtered.
        source: Box<Self>,
        /// What an element must fulfil.
        predicate: Box<Self>,
        /// What becomes of it then.
        then: Box<Self>,
    },
    /// The values of an object.
    Values(Box<Self>),
    /// Arrays in an array, as one.
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

/// The ends of a slice and its step, as in Python.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    pub(super) start: Option<i32>,
    pub(super) end: Option<i32>,
    pub(super) step: i32,
}

/// A function call whose arguments fit the function in number and sort.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) function: &'static Function,
    /// Where its name is in the query.
    pub(super) name: Range<usize>,
    /// The arguments that are values.
    pub(super) arguments: Vec<Node>,
    /// The argument that is an expression, if it takes one.
    pub(super) expression: Option<Box<Node>>,
}
