//! Reads the `limits` of the `runbook` block.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::SharedLimit;
use crate::source::Spanned;
use crate::syntax::{Expression, ExpressionKind, ObjectItem};
use crate::value::{Data, Value};

/// Reads the limits in an object; none if one of them could not be read.
pub fn read(expression: &Expression, found: &mut Diagnostics) -> Option<Vec<SharedLimit>> {
    let items = match &expression.kind {
        ExpressionKind::Object(items) => items,
        ExpressionKind::Invalid => return None,
        _ => {
            found.push(
                Diagnostic::error("invalid-argument", "`limits` maps names to numbers of steps")
                    .at(expression.span, "must be an object")
                    .help(FORM),
            );
            return None;
        }
    };
    let limits: Vec<Option<SharedLimit>> = items.iter().map(|item| limit(item, found)).collect();
    limits.into_iter().collect()
}

const FORM: &str =
    "write `limits = { name = 2 }`: at most 2 of the steps with `limit = \"name\"` run at once";

fn limit(item: &ObjectItem, found: &mut Diagnostics) -> Option<SharedLimit> {
    let name = match &item.key.kind {
        ExpressionKind::Literal(name) => name.as_str(),
        ExpressionKind::Invalid => return None,
        _ => None,
    };
    let Some(name) = name else {
        found.push(
            Diagnostic::error("invalid-argument", "a name in `limits` must be written out")
                .at(item.key.span, "not a constant name"),
        );
        return None;
    };
    let most = match &item.value.kind {
        ExpressionKind::Literal(value) => number(value),
        ExpressionKind::Invalid => return None,
        _ => None,
    };
    let Some(most) = most else {
        found.push(
            Diagnostic::error("invalid-argument", "a limit in `limits` is a number of steps")
                .at(item.value.span, "must be a whole number, at least 1")
                .help(FORM),
        );
        return None;
    };
    Some(SharedLimit { name: Spanned::new(Arc::from(name), item.key.span), most })
}

/// Returns a number of steps that may run at once.
fn number(value: &Value) -> Option<usize> {
    let Data::Number(number) = value.data() else { return None };
    number.to_usize().filter(|most| *most > 0)
}
