//! Properties of every evaluated expression.

use arcbook_engine::diagnostic::json::JsonDiagnostic;
use arcbook_engine::diagnostic::{Diagnostics, Style, render_all};
use arcbook_engine::expression::evaluate;
use arcbook_engine::source::{FileId, SourceFile, Sources};
use arcbook_engine::syntax::Expression;
use arcbook_engine::value::{Layout, Value, show};

use super::world::{SECRET, World};

/// Parses and evaluates `text`: the result is deterministic, and marks do not change the value.
pub fn check(text: &str, read: impl Fn(&Sources, FileId) -> Result<Expression, Diagnostics>, world: &World) {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("input", text.to_owned()));
    let expression = match read(&sources, file) {
        Ok(expression) => expression,
        Err(found) => return tell(&found, &sources),
    };
    let result = evaluate(&expression, world);
    assert_eq!(evaluate(&expression, world), result, "a second time");
    match &result {
        Ok(value) => {
            let shown = show(value, Layout::default());
            assert!(!shown.contains(SECRET) || text.contains(SECRET) || asks_for_secrets(text), "{shown}");
        }
        Err(found) => tell(found, &sources),
    }
    if !asks_for_secrets(text) {
        let plain = evaluate(&expression, &world.without_marks()).ok();
        assert_eq!(result.ok().as_ref().map(Value::without_marks), plain, "without marks");
    }
}

/// Returns whether the text may inspect marks or remove them.
fn asks_for_secrets(text: &str) -> bool {
    text.contains("sensitive")
}

/// Renders every message; none may contain the secret.
pub fn tell(found: &Diagnostics, sources: &Sources) {
    assert!(!found.is_empty());
    let text = render_all(found, sources, &Style::default());
    let is_written = || sources.file(first(found)).text().contains(SECRET);
    assert!(!text.contains(SECRET) || is_written(), "{text}");
    for diagnostic in found {
        drop(JsonDiagnostic::new(diagnostic, sources));
    }
}

fn first(found: &Diagnostics) -> FileId {
    let spans = found.iter().filter_map(|diagnostic| diagnostic.primary.as_ref());
    spans.map(|label| label.span.file).next().expect("a message has a place")
}
