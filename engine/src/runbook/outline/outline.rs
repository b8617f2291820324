//! Describes a runbook.

use crate::expression::function_names;
use crate::runbook::Runbook;
use crate::runbook::declared::Declared;
use crate::source::Sources;
use crate::syntax::{self, Body, Expression, ExpressionKind};

use super::references;
use super::{Declaration, NameKind, NameUse, OutlineBlock};

/// A runbook as data with places: its blocks as they are written, and all uses of names.
///
/// Blocks are described even if they contain errors. Names are those in the expressions that a plan or a run
/// evaluates, also within templates; a block that could not be read has none.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The blocks at the top of the files, in the order of the files and of the lines.
    pub blocks: Vec<OutlineBlock>,
    /// The uses of names, in the same order.
    pub uses: Vec<NameUse>,
}

impl Outline {
    /// Describes `runbook`, which was loaded with `sources`, but not its modules.
    #[must_use]
    pub fn of(runbook: &Runbook, sources: &Sources) -> Self {
        let bodies: Vec<Body> = runbook.files.iter().map(|file| syntax::parse(sources, *file).body).collect();
        let declared = Declared::of(&bodies);
        let blocks = bodies.iter().flat_map(|body| &body.blocks);
        let blocks = blocks.map(|block| OutlineBlock::declaring(block, &declared)).collect();
        let named = runbook.references().flat_map(|named| references::uses(runbook, &named));
        let functions = runbook.expressions().flat_map(|expression| functions(expression, sources));
        let mut uses: Vec<NameUse> = named.chain(functions).chain(arguments(runbook)).collect();
        // A `dynamic` block contains an expression once and is evaluated as if it contained it twice.
        uses.sort_by_key(|found| found.span);
        uses.dedup();
        for found in &mut uses {
            found.within = declared.address(found.span);
        }
        Self { blocks, uses }
    }
}

/// Returns the uses of functions in an expression, without the calls that a nested block stands for.
fn functions(expression: &Expression, sources: &Sources) -> Vec<NameUse> {
    let mut found = Vec::new();
    expression.walk(&mut |part| {
        let ExpressionKind::Call(call) = &part.kind else { return };
        if sources.text(call.name.span) != &*call.name.value {
            return;
        }
        let name = call.name.value.to_string();
        let is_known = function_names().any(|known| known == name);
        let address = call.function().to_owned();
        found.push(NameUse {
            name,
            span: call.name.span,
            kind: if is_known { NameKind::Function } else { NameKind::Unknown },
            within: None,
            declaration: is_known.then_some(Declaration { address, span: None }),
        });
    });
    found
}

/// Returns the arguments of modules, each of which names a variable.
fn arguments(runbook: &Runbook) -> impl Iterator<Item = NameUse> {
    runbook.modules.iter().flat_map(|module| {
        let inner = &module.runbook;
        module.arguments.iter().map(|argument| {
            let name = &argument.name.value;
            let variable = inner.names.variable(name).map(|index| &inner.variables[index]);
            NameUse {
                name: name.to_string(),
                span: argument.name.span,
                kind: if variable.is_some() { NameKind::Argument } else { NameKind::Unknown },
                within: None,
                declaration: variable.map(|variable| Declaration {
                    address: format!("var.{name}"),
                    span: Some(variable.name.span),
                }),
            }
        })
    })
}
