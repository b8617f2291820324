//! Reads `step "type" "name" { … }`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, closest, did_you_mean, with_article};
use crate::expression::bad_query;
use crate::jmespath;
use crate::runbook::block_type::{BlockType, optional};
use crate::runbook::{Extract, Query, Runbook, Step};
use crate::source::Spanned;
use crate::step::{Registry, Response, Schema, StepType};
use crate::syntax::{Attribute, Block, Expression, ExpressionKind, ObjectItem};

use super::fields::{Fields, labels};
use super::identity::IDENTITY;
use super::repetition::{COUNT, FOR_EACH};
use super::requirements::{Requirements, attribute_names};
use super::rule::rules;
use super::{control, is_whole, nested, quoted, repetition, twice};

/// The block of a step, whose type adds arguments to it.
pub const BLOCK: BlockType = BlockType {
    name: "step",
    labels: &["type", "name"],
    within: &[],
    docs: "One operation: its type decides whether it reads, computes or changes. Its results are `step.type.name`.",
    arguments: &[
        optional("description", "text", "The purpose of the step."),
        COUNT,
        FOR_EACH,
        optional(
            "depends_on",
            "list of steps and modules",
            "Steps and modules to wait for, in addition to those in references.",
        ),
        optional("extract", "object of JMESPath queries", "Names for queries on the response."),
        optional("sensitive", "bool", "Makes all its results secrets.").or("false"),
        IDENTITY,
        control::WHEN,
        control::RUN_ON,
        control::TIMEOUT,
        control::ON_ERROR,
        control::MAX_FAILURES,
        control::CONCURRENCY,
        control::LIMIT,
    ],
    blocks: &["retry", "until", "precondition", "postcondition", "dynamic"],
    further: Some("the arguments of its type: `arcbook explain TYPE`"),
    example: r#"step "metadata" "machine" {}

step "arm_list" "resources" {
  scope   = step.metadata.machine.resource_group_id
  extract = { vault = "value[?type=='Microsoft.KeyVault/vaults'].name | [0]" }
}

output "vault" {
  value = step.arm_list.resources.extract.vault
}
"#,
};

pub fn read(runbook: &mut Runbook, block: Block, registry: &Registry, found: &mut Diagnostics) {
    let Some([type_name, name]) = labels(&block, ["type", "name"], found) else { return };
    let Some(step_type) = registry.get(&type_name.value) else {
        found.push(unknown_type(&type_name, registry));
        return;
    };
    let (what, span) = (format!("the step `{}.{}`", type_name.value, name.value), name.span);
    let step = build(block, (type_name, name), step_type, found);
    let earlier = runbook.declare_step(step);
    found.extend(earlier.map(|earlier| twice(&what, span, runbook.steps[earlier].header)));
}

fn build(
    block: Block,
    (type_name, name): (Spanned<Arc<str>>, Spanned<Arc<str>>),
    step_type: &Arc<dyn StepType>,
    found: &mut Diagnostics,
) -> Step {
    let schema = step_type.schema();
    let earlier = found.iter().len();
    let noun = format!("{} step", with_article(schema.name));
    let known: Vec<&'static str> = attribute_names(&schema.arguments).chain(BLOCK.argument_names()).collect();
    let blocks: Vec<&'static str> =
        nested::names(&schema.arguments).chain(BLOCK.blocks.iter().copied()).collect();
    let mut fields = Fields::new(&block.body, &noun, (&known, &blocks), found);
    let description = fields.text("description").map(|text| text.value);
    let sensitive = fields.flag("sensitive").unwrap_or(false);
    let depends_on = fields.references("depends_on");
    let identity = fields.identity("identity");
    let control = control::read(&block.body, &mut fields);
    let repetition = repetition::read(&block.body, found);
    let preconditions = rules(&block.body, "precondition", found);
    let postconditions = rules(&block.body, "postcondition", found);
    let nested = nested::arguments(&block.body, &schema.arguments, found);
    let requirements =
        Requirements { noun: &noun, fields: &schema.arguments, groups: schema.groups, known: &known };
    requirements.check(&block.body, block.header, found);
    let before = found.iter().len();
    let extract = extracts(block.body.attribute("extract"), schema, found);
    let is_extract_whole = found.iter().len() == before && !has_misspelt_extract(&block, &known, &blocks);
    let is_whole = is_whole(&block.body, found.iter().skip(earlier));
    let is_own = |attribute: &Attribute| schema.argument(&attribute.name.value).is_some();
    let mut arguments: Vec<_> = block.body.attributes.into_iter().filter(is_own).chain(nested).collect();
    // A runbook can have very many steps.
    arguments.shrink_to_fit();
    Step {
        address: format!("step.{}.{}", type_name.value, name.value).into(),
        name,
        type_name,
        step_type: step_type.clone(),
        header: block.header,
        description,
        repetition,
        arguments,
        depends_on,
        extract,
        is_extract_whole,
        identity,
        control,
        sensitive,
        is_whole,
        preconditions,
        postconditions,
    }
}

fn unknown_type(type_name: &Spanned<Arc<str>>, registry: &Registry) -> Diagnostic {
    let hint = did_you_mean(&type_name.value, registry.names());
    Diagnostic::error("unknown-step-type", format!("there is no step type `{}`", type_name.value))
        .at(type_name.span, "unknown step type")
        .help(hint.unwrap_or_else(|| format!("the step types are {}", quoted(registry.names()))))
}

/// Returns true if an unknown argument or block of the step is probably meant to be `extract`.
fn has_misspelt_extract(block: &Block, arguments: &[&str], blocks: &[&str]) -> bool {
    let is_meant = |written: &str| closest(written, arguments.iter().copied()) == Some("extract");
    let attributes = block.body.attributes.iter().map(|attribute| &*attribute.name.value);
    let unknown = attributes.filter(|name| !arguments.contains(name));
    let kinds = block.body.blocks.iter().map(|block| &*block.kind.value);
    unknown.chain(kinds.filter(|kind| !blocks.contains(kind))).any(is_meant)
}

fn extracts(attribute: Option<&Attribute>, schema: &Schema, found: &mut Diagnostics) -> Vec<Extract> {
    let Some(attribute) = attribute else { return Vec::new() };
    if schema.response == Response::None {
        found.push(
            Diagnostic::error(
                "nothing-to-extract",
                format!("{} step has no response to extract from", with_article(schema.name)),
            )
            .at(attribute.name.span, "there is no response")
            .help("to query any value write `jmespath(value, \"query\")`"),
        );
        return Vec::new();
    }
    let items = match &attribute.expression.kind {
        ExpressionKind::Object(items) => items,
        ExpressionKind::Invalid => return Vec::new(),
        _ => {
            found.push(
                Diagnostic::error("invalid-argument", "`extract` maps names to JMESPath queries")
                    .at(attribute.expression.span, "must be an object")
                    .help("write `extract = { name = \"query\" }`"),
            );
            return Vec::new();
        }
    };
    items.iter().filter_map(|item| extract(item, found)).collect()
}

fn extract(item: &ObjectItem, found: &mut Diagnostics) -> Option<Extract> {
    let ExpressionKind::Literal(key) = &item.key.kind else {
        found.push(
            Diagnostic::error("invalid-argument", "a name in `extract` must be written out")
                .at(item.key.span, "not a constant name"),
        );
        return None;
    };
    let name = Spanned::new(Arc::<str>::from(key.as_str()?), item.key.span);
    let span = item.value.span;
    let query = query(&item.value, found)?;
    Some(Extract { name, query, span })
}

fn query(expression: &Expression, found: &mut Diagnostics) -> Option<Query> {
    let ExpressionKind::Literal(value) = &expression.kind else {
        return Some(Query::Computed(expression.clone()));
    };
    let Some(text) = value.as_str() else {
        found.push(
            Diagnostic::error("invalid-argument", "a JMESPath query is text")
                .at(expression.span, "must be text in double quotes"),
        );
        return None;
    };
    match jmespath::Query::parse(text) {
        Ok(query) => Some(Query::Constant(Arc::new(query))),
        Err(error) => {
            found.push(bad_query(&error, text, expression.span));
            None
        }
    }
}
