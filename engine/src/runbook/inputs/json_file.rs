//! Reads variable files in JSON.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::diagnostic::{Diagnostic, Diagnostics, Lookalike};
use crate::source::{FileId, Sources, Span};
use crate::value::{JsonError, Value};

/// Returns the members of the one JSON object in a file, each with its position.
///
/// The messages quote nothing from the file.
pub fn members(file: FileId, sources: &Sources) -> Result<Vec<(String, Value, Span)>, Diagnostics> {
    let text = sources.file(file).text();
    let name = sources.file(file).path().display();
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(|error| {
        // An array or a string is valid JSON, but not an object.
        let summary = if serde_json::from_str::<&RawValue>(text).is_ok() {
            format!("{name} must hold one JSON object")
        } else {
            format!("{name} is not JSON: {}", reason(&error))
        };
        let place = place(file, text, &error);
        let odd = lookalike_at(text, place.range().start);
        let odd = odd.map(|lookalike| format!("{lookalike} stands there: {}", lookalike.remedy('"')));
        Diagnostic::error("invalid-json", summary).at(place, "").maybe_help(odd)
    })?;
    let mut found = Diagnostics::new();
    let mut read = Vec::with_capacity(members.len());
    for (name, raw) in members {
        // Both lie in one allocation, so the difference of the addresses is the offset.
        let at = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        let span = Span::new(file, at..at + raw.get().len());
        match Value::parse_json(raw.get()) {
            Ok(value) => read.push((name, value, span)),
            Err(error) => found.push(unreadable(&name, span, &error)),
        }
    }
    found.or(read)
}

fn unreadable(name: &str, span: Span, error: &JsonError) -> Diagnostic {
    let reason = match error {
        JsonError::Syntax(error) => reason(error),
        JsonError::Number(_) => "a number is out of range",
        JsonError::Depth => "it is nested too deeply",
        JsonError::Unknown => "it is not a value",
    };
    Diagnostic::error("invalid-json", format!("the value of `{name}` cannot be read: {reason}")).at(span, "")
}

/// Returns the kind of an error, in words that quote nothing.
fn reason(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        serde_json::error::Category::Syntax => "unexpected character",
        serde_json::error::Category::Data | serde_json::error::Category::Io => "it is not a value",
    }
}

/// The character at `at`, or the one that ends there, where it only looks like one of JSON.
fn lookalike_at(text: &str, at: usize) -> Option<Lookalike> {
    let mut reaching = (0..=4).filter_map(|back| {
        let c = text.get(at.checked_sub(back)?..)?.chars().next()?;
        (c.len_utf8() >= back).then_some(c)
    });
    reaching.find_map(Lookalike::of)
}

/// Returns the position of an error: its column counts bytes, from 1.
fn place(file: FileId, text: &str, error: &serde_json::Error) -> Span {
    let start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (start + error.column().saturating_sub(1)).min(text.len());
    Span::new(file, at..at)
}
