//! Evaluates tuples, objects and `for` expressions.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::{Bound, Evaluated, Evaluator, known_bool};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};
use crate::syntax::{Expression, For, ForKey, ObjectItem};
use crate::value::{Data, Marks, Origins, Type, Value};

/// The names that a `for` binds: for the key or index, if any, and for the value.
pub(super) struct Names<'a> {
    pub key: Option<&'a Spanned<Arc<str>>>,
    pub value: &'a Spanned<Arc<str>>,
    /// The external source of a value in the collection, if any.
    pub given_by: Option<Arc<str>>,
}

impl Evaluator<'_> {
    pub(super) fn tuple(&mut self, elements: &[Expression], expression: &Expression) -> Evaluated {
        let mut found = Diagnostics::new();
        let values: Vec<_> =
            elements.iter().filter_map(|element| found.take(self.evaluate(element))).collect();
        self.spend_on(&values, expression.span)?;
        found.or(Value::tuple(values))
    }

    pub(super) fn object(&mut self, items: &[ObjectItem], expression: &Expression) -> Evaluated {
        let mut found = Diagnostics::new();
        let mut entries = Vec::with_capacity(items.len());
        let mut whole = Whole::default();
        for item in items {
            let key = found.take(self.evaluate(&item.key).and_then(|key| self.key(&key, &item.key)));
            let value = found.take(self.evaluate(&item.value));
            let (Some(key), Some(value)) = (key, value) else { continue };
            if let Some(key) = whole.take_key(&key) {
                entries.push((key, value));
            } else {
                whole.hide(&value);
            }
        }
        self.spend_on(entries.iter().map(|(_, value)| value), expression.span)?;
        found.or(whole.apply(|| Value::new(Data::Object(Arc::new(entries.into_iter().collect())))))
    }

    /// Converts the key of an object to a string that is not null.
    fn key(&self, key: &Value, expression: &Expression) -> Evaluated {
        if key.is_null() {
            let error = Diagnostic::error("null-key", "a key of an object is null")
                .at(expression.span, "this is null")
                .help("leave it out: `{for key, value in map : key => value if key != null}`");
            return Err(self.explain(error, expression).into());
        }
        let summary = format!("{} cannot be a key of an object", key.ty().with_article());
        self.convert(key, &Type::String, &summary, expression)
    }

    pub(super) fn for_expression(&mut self, each: &For, expression: &Expression) -> Evaluated {
        let collection = self.evaluate(&each.collection)?;
        let Some(entries) = self.entries(&collection, &each.collection, "a `for`")? else {
            let marks = collection.deep_marks().union(&self.marks_within(expression));
            return Ok(Value::unknown(Type::Any, collection.origins()).not_null().with_marks(&marks));
        };
        let mut whole = Whole { marks: collection.marks().clone(), origins: None };
        let mut results = Results::new(each.key.as_ref());
        let names = self.names(each.key_name.as_ref(), &each.value_name, &each.collection);
        for (key, value) in entries {
            self.binding(&names, key, value, |evaluator| {
                evaluator.for_element(each, &mut whole, &mut results)
            })?;
        }
        let result = results.finish();
        self.spend_on([&result], expression.span)?;
        Ok(whole.apply(|| result))
    }

    fn for_element(
        &mut self,
        each: &For,
        whole: &mut Whole,
        results: &mut Results,
    ) -> Result<(), Diagnostics> {
        if let Some(condition) = &each.condition {
            let value = self.evaluate(condition)?;
            let value = self.condition(&value, condition, "the `if` of a `for`")?;
            whole.marks.add(value.marks());
            match known_bool(&value) {
                Some(true) => {}
                Some(false) => return Ok(()),
                None => {
                    whole.wait(&value);
                    whole.marks.add(&self.marks_within(&each.result));
                    return Ok(());
                }
            }
        }
        let key = match &each.key {
            None => None,
            Some(key) => {
                let value = self.evaluate(&key.expression)?;
                Some((key, self.key(&value, &key.expression)?))
            }
        };
        let value = self.evaluate(&each.result)?;
        let Some((written, key)) = key else {
            results.tuple.push(value);
            return Ok(());
        };
        match whole.take_key(&key) {
            None => {
                whole.hide(&value);
                Ok(())
            }
            Some(name) if results.insert(name.clone(), value) => Ok(()),
            Some(name) => Err(self.duplicate_key(&name, &key, written).into()),
        }
    }

    fn duplicate_key(&self, name: &str, key: &Value, written: &ForKey) -> Diagnostic {
        let is_told = !key.is_marked() && !self.is_given(&written.expression);
        let which = if is_told { format!("the key {name:?}") } else { "the same key".to_owned() };
        let error = Diagnostic::error("duplicate-key", format!("two elements of a `for` have {which}"))
            .at(written.expression.span, "this must differ from element to element")
            .help("to gather the values of equal keys in a list, write `...` after the value");
        self.explain(error, &written.expression)
    }

    /// Returns the keys and values of a collection; none if it is unknown which ones exist.
    pub(super) fn entries(
        &self,
        collection: &Value,
        expression: &Expression,
        what: &str,
    ) -> Result<Option<Vec<(Value, Value)>>, Diagnostics> {
        let cannot = |summary: String, label: String| {
            let error = Diagnostic::error("not-a-collection", summary)
                .at(expression.span, label)
                .help("it must be a list, a set, a tuple, a map or an object");
            self.explain(error, expression)
        };
        if collection.is_null() {
            return Err(cannot(format!("{what} cannot iterate over null"), "this is null".into()).into());
        }
        let is_open_set = matches!(collection.data(), Data::Set(..)) && !collection.is_wholly_known();
        match collection.entries() {
            Some(_) if is_open_set => Ok(None),
            Some(entries) => Ok(Some(entries)),
            None if collection.is_unknown()
                && !matches!(collection.ty(), Type::Bool | Type::Number | Type::String) =>
            {
                Ok(None)
            }
            None => {
                let name = collection.ty().with_article();
                Err(cannot(format!("{what} cannot iterate over {name}"), format!("this is {name}")).into())
            }
        }
    }

    /// Returns the names that a `for` over `collection` binds.
    pub(super) fn names<'n>(
        &self,
        key: Option<&'n Spanned<Arc<str>>>,
        value: &'n Spanned<Arc<str>>,
        collection: &Expression,
    ) -> Names<'n> {
        Names { key, value, given_by: self.given_by_any(collection).map(Into::into) }
    }

    /// Calls `inside` with the names of a `for` bound.
    pub(super) fn binding<T>(
        &mut self,
        names: &Names<'_>,
        key: Value,
        value: Value,
        inside: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outside = self.bound.len();
        let bound = |name: &Spanned<Arc<str>>, value| Bound {
            name: name.value.clone(),
            value,
            given_by: names.given_by.clone(),
        };
        self.bound.extend(names.key.map(|name| bound(name, key)));
        self.bound.push(bound(names.value, value));
        let result = inside(self);
        self.bound.truncate(outside);
        result
    }

    /// Spends the budget for a value that a function made.
    pub(super) fn pay_for(&mut self, value: &Value, at: Span) -> Result<(), Diagnostics> {
        let cost = match value.data() {
            Data::String(text) => super::budget::text_cost(text.len()),
            _ => value.children().count(),
        };
        self.spend(cost, at)
    }
}

/// The marks and origins that apply to a collection as a whole, since its keys depend on them.
#[derive(Default)]
struct Whole {
    marks: Marks,
    /// The origins of the unknown keys, if any.
    origins: Option<Origins>,
}

impl Whole {
    /// Takes the marks of a key, and returns the key if it is known.
    fn take_key(&mut self, key: &Value) -> Option<Arc<str>> {
        self.marks.add(key.marks());
        if let Data::String(key) = key.data() {
            return Some(key.clone());
        }
        self.wait(key);
        None
    }

    fn wait(&mut self, value: &Value) {
        self.origins.get_or_insert_default().add(&value.origins());
    }

    /// Takes the marks of a value that is lost in an unknown collection.
    fn hide(&mut self, value: &Value) {
        self.marks.add(&value.deep_marks());
    }

    fn apply(self, known: impl FnOnce() -> Value) -> Value {
        let value = known();
        let value = match self.origins {
            None => value,
            Some(origins) => Value::unknown(Type::Any, origins).not_null().with_marks(&value.deep_marks()),
        };
        value.with_marks(&self.marks)
    }
}

/// The results of a `for` so far.
struct Results {
    tuple: Vec<Value>,
    object: Option<BTreeMap<Arc<str>, Vec<Value>>>,
    grouped: bool,
}

impl Results {
    fn new(key: Option<&ForKey>) -> Self {
        Self {
            tuple: Vec::new(),
            object: key.map(|_| BTreeMap::new()),
            grouped: key.is_some_and(|key| key.grouped),
        }
    }

    /// Inserts a result; returns false if the key exists and values are not grouped.
    fn insert(&mut self, key: Arc<str>, value: Value) -> bool {
        match self.object.get_or_insert_default().entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(vec![value]);
                true
            }
            Entry::Occupied(mut entry) => {
                entry.get_mut().push(value);
                self.grouped
            }
        }
    }

    fn finish(self) -> Value {
        let Some(object) = self.object else { return Value::tuple(self.tuple) };
        let one = |values: Vec<Value>| {
            if self.grouped { Value::tuple(values) } else { values.into_iter().next().unwrap_or(Value::NULL) }
        };
        Value::object(object.into_iter().map(|(key, values)| (key, one(values))))
    }
}
