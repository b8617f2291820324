//! Translates the grammar of queries to that of the parser: `let`, its variables, text in backticks, and objects
//! after a dot.
//!
//! Each of these is replaced by known syntax of the same length in bytes, so that all positions in the tree are
//! those of the query: a whole `let` and a variable become quoted names, the text becomes quoted, and an object
//! after a dot becomes a list, because the parser ends a projection after a list and wrongly continues it after
//! an object. The compiler looks up the original at such a position. This is unambiguous: in the parser's grammar
//! nothing begins with `$`, and no name follows another.

use std::collections::BTreeMap;
use std::ops::Range;

use jmespath::ErrorReason;
use jmespath::ast::Ast;

use super::QueryError;
use super::error::shortened;
use super::token::{Kind, is_variable, tokens};
use super::words::wrong_word;
use crate::value::Value;

/// An expression of the query, parsed.
pub(super) struct Parsed {
    pub(super) tree: Ast,
    /// The `let` expressions that appear in the tree as names, by their start.
    pub(super) lets: BTreeMap<usize, Let>,
    /// The objects that appear in the tree as lists, by their start.
    pub(super) objects: BTreeMap<usize, Range<usize>>,
}

/// An expression `let $name = value, … in body`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Let {
    /// The ranges of the names and of their expressions.
    pub(super) bindings: Vec<(Range<usize>, Range<usize>)>,
    pub(super) body: Range<usize>,
}

/// Parses the expression in `range` of `text`.
pub(super) fn parse(text: &str, range: Range<usize>) -> Result<Parsed, QueryError> {
    read(text, range).map_err(|error| wrong_word(text, error.offset.start).unwrap_or(error))
}

fn read(text: &str, range: Range<usize>) -> Result<Parsed, QueryError> {
    let mut translation = Translation::new(text, range.clone());
    translation.run()?;
    let tree = jmespath::parse(&translation.plain).map_err(|error| {
        let reason = match &error.reason {
            ErrorReason::Parse(reason) => reason.as_str(),
            ErrorReason::Runtime(_) => "",
        };
        QueryError::syntax(text, error.offset.min(range.end), reason)
    })?;
    Ok(Parsed { tree, lets: translation.lets, objects: translation.objects })
}

/// Returns the text in backticks around something other than JSON, which the Azure command line accepts too.
pub(super) fn bare_text(inner: &str) -> Option<Value> {
    let inner = inner.trim_start();
    let looks_like_json = inner.starts_with(['{', '[', '"']);
    if looks_like_json { None } else { Value::parse_json(&format!("\"{inner}\"")).ok() }
}

struct Translation<'a> {
    text: &'a str,
    range: Range<usize>,
    tokens: Vec<(Range<usize>, Kind)>,
    /// The text of the range, after spaces, with extensions replaced by known syntax.
    plain: String,
    lets: BTreeMap<usize, Let>,
    objects: BTreeMap<usize, Range<usize>>,
}

impl<'a> Translation<'a> {
    fn new(text: &'a str, range: Range<usize>) -> Self {
        let shifted =
            |(token, kind): (Range<usize>, Kind)| (token.start + range.start..token.end + range.start, kind);
        let tokens = tokens(&text[range.clone()]).map(shifted).collect();
        let plain = " ".repeat(range.start) + &text[range.clone()];
        Self { text, range, tokens, plain, lets: BTreeMap::new(), objects: BTreeMap::new() }
    }

    fn run(&mut self) -> Result<(), QueryError> {
        let mut at = 0;
        while let Some((token, _)) = self.tokens.get(at).cloned() {
            at = if self.is_let(at) {
                let (found, end) = self.read_let(at)?;
                self.put(token.start..found.body.end, ('"', '"'));
                self.lets.insert(token.start, found);
                end
            } else if let Some((object, end)) = self.object_after_dot(at) {
                self.put(object.clone(), ('[', ']'));
                self.objects.insert(object.start, object);
                end
            } else {
                self.check_neighbours(at)?;
                if is_variable(self.token(at)) {
                    self.check_variable(at)?;
                    self.put(token, ('"', '"'));
                } else if self.is_bare_text(at) {
                    self.put(token, ('\'', '\''));
                }
                at + 1
            };
        }
        Ok(())
    }

    /// Writes a name in quotes or brackets over a range.
    fn put(&mut self, range: Range<usize>, (open, close): (char, char)) {
        let token = format!("{open}{}{close}", "_".repeat(range.len().saturating_sub(2)));
        self.plain.replace_range(range, &token);
    }

    /// Returns the object that begins at a token after a dot, and the token after it; none if it is empty or not closed,
    /// which the parser reports.
    fn object_after_dot(&self, at: usize) -> Option<(Range<usize>, usize)> {
        if self.token(at) != "{" || at == 0 || self.token(at - 1) != "." {
            return None;
        }
        let mut open = 0_usize;
        let end = (at..self.tokens.len()).find(|&at| {
            match self.tokens[at].1 {
                Kind::Open => open += 1,
                Kind::Close => open -= 1,
                _ => {}
            }
            open == 0
        })?;
        let object = self.tokens[at].0.start..self.tokens[end].0.end;
        (self.token(end) == "}" && object.len() > 2).then_some((object, end + 1))
    }

    /// Checks a token and the one before it: the parser accepts elements without a comma between them, empty lists, and
    /// `&` after a dot.
    fn check_neighbours(&self, at: usize) -> Result<(), QueryError> {
        let token = self.token(at);
        let begins = |c: char| c.is_ascii_alphabetic() || "_\"'`@$".contains(c);
        let message = if at == 0 {
            return Ok(());
        } else if token == "&" && self.token(at - 1) == "." {
            "a name, `*`, `[` or `{` is expected after the dot, not `&`".to_owned()
        } else if token == "]" && self.token(at - 1) == "[" {
            "an expression is expected here, not `]`".to_owned()
        } else if self.ends_operand(at - 1) && (token == "&" || token.starts_with(begins)) {
            format!("unexpected `{}`", shortened(token))
        } else {
            return Ok(());
        };
        Err(QueryError::new(self.tokens[at].0.clone(), message))
    }

    /// The text of a token; empty at the end.
    fn token(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |(range, _)| &self.text[range.clone()])
    }

    /// Returns the start of a token, or the end of the text.
    fn start(&self, at: usize) -> usize {
        self.tokens.get(at).map_or(self.range.end, |(range, _)| range.start)
    }

    fn is_let(&self, at: usize) -> bool {
        let follows_dot = at > 0 && self.token(at - 1) == ".";
        self.token(at) == "let" && is_variable(self.token(at + 1)) && !follows_dot
    }

    fn is_bare_text(&self, at: usize) -> bool {
        let inner = self.token(at).strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
        let is_json = |inner: &str| Value::parse_json(inner).is_ok();
        inner
            .map(|inner| inner.replace("\\`", "`"))
            .is_some_and(|inner| !is_json(&inner) && bare_text(&inner).is_some())
    }

    /// Checks that a variable is used as an expression, where the parser cannot read its name as something
    /// else.
    fn check_variable(&self, at: usize) -> Result<(), QueryError> {
        let name = self.token(at);
        let message = if at > 0 && self.token(at - 1) == "." {
            format!("a name, `*`, `[` or `{{` is expected after the dot, not `{name}`")
        } else if self.token(at + 1) == ":" {
            format!("a key is expected here, not `{name}`")
        } else if self.token(at + 1) == "(" {
            "only a name can be called".to_owned()
        } else {
            return Ok(());
        };
        Err(QueryError::new(self.tokens[at].0.clone(), message))
    }

    /// Reads the `let` at a token; returns it with the index of the token after it.
    fn read_let(&self, at: usize) -> Result<(Let, usize), QueryError> {
        let mut bindings = Vec::new();
        let mut at = at + 1;
        loop {
            if !is_variable(self.token(at)) {
                return Err(self
                    .expected("a variable", at)
                    .with_help("write `let $name = expression in expression`"));
            }
            if self.token(at + 1) != "=" {
                return Err(self.expected("`=`", at + 1));
            }
            let end = self.end_of_expression(at + 2);
            bindings.push((self.tokens[at].0.clone(), self.tokens[at + 1].0.end..self.start(end)));
            at = end + 1;
            match self.token(end) {
                "," => {}
                "in" => break,
                _ => return Err(self.expected("`in`", end)),
            }
        }
        let end = self.end_of_expression(at);
        let body = self.tokens[at - 1].0.end..self.start(end);
        Ok((Let { bindings, body }, end))
    }

    fn expected(&self, what: &str, at: usize) -> QueryError {
        let range = self.tokens.get(at).map_or(self.range.end..self.range.end, |(range, _)| range.clone());
        let found = match self.token(at) {
            "" => "the end of the query".to_owned(),
            token => format!("`{token}`"),
        };
        QueryError::new(range, format!("{what} is expected here, not {found}"))
    }

    /// Returns the token after the expression that starts at a token: a comma, a closing bracket or an `in`
    /// outside of it.
    fn end_of_expression(&self, start: usize) -> usize {
        let (mut open, mut lets) = (0_usize, 0_usize);
        let mut is_after_operand = false;
        for at in start..self.tokens.len() {
            let is_in = self.token(at) == "in" && is_after_operand;
            match self.tokens[at].1 {
                Kind::Open => open += 1,
                Kind::Close if open == 0 => return at,
                Kind::Close => open -= 1,
                _ if open > 0 => {}
                Kind::Comma if lets == 0 => return at,
                _ if self.is_let(at) => lets += 1,
                _ if is_in && lets == 0 => return at,
                _ if is_in => lets -= 1,
                _ => {}
            }
            is_after_operand = !is_in && self.ends_operand(at);
        }
        self.tokens.len()
    }

    /// Returns true if the token may end an operand, so that a following name is not part of one.
    fn ends_operand(&self, at: usize) -> bool {
        let last = self.token(at).chars().next_back();
        last.is_some_and(|c| c.is_ascii_alphanumeric() || "_\"'`)]}*@".contains(c)) && !self.is_let(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text as the parser reads it.
    fn plain(text: &str) -> Result<String, QueryError> {
        let mut translation = Translation::new(text, 0..text.len());
        translation.run().map(|()| translation.plain)
    }

    #[test]
    fn what_the_parser_knows_is_left_alone() {
        let queries = [
            "a.b[?c == `1`] | [0]",
            "let",
            "let.in",
            "in.let || let",
            "{let: in, in: let}",
            "'$x' == \"let\"",
            "`[\"`",
        ];
        for query in queries {
            assert_eq!(plain(query).as_deref(), Ok(query));
        }
    }

    #[test]
    fn the_rest_takes_as_many_bytes() {
        let cases = [
            ("let $x = a in $x.b", r#""________________""#),
            ("[let $x = [a, b], $y = c in {d: $x}, e]", r#"["________________________________", e]"#),
            ("(let $x = let $y = 1 in $y in $x) | a", r#"("_____________________________") | a"#),
            ("(let $in = in in in)[0]", r#"("________________")[0]"#),
            ("a || let $x = b in c | d", r#"a || "_________________""#),
            ("[?a == $b]", r#"[?a == ""]"#),
            ("a == `text`", "a == '____'"),
            ("a == `日本`", "a == '______'"),
            ("`1` == `a\\`b`", "`1` == '____'"),
            ("a[].{b: c.{d: e}}[0].{f: @}", "a[].[___________][0].[____]"),
            ("a.{}", "a.{}"),
            ("a.{b: c", "a.{b: c"),
        ];
        for (query, expected) in cases {
            assert_eq!(plain(query).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_let_is_read_in_parts() {
        let text = "let $x = a, $y = f(b, c)in [$x, $y]";
        let translation = Translation::new(text, 0..text.len());
        let (found, end) = translation.read_let(0).expect("a let");
        let bindings: Vec<_> =
            found.bindings.into_iter().map(|(name, value)| (&text[name], &text[value])).collect();
        assert_eq!(bindings, [("$x", " a"), ("$y", " f(b, c)")]);
        assert_eq!((&text[found.body], end), (" [$x, $y]", translation.tokens.len()));
    }
}
