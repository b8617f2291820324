use arcbook_engine::syntax::parse_expression;

use super::evaluated::check;
use super::world::World;

/// Fuzzes an expression of the runbook language.
pub fn expression(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    // Skips file functions, which would read any path that the fuzzer happens to name.
    if !text.contains("file") {
        check(text, parse_expression, &World::new("/nonexistent".as_ref()));
    }
}
