//! Templates.

use std::sync::Arc;

use super::Expression;
use crate::source::Spanned;

/// Text with interpolations and directives; escapes, `~` markers and the indentation of `<<-` are already resolved.
#[derive(Clone, Debug)]
pub struct Template {
    /// The parts, in order.
    pub parts: Vec<TemplatePart>,
}

/// A piece of a template.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Text as it is; not empty.
    Text(Arc<str>),
    /// `${x}`.
    Interpolation(Expression),
    /// `%{ if x }…%{ else }…%{ endif }`.
    If(Box<TemplateIf>),
    /// `%{ for x in y }…%{ endfor }`.
    For(Box<TemplateFor>),
}

/// `%{ if condition }then%{ else }otherwise%{ endif }`.
#[derive(Clone, Debug)]
pub struct TemplateIf {
    /// Decides.
    pub condition: Expression,
    /// Taken when it is true.
    pub then: Template,
    /// Taken when it is false; without an `else`, it is empty.
    pub otherwise: Template,
}

/// `%{ for key, value in collection }body%{ endfor }`.
#[derive(Clone, Debug)]
pub struct TemplateFor {
    /// The name that stands for the key or the index.
    pub key_name: Option<Spanned<Arc<str>>>,
    /// The name that stands for the element.
    pub value_name: Spanned<Arc<str>>,
    /// What it goes through.
    pub collection: Expression,
    /// What is written for each element.
    pub body: Template,
}
