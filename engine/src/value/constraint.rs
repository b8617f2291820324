//! Defines type constraints of variables, with optional attributes and their defaults.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::convert::{ConvertError, convert};
use super::{Data, Entries, Type, Value};

/// A constraint on values, with the defaults of optional attributes.
///
/// It mirrors the type expression: `list(object({ a = optional(string, "x") }))` is
/// `List(Box(Object({"a": AttributeConstraint::optional(String, Some("x"))})))`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeConstraint {
    /// `any`.
    Any,
    /// `bool`.
    Bool,
    /// `number`.
    Number,
    /// `string`.
    String,
    /// `list(…)`.
    List(Box<Self>),
    /// `set(…)`.
    Set(Box<Self>),
    /// `map(…)`.
    Map(Box<Self>),
    /// `tuple([…])`.
    Tuple(Vec<Self>),
    /// `object({…})`.
    Object(BTreeMap<Arc<str>, AttributeConstraint>),
}

/// The constraint on an attribute of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeConstraint {
    constraint: TypeConstraint,
    presence: Presence,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Presence {
    Required,
    /// The attribute may be missing; then it has this value, already of the right type.
    Optional(Value),
    /// The attribute may be missing or null; then it has this value, already of the right type.
    Default(Value),
}

impl AttributeConstraint {
    /// Returns the constraint of a required attribute.
    #[must_use]
    pub fn required(constraint: TypeConstraint) -> Self {
        Self { constraint, presence: Presence::Required }
    }

    /// Returns the constraint `optional(constraint)` or `optional(constraint, default)`.
    ///
    /// A missing or null attribute gets the default; without a default, a missing one is null. The default
    /// itself is completed and converted here, and the error is about it.
    pub fn optional(constraint: TypeConstraint, default: Option<&Value>) -> Result<Self, ConvertError> {
        let presence = match default {
            None => Presence::Optional(Value::null(constraint.ty())),
            Some(default) => Presence::Default(constraint.apply(default)?),
        };
        Ok(Self { constraint, presence })
    }

    fn is_plain(&self) -> bool {
        self.presence == Presence::Required && self.constraint.is_plain()
    }

    fn fill(&self, name: &Arc<str>, given: Option<&Value>) -> Result<Option<Value>, ConvertError> {
        Ok(match (given, &self.presence) {
            (None, Presence::Required) => None,
            (None, Presence::Optional(value) | Presence::Default(value)) => Some(value.clone()),
            (Some(given), Presence::Default(value)) if given.is_null() => {
                Some(value.clone().with_marks(given.marks()))
            }
            (Some(given), _) => Some(self.constraint.fill(given).map_err(|error| error.in_attribute(name))?),
        })
    }
}

impl TypeConstraint {
    /// Returns the type of values after [`apply`](Self::apply); `Any` is any type.
    #[must_use]
    pub fn ty(&self) -> Type {
        match self {
            Self::Any => Type::Any,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::String => Type::String,
            Self::List(element) => Type::list(element.ty()),
            Self::Set(element) => Type::set(element.ty()),
            Self::Map(element) => Type::map(element.ty()),
            Self::Tuple(elements) => Type::tuple(elements.iter().map(Self::ty)),
            Self::Object(attributes) => {
                Type::object(attributes.iter().map(|(name, one)| (Arc::clone(name), one.constraint.ty())))
            }
        }
    }

    /// Fills in optional attributes of `value`, and converts it to the type.
    pub fn apply(&self, value: &Value) -> Result<Value, ConvertError> {
        convert(&self.fill(value)?, &self.ty())
    }

    /// Returns true if no attribute is optional, at any depth.
    fn is_plain(&self) -> bool {
        match self {
            Self::Any | Self::Bool | Self::Number | Self::String => true,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.is_plain(),
            Self::Tuple(elements) => elements.iter().all(Self::is_plain),
            Self::Object(attributes) => attributes.values().all(AttributeConstraint::is_plain),
        }
    }

    /// Fills in optional attributes without a conversion. Collections become tuples and objects, since the
    /// filled-in attributes may differ from element to element.
    fn fill(&self, value: &Value) -> Result<Value, ConvertError> {
        if self.is_plain() {
            return Ok(value.clone());
        }
        let filled = match (self, value.data()) {
            (_, Data::Null(ty)) => Value::null(self.fill_type(ty)),
            (_, Data::Unknown(unknown)) => {
                let unknown = unknown.with_type(self.fill_type(&unknown.ty));
                Value::new(Data::Unknown(Box::new(unknown)))
            }
            (
                Self::List(element) | Self::Set(element),
                Data::List(_, all) | Data::Set(_, all) | Data::Tuple(all),
            ) => fill_elements(all.iter().map(|value| (&**element, value)))?,
            (Self::Tuple(elements), Data::Tuple(all)) if elements.len() == all.len() => {
                fill_elements(elements.iter().zip(all.iter()))?
            }
            (Self::Map(element), Data::Map(_, entries) | Data::Object(entries)) => {
                let fill = |(key, value): (&Arc<str>, &Value)| {
                    Ok((Arc::clone(key), element.fill(value).map_err(|error| error.in_key(key))?))
                };
                Value::new(Data::Object(Arc::new(entries.iter().map(fill).collect::<Result<_, _>>()?)))
            }
            (Self::Object(attributes), Data::Map(_, entries) | Data::Object(entries)) => {
                let mut filled = Entries::new();
                for (name, attribute) in attributes {
                    if let Some(value) = attribute.fill(name, entries.get(name))? {
                        filled.insert(Arc::clone(name), value);
                    }
                }
                Value::new(Data::Object(Arc::new(filled)))
            }
            _ => value.clone(),
        };
        Ok(filled.with_marks(value.marks()))
    }

    /// Adds the missing optional attributes to the type of an unknown value.
    fn fill_type(&self, ty: &Type) -> Type {
        match (self, ty) {
            (Self::List(inner) | Self::Set(inner), Type::List(element)) => {
                Type::list(inner.fill_type(element))
            }
            (Self::List(inner) | Self::Set(inner), Type::Set(element)) => Type::set(inner.fill_type(element)),
            (Self::List(inner) | Self::Set(inner), Type::Tuple(elements)) => {
                Type::tuple(elements.iter().map(|element| inner.fill_type(element)))
            }
            (Self::Map(inner), Type::Map(element)) => Type::map(inner.fill_type(element)),
            (Self::Map(inner), Type::Object(attributes)) => {
                Type::object(attributes.iter().map(|(name, ty)| (Arc::clone(name), inner.fill_type(ty))))
            }
            (Self::Tuple(inner), Type::Tuple(elements)) if inner.len() == elements.len() => Type::tuple(
                inner.iter().zip(elements.iter()).map(|(inner, element)| inner.fill_type(element)),
            ),
            (Self::Object(inner), Type::Object(attributes)) => {
                Type::object(inner.iter().filter_map(|(name, attribute)| {
                    let ty = match (attributes.get(name), &attribute.presence) {
                        (Some(ty), _) => attribute.constraint.fill_type(ty),
                        (None, Presence::Required) => return None,
                        (None, _) => attribute.constraint.ty(),
                    };
                    Some((Arc::clone(name), ty))
                }))
            }
            _ => ty.clone(),
        }
    }
}

fn fill_elements<'a>(
    pairs: impl Iterator<Item = (&'a TypeConstraint, &'a Value)>,
) -> Result<Value, ConvertError> {
    let fill = |(at, (constraint, value)): (usize, (&TypeConstraint, &Value))| {
        constraint.fill(value).map_err(|error| error.in_index(at))
    };
    Ok(Value::new(Data::Tuple(Arc::new(pairs.enumerate().map(fill).collect::<Result<_, _>>()?))))
}

#[cfg(test)]
mod tests {
    use super::super::{Marks, Origins};
    use super::*;

    /// Returns `object({ name = string, port = optional(number, "80"), tags = optional(map(string)) })`.
    fn endpoint() -> TypeConstraint {
        let port = AttributeConstraint::optional(TypeConstraint::Number, Some(&Value::from("80"))).unwrap();
        let tags = TypeConstraint::Map(Box::new(TypeConstraint::String));
        TypeConstraint::Object(BTreeMap::from([
            ("name".into(), AttributeConstraint::required(TypeConstraint::String)),
            ("port".into(), port),
            ("tags".into(), AttributeConstraint::optional(tags, None).unwrap()),
        ]))
    }

    #[test]
    fn fills_in_what_is_left_out() {
        let cases = [
            (r#"[{"name": "a"}]"#, r#"[{"name":"a","port":80,"tags":null}]"#),
            (r#"[{"name": 1, "port": null, "x": 2}]"#, r#"[{"name":"1","port":80,"tags":null}]"#),
            (r#"[{"name": "a", "port": "1"}, null]"#, r#"[{"name":"a","port":1,"tags":null},null]"#),
            ("[]", "[]"),
        ];
        let constraint = TypeConstraint::List(Box::new(endpoint()));
        for (text, result) in cases {
            let value = constraint.apply(&Value::parse_json(text).unwrap()).unwrap();
            assert_eq!(value.to_json_text().unwrap(), result);
            assert_eq!(value.ty(), constraint.ty());
        }
    }

    #[test]
    fn what_is_required_is_required() {
        let constraint = TypeConstraint::Map(Box::new(endpoint()));
        let error = constraint.apply(&Value::parse_json(r#"{"k": {"port": 1}}"#).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "element \"k\": attribute \"name\" is required");
        let bad = Value::parse_json(r#"{"k": {"name": "a", "port": "x"}}"#).unwrap();
        assert_eq!(constraint.apply(&bad).unwrap_err().to_string(), "[\"k\"].port: a number is required");
    }

    #[test]
    fn unknown_values_and_marks_go_through() {
        let ty = Type::object([("name", Type::String)]);
        let unknown = Value::unknown(ty, Origins::of("step.a")).with_marks(&Marks::sensitive("step.a"));
        let value = endpoint().apply(&unknown).unwrap();
        assert_eq!((value.ty(), value.origins()), (endpoint().ty(), Origins::of("step.a")));
        assert!(value.is_sensitive());
    }
}
