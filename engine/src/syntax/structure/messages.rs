//! Writes the messages about unreadable arguments and blocks.

use std::ops::Range;

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::syntax::lexer::{Lexeme, Token};
use crate::syntax::stray;

impl Reader<'_> {
    /// The message about a token that is a character which only looks like one of the language.
    fn stray(&self, lexeme: &Lexeme) -> Option<Diagnostic> {
        let is_unknown = lexeme.token == Token::Unknown;
        stray::character(self.lexer.slice(lexeme), self.lexer.span(lexeme.range.clone()))
            .filter(|_| is_unknown)
    }

    pub(super) fn not_a_name(&self, lexeme: &Lexeme) -> Diagnostic {
        if let Some(error) = self.stray(lexeme) {
            return error;
        }
        let written = self.lexer.slice(lexeme);
        let span = self.lexer.span(lexeme.range.clone());
        let error = Diagnostic::error("invalid-name", "expected the name of an argument or of a block");
        match lexeme.token {
            Token::QuoteOpen => {
                error.at(span, "unexpected quoted text").help("write the name without quotes: `name = value`")
            }
            Token::Number => {
                error.at(span, "a name cannot begin with a digit").help("begin it with a letter or `_`")
            }
            Token::Unknown if written == ";" => {
                error.at(span, "`;` is not used").help("end each argument with a line break")
            }
            _ => error
                .at(span, format!("found `{written}`"))
                .help("write `name = value`, or a block: `name { … }`"),
        }
    }

    pub(super) fn neither(&self, first: &Lexeme, second: &Lexeme) -> Diagnostic {
        if let Some(error) = self.stray(second) {
            return error;
        }
        let name = self.lexer.slice(first);
        let found = self.lexer.slice(second);
        let error =
            Diagnostic::error("invalid-argument", format!("`{name}` is neither an argument nor a block"));
        let after = self.lexer.span(first.range.end..first.range.end);
        let here = self.lexer.span(second.range.clone());
        let write = format!("write `{name} = …`, or `{name} {{` to begin a block");
        match (second.token, found) {
            (Token::Newline | Token::End, _) => error.at(after, "expected `=` or `{` here").help(write),
            (Token::Operator, ":" | "==") => {
                let label = if found == ":" {
                    "`:` does not set an argument"
                } else {
                    "`==` compares, it does not set"
                };
                Diagnostic::error("invalid-argument", "an argument is set with `=`")
                    .at(here, label)
                    .help(format!("write `{name} = …`"))
            }
            (Token::Operator, "+" | "-" | "*" | "/" | "?" | "|" | "&&" | "||") => {
                error.at(here, "an argument is set with `=` alone").help(format!("write `{name} = …`"))
            }
            (Token::Operator, ".") | (Token::Open, "[") => error
                .at(here, "a name that is set is one word")
                .help("to set one part of an object, write the whole object"),
            _ => error.at(here, "expected `=` or `{` here").help(write),
        }
    }

    pub(super) fn no_brace(&self, header: &Range<usize>, lexeme: &Lexeme) -> Diagnostic {
        if let Some(error) = self.stray(lexeme) {
            return error;
        }
        let header = self.lexer.span(header.clone());
        let error = Diagnostic::error("invalid-block", "a block header without its `{`");
        match (lexeme.token, self.lexer.slice(lexeme)) {
            (Token::Newline | Token::End, _) => error
                .at(header, "expected `{` at the end of this line")
                .help("put `{` on the same line as the block's name and labels"),
            (Token::Operator, "=") => error
                .at(self.lexer.span(lexeme.range.clone()), "labels are followed by `{`, not by `=`")
                .help("remove the `=` for a block, or write `name = value` for an argument"),
            _ => error
                .at(self.lexer.span(lexeme.range.clone()), "expected a label or `{` here")
                .also(header, "for this block")
                .help("labels are names or quoted texts: `step \"echo\" \"hello\" {`"),
        }
    }

    pub(super) fn no_newline(&self, lexeme: &Lexeme) -> Diagnostic {
        if let Some(error) = self.stray(lexeme) {
            return error;
        }
        Diagnostic::error("missing-newline", "two items on one line")
            .at(self.lexer.span(lexeme.range.clone()), "expected a line break before this")
            .help("put each argument and each block on a line of its own")
    }
}
