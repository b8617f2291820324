//! Text to tree: bodies, expressions and templates, each with the place where it was written.
//!
//! [`parse`] reads a runbook file. Our own code finds the arguments and blocks of a body, so that one bad argument does
//! not hide the next.
//!
//! Limits, so that no file can exhaust the program: a file is at most [`MAX_FILE`] bytes, an
//! expression at most 1 MiB, and brackets, blocks, and conditionals are at most 128 deep, about a
//! thousand operators may stand in a row.

mod body;
mod check;
mod expression;
pub(crate) mod lexer;
mod parse;
mod parser;
mod read;
mod reference;
mod structure;
mod template;
#[cfg(test)]
mod tests;
mod walk;

pub use body::{Attribute, Block, Body};
pub use expression::{
    Binary, BinaryOperator, Call, Conditional, Expression, ExpressionKind, For, ForKey, ObjectItem,
    Traversal, TraversalStep, Unary, UnaryOperator,
};
pub use lexer::is_identifier;
pub use parse::{Parsed, parse, parse_expression, parse_template};
pub use read::{MAX_FILE, check_file, read_given_source, read_source, read_source_from};
pub use reference::{Key, Reference, Segment, Use};
pub use template::{Template, TemplateFor, TemplateIf, TemplatePart};
