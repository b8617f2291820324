//! Interprets queries.

use std::sync::Arc;

use jmespath::ast::Comparator;

use super::SearchError;
use super::budget::{Budget, Traits};
use super::compare::compare;
use super::node::{Node, Slice};
use super::view::View;
use crate::value::{Data, Origins, Type, Value};

/// A search: evaluates an expression for a current value within the budget.
pub(super) struct Search {
    pub(super) budget: Budget,
    /// The values of the variables, innermost last.
    pub(super) bound: Vec<Value>,
}

impl Search {
    pub(super) fn new() -> Self {
        Self { budget: Budget::new(), bound: Vec::new() }
    }

    /// Evaluates `node` for `current`.
    ///
    /// Only dispatches, so that the stack frame of the recursion stays small.
    pub(super) fn evaluate(&mut self, node: &Node, current: &Value) -> Result<Value, SearchError> {
        self.budget.spend(1)?;
        match node {
            Node::Current => Ok(current.clone()),
            Node::Literal(value) => Ok(value.clone()),
            Node::Field(name) => Ok(field(current, name)),
            Node::Index(index) => Ok(element(current, *index)),
            Node::Slice(slice) => self.slice(*slice, current),
            Node::Variable(at) => Ok(self.bound.get(*at).cloned().unwrap_or(Value::NULL)),
            Node::Let(values, body) => self.bind(values, body, current),
            Node::Chain(first, then) => self.chain(first, then, current),
            Node::Project(source, then) => self.project(source, None, then, current),
            Node::Filter { source, predicate, then } => self.project(source, Some(predicate), then, current),
            Node::Values(source) => self.evaluate(source, current).map(|source| values(&source)),
            Node::Flatten(source) => self.flatten(source, current),
            Node::List(nodes) => self.list(nodes, current),
            Node::Hash(pairs) => self.hash(pairs, current),
            Node::Compare(comparator, a, b) => self.compare(comparator, a, b, current),
            Node::And(a, b) => self.choose(current, a, b, false),
            Node::Or(a, b) => self.choose(current, a, b, true),
            Node::Not(node) => self.evaluate(node, current).map(|value| not(&value)),
            Node::Call(call) => self.call(call, current),
        }
    }

    fn bind(&mut self, values: &[Node], body: &Node, current: &Value) -> Result<Value, SearchError> {
        let values =
            values.iter().map(|value| self.evaluate(value, current)).collect::<Result<Vec<_>, _>>()?;
        let before = self.bound.len();
        self.bound.extend(values);
        let result = self.evaluate(body, current);
        // This applies even after an error, which may be ignored.
        self.bound.truncate(before);
        result
    }

    fn chain(&mut self, first: &Node, then: &Node, current: &Value) -> Result<Value, SearchError> {
        let value = self.evaluate(first, current)?;
        self.evaluate(then, &value)
    }

    fn compare(
        &mut self,
        comparator: &Comparator,
        a: &Node,
        b: &Node,
        current: &Value,
    ) -> Result<Value, SearchError> {
        let (a, b) = (self.evaluate(a, current)?, self.evaluate(b, current)?);
        compare(comparator, &a, &b, &mut self.budget)
    }

    fn list(&mut self, nodes: &[Node], current: &Value) -> Result<Value, SearchError> {
        if let Some(missing) = missing(current) {
            return Ok(missing);
        }
        let elements = nodes.iter().map(|node| self.copy(node, current));
        Ok(Value::tuple(elements.collect::<Result<Vec<_>, _>>()?))
    }

    fn hash(&mut self, pairs: &[(Arc<str>, Node)], current: &Value) -> Result<Value, SearchError> {
        if let Some(missing) = missing(current) {
            return Ok(missing);
        }
        let pairs = pairs.iter().map(|(name, node)| Ok((Arc::clone(name), self.copy(node, current)?)));
        Ok(Value::object(pairs.collect::<Result<Vec<_>, _>>()?))
    }

    /// Evaluates `node`, and spends steps for a copy of the result.
    fn copy(&mut self, node: &Node, current: &Value) -> Result<Value, SearchError> {
        let value = self.evaluate(node, current)?;
        self.budget.traits(&value)?;
        Ok(value)
    }

    /// Evaluates `a && b` and `a || b`: to the first if its truth is `decides`, otherwise to the second.
    fn choose(&mut self, current: &Value, a: &Node, b: &Node, decides: bool) -> Result<Value, SearchError> {
        let first = self.evaluate(a, current)?;
        match View::of(&first).truth() {
            Some(truth) if truth == decides => Ok(first),
            Some(_) => Ok(self.evaluate(b, current)?.with_marks(first.marks())),
            None => {
                // The second operand may turn out not to be needed, and then its error does not count.
                let second = self.evaluate(b, current).unwrap_or(Value::NULL);
                Ok(self.budget.traits_of([&first, &second])?.unknown(Type::Any))
            }
        }
    }

    /// Evaluates `then` for each element, or for each that the predicate selects; nulls are left out.
    ///
    /// The marks of the values that select an element apply to the whole result, which is unknown if such a
    /// value is.
    fn project(
        &mut self,
        source: &Node,
        predicate: Option<&Node>,
        then: &Node,
        current: &Value,
    ) -> Result<Value, SearchError> {
        let source = self.evaluate(source, current)?;
        let View::Array(elements) = View::of(&source) else {
            return Ok(inside(&source, |_| None));
        };
        let mut decided = Traits { marks: source.marks().clone(), ..Traits::default() };
        let mut is_known = true;
        let mut kept = Vec::new();
        for element in elements {
            let element = element.clone().with_marks(source.marks());
            if let Some(predicate) = predicate {
                let verdict = self.evaluate(predicate, &element)?;
                decided.add(&Traits::of(&verdict));
                match View::of(&verdict).truth() {
                    Some(true) => {}
                    Some(false) => continue,
                    None => is_known = false,
                }
            }
            let value = match self.evaluate(then, &element) {
                // The element may turn out not to be selected.
                Err(_) if !is_known => continue,
                result => result?,
            };
            if value.is_null() || may_be_null(&value) {
                decided.add(&Traits::of(&value));
                is_known &= value.is_null();
            } else {
                kept.push(value);
            }
        }
        if is_known {
            return Ok(Value::tuple(kept).with_marks(&decided.marks));
        }
        let kept = self.budget.traits_of(&kept)?;
        Ok(Traits { marks: decided.marks.union(&kept.marks), ..decided }.unknown(Type::Any).not_null())
    }

    fn flatten(&mut self, source: &Node, current: &Value) -> Result<Value, SearchError> {
        let source = self.evaluate(source, current)?;
        let View::Array(elements) = View::of(&source) else {
            return Ok(inside(&source, |_| None));
        };
        let mut marks = source.marks().clone();
        let mut flat = Vec::new();
        for element in elements {
            match View::of(element) {
                View::Array(inner) => {
                    self.budget.spend(inner.len())?;
                    marks.add(element.marks());
                    flat.extend_from_slice(inner);
                }
                View::Unknown if may_be_array(element) => {
                    let traits = self.budget.traits(&source)?;
                    return Ok(traits.unknown(Type::Any).not_null());
                }
                _ => flat.push(element.clone()),
            }
        }
        Ok(Value::tuple(flat).with_marks(&marks))
    }

    fn slice(&mut self, slice: Slice, current: &Value) -> Result<Value, SearchError> {
        if let View::Array(elements) = View::of(current) {
            self.budget.spend(elements.len())?;
        }
        Ok(inside(current, |view| match view {
            View::Array(elements) => Some(Value::tuple(sliced(slice, elements))),
            _ => None,
        }))
    }
}

impl Traits {
    /// Returns the traits of the value itself, without those of its contents.
    pub(super) fn of(value: &Value) -> Self {
        let origins =
            if matches!(View::of(value), View::Unknown) { value.origins() } else { Origins::default() };
        Self { marks: value.marks().clone(), origins }
    }
}

/// Returns the result of `find` with the marks of the value; null if nothing is found, unknown if the value
/// is.
fn inside(value: &Value, find: impl FnOnce(View<'_>) -> Option<Value>) -> Value {
    match View::of(value) {
        View::Unknown => Traits::of(value).unknown(Type::Any),
        view => find(view).unwrap_or(Value::NULL).with_marks(value.marks()),
    }
}

fn field(value: &Value, name: &str) -> Value {
    inside(value, |view| match view {
        View::Object(entries) => entries.get(name).cloned(),
        _ => None,
    })
}

fn element(value: &Value, index: i32) -> Value {
    inside(value, |view| match view {
        View::Array(elements) => position(index, elements.len()).map(|at| elements[at].clone()),
        _ => None,
    })
}

fn values(value: &Value) -> Value {
    inside(value, |view| match view {
        View::Object(entries) => Some(Value::tuple(entries.values().cloned())),
        _ => None,
    })
}

fn not(value: &Value) -> Value {
    match View::of(value).truth() {
        Some(truth) => Value::from(!truth).with_marks(value.marks()),
        None => Traits::of(value).unknown(Type::Bool).not_null(),
    }
}

/// Returns the result of a selection from a value that is or may be null; none for any other value.
fn missing(value: &Value) -> Option<Value> {
    if value.is_null() {
        return Some(Value::NULL.with_marks(value.marks()));
    }
    may_be_null(value).then(|| Traits::of(value).unknown(Type::Any))
}

fn may_be_null(value: &Value) -> bool {
    matches!(value.data(), Data::Unknown(unknown) if !unknown.not_null)
}

fn may_be_array(value: &Value) -> bool {
    !matches!(value.ty(), Type::Bool | Type::Number | Type::String | Type::Map(_) | Type::Object(_))
}

/// Returns the position of an index among `length` elements; a negative one counts from the end.
fn position(index: i32, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let index = i64::from(index);
    let at = if index < 0 { index + length } else { index };
    usize::try_from(at).ok().filter(|_| at < length)
}

/// Returns the elements of a slice, by Python's rules.
fn sliced(slice: Slice, elements: &[Value]) -> Vec<Value> {
    let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
    let step = i64::from(slice.step);
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let bound = |bound: Option<i32>, default: i64| {
        let absolute = |at: i64| if at < 0 { at + length } else { at };
        bound.map_or(default, |at| absolute(i64::from(at)).clamp(lowest, highest))
    };
    let (first, last) = if step > 0 { (0, length) } else { (length - 1, -1) };
    let (mut at, end) = (bound(slice.start, first), bound(slice.end, last));
    let mut taken = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        taken.extend(usize::try_from(at).ok().and_then(|at| elements.get(at)).cloned());
        at += step;
    }
    taken
}
