//! Defines corrections of a query.

use std::ops::Range;

/// The replacement of a part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Edit {
    pub(super) fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { range, text: text.into() }
    }
}

/// Applies the edits to the query; of two that overlap, only the first.
pub(super) fn edited<'a>(query: &str, edits: impl IntoIterator<Item = &'a Edit>) -> String {
    let mut edits: Vec<_> = edits.into_iter().collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let (mut text, mut at) = (String::new(), 0);
    for edit in edits {
        let Some(before) = query.get(at..edit.range.start) else { continue };
        text.push_str(before);
        text.push_str(&edit.text);
        at = edit.range.end;
    }
    text + query.get(at..).unwrap_or_default()
}

/// Writes text as a literal of a query.
pub(super) fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_made_in_the_order_of_the_text() {
        let edits =
            [Edit::new(4..5, "x"), Edit::new(0..1, "'a'"), Edit::new(0..3, "no"), Edit::new(2..2, "(")];
        assert_eq!(edited("a == b", &edits), "'a' (==xb");
        assert_eq!(edited("a", &[]), "a");
        assert_eq!(text_literal("it's"), r"'it\'s'");
    }
}
