//! Tracks the state of the brackets around a token.

use std::ops::Range;

use crate::source::Span;

/// The kinds of brackets, by their contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No bracket: the expression itself.
    Top,
    /// `( … )`.
    Group,
    /// `name( … )`.
    Arguments,
    /// `x[ … ]`.
    Index,
    /// `[ … ]`.
    Tuple,
    /// `{ … }`.
    Object,
    /// `${ … }`.
    Interpolation,
    /// `%{ … }`.
    Directive,
    /// A quoted string, a heredoc or a template file.
    Text,
}

/// The position within a `for`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForStage {
    /// Not in a `for`.
    None,
    /// Before the colon.
    Collection,
    /// After the colon.
    Result,
    /// After `if`.
    Condition,
}

pub(super) struct Context {
    pub kind: Kind,
    pub open: Range<usize>,
    /// True if an operand must come next, and not an operator.
    pub wants_operand: bool,
    /// In an object, true after the key.
    pub in_value: bool,
    pub stage: ForStage,
    /// In a `for`, true after its `=>`.
    pub has_arrow: bool,
    /// Each `?` without its `:` so far.
    pub conditionals: Vec<Span>,
    /// In text, each directive without its end so far.
    pub directives: Vec<(String, Span)>,
}

impl Context {
    pub fn new(kind: Kind, open: Range<usize>) -> Self {
        Self {
            kind,
            open,
            wants_operand: true,
            in_value: false,
            stage: ForStage::None,
            has_arrow: false,
            conditionals: Vec::new(),
            directives: Vec::new(),
        }
    }

    /// Returns true if the current position is a key of an object.
    pub fn is_key(&self) -> bool {
        self.kind == Kind::Object && self.stage == ForStage::None && !self.in_value
    }

    pub fn begin_value(&mut self) {
        self.in_value = true;
        self.wants_operand = true;
    }

    pub fn next_item(&mut self) {
        self.in_value = false;
        self.wants_operand = true;
    }
}
