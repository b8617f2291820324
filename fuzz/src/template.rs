use arcbook_engine::syntax::parse_template;

use super::evaluated::check;
use super::world::World;

/// Fuzzes a template of the runbook language.
pub fn template(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if !text.contains("file") {
        check(text, parse_template, &World::new("/nonexistent".as_ref()));
    }
}
