//! Defines steps.

use std::sync::Arc;

use crate::jmespath;
use crate::source::{Span, Spanned};
use crate::step::StepType;
use crate::syntax::{Attribute, Expression, Reference, inside};
use crate::value::PathStep;

use super::{Control, Repetition, Rule};

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

    /// Returns the span of the argument with that name, or of the step if it is missing.
    #[must_use]
    pub fn place(&self, name: &str) -> Span {
        self.argument(name).map_or(self.header, |argument| argument.expression.span)
    }

    /// Returns the argument with that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Attribute> {
        self.arguments.iter().find(|argument| &*argument.name.value == name)
    }

    /// Returns the expression that a path from the arguments leads to, and true if it is that of the whole path;
    /// otherwise it is that of the longest part of the path that is written out. None if the argument is missing.
    #[must_use]
    pub fn part(&self, path: &[PathStep]) -> Option<(&Expression, bool)> {
        let (Some(PathStep::Attribute(name)), steps) = (path.first(), path.get(1..)?) else { return None };
        let mut expression = &self.argument(name)?.expression;
        for step in steps {
            let Some((part, _)) = inside(expression, step) else { return Some((expression, false)) };
            expression = part;
        }
        Some((expression, true))
    }
}
