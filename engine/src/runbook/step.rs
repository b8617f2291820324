//! What a runbook does.

use std::sync::Arc;

use crate::jmespath;
use crate::source::{Span, Spanned};
use crate::step::StepType;
use crate::syntax::{Attribute, Expression, Reference};

use super::{Control, Repetition, Rule};

/// `step "type" "name" { … }`.
#[derive(Clone)]
pub struct Step {
    /// The address in its runbook: `step.type.name`.
    pub address: Arc<str>,
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The type, as written.
    pub type_name: Spanned<Arc<str>>,
    /// The type.
    pub step_type: Arc<dyn StepType>,
    /// `step "type" "name"`.
    pub header: Span,
    /// What it is for.
    pub description: Option<String>,
    /// How often there is one.
    pub repetition: Option<Repetition>,
    /// The arguments of its type; nested blocks have become expressions.
    pub arguments: Vec<Attribute>,
    /// What it waits for beside what it refers to.
    pub depends_on: Vec<Reference>,
    /// What it takes out of the response.
    pub extract: Vec<Extract>,
    /// When it is done, and what follows when it fails.
    pub control: Control,
    /// Whether everything it gives is sensitive.
    pub sensitive: bool,
    /// Whether all of the block could be read.
    pub is_whole: bool,
    /// What must hold before it is done.
    pub preconditions: Vec<Rule>,
    /// What must hold afterwards, of `self` too.
    pub postconditions: Vec<Rule>,
}

/// One entry of `extract`.
#[derive(Clone, Debug)]
pub struct Extract {
    /// The name it gets.
    pub name: Spanned<Arc<str>>,
    /// What is asked of the response.
    pub query: Query,
    /// Where the query was written.
    pub span: Span,
}

/// A JMESPath query in a runbook.
#[derive(Clone, Debug)]
pub enum Query {
    /// Written out: checked when the runbook is loaded.
    Constant(Arc<jmespath::Query>),
    /// Put together by an expression: checked when it is evaluated.
    Computed(Expression),
}

impl Step {
    /// The expressions of each of its instances, but for those that may refer to `self`.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let arguments = self.arguments.iter().map(|argument| &argument.expression);
        let queries = self.extract.iter().filter_map(|extract| match &extract.query {
            Query::Computed(expression) => Some(expression),
            Query::Constant(_) => None,
        });
        let rules = self.preconditions.iter().flat_map(Rule::expressions);
        arguments.chain(queries).chain(self.control.expressions()).chain(rules)
    }

    /// The expressions that may refer to `self`: those of its postconditions, and what it is repeated for.
    pub fn later_expressions(&self) -> impl Iterator<Item = &Expression> {
        self.postconditions.iter().flat_map(Rule::expressions).chain(self.control.conditions())
    }

    /// The place of the argument called `name`, or of the step when it was left out.
    #[must_use]
    pub fn place(&self, name: &str) -> Span {
        let argument = self.arguments.iter().find(|argument| &*argument.name.value == name);
        argument.map_or(self.header, |argument| argument.expression.span)
    }
}
