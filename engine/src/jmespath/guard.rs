//! Refuses queries that would overflow the parser's stack, and those that it has no words for.

use std::ops::Range;

use super::QueryError;
use super::token::{Kind, is_variable, tokens};
use crate::diagnostic::Lookalike;

/// The size limit of a query, in bytes.
const MAX_SIZE: usize = 16 * 1024;

/// The depth limit of a query.
const MAX_DEPTH: usize = 256;

/// Refuses queries that are too large or too deep for a recursive parser and interpreter.
///
/// Every operator and every `let` may make the tree one level deeper, whatever its precedence. Only a comma,
/// except in a `let`, returns to the depth of its bracket. This bound is cheap to compute and never too low.
pub(super) fn guard(text: &str) -> Result<(), QueryError> {
    if text.len() > MAX_SIZE {
        let message = format!("the query has {} bytes; at most {MAX_SIZE} are read", text.len());
        return Err(
            QueryError::new(0..0, message).with_help("split it: a query may be asked of another's result")
        );
    }
    let tokens: Vec<_> = tokens(text).collect();
    if let Some(error) = tokens.iter().find_map(|(range, _)| stray(text, range)) {
        return Err(error);
    }
    let mut depth = 0;
    let mut brackets = Vec::new();
    let token = |at: usize| tokens.get(at).map_or("", |(range, _)| &text[range.clone()]);
    let binds = |at: usize| is_variable(token(at)) && token(at + 1) == "=";
    for (at, (range, kind)) in tokens.iter().enumerate() {
        match kind {
            Kind::Other if token(at) == "let" && binds(at + 1) => depth += 1,
            Kind::Other => {}
            Kind::Comma if binds(at + 1) => {}
            Kind::Operator => depth += 1,
            Kind::Open => {
                depth += 1;
                brackets.push(Bracket { start: depth, deepest: depth });
            }
            Kind::Comma => {
                if let Some(bracket) = brackets.last_mut() {
                    bracket.deepest = bracket.deepest.max(depth);
                    depth = bracket.start;
                }
            }
            Kind::Close => {
                if let Some(bracket) = brackets.pop() {
                    depth = depth.max(bracket.deepest);
                }
            }
        }
        if depth > MAX_DEPTH {
            let message = format!("the query is nested deeper than {MAX_DEPTH} levels here");
            return Err(QueryError::new(range.clone(), message)
                .with_help("split it: a query may be asked of another's result"));
        }
    }
    Ok(())
}

/// The error of a token outside of quotes that holds a character which only looks like one of the language.
fn stray(text: &str, token: &Range<usize>) -> Option<QueryError> {
    let written = &text[token.clone()];
    let (at, lookalike) = Lookalike::find(written).filter(|_| !written.starts_with(['"', '\'', '`']))?;
    let start = token.start + at;
    let length = written[at..].chars().next().map_or(0, char::len_utf8);
    let message = format!("{lookalike} has no meaning outside of a text");
    Some(QueryError::new(start..start + length, message).with_help(lookalike.remedy('\'')))
}

/// An open bracket: its depth, and the greatest depth in it before the last comma.
struct Bracket {
    start: usize,
    deepest: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_bounded_and_width_is_not() {
        let wide = format!("{{{}}}", vec!["a: b.c.d[0]"; 300].join(", "));
        let cases = [
            (wide, true),
            (vec!["a"; 250].join("."), true),
            (vec!["a"; 300].join("."), false),
            ("(".repeat(257), false),
            ("!".repeat(257), false),
            (format!("[{}a, b]{}", "[".repeat(200), ".c".repeat(100)), false),
            (format!("'{}'", "(".repeat(1000)), true),
            ("let $x = a, $y = b in ".repeat(300), false),
            (format!("[{}]", vec!["let $x = a in $x"; 300].join(", ")), true),
            (format!("let $x = a in [{}]", vec!["$x"; 300].join(", ")), true),
            ("a".repeat(20_000), false),
            (")".repeat(1000), true),
        ];
        for (text, passes) in cases {
            assert_eq!(guard(&text).is_ok(), passes, "{}…", &text[..20]);
        }
    }
}
