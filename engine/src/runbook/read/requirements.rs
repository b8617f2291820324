//! Checks the arguments of a step or of a nested block against their declarations.

use crate::diagnostic::{Diagnostic, Diagnostics, with_article};
use crate::source::Span;
use crate::step::{self, Field, Group, GroupRule, listed};
use crate::syntax::Body;

use super::fields::{Fields, is_missing};
use super::nested;

/// The arguments that a body must have.
pub struct Requirements<'a> {
    /// The noun of messages, such as `an arm_get step`.
    pub noun: &'a str,
    /// The arguments.
    pub fields: &'a [Field],
    /// The rules about several arguments.
    pub groups: &'a [Group],
    /// The names of all arguments that the body may have.
    pub known: &'a [&'a str],
}

impl Requirements<'_> {
    /// Adds an error for each required argument that `body` lacks, at its header.
    pub fn check(&self, body: &Body, header: Span, found: &mut Diagnostics) {
        for field in self.fields.iter().filter(|field| field.required) {
            if self.lacks(body, field.name, found) {
                let summary = format!("{} needs `{}`", self.noun, field.name);
                found.push(
                    missing(summary, header, &format!("`{}`", field.name))
                        .help(format!("add {}", form(field))),
                );
            }
        }
        for group in self.groups.iter().filter(|group| group.rule == GroupRule::ExactlyOne) {
            self.check_group(group, body, header, found);
        }
    }

    /// Adds an error if `body` has none of the arguments, one of which it must have.
    fn check_group(&self, group: &Group, body: &Body, header: Span, found: &mut Diagnostics) {
        if !group.arguments.iter().all(|name| self.lacks(body, name, found)) {
            return;
        }
        let fields =
            group.arguments.iter().filter_map(|name| self.fields.iter().find(|field| field.name == *name));
        let names = listed(group.arguments, "or");
        let error = missing(format!("{} needs {names}", self.noun), header, &names);
        found.push(fields.enumerate().fold(error, |error, (at, field)| {
            error.help(format!("{} {}", if at == 0 { "add" } else { "or add" }, form(field)))
        }));
    }

    fn lacks(&self, body: &Body, name: &str, found: &mut Diagnostics) -> bool {
        let is_block = |block: &crate::syntax::Block| {
            let label = block.labels.first().filter(|_| &*block.kind.value == "dynamic");
            &*label.unwrap_or(&block.kind).value == name
        };
        !body.blocks.iter().any(is_block) && is_missing(body, name, self.known, found)
    }
}

fn missing(summary: String, header: Span, names: &str) -> Diagnostic {
    Diagnostic::error("missing-argument", summary).at(header, format!("{names} is missing"))
}

/// Returns the form of an argument with its documentation.
fn form(field: &Field) -> String {
    let what = field.docs.lines().next().unwrap_or_default();
    if field.block().is_some() {
        format!("`{} {{ … }}`: {what}", field.name)
    } else {
        format!("`{} = …`: {what}", field.name)
    }
}

/// Adds the errors of a nested block: unknown arguments, and missing ones.
pub fn check_block(body: &Body, header: Span, name: &str, block: &step::Block, found: &mut Diagnostics) {
    let noun = format!("{} block", with_article(name));
    let known: Vec<&str> = attribute_names(&block.fields).collect();
    let blocks: Vec<&str> = nested::names(&block.fields).collect();
    Fields::new(body, &noun, (&known, &blocks), found);
    let requirements =
        Requirements { noun: &noun, fields: &block.fields, groups: block.groups, known: &known };
    requirements.check(body, header, found);
}

/// Returns the names of the arguments that are written `name = …`.
pub fn attribute_names(fields: &[Field]) -> impl Iterator<Item = &'static str> {
    fields.iter().filter(|field| field.block().is_none()).map(|field| field.name)
}
