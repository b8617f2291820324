//! `variable "name" { … }`.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::type_constraint;
use crate::runbook::constant::{Constants, constant};
use crate::runbook::{Runbook, Validation, Variable};
use crate::source::Spanned;
use crate::syntax::{Block, Reference, Segment};
use crate::value::{TypeConstraint, Value};

use super::fields::{Fields, labels};
use super::twice;

/// The names of the arguments of a `module` block that are not variables of the module.
const RESERVED: [&str; 8] =
    ["count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"];
const ARGUMENTS: [&str; 5] = ["type", "default", "description", "sensitive", "nullable"];

pub fn read(runbook: &mut Runbook, block: &Block, found: &mut Diagnostics) {
    let Some([name]) = labels(block, ["name"], found) else { return };
    let index = runbook.variables.len();
    if let Some(earlier) = runbook.names.add_variable(name.value.clone(), index) {
        found.push(twice(
            &format!("the variable `{}`", name.value),
            name.span,
            runbook.variables[earlier].name.span,
        ));
    }
    if RESERVED.contains(&&*name.value) {
        found.push(reserved(&name));
    }
    let mut fields = Fields::new(&block.body, "a `variable` block", (&ARGUMENTS, &["validation"]), found);
    let description = fields.text("description").map(|text| text.value);
    let sensitive = fields.flag("sensitive").unwrap_or(false);
    let nullable = fields.flag("nullable").unwrap_or(true);
    let constraint = block
        .body
        .attribute("type")
        .and_then(|ty| found.take(type_constraint(&ty.expression, &Constants::new(&runbook.directory))));
    let typed = block.body.attribute("type").is_some();
    let constraint = constraint.unwrap_or(TypeConstraint::Any);
    let default = default(block, &constraint, nullable, &runbook.directory, found);
    let validations = block
        .body
        .blocks_of("validation")
        .filter_map(|block| validation(block, &name.value, found))
        .collect();
    runbook.variables.push(Variable {
        name,
        description,
        constraint,
        typed,
        default,
        sensitive,
        nullable,
        validations,
    });
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

fn validation(block: &Block, variable: &str, found: &mut Diagnostics) -> Option<Validation> {
    labels(block, [], found)?;
    let known: [&str; 2] = ["condition", "error_message"];
    let mut fields = Fields::new(&block.body, "a `validation` block", (&known, &[]), found);
    let condition = fields.required("condition", block).cloned();
    let message = fields.required("error_message", block).cloned();
    let (condition, message) = (condition?, message?);
    if !condition.references().iter().any(|reference| is_variable(reference, variable)) {
        found.push(
            Diagnostic::error("invalid-condition", format!("the rule does not look at `var.{variable}`"))
                .at(condition.span, format!("does not refer to `var.{variable}`"))
                .help("a rule of a variable says what its value must be"),
        );
    }
    Some(Validation { condition, message })
}

fn is_variable(reference: &Reference, name: &str) -> bool {
    let first = reference.path.first().and_then(Segment::name);
    &*reference.root.value == "var" && first.is_some_and(|first| **first == *name)
}
