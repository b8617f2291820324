//! Finds the comments of a file.

use crate::source::{FileId, SourceFile, Span};
use crate::syntax::lexer::{Lexer, Token};

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// The place, with its marks.
    pub span: Span,
    /// The number of its first line, from 1.
    pub line: usize,
    /// The number of its last line.
    pub last_line: usize,
    /// True if nothing else is on its lines before it.
    pub is_alone: bool,
    /// The text without its marks.
    pub text: String,
}

/// Returns the comments of a file in order. A text in quotes or a here-document has none.
pub(super) fn comments(file: FileId, source: &SourceFile) -> Vec<Comment> {
    let text = source.text();
    let mut lexer = Lexer::new(text, file, 0..text.len());
    let mut found = Vec::new();
    loop {
        let before = lexer.position();
        let Ok(lexeme) = lexer.next() else { return found };
        // The blanks before the tag of a here-document are part of its text.
        if lexeme.token != Token::HeredocClose {
            in_gap(file, source, before..lexeme.range.start, &mut found);
        }
        if lexeme.token == Token::End {
            return found;
        }
    }
}

/// Adds the comments between two tokens.
fn in_gap(file: FileId, source: &SourceFile, gap: std::ops::Range<usize>, found: &mut Vec<Comment>) {
    let mut at = gap.start;
    while let Some(start) = source.text()[at..gap.end].find(['#', '/']).map(|found| at + found) {
        let rest = &source.text()[start..gap.end];
        let length = match rest.strip_prefix("/*") {
            Some(inner) => inner.find("*/").map_or(rest.len(), |length| length + 4),
            None => rest.find('\n').unwrap_or(rest.len()),
        };
        let (line, last) = (source.position(start).line, source.position(start + length).line);
        let line_start = source.text()[..start].rfind('\n').map_or(0, |at| at + 1);
        found.push(Comment {
            span: Span::new(file, start..start + length),
            line,
            last_line: last,
            is_alone: source.text()[line_start..start].trim().is_empty(),
            text: unmarked(&rest[..length]).to_owned(),
        });
        at = start + length;
    }
}

/// Returns the text of a comment without its marks.
fn unmarked(comment: &str) -> &str {
    let inner = comment.strip_prefix("/*").map(|inner| inner.strip_suffix("*/").unwrap_or(inner));
    let line = || comment.strip_prefix("//").unwrap_or(comment).trim_start_matches('#');
    inner.unwrap_or_else(line).trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn texts_have_no_comments() {
        let text = concat!(
            "# one\n",
            "step \"echo\" \"a\" { # two\n",
            "  input = \"# no // no\" /* three */\n",
            "  text  = <<-END\n    # no\n    END\n",
            "  // four\n",
            "  n = 4 / 2\n",
            "}\n",
        );
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("a.hcl", text.to_owned()));
        let found = comments(file, sources.file(file));
        let found: Vec<_> =
            found.iter().map(|comment| (comment.line, comment.is_alone, comment.text.as_str())).collect();
        assert_eq!(found, [(1, true, "one"), (2, false, "two"), (3, false, "three"), (7, true, "four")]);
    }
}
