//! Explains errors in unreadable expressions.
//!
//! The parser stops at the first token that cannot continue an expression, which may be far from the mistake.
//! This check walks the tokens again: at each one, the surrounding bracket decides whether an operand or an
//! operator must follow.

mod context;
mod messages;
mod query;

use std::ops::Range;

use context::{Context, ForStage, Kind};
use messages as say;
use query::quoted_query;

use super::lexer::{Lexeme, Lexer, Token};
use super::parser::quoted_text;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Explains the error in the expression in `range`, if possible.
pub(super) fn expression(text: &str, file: FileId, range: &Range<usize>) -> Option<Diagnostic> {
    Checker::new(text, file, Lexer::new(text, file, range.clone()), Kind::Top, range.start).run()
}

/// Explains the error in a template file, if possible.
pub(super) fn template(text: &str, file: FileId) -> Option<Diagnostic> {
    Checker::new(text, file, Lexer::template(text, file), Kind::Text, 0).run()
}

type Check = Result<(), Box<Diagnostic>>;

struct Checker<'a> {
    text: &'a str,
    file: FileId,
    lexer: Lexer<'a>,
    contexts: Vec<Context>,
    previous: Lexeme,
}

impl<'a> Checker<'a> {
    fn new(text: &'a str, file: FileId, lexer: Lexer<'a>, kind: Kind, start: usize) -> Self {
        let previous = Lexeme { token: Token::Open, range: start..start };
        Self { text, file, lexer, contexts: vec![Context::new(kind, start..start)], previous }
    }

    fn run(mut self) -> Option<Diagnostic> {
        loop {
            let checked = self.lexer.next().and_then(|lexeme| {
                let token = lexeme.token;
                self.token(&lexeme)?;
                if token != Token::Newline {
                    self.previous = lexeme;
                }
                Ok(token)
            });
            match checked {
                Ok(Token::End) => return None,
                Ok(_) => {}
                Err(error) => return Some(*error),
            }
        }
    }

    fn context(&mut self) -> &mut Context {
        let last = self.contexts.len() - 1;
        &mut self.contexts[last]
    }

    fn span(&self, lexeme: &Lexeme) -> Span {
        self.lexer.span(lexeme.range.clone())
    }

    fn open(&mut self, kind: Kind, lexeme: &Lexeme) {
        self.contexts.push(Context::new(kind, lexeme.range.clone()));
    }

    /// Returns true if the innermost bracket is still empty.
    fn is_empty(&self) -> bool {
        self.contexts.last().is_some_and(|context| context.open == self.previous.range)
    }

    fn token(&mut self, lexeme: &Lexeme) -> Check {
        match lexeme.token {
            Token::Text => self.escapes(lexeme),
            Token::QuoteOpen | Token::HeredocOpen => {
                self.operand(lexeme)?;
                self.open(Kind::Text, lexeme);
                Ok(())
            }
            Token::Interpolation => {
                self.open(Kind::Interpolation, lexeme);
                Ok(())
            }
            Token::Directive => self.directive(lexeme),
            Token::QuoteClose | Token::HeredocClose | Token::TemplateEnd | Token::Close | Token::End => {
                self.close(lexeme)
            }
            Token::Identifier => self.identifier(lexeme),
            Token::Number => self.number(lexeme),
            Token::Open => self.bracket(lexeme),
            Token::Newline => self.newline(lexeme),
            Token::Operator => self.operator(lexeme),
            Token::Unknown => Err(self.unknown(lexeme)),
        }
    }

    fn escapes(&self, lexeme: &Lexeme) -> Check {
        let quoted =
            self.contexts.last().is_some_and(|context| self.text[context.open.clone()].starts_with('"'));
        if quoted { quoted_text(self.text, self.file, lexeme.range.clone()).map(drop) } else { Ok(()) }
    }

    /// Checks the beginning of an operand.
    fn operand(&mut self, lexeme: &Lexeme) -> Check {
        if self.context().wants_operand {
            self.context().wants_operand = false;
            return Ok(());
        }
        let (here, before) = (self.span(lexeme), self.span(&self.previous));
        let (kind, stage, open) = (self.context().kind, self.context().stage, self.context().open.clone());
        if stage == ForStage::Collection {
            return Err(say::for_without_colon(self.lexer.span(open), here));
        }
        if let Some(query) = quoted_query(self.text, lexeme.range.start) {
            return Err(say::query_in_double_quotes(&query, here, before));
        }
        let words = (self.lexer.slice(&self.previous), self.lexer.slice(lexeme));
        Err(say::two_operands(kind, words, here, before))
    }

    fn identifier(&mut self, lexeme: &Lexeme) -> Check {
        let word = self.lexer.slice(lexeme);
        let wants_operand = self.context().wants_operand;
        let begins = self.is_empty();
        let may_be_for = matches!(self.context().kind, Kind::Tuple | Kind::Object);
        let names = [Token::Identifier, Token::Number, Token::QuoteOpen];
        if word == "for" && begins && may_be_for && names.contains(&self.lexer.peek()?.token) {
            return self.for_intro(lexeme);
        }
        if word == "if" && !wants_operand && self.context().stage == ForStage::Result {
            self.context().stage = ForStage::Condition;
            self.context().wants_operand = true;
            return Ok(());
        }
        if self.previous.token == Token::Number && self.previous.range.end == lexeme.range.start {
            return Err(self.bad_number(lexeme));
        }
        self.operand(lexeme)
    }

    /// Returns the error of an invalid number, which continues with `lexeme`.
    fn bad_number(&self, lexeme: &Lexeme) -> Box<Diagnostic> {
        let range = self.previous.range.start..lexeme.range.end;
        say::bad_number(&self.text[range.clone()], self.lexer.span(range))
    }

    /// Checks `for a, b in`.
    fn for_intro(&mut self, lexeme: &Lexeme) -> Check {
        let mut expects_name = true;
        loop {
            let next = self.lexer.next()?;
            match (next.token, self.lexer.slice(&next)) {
                (Token::Newline, _) => {}
                (Token::Identifier, _) if expects_name => expects_name = false,
                (Token::Identifier, "in") => break,
                (Token::Operator, ",") if !expects_name => expects_name = true,
                (Token::Unknown, _) => return Err(self.unknown(&next)),
                _ => return Err(say::bad_for(self.span(lexeme), self.span(&next))),
            }
        }
        if expects_name {
            return Err(say::bad_for(self.span(lexeme), self.span(lexeme)));
        }
        let context = self.context();
        context.stage = ForStage::Collection;
        context.wants_operand = true;
        Ok(())
    }

    fn directive(&mut self, lexeme: &Lexeme) -> Check {
        let word = self.lexer.next()?;
        if word.token == Token::Unknown {
            return Err(self.unknown(&word));
        }
        let span = self.span(&word);
        let keyword = self.lexer.slice(&word);
        if !matches!(keyword, "if" | "else" | "endif" | "for" | "endfor") {
            return Err(say::unknown_directive(keyword, self.span(lexeme).to(span)));
        }
        let open = self.context().directives.last().cloned();
        match (keyword, open) {
            ("if" | "for", _) => self.context().directives.push((keyword.to_owned(), span)),
            ("else", Some((open, _))) if open == "if" => {
                if let Some(last) = self.context().directives.last_mut() {
                    "else".clone_into(&mut last.0);
                }
            }
            ("endif", Some((open, _))) if open != "for" => drop(self.context().directives.pop()),
            ("endfor", Some((open, _))) if open == "for" => drop(self.context().directives.pop()),
            (_, open) => return Err(say::unbalanced_directive(keyword, span, open)),
        }
        self.open(Kind::Directive, lexeme);
        match keyword {
            "for" => self.for_intro(&word),
            "if" => Ok(()),
            _ => {
                self.context().wants_operand = false;
                Ok(())
            }
        }
    }

    fn number(&mut self, lexeme: &Lexeme) -> Check {
        let adjacent = self.previous.token == Token::Number && self.previous.range.end == lexeme.range.start;
        if adjacent {
            return Err(self.bad_number(lexeme));
        }
        self.operand(lexeme)
    }

    fn bracket(&mut self, lexeme: &Lexeme) -> Check {
        let follows_operand = !self.context().wants_operand;
        let kind = match self.lexer.slice(lexeme) {
            "(" if follows_operand && self.previous.token == Token::Identifier => Kind::Arguments,
            "[" if follows_operand => Kind::Index,
            "{" if self.context().is_key() && self.is_empty() => {
                return Err(say::double_braces(self.span(&self.previous).to(self.span(lexeme))));
            }
            bracket => {
                self.operand(lexeme)?;
                match bracket {
                    "(" => Kind::Group,
                    "[" => Kind::Tuple,
                    _ => Kind::Object,
                }
            }
        };
        self.open(kind, lexeme);
        Ok(())
    }

    fn newline(&mut self, lexeme: &Lexeme) -> Check {
        let span = self.span(lexeme);
        let previous = self.span(&self.previous);
        let context = self.context();
        match context.kind {
            Kind::Object if context.stage == ForStage::None => {
                if context.in_value && context.wants_operand {
                    return Err(say::missing_operand("a value", previous, span));
                }
                if !context.in_value && !context.wants_operand {
                    return Err(say::key_without_value(previous));
                }
                context.next_item();
                Ok(())
            }
            Kind::Top if context.wants_operand => Err(say::missing_operand("an operand", previous, span)),
            _ => Ok(()),
        }
    }

    fn close(&mut self, lexeme: &Lexeme) -> Check {
        let (here, previous) = (self.span(lexeme), self.span(&self.previous));
        let may_end = self.is_empty() || self.lexer.slice(&self.previous) == ",";
        let Some(context) = self.contexts.pop() else { return Ok(()) };
        let open = self.lexer.span(context.open.clone());
        if let Some((keyword, at)) = context.directives.last() {
            return Err(say::unclosed_directive(keyword, *at));
        }
        if let Some(question) = context.conditionals.last() {
            return Err(say::half_conditional(*question, here));
        }
        match context.kind {
            Kind::Text => {}
            Kind::Tuple | Kind::Object if context.stage == ForStage::Collection => {
                return Err(say::for_without_colon(open, here));
            }
            Kind::Object
                if !context.in_value && !context.wants_operand && context.stage == ForStage::None =>
            {
                return Err(say::key_without_value(previous));
            }
            Kind::Object if !context.in_value && context.stage == ForStage::None => {}
            Kind::Object if !context.has_arrow && context.stage != ForStage::None => {
                return Err(say::for_without_arrow(open, here));
            }
            Kind::Tuple | Kind::Arguments if may_end && context.stage == ForStage::None => {}
            _ if context.wants_operand => {
                return Err(say::missing_operand("an expression", previous, here));
            }
            _ => {}
        }
        Ok(())
    }

    fn operator(&mut self, lexeme: &Lexeme) -> Check {
        let (here, previous) = (self.span(lexeme), self.span(&self.previous));
        let symbol = self.lexer.slice(lexeme);
        let before = self.lexer.slice(&self.previous);
        let context = self.context();
        let wants_operand = context.wants_operand;
        match symbol {
            "-" | "!" if wants_operand => {}
            "*" if context.kind == Kind::Index && wants_operand && before == "[" => {
                context.wants_operand = false;
            }
            "." if !wants_operand => return self.attribute(lexeme),
            "::" if !wants_operand => context.wants_operand = true,
            "..." if !wants_operand => {}
            "," => return self.comma(lexeme),
            "=" | ":" if context.is_key() && !wants_operand => context.begin_value(),
            "=>" if context.stage == ForStage::Result && !context.has_arrow && !wants_operand => {
                if context.kind == Kind::Tuple {
                    let open = context.open.clone();
                    return Err(say::arrow_in_brackets(here, self.lexer.span(open)));
                }
                context.has_arrow = true;
                context.wants_operand = true;
            }
            "=>" if context.stage == ForStage::Collection && !wants_operand => {
                let open = context.open.clone();
                return Err(say::for_without_colon(self.lexer.span(open), here));
            }
            ":" if !wants_operand && context.conditionals.pop().is_some() => context.wants_operand = true,
            ":" if !wants_operand && context.stage == ForStage::Collection => {
                context.stage = ForStage::Result;
                context.wants_operand = true;
            }
            "?" if !wants_operand => {
                context.conditionals.push(here);
                context.wants_operand = true;
            }
            "=" | ":" | "=>" | "!" | "..." if !wants_operand => return Err(say::misplaced(symbol, here)),
            _ if wants_operand => return Err(say::operator_without_operand(before, symbol, previous, here)),
            _ => context.wants_operand = true,
        }
        Ok(())
    }

    /// Returns the error of an unknown character, or of the text that it begins.
    fn unknown(&self, lexeme: &Lexeme) -> Box<Diagnostic> {
        let after = self.text[lexeme.range.end..].lines().next().unwrap_or_default();
        let length = say::quoted_length(self.lexer.slice(lexeme), after);
        let range = lexeme.range.start..lexeme.range.end + length;
        say::unknown(self.lexer.slice(lexeme), &after[..length], after, self.lexer.span(range))
    }

    /// Checks the token after a dot.
    fn attribute(&mut self, dot: &Lexeme) -> Check {
        let next = self.lexer.peek()?;
        let fits = matches!(next.token, Token::Identifier | Token::Number) || self.lexer.slice(&next) == "*";
        if next.token == Token::Unknown {
            return Err(self.unknown(&next));
        }
        if !fits {
            return Err(say::bare_dot(self.span(dot), next.token == Token::QuoteOpen));
        }
        self.lexer.next()?;
        if self.lexer.peek().is_ok_and(|after| self.lexer.slice(&after) == "(") {
            return Err(say::method(self.lexer.slice(&next), self.span(&next)));
        }
        Ok(())
    }

    fn comma(&mut self, lexeme: &Lexeme) -> Check {
        let (here, previous) = (self.span(lexeme), self.span(&self.previous));
        let context = self.context();
        if let Some(question) = context.conditionals.last() {
            return Err(say::half_conditional(*question, here));
        }
        let separates = matches!(context.kind, Kind::Tuple | Kind::Arguments | Kind::Object);
        if !separates || context.stage != ForStage::None {
            return Err(say::comma(context.kind, here));
        }
        if context.wants_operand {
            return Err(say::missing_operand("a value", previous, here));
        }
        if context.is_key() {
            return Err(say::key_without_value(previous));
        }
        context.next_item();
        Ok(())
    }
}
