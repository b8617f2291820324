//! Evaluates names, attributes, indexes and splats.

use std::sync::Arc;

use super::shown::phrase;
use super::{Bound, Evaluated, Evaluator};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::expression::scope::{InstanceScope, Meaning, Resolved};
use crate::source::{Span, Spanned};
use crate::syntax::{Expression, ExpressionKind, Reference, Traversal, TraversalStep};
use crate::value::{AccessError, Data, Origins, Type, Value, attribute, convert, index, unify};

impl Evaluator<'_> {
    pub(super) fn traversal(&mut self, traversal: &Traversal, expression: &Expression) -> Evaluated {
        if let ExpressionKind::Variable(name) = &traversal.base.kind {
            return self.name(name, traversal.base.span, &traversal.steps, expression);
        }
        let base = self.evaluate(&traversal.base)?;
        self.steps(base, &traversal.steps, expression)
    }

    /// Evaluates a name and the steps after it.
    pub(super) fn name(
        &mut self,
        name: &Arc<str>,
        at: Span,
        steps: &[Spanned<TraversalStep>],
        expression: &Expression,
    ) -> Evaluated {
        if let Some(value) = self.bound_value(name) {
            return self.steps(value, steps, expression);
        }
        let reference = Reference::new(name, at, steps);
        let scope = self.scope;
        let Resolved { meaning, used } = scope.resolve(&reference).map_err(|error| *error)?;
        let steps = &steps[used.min(steps.len())..];
        match meaning {
            Meaning::One(value) => self.steps(value, steps, expression),
            Meaning::Many(instances) => self.instance(&*instances, steps, expression),
        }
    }

    /// Evaluates one instance, or all.
    fn instance(
        &mut self,
        instances: &dyn InstanceScope,
        steps: &[Spanned<TraversalStep>],
        expression: &Expression,
    ) -> Evaluated {
        if let [Spanned { value: TraversalStep::Index(key), .. }, after @ ..] = steps {
            let key = self.evaluate(key)?;
            let found = if key.is_unknown() || key.is_marked() { None } else { instances.one(&key) };
            if let Some(value) = found {
                return self.steps(value, after, expression);
            }
        }
        // An error of the key is reported for the whole collection.
        self.steps(instances.all(), steps, expression)
    }

    /// Returns the value that an enclosing `for` binds to the name.
    pub(super) fn bound_value(&self, name: &str) -> Option<Value> {
        self.bound(name).map(|bound| bound.value.clone())
    }

    /// Returns the binding of that name by an enclosing `for`.
    pub(super) fn bound(&self, name: &str) -> Option<&Bound> {
        self.bound.iter().rev().find(|bound| *bound.name == *name)
    }

    fn steps(
        &mut self,
        mut value: Value,
        steps: &[Spanned<TraversalStep>],
        expression: &Expression,
    ) -> Evaluated {
        for step in steps {
            self.spend(1, step.span)?;
            value = match &step.value {
                TraversalStep::Attribute(name) => attribute(&value, name)
                    .map_err(|error| self.no_access(&error, (&value, None), step.span, expression))?,
                TraversalStep::Index(key) => {
                    let found = self.evaluate(key)?;
                    index(&value, &found).map_err(|error| {
                        self.no_access(&error, (&value, Some((&found, key))), step.span, expression)
                    })?
                }
                TraversalStep::Splat(each) => self.splat(&value, each, step.span, expression)?,
            };
        }
        Ok(value)
    }

    fn no_access(
        &self,
        error: &AccessError,
        (value, key): (&Value, Option<(&Value, &Expression)>),
        at: Span,
        expression: &Expression,
    ) -> Diagnostics {
        let is_secret = value.is_marked() || key.is_some_and(|(key, _)| key.is_marked());
        let error = match error {
            // The message must not reveal the key, or the names or number of elements of the value.
            AccessError::NoAttribute { .. }
            | AccessError::NoElement
            | AccessError::PastEnd(_)
            | AccessError::Key(_)
                if is_secret =>
            {
                Diagnostic::error("invalid-index", "there is no such element or attribute").at(at, "")
            }
            _ => {
                let code = match error {
                    AccessError::NoAttribute { .. } => "no-attribute",
                    AccessError::Null(_) | AccessError::NullKey => "null-access",
                    _ => "invalid-index",
                };
                let computed = key.filter(|(_, written)| !matches!(written.kind, ExpressionKind::Literal(_)));
                let label = computed.map_or(String::new(), |(key, _)| format!("the index {}", phrase(key)));
                let hidden = |text: String| match key {
                    Some((key, written)) => self.without_given(text, std::slice::from_ref(key), written),
                    None => text,
                };
                let summary = hidden(error.to_string());
                // The names in a value from outside the runbook may be secrets.
                let names_are_given = error.lists_names() && self.is_given(expression);
                let remedy = if names_are_given { None } else { remedy(error, value, key) };
                Diagnostic::error(code, summary).at(at, hidden(label)).maybe_help(remedy)
            }
        };
        self.explain(error, expression).into()
    }

    /// Evaluates `value[*]` and `value.*`.
    fn splat(
        &mut self,
        value: &Value,
        each: &[Spanned<TraversalStep>],
        at: Span,
        expression: &Expression,
    ) -> Evaluated {
        let marks = value.marks().clone();
        let result = match value.data() {
            Data::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                let error = Diagnostic::error("null-access", "a splat cannot be applied to a null list")
                    .at(at, "")
                    .help("provide a value for null: `coalesce(x, [])`");
                return Err(self.explain(error, expression).into());
            }
            Data::Null(_) => Value::tuple([]),
            Data::Unknown(unknown) => self.unknown_splat(&unknown.ty, value.origins(), each, expression)?,
            Data::Tuple(all) => Value::tuple(self.splat_each(all, each, expression)?),
            Data::Set(_, all) if !all.iter().all(Value::is_wholly_known) => {
                Value::unknown(Type::Any, value.origins()).with_marks(&value.deep_marks())
            }
            Data::List(ty, all) | Data::Set(ty, all) => {
                let taken = self.splat_each(all, each, expression)?;
                // A step that is invalid for the element type is an error even for an empty list.
                let none = Origins::default();
                let ty =
                    if all.is_empty() { Some(self.splat_type(ty, &none, each, expression)?) } else { None };
                self.spend_on(&taken, at)?;
                as_list(taken, ty)
            }
            _ => {
                let single = value.clone().with_only_marks(crate::value::Marks::NONE);
                Value::tuple(self.splat_each(&[single], each, expression)?)
            }
        };
        Ok(result.with_marks(&marks))
    }

    fn splat_each(
        &mut self,
        all: &[Value],
        each: &[Spanned<TraversalStep>],
        expression: &Expression,
    ) -> Result<Vec<Value>, Diagnostics> {
        let mut taken = Vec::with_capacity(all.len());
        for value in all {
            self.spend(1, expression.span)?;
            taken.push(self.steps(value.clone(), each, expression)?);
        }
        Ok(taken)
    }

    /// Returns the unknown result of a splat: a list for a list; for any other value it may have one element
    /// or none.
    fn unknown_splat(
        &mut self,
        ty: &Type,
        origins: Origins,
        each: &[Spanned<TraversalStep>],
        expression: &Expression,
    ) -> Evaluated {
        let ty = match ty {
            Type::List(element) | Type::Set(element) => {
                Type::list(self.splat_type(element, &origins, each, expression)?)
            }
            Type::Tuple(elements) => {
                let elements =
                    elements.iter().map(|element| self.splat_type(element, &origins, each, expression));
                Type::tuple(elements.collect::<Result<Vec<_>, Diagnostics>>()?)
            }
            _ => Type::Any,
        };
        Ok(Value::unknown(ty, origins).not_null())
    }

    /// Returns the type of the result of `each` for an element of that type.
    fn splat_type(
        &mut self,
        element: &Type,
        origins: &Origins,
        each: &[Spanned<TraversalStep>],
        expression: &Expression,
    ) -> Result<Type, Diagnostics> {
        let one = Value::unknown(element.clone(), origins.clone());
        Ok(self.steps(one, each, expression)?.ty())
    }
}

/// Returns a list of the values, or a tuple if they have no common type.
fn as_list(values: Vec<Value>, ty: Option<Type>) -> Value {
    let types: Vec<_> = values.iter().map(Value::ty).collect();
    let tuple = Value::tuple(values);
    match ty.or_else(|| unify(&types)) {
        Some(ty) => convert(&tuple, &Type::list(ty)).unwrap_or(tuple),
        None => tuple,
    }
}

/// Returns the remedy for a missing element; none for a sensitive value, which must not be examined.
fn remedy(error: &AccessError, value: &Value, key: Option<(&Value, &Expression)>) -> Option<String> {
    Some(match error {
        AccessError::NoAttribute { name, names } => {
            return did_you_mean(name, names.iter().map(AsRef::as_ref)).or_else(|| listed(names));
        }
        AccessError::NoElement => {
            let Data::Map(_, entries) = value.data() else { return None };
            let names: Vec<_> = entries.keys().cloned().collect();
            let name = key.and_then(|(key, _)| key.as_str());
            return name
                .and_then(|name| did_you_mean(name, names.iter().map(AsRef::as_ref)))
                .or_else(|| listed(&names));
        }
        AccessError::Null("attributes") => {
            "when it may be null, write `try(x.name, …)`, or `x == null ? … : x.name`".to_owned()
        }
        AccessError::Null(_) => {
            "when it may be null, write `try(x[0], …)`, or `x == null ? … : x[0]`".to_owned()
        }
        AccessError::Sequence(_) => "write `[0].name` for one element, `[*].name` for all of them".to_owned(),
        AccessError::Set => "write `tolist(x)[0]`, or `[for element in x : …]`".to_owned(),
        AccessError::Negative => "for the last element write `element(x, length(x) - 1)`".to_owned(),
        AccessError::PastEnd(0) => "check its length first: `length(x) > 0 ? x[0] : …`".to_owned(),
        AccessError::PastEnd(count) => format!("indices count from 0: the last one is `[{}]`", count - 1),
        AccessError::Fraction => "write `floor(x)` to leave out the fraction".to_owned(),
        AccessError::Primitive(_) | AccessError::NullKey | AccessError::Key(_) => return None,
    })
}

fn listed(names: &[Arc<str>]) -> Option<String> {
    const MAX: usize = 12;
    let listed: Vec<_> = names.iter().take(MAX).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MAX { ", …" } else { "" };
    (!listed.is_empty()).then(|| format!("there is {}{more}", listed.join(", ")))
}
