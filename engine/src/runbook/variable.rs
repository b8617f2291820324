//! What a runbook is given.

use std::sync::Arc;

use crate::source::Spanned;
use crate::value::{TypeConstraint, Value};

use super::{Rule, Secrecy};

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
    /// Who may see its value.
    pub secrecy: Secrecy,
    /// Whether it may be null.
    pub nullable: bool,
    /// What its value must satisfy: its `validation` blocks.
    pub rules: Vec<Rule>,
}
