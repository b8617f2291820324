//! What a runbook declares.

use std::path::PathBuf;
use std::sync::Arc;

use crate::jmespath;
use crate::source::{FileId, Span, Spanned};
use crate::step::StepType;
use crate::syntax::{Attribute, Expression, Reference};
use crate::value::{TypeConstraint, Value};

use super::Names;

/// A runbook: everything its files declare, in the order of the files and of the lines.
pub struct Runbook {
    /// The directory it lies in; relative paths in it start here.
    pub directory: PathBuf,
    /// The name: of the directory, or of the file without its ending.
    pub name: String,
    /// The files it was read from.
    pub files: Vec<FileId>,
    /// What the `runbook` block says.
    pub settings: Settings,
    /// The `variable` blocks.
    pub variables: Vec<Variable>,
    /// The arguments of the `locals` blocks.
    pub locals: Vec<Local>,
    /// The `step` blocks.
    pub steps: Vec<Step>,
    /// The `output` blocks.
    pub outputs: Vec<Output>,
    /// What each name means.
    pub names: Names,
}

/// What the `runbook` block says.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What the runbook is for.
    pub description: Option<String>,
    /// Where the block is, if there is one.
    pub header: Option<Span>,
}

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
    /// Whether its value may be shown.
    pub sensitive: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// What its value must satisfy.
    pub validations: Vec<Validation>,
}

/// `validation { … }` in a variable.
#[derive(Clone, Debug)]
pub struct Validation {
    /// Must be true.
    pub condition: Expression,
    /// What to say when it is not.
    pub message: Expression,
}

/// One argument of a `locals` block.
#[derive(Clone, Debug)]
pub struct Local {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// What it stands for.
    pub expression: Expression,
}

/// `step "type" "name" { … }`.
#[derive(Clone)]
pub struct Step {
    /// The address: `step.type.name`.
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
    /// The arguments of its type.
    pub arguments: Vec<Attribute>,
    /// What it waits for beside what it refers to.
    pub depends_on: Vec<Reference>,
    /// What it takes out of the response.
    pub extract: Vec<Extract>,
    /// How long it may take, such as `"30s"`.
    pub timeout: Option<Expression>,
    /// Whether everything it gives is sensitive.
    pub sensitive: bool,
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

/// `output "name" { … }`.
#[derive(Clone, Debug)]
pub struct Output {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// What it is for.
    pub description: Option<String>,
    /// What it gives.
    pub expression: Expression,
    /// Whether it may be sensitive; its value is then not shown.
    pub sensitive: bool,
    /// What it waits for beside what it refers to.
    pub depends_on: Vec<Reference>,
}

impl Step {
    /// All its expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let arguments = self.arguments.iter().map(|argument| &argument.expression);
        let queries = self.extract.iter().filter_map(|extract| match &extract.query {
            Query::Computed(expression) => Some(expression),
            Query::Constant(_) => None,
        });
        arguments.chain(queries).chain(&self.timeout)
    }

    /// All that it refers to.
    pub fn references(&self) -> impl Iterator<Item = Reference> {
        self.expressions().flat_map(Expression::references).chain(self.depends_on.iter().cloned())
    }

    /// The place of the argument called `name`, or of the step when it was left out.
    #[must_use]
    pub fn place(&self, name: &str) -> Span {
        let argument = self.arguments.iter().find(|argument| &*argument.name.value == name);
        argument.map_or(self.header, |argument| argument.expression.span)
    }
}

impl Output {
    /// All that it refers to, in the order written.
    pub fn references(&self) -> impl Iterator<Item = Reference> {
        self.expression.references().into_iter().chain(self.depends_on.iter().cloned())
    }
}
