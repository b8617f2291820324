use arcbook_engine::syntax::parse_expression;

use super::evaluated::check;
use super::world::World;

/// An expression in the language of runbooks.
pub fn expression(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    // There is nothing to find in folders that the fuzzer happens to name.
    if !text.contains("file") {
        check(text, parse_expression, &World::new("/nonexistent".as_ref()));
    }
}
