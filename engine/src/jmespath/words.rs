//! Corrects words in a query: names and text without quotes, `and` for `&&`, `=` for `==`.

use std::ops::Range;

use super::QueryError;
use super::edit::{Edit, edited, text_literal};
use super::token::tokens;
use crate::value::Number;

/// A misplaced word, and the edit that corrects it.
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

/// Returns the error about the word at which the parser stopped; none if the word is not misplaced.
///
/// The corrected query contains the corrections of all misplaced words.
pub(super) fn wrong_word(text: &str, offset: usize) -> Option<QueryError> {
    let words = words(text);
    let stopped = words.iter().find(|word| word.range.contains(&offset))?;
    let corrected = edited(text, words.iter().map(|word| &word.edit));
    Some(QueryError {
        corrected: Some(corrected),
        ..QueryError::new(stopped.range.clone(), stopped.message.clone())
    })
}

/// Returns the misplaced words of a query.
fn words(text: &str) -> Vec<Word> {
    let tokens: Vec<_> = tokens(text).map(|(range, _)| range).collect();
    // With a `let`, a `=` may belong to a binding.
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

/// Returns the token after the word that begins at a token. Adjacent tokens without space form one word.
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
        ("a number must be in backticks".to_owned(), format!("`{written}`"))
    } else if is_value {
        ("text must be in single quotes".to_owned(), text_literal(written))
    } else if written.contains(char::is_alphabetic) {
        (format!("the name `{written}` must be in double quotes"), format!("\"{written}\""))
    } else {
        return None;
    };
    Some(Word::new(range, message, edit))
}

/// Returns the operator for a word that follows an operand.
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

/// Returns true for a name that needs no quotes.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
