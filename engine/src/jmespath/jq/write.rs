//! Writes the nodes of a query.

use jmespath::ast::Comparator;

use super::super::node::{Node, Slice};
use super::super::query::Query;
use super::call::call;
use super::{Definition, Filter};

/// A query that cannot be written as a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} has no counterpart in jq")]
pub struct NoFilter(pub(super) String);

impl Query {
    /// Returns the query as a filter of jq.
    pub fn to_jq(&self) -> Result<Filter, NoFilter> {
        filter(&self.root)
    }
}

pub(super) fn filter(node: &Node) -> Result<Filter, NoFilter> {
    Ok(match node {
        Node::Current => Filter::identity(),
        Node::Field(name) => Filter::field(name),
        Node::Index(index) => Filter::path(format!(".[{index}]")),
        Node::Slice(slice) => part(*slice)?,
        Node::Literal(value) => {
            let text = value.to_json_text().map_err(|error| NoFilter(format!("a literal ({error})")))?;
            Filter::term(text)
        }
        Node::Chain(first, next) => filter(first)?.then(filter(next)?),
        Node::Project(source, then) => {
            let (source, then) = (filter(source)?, filter(then)?);
            source.then(Filter::of(format!("each({})", then.text), [&then]).closed().with(Definition::Each))
        }
        Node::Filter { source, predicate, then } => {
            let (source, predicate, then) = (filter(source)?, filter(predicate)?.condition(), filter(then)?);
            let selected =
                Filter::of(format!("where({}; {})", predicate.text, then.text), [&predicate, &then]);
            source.then(selected.closed().with(Definition::Where))
        }
        Node::Values(source) => filter(source)?.then(Filter::term("in_order").with(Definition::InOrder)),
        Node::Flatten(source) => filter(source)?.then(Filter::term("flat").with(Definition::Flat)),
        Node::List(items) => {
            let items = items.iter().map(filter).collect::<Result<Vec<_>, _>>()?;
            let text = items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join(", ");
            unless_null(&format!("[{text}]"), &items)
        }
        Node::Hash(items) => {
            let filters = items.iter().map(|(_, item)| filter(item)).collect::<Result<Vec<_>, _>>()?;
            let entries = items.iter().zip(&filters);
            let entries = entries.map(|((name, _), item)| format!("{}: {}", quoted(name), item.operand()));
            unless_null(&format!("{{{}}}", entries.collect::<Vec<_>>().join(", ")), &filters)
        }
        Node::Compare(comparator, left, right) => compare(comparator, &filter(left)?, &filter(right)?),
        Node::And(left, right) => both(&filter(left)?, &filter(right)?, true),
        Node::Or(left, right) => both(&filter(left)?, &filter(right)?, false),
        Node::Not(inner) => {
            let inner = filter(inner)?.condition();
            inner.then(Filter::term("not").of_bool())
        }
        Node::Call(called) => call(called)?,
        Node::Variable(_) | Node::Let(..) => return Err(NoFilter("`let`".to_owned())),
    })
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

/// Returns the elements of an array in a range; null for anything else.
fn part(Slice { start, end, step }: Slice) -> Result<Filter, NoFilter> {
    if step != 1 {
        return Err(NoFilter(format!("a slice with the step {step}")));
    }
    let bound = |bound: Option<i32>| bound.map(|bound| bound.to_string()).unwrap_or_default();
    // jq has no slice without bounds.
    let range = if start.is_none() && end.is_none() {
        "0:".to_owned()
    } else {
        format!("{}:{}", bound(start), bound(end))
    };
    Ok(Filter::of(format!("if type == \"array\" then .[{range}] else null end"), []).closed())
}

/// A selection from null is null.
fn unless_null(text: &str, parts: &[Filter]) -> Filter {
    Filter::of(format!("if . == null then null else {text} end"), parts).closed()
}

fn compare(comparator: &Comparator, left: &Filter, right: &Filter) -> Filter {
    let sign = match comparator {
        Comparator::Equal => "==",
        Comparator::NotEqual => "!=",
        Comparator::LessThan => "<",
        Comparator::LessThanEqual => "<=",
        Comparator::GreaterThan => ">",
        Comparator::GreaterThanEqual => ">=",
    };
    if matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
        return Filter::of(format!("{} {sign} {}", left.operand(), right.operand()), [left, right]).of_bool();
    }
    let text = format!("[{}, {}] | ordered(.[0] {sign} .[1])", left.operand(), right.operand());
    Filter::of(text, [left, right]).with(Definition::Ordered)
}

/// Writes `&&` or `||`, which give one of their operands.
fn both(left: &Filter, right: &Filter, is_and: bool) -> Filter {
    if left.is_bool && right.is_bool {
        let word = if is_and { "and" } else { "or" };
        return Filter::of(format!("{} {word} {}", left.operand(), right.operand()), [left, right]).of_bool();
    }
    let (then, otherwise) =
        if is_and { (right.text.as_str(), "$left") } else { ("$left", right.text.as_str()) };
    let text = format!("{} as $left | if ($left | truthy) then {then} else {otherwise} end", left.operand());
    Filter::of(text, [left, right]).with(Definition::Truthy)
}
