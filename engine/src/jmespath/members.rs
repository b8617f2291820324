//! Explains a comparison that no item of a list passes, by the values of the items.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Call, Node};
use super::nothing::{Nothing, Tracer, counted, of_list};
use super::view::View;
use crate::diagnostic::closest;
use crate::value::Value;

/// The largest number of names or values in a message.
const MOST: usize = 8;

/// The largest number of characters of a quoted value.
const LONGEST: usize = 80;

/// A comparison of a member of each item with text.
pub(super) struct Comparison<'a> {
    member: &'a Node,
    /// The member in the notation of queries.
    name: String,
    wanted: Vec<&'a str>,
}

impl<'a> Comparison<'a> {
    /// Returns the first comparison of a member in a condition.
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

/// Writes a member in the notation of queries, such as `properties.state`, without functions applied to it.
fn path(node: &Node) -> Option<String> {
    match node {
        Node::Field(name) => Some(name.to_string()),
        Node::Chain(first, then) => Some(format!("{}.{}", path(first)?, path(then)?)),
        Node::Call(call) => call.arguments.first().and_then(path),
        _ => None,
    }
}

impl Tracer<'_> {
    /// Explains why no item passes a comparison, with the values that the items have.
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
        nothing.help.extend(sentence(&format!("existing values of `{name}`:"), values));
        nothing
    }

    /// Suggests names that the items have in place of the first name of a path.
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
        near.or_else(|| listed("the members of the items are", names.iter().copied()))
    }
}

/// Converts a string, a number or a boolean to text.
fn text(value: &Value) -> Option<String> {
    let text = match View::of(value) {
        View::Text(text) => text.to_owned(),
        View::Number(number) => number.to_string(),
        View::Bool(value) => value.to_string(),
        _ => return None,
    };
    (text.chars().count() <= LONGEST && !text.is_empty()).then_some(text)
}

/// Returns true if the values of a member may be listed. Other members, such as `properties.pwd`, may hold secrets.
fn is_public(path: &str) -> bool {
    const PUBLIC: [&str; 21] = [
        "apiversion",
        "displayname",
        "enabled",
        "env",
        "environment",
        "kind",
        "location",
        "name",
        "ostype",
        "provisioningstate",
        "region",
        "resourcegroup",
        "resourcetype",
        "scope",
        "size",
        "sku",
        "state",
        "status",
        "tier",
        "type",
        "zone",
    ];
    let last = path.rsplit('.').next().unwrap_or(path);
    PUBLIC.contains(&last.to_lowercase().as_str())
}

/// Writes the first names after `start`, and the number of the others.
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
