//! Reads `variable "name" { … }`.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::type_constraint;
use crate::runbook::block_type::{BlockType, optional};
use crate::runbook::constant::{Constants, constant};
use crate::runbook::{Given, Runbook, Variable};
use crate::source::Spanned;
use crate::syntax::{Block, Expression, ExpressionKind};
use crate::value::{Type, TypeConstraint, Value};

use super::fields::{Fields, labels};
use super::rule::rules;
use super::twice;

/// The names of arguments of a `module` block that cannot be variables of the module.
const RESERVED: [&str; 8] =
    ["count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"];

pub const BLOCK: BlockType = BlockType {
    name: "variable",
    labels: &["name"],
    within: &[],
    docs: "An input of the runbook: `var.name`.\nIt gets its value from `-var name=value`, `-var-file FILE`, `*.auto.vars.hcl` or `ARCBOOK_VAR_name`; in a module, from its argument.",
    arguments: &[
        optional("type", "type", "The type that values are converted to, such as `list(string)`.").or("any"),
        optional("default", "constant", "The default value; without it, a value is required."),
        optional("description", "text", "The purpose of the variable."),
        optional("sensitive", "bool", "Hides its value.").or("false"),
        optional("ephemeral", "bool", "Keeps its value out of every record, plan file and output.")
            .or("false"),
        optional("nullable", "bool", "Allows null; if it is false, null means the default.").or("true"),
        optional("strict", "bool", "Refuses attributes that the type does not have.").or("false"),
    ],
    blocks: &["validation"],
    further: None,
    example: r#"variable "region" {
  type        = string
  default     = "westeurope"
  description = "Where the site is."
}

output "region" {
  value = var.region
}
"#,
};

pub fn read(runbook: &mut Runbook, block: &Block, found: &mut Diagnostics) {
    let Some([name]) = labels(block, ["name"], found) else { return };
    if RESERVED.contains(&&*name.value) {
        found.push(reserved(&name));
    }
    let mut fields =
        Fields::new(&block.body, "a `variable` block", (&BLOCK.argument_names(), BLOCK.blocks), found);
    let description = fields.text("description").map(|text| text.value);
    let secrecy = fields.secrecy();
    let nullable = fields.flag("nullable").unwrap_or(true);
    let strict = fields.flag("strict").unwrap_or(false);
    let constraint = block
        .body
        .attribute("type")
        .and_then(|ty| found.take(type_constraint(&ty.expression, &Constants::new(&runbook.directory))));
    let typed = block.body.attribute("type").is_some();
    let constraint = constraint.unwrap_or(TypeConstraint::Any);
    let default = default(block, &constraint, nullable, &runbook.directory, found);
    found.extend(unknown_attributes(block, &constraint, strict, &runbook.directory));
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
        strict,
        rules,
    });
    found.extend(earlier.map(|earlier| twice(&what, span, runbook.variables[earlier].name.span)));
}

/// Returns the messages about unknown attributes in the defaults of the variable and of its optional attributes.
fn unknown_attributes(
    block: &Block,
    constraint: &TypeConstraint,
    strict: bool,
    directory: &Path,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut check = |subject: &str, expression: &Expression, ty: &Type| {
        let Ok(value) = constant(expression, directory) else { return };
        let place = Some(expression.span);
        let given = Given { subject, value: &value, written: Some(expression), place, origin: None };
        found.extend(given.check(ty, strict));
    };
    if let Some(default) = block.body.attribute("default") {
        check("the default", &default.expression, &constraint.ty());
    }
    if let Some(ty) = block.body.attribute("type") {
        ty.expression.walk(&mut |part| {
            let ExpressionKind::Call(call) = &part.kind else { return };
            let ("optional", [ty, default]) = (&*call.name.value, call.arguments.as_slice()) else { return };
            let Ok(constraint) = type_constraint(ty, &Constants::new(directory)) else { return };
            check("the default of an attribute", default, &constraint.ty());
        });
    }
    found
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
