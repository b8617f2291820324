//! Parses expressions of templates: `[concat(parameters('a'), '-b')]`.

use std::iter::Peekable;
use std::str::Chars;

/// The depth up to which expressions nest.
const DEEPEST: usize = 32;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Text(String),
    Number(i64),
    Call {
        function: String,
        arguments: Vec<Expression>,
    },
    /// A member of an object by name, or an element of a list by number.
    Member {
        of: Box<Expression>,
        name: Box<Expression>,
    },
}

/// Parses a text of a template: an expression in brackets; `None` for any other text.
pub(super) fn parse(text: &str) -> Option<Result<Expression, String>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if inner.starts_with('[') {
        return None;
    }
    let mut parser = Parser { rest: inner.chars().peekable(), depth: 0 };
    let parsed = parser.expression().and_then(|expression| {
        parser.skip_spaces();
        match parser.rest.next() {
            None => Ok(expression),
            Some(odd) => Err(format!("unexpected '{odd}'")),
        }
    });
    Some(parsed.map_err(|reason| format!("The expression '{text}' is not valid: {reason}.")))
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    depth: usize,
}

impl Parser<'_> {
    fn skip_spaces(&mut self) {
        while self.rest.next_if(|next| next.is_whitespace()).is_some() {}
    }

    fn expression(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it nests too deeply".to_owned());
        }
        self.skip_spaces();
        let mut expression = match self.rest.peek() {
            Some('\'') => Expression::Text(self.text()?),
            Some(digit) if digit.is_ascii_digit() || *digit == '-' => self.number()?,
            Some(letter) if letter.is_ascii_alphabetic() => self.call()?,
            Some(odd) => return Err(format!("unexpected '{odd}'")),
            None => return Err("it ends too early".to_owned()),
        };
        loop {
            self.skip_spaces();
            let name = if self.rest.next_if_eq(&'.').is_some() {
                Expression::Text(self.word())
            } else if self.rest.next_if_eq(&'[').is_some() {
                let name = self.expression()?;
                self.expect(']')?;
                name
            } else {
                break;
            };
            expression = Expression::Member { of: Box::new(expression), name: Box::new(name) };
        }
        self.depth -= 1;
        Ok(expression)
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        self.skip_spaces();
        match self.rest.next() {
            Some(found) if found == wanted => Ok(()),
            Some(found) => Err(format!("expected '{wanted}' and found '{found}'")),
            None => Err(format!("expected '{wanted}' at the end")),
        }
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(next) = self.rest.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
            word.push(next);
        }
        word
    }

    /// Parses a text in quotes; two quotes stand for one.
    fn text(&mut self) -> Result<String, String> {
        self.rest.next();
        let mut text = String::new();
        loop {
            match self.rest.next() {
                Some('\'') if self.rest.next_if_eq(&'\'').is_some() => text.push('\''),
                Some('\'') => return Ok(text),
                Some(next) => text.push(next),
                None => return Err("a text has no end".to_owned()),
            }
        }
    }

    fn number(&mut self) -> Result<Expression, String> {
        let mut digits = String::new();
        while let Some(next) = self.rest.next_if(|next| next.is_ascii_digit() || *next == '-') {
            digits.push(next);
        }
        digits.parse().map(Expression::Number).map_err(|_| format!("'{digits}' is not a number"))
    }

    fn call(&mut self) -> Result<Expression, String> {
        let function = self.word();
        self.expect('(')?;
        let mut arguments = Vec::new();
        self.skip_spaces();
        if self.rest.next_if_eq(&')').is_some() {
            return Ok(Expression::Call { function, arguments });
        }
        loop {
            arguments.push(self.expression()?);
            self.skip_spaces();
            match self.rest.next() {
                Some(',') => {}
                Some(')') => return Ok(Expression::Call { function, arguments }),
                Some(odd) => return Err(format!("expected ',' or ')' and found '{odd}'")),
                None => return Err("it ends too early".to_owned()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_parsed_or_refused() {
        for (text, expected) in [
            ("plain", "no expression"),
            ("[[escaped]", "no expression"),
            ("['it''s']", "Text(\"it's\")"),
            ("[ -5 ]", "Number(-5)"),
            ("[f()]", "Call"),
            ("[f('a', g(1).b[0])]", "Call"),
            ("[f('a']", "error"),
            ("['a]", "error"),
            ("[f(,)]", "error"),
            ("[a]", "error"),
            ("[f() x]", "error"),
            ("[99999999999999999999]", "error"),
        ] {
            let told = match parse(text) {
                None => "no expression".to_owned(),
                Some(Ok(expression)) => format!("{expression:?}"),
                Some(Err(_)) => "error".to_owned(),
            };
            assert!(told.starts_with(expected), "{text}: {told}");
        }
        assert!(matches!(parse(&format!("[{}1{}]", "f(".repeat(99), ")".repeat(99))), Some(Err(_))));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in r"\[[a-z0-9'(),.\[\] -]{0,30}\]") {
            let _ = parse(&text);
        }
    }
}
