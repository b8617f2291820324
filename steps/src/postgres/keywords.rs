//! Reads libpq's keywords: `host=db.example port=5432 user='me' password='it\'s'`.

use std::iter::Peekable;
use std::str::Chars;

use super::Connection;

/// Reads keywords with their values.
pub(super) fn parse(text: &str) -> Result<Connection, String> {
    let mut connection = Connection::default();
    let mut rest = text.chars().peekable();
    for number in 1.. {
        skip_spaces(&mut rest);
        if rest.peek().is_none() {
            break;
        }
        let place = format!("keyword {number}");
        let keyword = keyword(&mut rest, &place)?;
        let value = value(&mut rest, &place)?;
        connection.set(&keyword, value, &place)?;
    }
    if connection == Connection::default() {
        return Err(FORMS.to_owned());
    }
    Ok(connection)
}

/// The error about a text in none of the forms.
const FORMS: &str = "must be a URI like postgresql://HOST/DATABASE, keywords like `host=HOST dbname=DATABASE`, or a `psql` command line";

fn skip_spaces(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|next| next.is_whitespace()).is_some() {}
}

fn keyword(rest: &mut Peekable<Chars<'_>>, place: &str) -> Result<String, String> {
    let mut keyword = String::new();
    while let Some(next) = rest.next_if(|next| *next != '=' && !next.is_whitespace()) {
        keyword.push(next);
    }
    skip_spaces(rest);
    match rest.next_if_eq(&'=') {
        Some(_) => Ok(keyword),
        None if place == "keyword 1" => Err(FORMS.to_owned()),
        None => Err(format!("must have `=` after {place}")),
    }
}

fn value(rest: &mut Peekable<Chars<'_>>, place: &str) -> Result<String, String> {
    skip_spaces(rest);
    let is_quoted = rest.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match rest.next() {
            None if is_quoted => return Err(format!("has a quote without an end ({place})")),
            None => return Ok(value),
            Some('\'') if is_quoted => return Ok(value),
            Some('\\') => value.extend(rest.next()),
            Some(next) if !is_quoted && next.is_whitespace() => return Ok(value),
            Some(next) => value.push(next),
        }
    }
}
