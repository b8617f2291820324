//! Splits a query into tokens.

use super::syntax::QueryError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, a keyword or an operator that is a word, such as `project-away` and `in~`.
    Word(String),
    Text(String),
    Number(f64),
    Symbol(&'static str),
}

/// The longest come first.
const SYMBOLS: [&str; 16] =
    ["==", "!=", "=~", "!~", "<=", ">=", "|", "(", ")", "[", "]", ",", "=", "<", ">", "."];

/// Words that continue after a character that no name has.
const COMPOUND: [&str; 8] =
    ["project-away", "in~", "!in~", "!in", "!contains", "!startswith", "!endswith", "!has"];

/// Returns the tokens with their offsets.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, QueryError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or_default();
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            let (token, length) = token(rest, first, at)?;
            tokens.push((at, token));
            at += length;
        }
    }
    Ok(tokens)
}

fn token(rest: &str, first: char, at: usize) -> Result<(Token, usize), QueryError> {
    if let Some(word) = COMPOUND.iter().find(|word| starts_with_word(rest, word)) {
        return Ok((Token::Word((*word).to_owned()), word.len()));
    }
    if first == '\'' || first == '"' {
        return text(rest, first, at);
    }
    if first.is_ascii_digit() {
        let length = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let number = rest[..length].parse();
        return number.map(|number| (Token::Number(number), length)).map_err(|_| error("not a number", at));
    }
    if first.is_alphabetic() || first == '_' || first == '$' {
        let is_in = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let length = rest.find(|c| !is_in(c)).unwrap_or(rest.len());
        return Ok((Token::Word(rest[..length].to_owned()), length));
    }
    let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
    symbol
        .map(|symbol| (Token::Symbol(symbol), symbol.len()))
        .ok_or_else(|| error("an unexpected character", at))
}

/// Returns whether `rest` starts with `word`, in any case, and the word ends there.
fn starts_with_word(rest: &str, word: &str) -> bool {
    let (Some(start), Some(after)) = (rest.get(..word.len()), rest.get(word.len()..)) else { return false };
    let continues =
        after.starts_with(|after: char| after.is_ascii_alphanumeric() || after == '_' || after == '~');
    start.eq_ignore_ascii_case(word) && !continues
}

fn text(rest: &str, quote: char, at: usize) -> Result<(Token, usize), QueryError> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        match character {
            _ if character == quote => return Ok((Token::Text(value), index + 1)),
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, escaped @ ('\\' | '\'' | '"'))) => value.push(escaped),
                _ => return Err(error("an unknown escape", at + index)),
            },
            _ => value.push(character),
        }
    }
    Err(error("a text without an end", at))
}

pub(super) fn error(reason: impl Into<String>, at: usize) -> QueryError {
    QueryError { reason: reason.into(), at }
}
