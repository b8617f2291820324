//! Defines variables.

use std::sync::Arc;

use crate::source::Spanned;
use crate::value::{TypeConstraint, Value};

use super::{Rule, Secrecy};

/// The block `variable "name" { … }`.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The description.
    pub description: Option<String>,
    /// The type constraint.
    pub constraint: TypeConstraint,
    /// True if the block declares a type.
    pub typed: bool,
    /// The default value, already of that type.
    pub default: Option<Value>,
    /// The secrecy.
    pub secrecy: Secrecy,
    /// True if the value may be null.
    pub nullable: bool,
    /// True if an attribute that the type does not have is an error: `strict`.
    pub strict: bool,
    /// The rules for its value: its `validation` blocks.
    pub rules: Vec<Rule>,
}
