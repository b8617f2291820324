//! Explains why a query finds nothing.

use std::sync::Arc;

use super::members::{self, Comparison};
use super::node::{Call, Node};
use super::query::Query;
use super::search::Search;
use super::view::View;
use crate::diagnostic::did_you_mean;
use crate::value::Value;

/// An explanation why a query finds nothing in a value, as parts of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nothing {
    /// The reason, as a clause: ``none of 12 items has the `type` that the query asks for``.
    pub reason: Option<String>,
    /// The probable intention, and the existing names or values; at most three lines, whatever the size of the value.
    pub help: Vec<String>,
    /// True if the query searched the items of a list.
    pub is_of_list: bool,
}

impl Query {
    /// Explains why the query returns null or an empty list for `value`.
    ///
    /// The explanation quotes no text of `value` that `may_tell` refuses, and nothing of a value with a mark.
    #[must_use]
    pub fn nothing(&self, value: &Value, may_tell: &dyn Fn(&str) -> bool) -> Nothing {
        if value.has_deep_marks() {
            let reason = "the response is sensitive or ephemeral, so it is not shown".to_owned();
            return Nothing { reason: Some(reason), ..Nothing::default() };
        }
        Tracer { search: Search::new(), may_tell }.trace(&self.root, value).unwrap_or_default()
    }
}

/// Follows a query to the first part that finds nothing.
pub(super) struct Tracer<'a> {
    pub(super) search: Search,
    pub(super) may_tell: &'a dyn Fn(&str) -> bool,
}

impl Tracer<'_> {
    /// Explains why `node` returns nothing for `current`, if there is an explanation.
    fn trace(&mut self, node: &Node, current: &Value) -> Option<Nothing> {
        match node {
            Node::Chain(first, then) | Node::And(first, then) => {
                let value = self.value(first, current)?;
                if is_nothing(&value) {
                    return self.trace(first, current);
                }
                let next = if matches!(node, Node::And(..)) { current } else { &value };
                self.trace(then, next)
            }
            Node::Or(first, second) => self.trace(first, current).or_else(|| self.trace(second, current)),
            Node::Field(name) => self.field(name, current),
            Node::Index(index) => {
                let View::Array(elements) = View::of(current) else { return wrong_kind(current, "a list") };
                let reason = format!("there is no element {index} among {}", counted(elements.len()));
                Some(of_list(reason))
            }
            Node::Filter { source, predicate, then } => {
                let (source, elements) = (source, self.elements(source, current)?);
                match elements {
                    Err(nothing) => nothing.or_else(|| self.trace(source, current)),
                    Ok(elements) => self.filtered(&elements, predicate, then),
                }
            }
            Node::Project(source, then) => match self.elements(source, current)? {
                Err(nothing) => nothing.or_else(|| self.trace(source, current)),
                Ok(elements) => self.trace(then, elements.first()?),
            },
            Node::Values(source) | Node::Flatten(source) => self.trace(source, current),
            Node::Let(values, body) => {
                let values: Option<Vec<_>> = values.iter().map(|value| self.value(value, current)).collect();
                let before = self.search.bound.len();
                self.search.bound.extend(values?);
                let found = self.trace(body, current);
                self.search.bound.truncate(before);
                found
            }
            Node::Call(call) => self.call(call, current),
            _ => None,
        }
    }

    pub(super) fn value(&mut self, node: &Node, current: &Value) -> Option<Value> {
        self.search.evaluate(node, current).ok()
    }

    /// Returns the elements of a list; otherwise the explanation, or none if the source itself returns nothing.
    fn elements(&mut self, source: &Node, current: &Value) -> Option<Result<Vec<Value>, Option<Nothing>>> {
        let value = self.value(source, current)?;
        Some(match View::of(&value) {
            View::Array([]) => {
                Err(if matches!(source, Node::Current) { Some(empty("the list")) } else { None })
            }
            View::Array(elements) => Ok(elements.to_vec()),
            View::Null => Err(None),
            _ => Err(wrong_kind(&value, "a list")),
        })
    }

    fn field(&self, name: &Arc<str>, current: &Value) -> Option<Nothing> {
        let View::Object(entries) = View::of(current) else { return wrong_kind(current, "an object") };
        let reason = match entries.get(name) {
            Some(value) if value.is_null() => {
                return Some(Nothing { reason: Some(format!("`{name}` is null")), ..Nothing::default() });
            }
            Some(_) => return Some(empty(&format!("`{name}`"))),
            None => format!("there is no member `{name}`"),
        };
        let names = || entries.keys().map(|name| &**name).filter(|name| (self.may_tell)(name));
        let help = did_you_mean(name, names()).or_else(|| members::listed("the members are", names()));
        Some(Nothing { reason: Some(reason), help: help.into_iter().collect(), is_of_list: false })
    }

    /// Explains why a filter keeps no element, or why the part after it returns nothing for the kept ones.
    fn filtered(&mut self, elements: &[Value], predicate: &Node, then: &Node) -> Option<Nothing> {
        if let Some(kept) = elements.iter().find(|element| self.holds(predicate, element)) {
            return self.trace(then, kept);
        }
        let conditions = conditions(predicate);
        let failed = conditions
            .iter()
            .find(|condition| !elements.iter().any(|element| self.holds(condition, element)));
        let Some(failed) = failed else {
            let count = counted(elements.len());
            return Some(of_list(format!(
                "none of {count} meets all conditions, although each condition is met by some item"
            )));
        };
        match Comparison::within(failed) {
            Some(comparison) => Some(self.compared(&comparison, elements)),
            None => Some(of_list(format!("none of {} meets the condition", counted(elements.len())))),
        }
    }

    fn holds(&mut self, condition: &Node, element: &Value) -> bool {
        self.value(condition, element).is_some_and(|value| View::of(&value).truth() == Some(true))
    }

    /// Explains a call by an argument that is nothing.
    fn call(&mut self, call: &Call, current: &Value) -> Option<Nothing> {
        call.arguments.iter().find_map(|argument| {
            let value = self.value(argument, current)?;
            if is_nothing(&value) { self.trace(argument, current) } else { None }
        })
    }
}

/// Splits a predicate into the conditions that must all hold.
fn conditions(predicate: &Node) -> Vec<&Node> {
    match predicate {
        Node::And(first, second) => conditions(first).into_iter().chain(conditions(second)).collect(),
        _ => vec![predicate],
    }
}

fn is_nothing(value: &Value) -> bool {
    matches!(View::of(value), View::Null | View::Array([]))
}

pub(super) fn of_list(reason: String) -> Nothing {
    Nothing { reason: Some(reason), help: Vec::new(), is_of_list: true }
}

fn empty(what: &str) -> Nothing {
    of_list(format!("{what} is empty"))
}

fn wrong_kind(value: &Value, wanted: &str) -> Option<Nothing> {
    let found = match View::of(value) {
        View::Array(_) => "a list",
        View::Object(_) => "an object",
        View::Text(_) => "a text",
        View::Number(_) => "a number",
        View::Bool(_) => "true or false",
        View::Null | View::Unknown => return None,
    };
    let help = match View::of(value) {
        View::Array(_) => vec!["to look into each element of a list, write `[].name`".to_owned()],
        View::Object(entries)
            if entries.get("value").is_some_and(|list| matches!(View::of(list), View::Array(_))) =>
        {
            vec!["the list is in the member `value`: write `value[…]`".to_owned()]
        }
        _ => Vec::new(),
    };
    Some(Nothing {
        reason: Some(format!("the query expects {wanted} here, but finds {found}")),
        help,
        is_of_list: false,
    })
}

/// Writes a number of items as a phrase.
pub(super) fn counted(count: usize) -> String {
    if count == 1 { "1 item".to_owned() } else { format!("{count} items") }
}
