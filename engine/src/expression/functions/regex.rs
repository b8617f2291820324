//! Implements regular expression functions.
//!
//! Patterns and replacements have the syntax of Go's `regexp`, which is nearly that of the `regex` crate; [`syntax`] and
//! [`replacement`] convert the differences.

mod class;
mod replacement;
mod syntax;

use ::regex::{Captures, Regex};

use super::arguments::Arguments;
use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::value::{Type, Value};

const PATTERN: Parameter = Parameter::new("pattern", Accepts::String);
const STRING: Parameter = Parameter::new("string", Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "regex",
        "The first match of a pattern: text, or the captured groups as a tuple or an object.",
        [r#"regex("vm(?P<number>[0-9]+)", "web-vm12").number"#, r#""12""#],
        &[PATTERN, STRING],
        Returns::Depends(|given| match_type(&given[0])),
        first,
    ),
    Function::new(
        "regexall",
        "All matches of a pattern, each as regex gives it.",
        [r#"regexall("[0-9]+", "vm1 and vm22")"#, r#"["1", "22"]"#],
        &[PATTERN, STRING],
        Returns::Depends(|given| match_type(&given[0]).map(Type::list)),
        all,
    ),
    Function::new(
        "replace",
        "The text with another put in place of every match of a text or, between slashes, of a pattern.",
        [r#"replace("web-vm-1", "-", ".")"#, r#""web.vm.1""#],
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
            let (regex, names) = compile(pattern).map_err(|reason| Failure::argument(1, reason))?;
            let parts = replacement::parse(replacement, &names);
            replace_all(&regex, text, &parts, given)?.into()
        }
    })
}

/// Replaces matches as [`Regex::replace_all`] does, within the size limit: each match may insert all groups
/// many times.
fn replace_all(
    regex: &Regex,
    text: &str,
    replacement: &[replacement::Part<'_>],
    given: &Arguments<'_>,
) -> Result<String, Failure> {
    let mut out = String::new();
    let mut copied = 0;
    for groups in regex.captures_iter(text) {
        let whole = groups.get_match();
        let pieces = || replacement.iter().map(|part| part.text(&groups));
        let added = pieces().try_fold(out.len() + text.len(), |sum, piece| sum.checked_add(piece.len()));
        given.make_room(added)?;
        out.push_str(&text[copied..whole.start()]);
        out.extend(pieces());
        copied = whole.end();
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

fn match_type(pattern: &Value) -> Result<Type, Failure> {
    let Some(text) = pattern.as_str() else { return Ok(Type::Any) };
    Ok(Pattern::new(text).map_err(|reason| Failure::argument(0, reason))?.ty())
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
        let (regex, groups) = compile(text)?;
        let named: Vec<String> = groups.iter().flatten().cloned().collect();
        let form = match (groups.len(), named.len()) {
            (0, _) => Form::Whole,
            (groups, 0) => Form::Groups(groups),
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
                let groups = names.iter().enumerate();
                Value::object(groups.map(|(at, name)| (name.as_str(), group(found.get(at + 1)))))
            }
        }
    }
}

/// Compiles a pattern, and returns the names of its groups, from the first.
fn compile(pattern: &str) -> Result<(Regex, Vec<Option<String>>), String> {
    let invalid = |reason: &str| format!("invalid regexp pattern: {reason}");
    let pattern = syntax::translate(pattern).map_err(|reason| invalid(&reason))?;
    let regex = Regex::new(&pattern.text).map_err(|error| match error {
        ::regex::Error::Syntax(_) => invalid(last_line(&error.to_string())),
        other => invalid(&other.to_string()),
    })?;
    Ok((regex, pattern.names))
}

/// Returns the last line of a multi-line message, which is the reason without the pattern.
fn last_line(message: &str) -> &str {
    message.lines().last().unwrap_or_default().trim_start_matches("error: ")
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
            ("replace", r#"["hello", "/l+/", "L"]"#, r#""heLo""#),
            ("replace", r#"["abc", "/(?P<x>a)b/", "[$x]"]"#, r#""[a]c""#),
            ("replace", r#"["a/b", "/", "-"]"#, r#""a-b""#),
            ("replace", r#"["a{ 1}", "/a{ 1}/", "x"]"#, r#""x""#),
            ("replace", r#"["ab", "/(?P<1a>a)(b)/", "$1a${2}${a-b}$$é"]"#, r#""ab${a-b}$é""#),
            ("regex", r#"["(?P<1a>a)|(?P<b>b)", "b"]"#, r#"{"1a":null,"b":"b"}"#),
            ("regex", r#"["(?P<x>a)(?P<x>b)", "ab"]"#, r#"{"x":"b"}"#),
            ("regexall", r#"["{{([a-z]+)}}", "{{a}} {b} {{c}}"]"#, r#"[["a"],["c"]]"#),
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
