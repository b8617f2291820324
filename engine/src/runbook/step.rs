//! Defines steps.

use std::sync::Arc;

use crate::jmespath;
use crate::source::{Span, Spanned};
use crate::step::StepType;
use crate::syntax::{Attribute, Expression, Reference};

use super::{Control, Repetition, Rule, TypedBlock};

/// The block `step "type" "name" { … }`.
#[derive(Clone)]
pub struct Step {
    /// The address in its runbook: `step.type.name`.
    pub address: Arc<str>,
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The name of the type.
    pub type_name: Spanned<Arc<str>>,
    /// The type.
    pub step_type: Arc<dyn StepType>,
    /// The header, `step "type" "name"`.
    pub header: Span,
    /// The description.
    pub description: Option<String>,
    /// The repetition, if any.
    pub repetition: Option<Repetition>,
    /// The arguments of its type, with nested blocks converted to expressions.
    pub arguments: Vec<Attribute>,
    /// The dependencies beyond its references.
    pub depends_on: Vec<Reference>,
    /// The values extracted from the response.
    pub extract: Vec<Extract>,
    /// True if `extract` has all names that it is meant to have: it has no error.
    pub is_extract_whole: bool,
    /// The identity that acts, if the step names one.
    pub identity: Option<Reference>,
    /// The control settings.
    pub control: Control,
    /// True if the whole result is sensitive.
    pub sensitive: bool,
    /// True if the block could be read without an error.
    pub is_whole: bool,
    /// The preconditions.
    pub preconditions: Vec<Rule>,
    /// The postconditions, which may refer to `self`.
    pub postconditions: Vec<Rule>,
}

/// An entry of `extract`.
#[derive(Clone, Debug)]
pub struct Extract {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The query on the response.
    pub query: Query,
    /// The span of the query.
    pub span: Span,
}

/// A JMESPath query in a runbook.
#[derive(Clone, Debug)]
pub enum Query {
    /// A literal query, compiled when the runbook is loaded.
    Constant(Arc<jmespath::Query>),
    /// An expression, compiled when it is evaluated.
    Computed(Expression),
}

impl Step {
    /// Returns the expressions of each instance, except those that may refer to `self`.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let arguments = self.arguments.iter().map(|argument| &argument.expression);
        let queries = self.extract.iter().filter_map(|extract| match &extract.query {
            Query::Computed(expression) => Some(expression),
            Query::Constant(_) => None,
        });
        let rules = self.preconditions.iter().flat_map(Rule::expressions);
        arguments.chain(queries).chain(self.control.expressions()).chain(rules)
    }

    /// Returns the expressions that may refer to `self`: the postconditions, and the conditions for
    /// repetition.
    pub fn later_expressions(&self) -> impl Iterator<Item = &Expression> {
        self.postconditions.iter().flat_map(Rule::expressions).chain(self.control.conditions())
    }

    /// Returns the arguments with their declarations.
    #[must_use]
    pub fn typed(&self) -> TypedBlock<'_> {
        let fields = &self.step_type.schema().arguments;
        TypedBlock { arguments: &self.arguments, fields, header: self.header }
    }

    /// Returns the span of the argument with that name, or of the step if it is missing.
    #[must_use]
    pub fn place(&self, name: &str) -> Span {
        self.typed().place(name)
    }
}
