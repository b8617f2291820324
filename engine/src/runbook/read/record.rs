//! Reads `record { … }` in the `runbook` block.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::RecordBlock;
use crate::runbook::block_type::BlockType;
use crate::step::Registry;
use crate::syntax::{Attribute, Block};

use super::fields::{Fields, labels};
use super::is_whole;
use super::requirements::{Requirements, attribute_names};

/// The block of the place that keeps records, whose kind adds arguments to it.
pub const BLOCK: BlockType = BlockType {
    name: "record",
    labels: &[],
    within: &["runbook"],
    docs: "Uploads the record of each run, once it is closed, to a place outside of the machine.\nA record that could not be uploaded is uploaded by the next run. The place is known before the run.",
    arguments: &[],
    blocks: &[],
    further: Some("the arguments of the place: `account`, `container` and `prefix` of a blob container"),
    example: r#"runbook {
  record {
    account   = "arcmi00000000"
    container = "records"
    prefix    = "west"
  }
}

step "blob_container" "records" {
  account = "arcmi00000000"
  name    = "records"
}

output "url" {
  value = step.blob_container.records.url
}
"#,
};

/// Reads the block; none if it cannot be read at all.
pub fn read(block: &Block, registry: &Registry, found: &mut Diagnostics) -> Option<RecordBlock> {
    labels(block, [], found)?;
    let Some(kind) = registry.record_stores() else {
        found.push(
            Diagnostic::error("unknown-argument", "no place for records is known")
                .at(block.header, "unknown block")
                .help("remove it"),
        );
        return None;
    };
    let schema = kind.schema();
    let earlier = found.iter().len();
    let known: Vec<&'static str> = attribute_names(&schema.arguments).collect();
    Fields::new(&block.body, "a `record` block", (&known, BLOCK.blocks), found);
    let requirements = Requirements {
        noun: "a `record` block",
        fields: &schema.arguments,
        groups: schema.groups,
        known: &known,
    };
    requirements.check(&block.body, block.header, found);
    let is_own = |attribute: &&Attribute| schema.argument(&attribute.name.value).is_some();
    Some(RecordBlock {
        kind: kind.clone(),
        header: block.header,
        is_whole: is_whole(&block.body, found.iter().skip(earlier)),
        arguments: block.body.attributes.iter().filter(is_own).cloned().collect(),
    })
}
