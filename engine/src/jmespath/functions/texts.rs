//! Functions of text.

use super::super::SearchError;
use super::call::Arguments;
use crate::value::Value;

pub(super) fn ends_with(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(arguments.text(0).ends_with(arguments.text(1))))
}

pub(super) fn starts_with(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    Ok(arguments.marked(arguments.text(0).starts_with(arguments.text(1))))
}

pub(super) fn join(arguments: &mut Arguments<'_>) -> Result<Value, SearchError> {
    let glue = arguments.text(0);
    let texts: Vec<_> = arguments.elements(1).iter().filter_map(Value::as_str).collect();
    // The texts are paid for; the glue is many times what was paid.
    arguments.search.budget.spend_text(glue.len().saturating_mul(texts.len()))?;
    Ok(arguments.marked(texts.join(glue)))
}
