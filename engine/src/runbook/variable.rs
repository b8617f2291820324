//! What a runbook is given.

use std::sync::Arc;

use crate::source::Spanned;
use crate::value::{TypeConstraint, Value};

use super::Rule;

/// `variable "name" { … }`.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// What it is for.
    pub description: Option<String>,
    /// The type it takes.
    pub constraint: TypeConstraint,
    /// Whether the type was given.
    pub typed: bool,
    /// The value when none is given, already of that type.
    pub default: Option<Value>,
    /// Whether its value is sensitive, and so not shown.
    pub sensitive: bool,
    /// Whether its value is ephemeral, and so neither shown nor kept.
    pub ephemeral: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// What its value must satisfy: its `validation` blocks.
    pub rules: Vec<Rule>,
}
