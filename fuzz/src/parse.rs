use arcbook_engine::format::format;
use arcbook_engine::source::{SourceFile, Sources};
use arcbook_engine::syntax::{self, Body};

use super::evaluated::tell;

/// Fuzzes a whole file: it parses or yields diagnostics, and formatting does not change its syntax tree.
pub fn parse(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let tree = read(text);
    let laid_out = format(text);
    if laid_out != text {
        assert_eq!(tree.as_ref().map(outline), read(&laid_out).as_ref().map(outline), "{laid_out}");
    }
}

fn read(text: &str) -> Option<Body> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("input", text.to_owned()));
    syntax::parse(&sources, file).whole().map_err(|found| tell(&found, &sources)).ok()
}

/// Returns the tree without its spans.
fn outline(body: &Body) -> String {
    let tree = format!("{body:?}");
    tree.split("Span {").map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect()
}
