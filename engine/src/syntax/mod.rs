//! Parses text into trees of bodies, expressions and templates, with source positions.
//!
//! [`parse`] reads a runbook file. The arguments and blocks of a body are found separately, so that an
//! invalid argument does not hide the next one.
//!
//! Limits keep any file from exhausting the program: a file has at most [`MAX_FILE`] bytes and an expression
//! at most 1 MiB; brackets, blocks and conditionals are at most 128 deep; and about a thousand operators may
//! follow each other.

mod body;
mod check;
mod depth;
mod expression;
mod inside;
pub(crate) mod lexer;
mod parse;
mod parser;
mod read;
mod reference;
mod stray;
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
pub use inside::inside;
pub use lexer::is_identifier;
pub use parse::{Parsed, parse, parse_expression, parse_for_layout, parse_template};
pub use read::{MAX_FILE, check_file, read_given_source, read_source, read_source_from, text_on_disk};
pub use reference::{Key, Reference, Segment, Use};
pub use template::{Template, TemplateFor, TemplateIf, TemplatePart};
