//! Reads `module "name" { … }`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::block_type::{BlockType, optional, required};
use crate::runbook::{Module, Runbook};
use crate::source::Spanned;
use crate::syntax::{Attribute, Block};

use super::fields::{Fields, labels};
use super::identity::IDENTITY;
use super::repetition::{COUNT, FOR_EACH};
use super::{repetition, twice};

pub const BLOCK: BlockType = BlockType {
    name: "module",
    labels: &["name"],
    within: &[],
    docs: "Uses another runbook as a part of this one; its outputs are `module.name.OUTPUT`.",
    arguments: &[
        required("source", "text", "The directory of the runbook, starting with `./` or `../`."),
        COUNT,
        FOR_EACH,
        optional(
            "when",
            "bool",
            "Decides whether the module runs; if it is false, the outputs of the module are null.",
        )
        .or("true"),
        optional(
            "depends_on",
            "list of steps and modules",
            "Steps and modules to wait for, in addition to those in references.",
        ),
        IDENTITY,
    ],
    blocks: &[],
    further: Some("a value for each variable of the other runbook"),
    example: r#"module "site" {
  source = "./site"
  region = "westeurope"
}

output "greeting" {
  value = module.site.greeting
}
"#,
};

pub fn read(runbook: &mut Runbook, block: Block, found: &mut Diagnostics) {
    let Some([name]) = labels(&block, ["name"], found) else { return };
    let arguments = block.body.attributes.iter().map(|argument| &*argument.name.value);
    let known: Vec<&str> = arguments.chain(BLOCK.argument_names()).collect();
    let mut fields = Fields::new(&block.body, "a `module` block", (&known, BLOCK.blocks), found);
    let given = fields.required("source", &block).is_some();
    let source = if given { fields.text("source") } else { None };
    let depends_on = fields.references("depends_on");
    let identity = fields.identity("identity");
    let when = fields.attribute("when").map(|attribute| attribute.expression.clone());
    let repetition = repetition::read(&block.body, found);
    let source = source.and_then(|source| local(source, found));
    let is_whole = block.body.is_whole();
    let is_own = |attribute: &Attribute| BLOCK.argument(&attribute.name.value).is_none();
    let (what, span) = (format!("the module `{}`", name.value), name.span);
    let earlier = runbook.declare_module(Module {
        name,
        header: block.header,
        source,
        arguments: block.body.attributes.into_iter().filter(is_own).collect(),
        repetition,
        when,
        identity,
        depends_on,
        is_whole,
        runbook: Arc::default(),
    });
    found.extend(earlier.map(|earlier| twice(&what, span, runbook.modules[earlier].name.span)));
}

/// Returns the source, if it is a path.
fn local(source: Spanned<String>, found: &mut Diagnostics) -> Option<Spanned<String>> {
    if source.value.starts_with("./") || source.value.starts_with("../") {
        return Some(source);
    }
    found.push(
        Diagnostic::error("invalid-source", format!("`{}` is not a local path", source.value.escape_debug()))
            .at(source.span, "must begin with `./` or `../`")
            .detail("arcbook reads modules only from this machine, so reviewers see the code that runs.")
            .help("copy the module beside the runbook, and name its directory: `source = \"./name\"`"),
    );
    None
}
