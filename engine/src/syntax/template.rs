//! Defines templates.

use std::sync::Arc;

use super::Expression;
use crate::source::Spanned;

/// A string with interpolations and directives; escapes, `~` markers and the indentation of `<<-` are already
/// resolved.
#[derive(Clone, Debug)]
pub struct Template {
    /// The parts, in order.
    pub parts: Vec<TemplatePart>,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Literal text; not empty.
    Text(Arc<str>),
    /// `${x}`.
    Interpolation(Expression),
    /// `%{ if x }…%{ else }…%{ endif }`.
    If(Box<TemplateIf>),
    /// `%{ for x in y }…%{ endfor }`.
    For(Box<TemplateFor>),
}

/// A directive `%{ if condition }then%{ else }otherwise%{ endif }`.
#[derive(Clone, Debug)]
pub struct TemplateIf {
    /// The condition.
    pub condition: Expression,
    /// The result if the condition is true.
    pub then: Template,
    /// The result if the condition is false; empty without an `else`.
    pub otherwise: Template,
}

/// A directive `%{ for key, value in collection }body%{ endfor }`.
#[derive(Clone, Debug)]
pub struct TemplateFor {
    /// The variable of the key or the index.
    pub key_name: Option<Spanned<Arc<str>>>,
    /// The variable of the element.
    pub value_name: Spanned<Arc<str>>,
    /// The collection.
    pub collection: Expression,
    /// The text for each element.
    pub body: Template,
}
