//! Implements regular expression functions.
//!
//! Patterns have the syntax of Go's `regexp`, which is nearly that of the `regex` crate; [`translate`]
//! converts the differences.

use ::regex::{Captures, Regex};

use super::arguments::Arguments;
use super::call::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::value::{Type, Value};

const PATTERN: Parameter = Parameter::new("pattern", Accepts::String);
const STRING: Parameter = Parameter::new("string", Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "regex",
        "The first match of a pattern: text, or the captured groups as a tuple or an object.",
        &[PATTERN, STRING],
        Returns::Depends(|given| match_type(&given[0])),
        first,
    ),
    Function::new(
        "regexall",
        "All matches of a pattern, each as regex gives it.",
        &[PATTERN, STRING],
        Returns::Depends(|given| Type::list(match_type(&given[0]))),
        all,
    ),
    Function::new(
        "replace",
        "The text with another put in place of every match of a text or, between slashes, of a pattern.",
        &[
            Parameter::new("str", Accepts::String),
            Parameter::new("substr", Accepts::String),
            Parameter::new("replace", Accepts::String),
        ],
        Returns::Always(Accepts::String),
        replace,
    ),
];

fn first(given: &Arguments<'_>) -> Result<Value, Failure> {
    let pattern = Pattern::new(given.text(0)).map_err(|reason| Failure::argument(0, reason))?;
    let found = pattern.regex.captures(given.text(1));
    let found = found.ok_or_else(|| Failure::new("pattern did not match any part of the given string"))?;
    Ok(pattern.value(&found))
}

fn all(given: &Arguments<'_>) -> Result<Value, Failure> {
    let pattern = Pattern::new(given.text(0)).map_err(|reason| Failure::argument(0, reason))?;
    let found = pattern.regex.captures_iter(given.text(1)).map(|found| pattern.value(&found));
    Ok(Value::list(pattern.ty(), found))
}

fn replace(given: &Arguments<'_>) -> Result<Value, Failure> {
    let (text, wanted, replacement) = (given.text(0), given.text(1), given.text(2));
    let between_slashes = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    Ok(match between_slashes {
        None => {
            let added = text.matches(wanted).count().checked_mul(replacement.len());
            given.make_room(added.and_then(|added| added.checked_add(text.len())))?;
            text.replace(wanted, replacement).into()
        }
        Some(pattern) => {
            let regex = compile(pattern).map_err(|reason| Failure::argument(1, reason))?;
            replace_all(&regex, text, replacement, given)?.into()
        }
    })
}

/// Replaces matches as [`Regex::replace_all`] does, within the size limit: each match may insert all groups
/// many times.
fn replace_all(
    regex: &Regex,
    text: &str,
    replacement: &str,
    given: &Arguments<'_>,
) -> Result<String, Failure> {
    let references = replacement.matches('$').count();
    let mut out = String::new();
    let mut copied = 0;
    for groups in regex.captures_iter(text) {
        let whole = groups.get_match();
        let longest = references.checked_mul(whole.len());
        given.make_room(
            longest.and_then(|more| more.checked_add(replacement.len() + out.len() + text.len())),
        )?;
        out.push_str(&text[copied..whole.start()]);
        groups.expand(replacement, &mut out);
        copied = whole.end();
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

fn match_type(pattern: &Value) -> Type {
    pattern.as_str().and_then(|text| Pattern::new(text).ok()).map_or(Type::Any, |pattern| pattern.ty())
}

/// A pattern, and the form of its matches.
struct Pattern {
    regex: Regex,
    form: Form,
}

enum Form {
    Whole,
    Groups(usize),
    Named(Vec<String>),
}

impl Pattern {
    fn new(text: &str) -> Result<Self, String> {
        let regex = compile(text)?;
        let groups = regex.captures_len() - 1;
        let named: Vec<String> = regex.capture_names().flatten().map(str::to_owned).collect();
        let form = match (groups, named.len()) {
            (0, _) => Form::Whole,
            (_, 0) => Form::Groups(groups),
            (groups, count) if count == groups => Form::Named(named),
            _ => {
                return Err(
                    "invalid regexp pattern: cannot mix both named and unnamed capture groups".to_owned()
                );
            }
        };
        Ok(Self { regex, form })
    }

    fn ty(&self) -> Type {
        match &self.form {
            Form::Whole => Type::String,
            Form::Groups(count) => Type::tuple(std::iter::repeat_n(Type::String, *count)),
            Form::Named(names) => Type::object(names.iter().map(|name| (name.as_str(), Type::String))),
        }
    }

    /// Returns a match as a value; a group that did not participate is null.
    fn value(&self, found: &Captures<'_>) -> Value {
        let group = |matched: Option<::regex::Match<'_>>| {
            matched.map_or(Value::null(Type::String), |matched| matched.as_str().into())
        };
        match &self.form {
            Form::Whole => group(found.get(0)),
            Form::Groups(count) => Value::tuple((1..=*count).map(|at| group(found.get(at)))),
            Form::Named(names) => {
                Value::object(names.iter().map(|name| (name.as_str(), group(found.name(name)))))
            }
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::new(&translate(pattern)).map_err(|error| match error {
        ::regex::Error::Syntax(_) => format!("invalid regexp pattern: {}", reason(&error.to_string())),
        other => format!("invalid regexp pattern: {other}"),
    })
}

/// Returns the last line of a multi-line message, which is the reason without the pattern.
fn reason(message: &str) -> &str {
    message.lines().last().unwrap_or_default().trim_start_matches("error: ")
}

/// Translates a pattern from Go's syntax to that of the `regex` crate.
///
/// In Go, the classes `\d`, `\s`, `\w` and boundaries `\b` are ASCII only; `\Q…\E` quotes; `\<` is a literal;
/// and inside a bracket `[`, `&&`, `--` and `~~` are literals.
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern.chars();
    let mut in_class = false;
    while let Some(character) = rest.next() {
        match character {
            '\\' => translate_escape(&mut rest, in_class, &mut out),
            '[' if in_class && !rest.as_str().starts_with(':') => out.push_str("\\["),
            '[' if in_class => {
                out.push('[');
                let end = rest.as_str().find(":]").map_or(0, |at| at + 2);
                out.push_str(&rest.as_str()[..end]);
                rest = rest.as_str()[end..].chars();
            }
            '[' => {
                in_class = true;
                out.push('[');
                if let Some(after) = rest.as_str().strip_prefix('^') {
                    out.push('^');
                    rest = after.chars();
                }
                if let Some(after) = rest.as_str().strip_prefix(']') {
                    out.push_str("\\]");
                    rest = after.chars();
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

fn translate_escape(rest: &mut std::str::Chars<'_>, in_class: bool, out: &mut String) {
    match rest.next() {
        None => out.push('\\'),
        Some('d') => out.push_str("[0-9]"),
        Some('D') => out.push_str("[^0-9]"),
        Some('s') => out.push_str("[\\t\\n\\x0C\\r ]"),
        Some('S') => out.push_str("[^\\t\\n\\x0C\\r ]"),
        Some('w') => out.push_str("[0-9A-Za-z_]"),
        Some('W') => out.push_str("[^0-9A-Za-z_]"),
        Some('b') if !in_class => out.push_str("(?-u:\\b)"),
        Some('B') if !in_class => out.push_str("(?-u:\\B)"),
        Some(plain @ ('<' | '>')) => out.push(plain),
        Some('Q') => {
            let (quoted, after) = rest.as_str().split_once("\\E").unwrap_or((rest.as_str(), ""));
            out.push_str(&::regex::escape(quoted));
            *rest = after.chars();
        }
        Some(other) => {
            out.push('\\');
            out.push(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("regex", r#"["[a-z]+", "12ab"]"#, r#""ab""#),
            ("regex", r#"["(a)|(b)", "b"]"#, r#"[null,"b"]"#),
            ("regex", r#"["(?P<x>a)|(?P<y>b)", "b"]"#, r#"{"x":null,"y":"b"}"#),
            ("regexall", r#"["(\\w)(\\d)", "a1 é2"]"#, r#"[["a","1"]]"#),
            ("regexall", r#"["a*", "baac"]"#, r#"["","aa",""]"#),
            ("regexall", r#"["[\\w\\-.]+", "a-b.c é"]"#, r#"["a-b.c"]"#),
            ("regex", r#"["[[a]+", "b[a"]"#, r#""[a""#),
            ("regex", r#"["[^]a]", "]ab"]"#, r#""b""#),
            ("regex", r#"["[a&&b]+", "&b"]"#, r#""\u0026b""#),
            ("regex", r#"["\\Qa.b\\E.", "a.bc"]"#, r#""a.bc""#),
            ("regex", r#"["\\bb", "éb"]"#, r#""b""#),
            ("regex", r#"["\\<a\\>", "<a>"]"#, r#""\u003ca\u003e""#),
            ("regex", r#"["[[:alpha:]_]+", "1a_"]"#, r#""a_""#),
            ("replace", r#"["hello", "/l+/", "L"]"#, r#""heLo""#),
            ("replace", r#"["abc", "/(?P<x>a)b/", "[$x]"]"#, r#""[a]c""#),
            ("replace", r#"["a/b", "/", "-"]"#, r#""a-b""#),
            ("replace", r#"["hi", "", "-"]"#, r#""-h-i-""#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "regex",
                r#"["[a-z]+", "123"]"#,
                r#"call to function "regex" failed: pattern did not match any part of the given string"#,
            ),
            (
                "regex",
                r#"["(?P<x>a)(b)", "ab"]"#,
                r#"invalid value for "pattern" parameter: invalid regexp pattern: cannot mix both named and unnamed capture groups"#,
            ),
            (
                "regex",
                r#"["(a", "a"]"#,
                r#"invalid value for "pattern" parameter: invalid regexp pattern: unclosed group"#,
            ),
            (
                "replace",
                r#"["abc", "/(?=b)/", "x"]"#,
                r#"invalid value for "substr" parameter: invalid regexp pattern: look-around, including look-ahead and look-behind, is not supported"#,
            ),
        ]);
    }
}
