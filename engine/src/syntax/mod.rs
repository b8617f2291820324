//! Text to tree: bodies, expressions and templates, each with the place where it was written.
//!
//! [`parse`] reads a runbook file. Our own code finds the arguments and blocks of a body, so that one bad argument does
//! not hide the next; `hcl-edit` reads each expression; what it found is lowered to the small tree here at once and its
//! own tree dropped. The rest of the engine never sees `hcl-edit`.
//!
//! Limits, so that no file can exhaust the program: a file is at most [`MAX_FILE`] bytes, an
//! expression at most 1 MiB, an object literal has at most 4,000 keys, brackets and blocks nest at most 60 deep, and a
//! chain of binary operators has at most 128.

mod body;
mod check;
mod expression;
mod large_number;
pub(crate) mod lexer;
mod lower;
mod parse;
mod read;
mod reference;
mod structure;
mod template;
#[cfg(test)]
mod tests;
mod walk;

pub use body::{Attribute, Block, Body};
pub use expression::{
    Binary, BinaryOperator, Call, Conditional, Expression, ExpressionKind, For, ForKey, ObjectItem, Step,
    Traversal, Unary, UnaryOperator,
};
pub use parse::{parse, parse_expression, parse_template};
pub use read::{MAX_FILE, read_source, read_source_from};
pub use reference::{Key, Reference, Segment};
pub use template::{Template, TemplateFor, TemplateIf, TemplatePart};
