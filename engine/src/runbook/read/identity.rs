//! Reads `identity "kind" "name" { … }`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean, with_article};
use crate::runbook::block_type::{BlockArgument, BlockType, optional};
use crate::runbook::{Identity, Runbook};
use crate::source::Spanned;
use crate::step::{IdentityType, Registry};
use crate::syntax::{Attribute, Block};

use super::fields::{Fields, labels};
use super::requirements::{Requirements, attribute_names};
use super::{is_whole, nested, quoted, twice};

/// The argument of a step, a module and the runbook that names an identity.
pub const IDENTITY: BlockArgument =
    optional("identity", "identity", "The identity that acts, such as `identity.client_secret.operator`.")
        .or("that of the block around, or else the machine's managed identity");

/// The block of an identity, whose kind adds arguments to it.
pub const BLOCK: BlockType = BlockType {
    name: "identity",
    labels: &["kind", "name"],
    within: &[],
    docs: "Declares who acts: a step names it with `identity = identity.kind.name`. Without one, steps act as the machine's managed identity.",
    arguments: &[
        optional("description", "text", "The purpose of the identity."),
        optional(
            "depends_on",
            "list of steps and modules",
            "Steps and modules that its tokens wait for, in addition to those in references.",
        ),
    ],
    blocks: &[],
    further: Some("the arguments of its kind: `arcbook explain identity KIND`"),
    example: r#"identity "managed" "machine" {}

step "arm_list" "resources" {
  scope    = "/subscriptions/00000000-0000-0000-0000-000000000000"
  identity = identity.managed.machine
}

output "resources" {
  value = length(step.arm_list.resources.items)
}
"#,
};

pub fn read(runbook: &mut Runbook, block: Block, registry: &Registry, found: &mut Diagnostics) {
    let Some([kind_name, name]) = labels(&block, ["kind", "name"], found) else { return };
    let Some(kind) = registry.identity(&kind_name.value) else {
        found.push(unknown_kind(&kind_name, registry));
        return;
    };
    let (what, span) = (format!("the identity `{}.{}`", kind_name.value, name.value), name.span);
    let identity = build(block, (kind_name, name), kind, found);
    let earlier = runbook.declare_identity(identity);
    found.extend(earlier.map(|earlier| twice(&what, span, runbook.identities[earlier].header)));
}

fn build(
    block: Block,
    (kind_name, name): (Spanned<Arc<str>>, Spanned<Arc<str>>),
    kind: &Arc<dyn IdentityType>,
    found: &mut Diagnostics,
) -> Identity {
    let schema = kind.schema();
    let earlier = found.iter().len();
    let noun = format!("{} identity", with_article(schema.name));
    let known: Vec<&'static str> = attribute_names(&schema.arguments).chain(BLOCK.argument_names()).collect();
    let blocks: Vec<&'static str> =
        nested::names(&schema.arguments).chain(BLOCK.blocks.iter().copied()).collect();
    let mut fields = Fields::new(&block.body, &noun, (&known, &blocks), found);
    let description = fields.text("description").map(|text| text.value);
    let depends_on = fields.references("depends_on");
    let nested = nested::arguments(&block.body, &schema.arguments, found);
    let requirements =
        Requirements { noun: &noun, fields: &schema.arguments, groups: schema.groups, known: &known };
    requirements.check(&block.body, block.header, found);
    let is_whole = is_whole(&block.body, found.iter().skip(earlier));
    let is_own = |attribute: &Attribute| schema.argument(&attribute.name.value).is_some();
    Identity {
        address: format!("identity.{}.{}", kind_name.value, name.value).into(),
        name,
        kind_name,
        kind: kind.clone(),
        header: block.header,
        description,
        arguments: block.body.attributes.into_iter().filter(is_own).chain(nested).collect(),
        depends_on,
        is_whole,
    }
}

fn unknown_kind(kind: &Spanned<Arc<str>>, registry: &Registry) -> Diagnostic {
    let names = || registry.identities().map(|kind| kind.schema().name);
    let hint = did_you_mean(&kind.value, names());
    Diagnostic::error("unknown-identity-kind", format!("there is no kind of identity `{}`", kind.value))
        .at(kind.span, "unknown kind")
        .help(hint.unwrap_or_else(|| format!("the kinds are {}", quoted(names()))))
}
