//! Completes names, and describes functions.

use std::collections::BTreeSet;

use arcbook_engine::expression::{function_names, functions};
use arcbook_engine::syntax::is_identifier;
use arcbook_engine::value::{Data, Value};

use super::scope::Console;
use super::session::value_of;

/// The keywords of the language and of the console.
const WORDS: [&str; 9] = ["else", "exit", "false", "for", "help", "if", "in", "null", "true"];

/// Completes names.
pub struct Completer<'a> {
    scope: Console<'a>,
    /// The addresses, sorted.
    addresses: Vec<String>,
}

impl<'a> Completer<'a> {
    /// Creates a completer for the sorted `addresses` and the attributes of their values in `scope`.
    pub fn new(scope: Console<'a>, addresses: Vec<String>) -> Self {
        Self { scope, addresses }
    }

    /// Returns the start of the last word of `text`, and its sorted completions.
    pub fn complete(&self, text: &str) -> (usize, Vec<String>) {
        let start = word_start(text);
        let word = &text[start..];
        let Some((stem, begun)) = word.rsplit_once('.') else { return (start, self.first(word)) };
        let found = match self.below(&format!("{stem}."), begun) {
            names if names.is_empty() => self.inside(stem, begun),
            names => names,
        };
        (start + stem.len() + 1, found.into_iter().collect())
    }

    /// Returns the names that can begin an expression.
    fn first(&self, begun: &str) -> Vec<String> {
        let functions = function_names().chain(["type"]).map(|name| format!("{name}("));
        let words = functions.chain(WORDS.map(str::to_owned)).filter(|word| word.starts_with(begun));
        let all: BTreeSet<_> = words.chain(self.below("", begun)).collect();
        all.into_iter().collect()
    }

    /// Returns the next segments of the addresses that start with `stem`.
    fn below(&self, stem: &str, begun: &str) -> BTreeSet<String> {
        let before = format!("{stem}{begun}");
        let from = self.addresses.partition_point(|address| *address < before);
        let fitting = self.addresses[from..].iter().take_while(|address| address.starts_with(&before));
        let next = |address: &String| {
            let rest = &address[stem.len()..];
            rest[..rest.find('.').map_or(rest.len(), |dot| dot + 1)].to_owned()
        };
        fitting.map(next).collect()
    }

    /// Returns the attribute names of the value of `stem`.
    fn inside(&self, stem: &str, begun: &str) -> BTreeSet<String> {
        let value = value_of(&self.scope, stem).filter(|value| !value.is_marked());
        let Some(Data::Object(entries) | Data::Map(_, entries)) = value.as_ref().map(Value::data) else {
            return BTreeSet::new();
        };
        let fitting = entries.keys().filter(|name| name.starts_with(begun) && is_identifier(name));
        fitting.map(ToString::to_string).collect()
    }
}

/// Returns the description of the function whose name, or name and opening parenthesis, ends `text`.
pub fn hint(text: &str) -> Option<String> {
    let name = text.strip_suffix('(').unwrap_or(text);
    let function = functions::find(&name[word_start(name)..])?;
    Some(format!("  {}: {}", function.signature(), function.description()))
}

fn word_start(text: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.trim_end_matches(is_part).len()
}

#[cfg(test)]
mod tests {
    use arcbook_engine::expression::Tree;
    use arcbook_engine::value::Marks;

    use super::*;

    #[test]
    fn names_are_completed_a_part_at_a_time() {
        let mut tree = Tree::new(".", "");
        let object =
            Value::object([("one", Value::NULL), ("other thing", Value::NULL), ("two", Value::NULL)]);
        tree.insert(&["step", "echo", "a"], object.clone());
        tree.insert(&["step", "echo", "b"], object.clone().with_marks(&Marks::sensitive("x")));
        tree.insert(&["step", "echoes", "a"], object);
        tree.insert(&["var", "region"], Value::from("west"));
        let completer = Completer::new(Console(&tree), tree.addresses());
        let cases: [(&str, usize, &[&str]); 10] = [
            ("st", 0, &["startswith(", "step.", "strcontains(", "strrev("]),
            ("1 + va", 4, &["values(", "var."]),
            ("step.", 5, &["echo.", "echoes."]),
            ("[step.echo.", 11, &["a", "b"]),
            ("step.echo.a.", 12, &["one", "two"]),
            ("step.echo.a.o", 12, &["one"]),
            ("step.echo.b.", 12, &[]),
            ("\"${var.r", 7, &["region"]),
            ("nope.x", 5, &[]),
            ("var.region.", 11, &[]),
        ];
        for (text, start, expected) in cases {
            let (at, found) = completer.complete(text);
            assert_eq!((at, found), (start, expected.iter().map(ToString::to_string).collect()), "{text}");
        }
    }

    #[test]
    fn functions_are_told_where_they_are_called() {
        let told = hint("[upper(").expect("known");
        assert!(told.starts_with("  upper(") && told.ends_with('.'), "{told}");
        assert!(hint("upper").is_some() && hint("uppe").is_none());
    }
}
