//! Reads text in quotes, heredocs and template files.

use std::ops::Range;

use super::brackets::Opener;
use super::{Lexed, Lexeme, Lexer, Token, is_identifier_part, is_identifier_start};
use crate::diagnostic::{Diagnostic, Lookalike};
use crate::syntax::stray;

impl Lexer<'_> {
    pub(super) fn heredoc_start(&mut self) -> Lexed {
        let rest = self.rest();
        let marker = if rest.starts_with("<<-") { 3 } else { 2 };
        let tag = &rest[marker..];
        let length = tag.find(|c| !is_identifier_part(c)).unwrap_or(tag.len());
        let line = tag[length..].split('\n').next().unwrap_or_default();
        let starts_well = tag.starts_with(is_identifier_start);
        if starts_well && line.trim_end_matches('\r').is_empty() && tag[length..].contains('\n') {
            let start = self.at + marker;
            let opener = Opener::Heredoc { tag: start..start + length };
            let lexeme = self.push(Token::HeredocOpen, marker + length, opener)?;
            self.at += line.len() + 1;
            return Ok(lexeme);
        }
        let after = self.at + marker + length..self.at + marker + length + line.len();
        if let Some(error) = stray::character(line, self.span(after)) {
            return Err(Box::new(error));
        }
        let reason =
            if starts_well { "a line break must follow the name" } else { "a name must follow at once" };
        Err(Box::new(
            Diagnostic::error("invalid-heredoc", "`<<` does not begin a text here")
                .at(self.span(self.at..self.at + marker), reason)
                .help("write `<<EOT`, the lines of the text, and `EOT` alone on the last line"),
        ))
    }

    pub(super) fn quoted(&mut self) -> Lexed {
        let rest = self.rest();
        if rest.starts_with('"') {
            self.open.pop();
            return Ok(self.take(Token::QuoteClose, 1));
        }
        if let Some(template) = self.template_start() {
            return template;
        }
        let length = text_length(rest, true);
        if rest[length..].is_empty() || rest[length..].starts_with('\n') {
            return Err(Box::new(self.broken_string()));
        }
        Ok(self.take(Token::Text, length))
    }

    fn broken_string(&self) -> Diagnostic {
        // In `"${x"`, the second quote opens another string, which the author did not intend.
        if let [.., interpolation, _] = self.open.as_slice()
            && matches!(interpolation.opener, Opener::Template)
        {
            return self.unclosed(interpolation);
        }
        let start = self.open.last().map_or(self.at, |frame| frame.at.start);
        let error = Diagnostic::error("unclosed-string", "a quoted string is not closed on its line")
            .at(self.span(start..start + 1), "the string starts here")
            .help("close it with `\"`");
        match self.odd_quote(start) {
            Some((place, quote)) => error.because(self.span(place), format!("{quote} does not close it")),
            None => error.help("for text of several lines write `<<EOT`, the lines, and `EOT` on a line of its own; or `\\n` for a line break"),
        }
    }

    /// Returns the last quote of another kind on the line that `start` begins, and its place.
    fn odd_quote(&self, start: usize) -> Option<(Range<usize>, Lookalike)> {
        let line = self.text[start..].lines().next()?;
        line.char_indices().rev().find_map(|(at, c)| {
            let quote = Lookalike::of(c).filter(|lookalike| lookalike.is_quote())?;
            Some((start + at..start + at + c.len_utf8(), quote))
        })
    }

    pub(super) fn heredoc(&mut self, tag: &str) -> Lexed {
        let rest = self.rest();
        // Only a line start can end a heredoc; scanning the line elsewhere would take quadratic time.
        let at_line_start = self.text[..self.at].ends_with('\n');
        let line = at_line_start.then(|| rest.split('\n').next().unwrap_or_default());
        if let Some(line) = line.filter(|line| line.trim() == tag) {
            self.at += line.find(tag).unwrap_or_default();
            self.open.pop();
            return Ok(self.take(Token::HeredocClose, tag.len()));
        }
        if let Some(template) = self.template_start() {
            return template;
        }
        if rest.is_empty() {
            return self.finish();
        }
        Ok(self.line())
    }

    pub(super) fn document(&mut self) -> Lexed {
        if self.rest().is_empty() {
            return Ok(self.take(Token::End, 0));
        }
        self.template_start().unwrap_or_else(|| Ok(self.line()))
    }

    /// Reads text up to an interpolation or the end of the line, including the line break.
    fn line(&mut self) -> Lexeme {
        let rest = self.rest();
        let length = text_length(rest, false);
        let newline = usize::from(rest[length..].starts_with('\n'));
        self.take(Token::Text, length + newline)
    }

    /// Reads the `${` or `%{` at the current position.
    fn template_start(&mut self) -> Option<Lexed> {
        let token = match self.rest().get(..2)? {
            "${" => Token::Interpolation,
            "%{" => Token::Directive,
            _ => return None,
        };
        let trim = usize::from(self.rest()[2..].starts_with('~'));
        Some(self.push(token, 2 + trim, Opener::Template))
    }
}

/// Returns the length of the text up to an interpolation, a directive, a line break or, in a quoted string,
/// its end.
fn text_length(rest: &str, quoted: bool) -> usize {
    let mut at = 0;
    while let Some(plain) = rest[at..].find(['$', '%', '"', '\\', '\n']) {
        at += plain;
        let tail = &rest[at..];
        let c = tail.chars().next().unwrap_or_default();
        if c == '\n' || (quoted && c == '"') {
            return at;
        }
        if tail.starts_with("$${") || tail.starts_with("%%{") {
            at += 3;
        } else if quoted && c == '\\' && !tail[1..].starts_with('\n') {
            at += 1 + tail[1..].chars().next().map_or(0, char::len_utf8);
        } else if tail.starts_with("${") || tail.starts_with("%{") {
            return at;
        } else {
            at += 1;
        }
    }
    rest.len()
}
