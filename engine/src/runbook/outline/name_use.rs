//! Describes uses of names.

use crate::source::Span;

/// A use of a name in an expression, a `depends_on`, an `identity` or an argument of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameUse {
    /// The name as an expression, such as `var.region` or `step.echo.hello`; of an output, an extracted value
    /// or an argument of a module, the last name alone.
    pub name: String,
    /// The place of the name, without the names after it.
    pub span: Span,
    /// The kind.
    pub kind: NameKind,
    /// The address of the block or local value that contains it.
    pub within: Option<String>,
    /// The declaration; none if there is no such name.
    pub declaration: Option<Declaration>,
}

/// The declaration of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The address in the runbook that declares it, such as `var.region`.
    pub address: String,
    /// The place of its name: of a block, its last label, with the quotes; of `each` and `count`, the value of
    /// `for_each` or `count`. None for a name that the language or a step type defines.
    pub span: Option<Span>,
}

/// The kinds of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// `var.name`.
    Variable,
    /// `local.name`.
    Local,
    /// `step.type.name`.
    Step,
    /// `module.name`.
    Module,
    /// `identity.kind.name`.
    Identity,
    /// An output of a step or of a module.
    Output,
    /// A value that a step extracts from its response.
    Extract,
    /// `each.key`, `each.value`.
    Each,
    /// `count.index`.
    Count,
    /// `self`.
    This,
    /// `path.module`, `path.root`, `path.cwd`.
    Path,
    /// `runbook.name`, `runbook.run_id`.
    Runbook,
    /// An argument of a module, which is a variable of its runbook.
    Argument,
    /// A function.
    Function,
    /// No such name is declared.
    Unknown,
}
