//! Reads `variable "name" { … }`.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::type_constraint;
use crate::runbook::constant::{Constants, constant};
use crate::runbook::{Runbook, Variable};
use crate::source::Spanned;
use crate::syntax::Block;
use crate::value::{TypeConstraint, Value};

use super::fields::{Fields, labels};
use super::rule::rules;
use super::twice;

/// The names of arguments of a `module` block that cannot be variables of the module.
const RESERVED: [&str; 8] =
    ["count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"];
const ARGUMENTS: [&str; 6] = ["type", "default", "description", "sensitive", "ephemeral", "nullable"];

pub fn read(runbook: &mut Runbook, block: &Block, found: &mut Diagnostics) {
    let Some([name]) = labels(block, ["name"], found) else { return };
    if RESERVED.contains(&&*name.value) {
        found.push(reserved(&name));
    }
    let mut fields = Fields::new(&block.body, "a `variable` block", (&ARGUMENTS, &["validation"]), found);
    let description = fields.text("description").map(|text| text.value);
    let secrecy = fields.secrecy();
    let nullable = fields.flag("nullable").unwrap_or(true);
    let constraint = block
        .body
        .attribute("type")
        .and_then(|ty| found.take(type_constraint(&ty.expression, &Constants::new(&runbook.directory))));
    let typed = block.body.attribute("type").is_some();
    let constraint = constraint.unwrap_or(TypeConstraint::Any);
    let default = default(block, &constraint, nullable, &runbook.directory, found);
    let rules = rules(&block.body, "validation", found);
    let (what, span) = (format!("the variable `{}`", name.value), name.span);
    let earlier = runbook.declare_variable(Variable {
        name,
        description,
        constraint,
        typed,
        default,
        secrecy,
        nullable,
        rules,
    });
    found.extend(earlier.map(|earlier| twice(&what, span, runbook.variables[earlier].name.span)));
}

fn reserved(name: &Spanned<Arc<str>>) -> Diagnostic {
    let text = &name.value;
    Diagnostic::error("reserved-name", format!("a variable cannot be called `{text}`"))
        .at(name.span, "means something else in a `module` block")
        .help(format!("call it something like `the_{text}`"))
}

fn default(
    block: &Block,
    constraint: &TypeConstraint,
    nullable: bool,
    directory: &Path,
    found: &mut Diagnostics,
) -> Option<Value> {
    let expression = &block.body.attribute("default")?.expression;
    let value = found.take(constant(expression, directory))?;
    if value.is_null() && !nullable {
        found.push(
            Diagnostic::error("wrong-type", "the default is null, which the variable cannot be")
                .at(expression.span, "null")
                .help("leave out `nullable = false`, or the default, which makes the variable required"),
        );
        return None;
    }
    match constraint.apply(&value) {
        Ok(value) => Some(value),
        Err(error) => {
            found.push(
                Diagnostic::error("wrong-type", "the default is not of the type of the variable")
                    .at(expression.span, error.to_string())
                    .help("change the default or the `type`"),
            );
            None
        }
    }
}
