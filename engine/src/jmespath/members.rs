//! The values that the items of a list have where a query compares, for a message that it found none.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Call, Node};
use super::nothing::{Nothing, Tracer, counted, of_list};
use super::view::View;
use crate::diagnostic::closest;
use crate::value::Value;

/// How many names or values a message lists.
const MOST: usize = 8;

/// A longer value is not quoted.
const LONGEST: usize = 80;

/// A member of each item, and the text that one must have.
pub(super) struct Comparison<'a> {
    member: &'a Node,
    /// The member as a query writes it.
    name: String,
    wanted: Vec<&'a str>,
}

impl<'a> Comparison<'a> {
    /// The first comparison of a member with a text in a condition.
    pub(super) fn within(condition: &'a Node) -> Option<Self> {
        match condition {
            Node::Compare(_, a, b) => match (&**a, &**b) {
                (Node::Literal(text), member) | (member, Node::Literal(text)) => Self::of(member, Some(text)),
                (member, _) => Self::of(member, None),
            },
            Node::Or(a, b) => {
                let (first, second) = (Self::within(a)?, Self::within(b));
                let more = second.filter(|second| second.name == first.name).map(|second| second.wanted);
                Some(Self {
                    wanted: first.wanted.into_iter().chain(more.into_iter().flatten()).collect(),
                    ..first
                })
            }
            Node::Call(Call { function, arguments, .. })
                if ["starts_with", "ends_with", "contains"].contains(&function.name) =>
            {
                let text = match arguments.get(1) {
                    Some(Node::Literal(text)) => Some(text),
                    _ => None,
                };
                Self::of(arguments.first()?, text)
            }
            _ => None,
        }
    }

    fn of(member: &'a Node, text: Option<&'a Value>) -> Option<Self> {
        let name = path(member)?;
        Some(Self { member, name, wanted: text.and_then(Value::as_str).into_iter().collect() })
    }
}

/// A member as a query writes it: `properties.state`, also where a function is applied to it.
fn path(node: &Node) -> Option<String> {
    match node {
        Node::Field(name) => Some(name.to_string()),
        Node::Chain(first, then) => Some(format!("{}.{}", path(first)?, path(then)?)),
        Node::Call(call) => call.arguments.first().and_then(path),
        _ => None,
    }
}

impl Tracer<'_> {
    /// Why no item passes a comparison, and what the items have in its place.
    pub(super) fn compared(&mut self, comparison: &Comparison<'_>, items: &[Value]) -> Nothing {
        let count = counted(items.len());
        let name = &comparison.name;
        let (mut values, mut has_any) = (BTreeMap::<String, usize>::new(), false);
        for item in items {
            let Some(value) = self.value(comparison.member, item).filter(|value| !value.is_null()) else {
                continue;
            };
            has_any = true;
            if let Some(text) = text(&value).filter(|text| is_public(name) && (self.may_tell)(text)) {
                *values.entry(text).or_default() += 1;
            }
        }
        if !has_any {
            let mut nothing = of_list(format!("none of {count} has a `{name}`"));
            nothing.help.extend(self.other_names(name, items));
            return nothing;
        }
        let mut nothing = of_list(format!("none of {count} has the `{name}` that the query asks for"));
        let near =
            comparison.wanted.iter().find_map(|wanted| closest(wanted, values.keys().map(String::as_str)));
        nothing.help.extend(near.map(|near| format!("did you mean `{near}`?")));
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let values = values.iter().map(|(value, count)| format!("`{value}` ({count})")).collect();
        nothing.help.extend(sentence(&format!("the items have the `{name}`"), values));
        nothing
    }

    /// The names that the items have in place of the first one of a path.
    fn other_names(&self, path: &str, items: &[Value]) -> Option<String> {
        let objects = items.iter().filter_map(|item| match View::of(item) {
            View::Object(entries) => Some(entries),
            _ => None,
        });
        let names: BTreeSet<&str> = objects
            .flat_map(|entries| entries.keys().map(|name| &**name))
            .filter(|name| (self.may_tell)(name))
            .collect();
        let first = path.split('.').next().unwrap_or(path);
        if names.contains(first) {
            return None;
        }
        let near = closest(first, names.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        near.or_else(|| listed("the items have the members", names.iter().copied()))
    }
}

/// A text, a number or a bool as text.
fn text(value: &Value) -> Option<String> {
    let text = match View::of(value) {
        View::Text(text) => text.to_owned(),
        View::Number(number) => number.to_string(),
        View::Bool(value) => value.to_string(),
        _ => return None,
    };
    (text.chars().count() <= LONGEST && !text.is_empty()).then_some(text)
}

/// Whether the values of a member may be listed: its name does not say that they are secrets.
fn is_public(path: &str) -> bool {
    const SECRET: [&str; 6] = ["password", "secret", "token", "credential", "connectionstring", "signature"];
    let name = path.to_lowercase();
    let is_key = name.ends_with("key") || name.ends_with("keys");
    !is_key && !SECRET.iter().any(|word| name.contains(word))
}

/// The first of the names after `start`, and how many more there are.
pub(super) fn listed<'a>(start: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    sentence(start, names.map(|name| format!("`{name}`")).collect())
}

fn sentence(start: &str, mut parts: Vec<String>) -> Option<String> {
    let more = match parts.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    parts.truncate(MOST);
    (!parts.is_empty()).then(|| format!("{start} {}{more}", parts.join(", ")))
}
