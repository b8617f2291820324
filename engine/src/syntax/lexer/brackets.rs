//! Tracks open brackets and quotes.

use std::ops::Range;

use super::{Lexed, Lexer, Token, is_identifier_part, is_identifier_start};
use crate::diagnostic::{Diagnostic, Lookalike};
use crate::syntax::depth::MAX_DEPTH;

#[derive(Clone, Debug)]
pub(super) enum Opener {
    /// `(`, `[` or `{`.
    Bracket(char),
    /// `${` or `%{`.
    Template,
    /// `"`.
    Quote,
    /// The start of a template file, which the end of the file closes.
    Document,
    /// `<<TAG`, with the position of the tag.
    Heredoc { tag: Range<usize> },
}

/// An open bracket or quote.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub opener: Opener,
    pub at: Range<usize>,
}

impl Lexer<'_> {
    pub(super) fn push(&mut self, token: Token, length: usize, opener: Opener) -> Lexed {
        let lexeme = self.take(token, length);
        let nesting = |frame: &&Frame| matches!(frame.opener, Opener::Bracket(_) | Opener::Template);
        if self.open.len() >= MAX_DEPTH && self.open.iter().filter(nesting).count() >= MAX_DEPTH {
            return Err(Box::new(
                Diagnostic::error("nesting-too-deep", format!("nested more than {MAX_DEPTH} levels deep"))
                    .at(self.span(lexeme.range), "one level too many")
                    .help("move the inner part to `locals` and refer to it"),
            ));
        }
        self.open.push(Frame { opener, at: lexeme.range.clone() });
        Ok(lexeme)
    }

    pub(super) fn close(&mut self, bracket: char, length: usize) -> Lexed {
        let token = match self.open.last() {
            Some(Frame { opener: Opener::Bracket(open), .. }) if closing(*open) == bracket && length == 1 => {
                Token::Close
            }
            Some(Frame { opener: Opener::Template, .. }) if bracket == '}' => Token::TemplateEnd,
            _ => return Err(Box::new(self.mismatched(bracket))),
        };
        self.open.pop();
        Ok(self.take(token, length))
    }

    /// Opens a block's brace at `at`, as if it had been read.
    pub fn suppose_open(&mut self, at: Range<usize>) {
        self.open.push(Frame { opener: Opener::Bracket('{'), at });
    }

    /// Returns an error if the line at `at` begins an argument or a block inside an unclosed `(` or `[`.
    pub fn swallowed(&self, at: usize) -> Option<Diagnostic> {
        let frame = self.open.last()?;
        if !matches!(frame.opener, Opener::Bracket('(' | '[')) {
            return None;
        }
        let line = self.text[at..self.end].lines().next()?.trim_start_matches([' ', '\t']);
        let name = line.len() - line.trim_start_matches(is_identifier_part).len();
        let rest = line[name..].trim_start_matches(' ');
        let sets = rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>");
        let begins = line.starts_with(is_identifier_start)
            && (sets || (rest.starts_with('"') && line.trim_end().ends_with('{')));
        begins.then(|| {
            let start = at + self.text[at..].len() - self.text[at..].trim_start_matches([' ', '\t']).len();
            self.unclosed(frame).also(self.span(start..start + name), "this cannot be inside of it")
        })
    }

    fn mismatched(&self, bracket: char) -> Diagnostic {
        let here = self.span(self.at..self.at + bracket.len_utf8());
        match self.open.last() {
            None => Diagnostic::error("unmatched-bracket", format!("`{bracket}` without an opening bracket"))
                .at(here, "no bracket is open here")
                .help("remove it, or add the opening bracket that belongs to it"),
            Some(frame) => {
                let expected = frame.closing();
                Diagnostic::error("unmatched-bracket", format!("`{bracket}` where `{expected}` was expected"))
                    .at(here, format!("expected `{expected}`"))
                    .also(self.span(frame.at.clone()), "to close this")
            }
        }
    }

    pub(super) fn unclosed(&self, frame: &Frame) -> Diagnostic {
        let at = self.span(frame.at.clone());
        let opening = self.text.get(frame.at.clone()).unwrap_or_default();
        match &frame.opener {
            Opener::Quote | Opener::Document => {
                Diagnostic::error("unclosed-string", "a text is never closed")
                    .at(at, "it starts here")
                    .help("close it with `\"`")
            }
            Opener::Heredoc { tag } => self.unclosed_heredoc(frame, &self.text[tag.clone()]),
            Opener::Template => Diagnostic::error("unclosed-bracket", format!("`{opening}` is never closed"))
                .at(at, "opened here")
                .help("close it with `}`")
                .help(format!(
                    "to write `{opening}` itself, double its first sign: `{}{opening}`",
                    &opening[..1]
                )),
            Opener::Bracket(_) => {
                Diagnostic::error("unclosed-bracket", format!("`{opening}` is never closed"))
                    .at(at, "opened here")
                    .help(format!("close it with `{}`", frame.closing()))
            }
        }
    }

    fn unclosed_heredoc(&self, frame: &Frame, tag: &str) -> Diagnostic {
        let error =
            Diagnostic::error("unclosed-heredoc", format!("the text that `<<{tag}` begins is never closed"))
                .at(self.span(frame.at.clone()), "starts here")
                .help(format!("write `{tag}` alone on a line after it"));
        let body = &self.text[frame.at.end..self.end];
        let almost = body
            .match_indices(tag)
            .find(|(at, _)| body[..*at].rsplit('\n').next().is_some_and(|before| before.trim().is_empty()));
        match almost {
            None => error,
            Some((at, _)) => {
                let start = frame.at.end + at;
                let after = body[at + tag.len()..].lines().next().unwrap_or_default();
                let follows = match Lookalike::find(after) {
                    Some((_, lookalike)) => lookalike.to_string(),
                    None => "something".to_owned(),
                };
                let label = format!("this does not close it: {follows} follows on its line");
                error.also(self.span(start..start + tag.len()), label)
            }
        }
    }
}

impl Frame {
    fn closing(&self) -> char {
        match self.opener {
            Opener::Bracket(open) => closing(open),
            Opener::Template | Opener::Heredoc { .. } => '}',
            Opener::Quote | Opener::Document => '"',
        }
    }
}

fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}
