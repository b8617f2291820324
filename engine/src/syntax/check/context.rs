//! What is known of the bracket that a token stands in.

use std::ops::Range;

use crate::source::Span;

/// The kinds of brackets, by what may stand in them.
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
    /// A quoted string, a heredoc, a template file.
    Text,
}

/// How far a `for` has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ForStage {
    /// This is no `for`.
    None,
    /// Before the colon.
    Collection,
    /// After it.
    Result,
    /// After `if`.
    Condition,
}

pub(super) struct Context {
    pub kind: Kind,
    /// The opening bracket.
    pub open: Range<usize>,
    /// Whether an operand must come next, not an operator.
    pub wants_operand: bool,
    /// In an object, whether the key has been read.
    pub in_value: bool,
    pub stage: ForStage,
    /// In a `for`, whether its `=>` has been read.
    pub has_arrow: bool,
    /// Each `?` that waits for its `:`.
    pub conditionals: Vec<Span>,
    /// In text, each directive that waits for its end.
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

    /// Whether a key of an object stands here.
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
