//! Words that a query has in another form than they need: names and texts without quotes, `and` for `&&`,
//! `=` for `==`.

use std::ops::Range;

use super::QueryError;
use super::edit::{Edit, edited, text_literal};
use super::token::tokens;
use crate::value::Number;

/// A word that cannot stand where it does, and the edit that corrects it.
struct Word {
    range: Range<usize>,
    message: String,
    edit: Edit,
}

impl Word {
    fn new(range: Range<usize>, message: String, edit: impl Into<String>) -> Self {
        Self { range: range.clone(), message, edit: Edit::new(range, edit) }
    }
}

/// The error about the word at which the parser stopped; none when the word is not to blame.
///
/// The corrected query has the corrections of all such words.
pub(super) fn wrong_word(text: &str, offset: usize) -> Option<QueryError> {
    let words = words(text);
    let stopped = words.iter().find(|word| word.range.contains(&offset))?;
    let corrected = edited(text, words.iter().map(|word| &word.edit));
    Some(QueryError {
        corrected: Some(corrected),
        ..QueryError::new(stopped.range.clone(), stopped.message.clone())
    })
}

/// All such words of a query.
fn words(text: &str) -> Vec<Word> {
    let tokens: Vec<_> = tokens(text).map(|(range, _)| range).collect();
    // The `=` of a `let` is none of a comparison.
    let is_let = tokens.iter().any(|range| &text[range.clone()] == "let");
    let mut words = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let before = if at > 0 { &text[tokens[at - 1].clone()] } else { "" };
        let token = &text[tokens[at].clone()];
        if let Some(operator) = operator(before, token, is_let) {
            words.push(Word::new(tokens[at].clone(), format!("`{token}` is written `{operator}`"), operator));
            at += 1;
            continue;
        }
        let is_value = is_comparator(before);
        let end = end_of_word(text, &tokens, at, is_value);
        let range = tokens[at].start..tokens[end.max(at + 1) - 1].end;
        if end > at {
            words.extend(word(text, range, is_value));
        }
        at = end.max(at + 1);
    }
    words
}

/// The token after the word that begins at a token: all tokens that touch, and that may be part of one.
fn end_of_word(text: &str, tokens: &[Range<usize>], start: usize, is_value: bool) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || "_-/".contains(c) || (is_value && ".:+".contains(c));
    let touches = |at: usize| at == start || tokens[at - 1].end == tokens[at].start;
    let mut at = start;
    while at < tokens.len() && touches(at) && text[tokens[at].clone()].chars().all(is_part) {
        at += 1;
    }
    at
}

fn word(text: &str, range: Range<usize>, is_value: bool) -> Option<Word> {
    let written = &text[range.clone()];
    let is_called = text[range.end..].trim_start().starts_with('(');
    let names = if is_value { written.split('.').collect() } else { vec![written] };
    if is_called || names.into_iter().all(is_name) {
        return None;
    }
    let (message, edit) = if is_value && written.parse::<Number>().is_ok() {
        ("a number stands in backticks".to_owned(), format!("`{written}`"))
    } else if is_value {
        ("a text stands in single quotes".to_owned(), text_literal(written))
    } else if written.contains(char::is_alphabetic) {
        (format!("the name `{written}` must be in double quotes"), format!("\"{written}\""))
    } else {
        return None;
    };
    Some(Word::new(range, message, edit))
}

/// The operator that a word between two operands stands for.
fn operator(before: &str, word: &str, is_let: bool) -> Option<&'static str> {
    let ends = before.ends_with(|c: char| c.is_ascii_alphanumeric() || "_\"'`)]}*@".contains(c));
    match word.to_ascii_lowercase().as_str() {
        "and" if ends => Some("&&"),
        "or" if ends => Some("||"),
        "=" if ends && !is_let => Some("=="),
        _ => None,
    }
}

fn is_comparator(token: &str) -> bool {
    matches!(token, "==" | "!=" | "<" | "<=" | ">" | ">=")
}

/// Whether it is a name that needs no quotes.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
