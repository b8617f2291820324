//! Names, attributes, indices and splats.

use std::sync::Arc;

use super::{Evaluated, Evaluator};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::expression::scope::{Instances, Meaning, Resolved};
use crate::source::{Span, Spanned};
use crate::syntax::{Expression, ExpressionKind, Reference, Step, Traversal};
use crate::value::{AccessError, Data, Origins, Type, Value, attribute, convert, index, unify};

impl Evaluator<'_> {
    pub(super) fn traversal(&mut self, traversal: &Traversal, expression: &Expression) -> Evaluated {
        if let ExpressionKind::Variable(name) = &traversal.base.kind {
            return self.name(name, traversal.base.span, &traversal.steps, expression);
        }
        let base = self.evaluate(&traversal.base)?;
        self.steps(base, &traversal.steps, expression)
    }

    /// The value of a name and of the steps from it.
    pub(super) fn name(
        &mut self,
        name: &Arc<str>,
        at: Span,
        steps: &[Spanned<Step>],
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

    /// One of many, or all.
    fn instance(
        &mut self,
        instances: &dyn Instances,
        steps: &[Spanned<Step>],
        expression: &Expression,
    ) -> Evaluated {
        if let [Spanned { value: Step::Index(key), .. }, after @ ..] = steps {
            let key = self.evaluate(key)?;
            let found = if key.is_unknown() || key.is_sensitive() { None } else { instances.one(&key) };
            if let Some(value) = found {
                return self.steps(value, after, expression);
            }
        }
        // Whatever is wrong with the key is said of the whole.
        self.steps(instances.all(), steps, expression)
    }

    /// What a `for` around binds the name to.
    pub(super) fn bound_value(&self, name: &str) -> Option<Value> {
        self.bound.iter().rev().find(|(bound, _)| **bound == *name).map(|(_, value)| value.clone())
    }

    fn steps(&mut self, mut value: Value, steps: &[Spanned<Step>], expression: &Expression) -> Evaluated {
        for step in steps {
            self.spend(1, step.span)?;
            value = match &step.value {
                Step::Attribute(name) => {
                    let secret = value.is_sensitive();
                    attribute(&value, name)
                        .map_err(|error| self.no_access(&error, secret, step.span, expression))?
                }
                Step::Index(key) => {
                    let key = self.evaluate(key)?;
                    let secret = value.is_sensitive() || key.is_sensitive();
                    index(&value, &key)
                        .map_err(|error| self.no_access(&error, secret, step.span, expression))?
                }
                Step::Splat(each) => self.splat(&value, each, step.span, expression)?,
            };
        }
        Ok(value)
    }

    fn no_access(&self, error: &AccessError, secret: bool, at: Span, expression: &Expression) -> Diagnostics {
        let (code, help) = match error {
            // Neither the key nor the names or the number of what is in the value may be told.
            AccessError::NoAttribute { .. } | AccessError::PastEnd(_) | AccessError::Key(_) if secret => {
                let error =
                    Diagnostic::error("invalid-index", "there is no such element or attribute").at(at, "");
                return self.explain(error, expression).into();
            }
            AccessError::NoAttribute { name, names } => (
                "no-attribute",
                did_you_mean(name, names.iter().map(AsRef::as_ref)).or_else(|| listed(names)),
            ),
            AccessError::Null(_) | AccessError::NullKey => ("null-access", None),
            _ => ("invalid-index", None),
        };
        let error = Diagnostic::error(code, error.to_string()).at(at, "").maybe_help(help);
        self.explain(error, expression).into()
    }

    /// `value[*]` and `value.*`.
    fn splat(
        &mut self,
        value: &Value,
        each: &[Spanned<Step>],
        at: Span,
        expression: &Expression,
    ) -> Evaluated {
        let marks = value.marks().clone();
        let result = match value.data() {
            Data::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                let error = Diagnostic::error("null-access", "a splat cannot be applied to a null list")
                    .at(at, "")
                    .help("give it another value when it is null: `coalesce(x, [])`");
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
                let ty = if all.is_empty() { self.splat_type(ty, each, expression) } else { None };
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
        each: &[Spanned<Step>],
        expression: &Expression,
    ) -> Result<Vec<Value>, Diagnostics> {
        let mut taken = Vec::with_capacity(all.len());
        for value in all {
            self.spend(1, expression.span)?;
            taken.push(self.steps(value.clone(), each, expression)?);
        }
        Ok(taken)
    }

    /// A list that is not known stays one; of anything else it is open whether there is one element or none.
    fn unknown_splat(
        &mut self,
        ty: &Type,
        origins: Origins,
        each: &[Spanned<Step>],
        expression: &Expression,
    ) -> Evaluated {
        let ty = match ty {
            Type::List(element) | Type::Set(element) => {
                let one =
                    self.steps(Value::unknown((**element).clone(), origins.clone()), each, expression)?;
                Type::list(one.ty())
            }
            Type::Tuple(elements) => {
                let elements = elements.iter().map(|element| {
                    Ok(self.steps(Value::unknown(element.clone(), origins.clone()), each, expression)?.ty())
                });
                Type::tuple(elements.collect::<Result<Vec<_>, Diagnostics>>()?)
            }
            _ => Type::Any,
        };
        Ok(Value::unknown(ty, origins).not_null())
    }

    fn splat_type(
        &mut self,
        element: &Type,
        each: &[Spanned<Step>],
        expression: &Expression,
    ) -> Option<Type> {
        let one = Value::unknown(element.clone(), Origins::default());
        self.steps(one, each, expression).ok().map(|value| value.ty())
    }
}

/// A list of the values, or a tuple when they have no type in common.
fn as_list(values: Vec<Value>, ty: Option<Type>) -> Value {
    let types: Vec<_> = values.iter().map(Value::ty).collect();
    let tuple = Value::tuple(values);
    match ty.or_else(|| unify(&types)) {
        Some(ty) => convert(&tuple, &Type::list(ty)).unwrap_or(tuple),
        None => tuple,
    }
}

fn listed(names: &[Arc<str>]) -> Option<String> {
    const MAX: usize = 12;
    let listed: Vec<_> = names.iter().take(MAX).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MAX { ", …" } else { "" };
    (!listed.is_empty()).then(|| format!("there is {}{more}", listed.join(", ")))
}
