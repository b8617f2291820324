//! Evaluates `count` and `for_each`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate, explain};
use crate::runbook::Repetition;
use crate::value::{Data, Marks, Origins, Type, Value, convert};

use super::control::opened;
use super::instance_map::{InstanceMap, Later};

/// The largest allowed number of instances of one block; a larger one is taken for a mistake.
const MAX: usize = 1_000_000;

/// Evaluates the instances of a block.
pub fn expand<T: Clone>(repetition: &Repetition, scope: &dyn Scope) -> Result<InstanceMap<T>, Diagnostics> {
    let value = evaluate(repetition.expression(), scope)?;
    let fail = |wrong: Wrong| {
        let error = wrong.at(repetition, &value);
        Diagnostics::from(if value.is_null() {
            explain(error, repetition.expression(), scope)
        } else {
            error
        })
    };
    if value.is_marked() {
        return Err(fail(Wrong::marked(value.marks())));
    }
    let instances = match repetition {
        Repetition::Count(_) => count(&value).map_err(fail),
        Repetition::ForEach(_) => for_each(&value).map_err(fail),
    }?;
    Ok(match opened(repetition.expression(), scope) {
        Some(origins) if instances.is_empty() => {
            later(origins, element(&value), matches!(repetition, Repetition::Count(_)))
        }
        _ => instances,
    })
}

/// Returns the type of `each.value`, or of `count.index`.
fn element(value: &Value) -> Type {
    match value.ty() {
        Type::Map(element) => (*element).clone(),
        Type::Set(_) => Type::String,
        Type::Number => Type::Number,
        _ => Type::Any,
    }
}

/// Returns unknown instances for a block at `address` with an invalid repetition, which cause no further
/// errors.
pub fn nothing<T>(address: &str, repetition: &Repetition) -> InstanceMap<T> {
    let counted = matches!(repetition, Repetition::Count(_));
    InstanceMap::Open(Some(Later { origins: Origins::of(address), value: Type::Any, counted }))
}

fn count<T: Clone>(value: &Value) -> Result<InstanceMap<T>, Wrong> {
    let number = convert(value, &Type::Number).map_err(|_| Wrong::new("must be a whole number"))?;
    match number.data() {
        Data::Unknown(unknown) => Ok(later(unknown.origins.clone(), Type::Number, true)),
        Data::Number(number) => match number.to_usize() {
            Some(many) if many > MAX => Err(Wrong::new("is more than a million")),
            Some(many) => Ok(InstanceMap::Count(vec![None; many])),
            None => Err(Wrong::new("must be a whole number, not below 0")),
        },
        _ => Err(Wrong::new("must not be null").help("provide a value for null: `coalesce(x, 0)`")),
    }
}

fn for_each<T>(value: &Value) -> Result<InstanceMap<T>, Wrong> {
    match value.data() {
        Data::Unknown(unknown) => match &unknown.ty {
            Type::List(_) | Type::Tuple(_) | Type::Bool | Type::Number | Type::String => Err(Wrong::kind()),
            Type::Map(element) => Ok(later(unknown.origins.clone(), (**element).clone(), false)),
            Type::Set(_) => Ok(later(unknown.origins.clone(), Type::String, false)),
            Type::Object(_) | Type::Any => Ok(later(unknown.origins.clone(), Type::Any, false)),
        },
        Data::Map(_, entries) | Data::Object(entries) => {
            Ok(known(entries.iter().map(|(key, value)| (key.clone(), value.clone()))))
        }
        Data::Set(_, elements) if !elements.iter().all(Value::is_wholly_known) => {
            Ok(later(value.origins(), Type::String, false))
        }
        Data::Set(_, elements) => {
            let keys = elements.iter().map(|element| match element.data() {
                _ if element.is_marked() => Err(Wrong::marked(element.marks())),
                Data::String(key) => Ok((key.clone(), element.clone())),
                Data::Null(_) => Err(Wrong::new("must not hold null")),
                _ => Err(Wrong::new("must be a set of strings")
                    .help("make it one: `toset([for x in …: tostring(x)])`")),
            });
            Ok(known(keys.collect::<Result<Vec<_>, _>>()?))
        }
        Data::Null(_) => {
            Err(Wrong::new("must not be null").help("provide a value for null: `coalesce(x, {})`"))
        }
        _ => Err(Wrong::kind()),
    }
}

fn known<T>(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> InstanceMap<T> {
    InstanceMap::Each(entries.into_iter().map(|(key, value)| (key, (value, None))).collect())
}

fn later<T>(origins: Origins, value: Type, counted: bool) -> InstanceMap<T> {
    InstanceMap::Open(Some(Later { origins, value, counted }))
}

/// The reason why a value is no valid `count` or `for_each`.
struct Wrong {
    code: &'static str,
    what: &'static str,
    help: Option<&'static str>,
}

impl Wrong {
    fn new(what: &'static str) -> Self {
        Self { code: "invalid-repetition", what, help: None }
    }

    fn help(self, help: &'static str) -> Self {
        Self { help: Some(help), ..self }
    }

    fn kind() -> Self {
        Self::new("must be a map, an object or a set of strings")
            .help("instances need stable keys: write `toset(…)` for a list of strings")
    }

    fn marked(marks: &Marks) -> Self {
        let wrong = |what| Self { code: "sensitive-setting", ..Self::new(what) };
        if marks.is_ephemeral() {
            return wrong("must not be ephemeral")
                .help("the record keeps the addresses of instances: use keys that may be recorded");
        }
        wrong("must not be sensitive")
            .help("everyone sees the addresses of instances: use public keys, or wrap them in `nonsensitive(…)` if they are public")
    }

    fn at(self, repetition: &Repetition, value: &Value) -> Diagnostic {
        let found = if value.is_null() {
            "this is null".to_owned()
        } else {
            format!("this is {}", value.ty().with_article())
        };
        Diagnostic::error(self.code, format!("`{}` {}", repetition.keyword(), self.what))
            .at(repetition.span(), found)
            .maybe_help(self.help.map(ToOwned::to_owned))
    }
}
