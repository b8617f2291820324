//! Converts values between types.

use std::fmt;
use std::sync::Arc;

use super::compatible::{Keys, conversion, mismatch, same_type};
use super::{Data, Entries, Number, NumberError, ObjectType, Type, Unknown, Value};

/// The reason why a value cannot be converted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{message}", self.path(), if self.steps.is_empty() { "" } else { ": " })]
pub struct ConvertError {
    /// The path inside the value, innermost step first.
    steps: Vec<PathStep>,
    message: String,
    /// The message without keys of maps, if it contains any.
    discreet: Option<String>,
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep {
    /// To an attribute that the type declares.
    Attribute(Arc<str>),
    /// To the element of a map.
    Key(Arc<str>),
    /// To the element of a list, a set or a tuple.
    Index(usize),
}

impl PathStep {
    /// Returns the step without the key of a map, which is a part of the value.
    #[must_use]
    pub fn discreet(&self) -> String {
        match self {
            Self::Key(_) => "[…]".to_owned(),
            step => step.to_string(),
        }
    }
}

impl fmt::Display for PathStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => write!(f, ".{name}"),
            Self::Key(key) => write!(f, "[{key:?}]"),
            Self::Index(at) => write!(f, "[{at}]"),
        }
    }
}

impl ConvertError {
    /// Returns an error about the whole value; `message` is the requirement.
    pub fn new(message: impl Into<String>) -> Self {
        Self { steps: Vec::new(), message: message.into(), discreet: None }
    }

    /// Returns the error without any part of the value: with types, indexes of lists and the names of
    /// declared attributes, but without keys of maps.
    #[must_use]
    pub fn discreet(&self) -> String {
        let path: String = self.steps.iter().rev().map(PathStep::discreet).collect();
        let separator = if path.is_empty() { "" } else { ": " };
        format!("{path}{separator}{}", self.discreet.as_deref().unwrap_or(&self.message))
    }

    /// Returns the path inside the value, such as `.a[2]`; empty for the whole value.
    #[must_use]
    pub fn path(&self) -> String {
        self.steps.iter().rev().map(ToString::to_string).collect()
    }

    /// Returns the requirement, such as `a number is required`.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn in_attribute(self, name: &Arc<str>) -> Self {
        self.inside(PathStep::Attribute(Arc::clone(name)))
    }

    pub(super) fn in_key(self, key: &Arc<str>) -> Self {
        self.inside(PathStep::Key(Arc::clone(key)))
    }

    pub(super) fn in_index(self, at: usize) -> Self {
        self.inside(PathStep::Index(at))
    }

    fn inside(mut self, step: PathStep) -> Self {
        self.steps.push(step);
        self
    }
}

/// Converts `value` to type `ty`, in which `Any` accepts any type.
///
/// Numbers and bools convert to strings, and strings that spell one convert back; tuples convert to lists and
/// sets, lists and sets to each other, objects to maps and to objects with fewer attributes, maps to objects.
/// Null and unknown values keep their state and take the type. Marks stay in place, except that those inside
/// a new set move to the set.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    if *ty == Type::Any {
        return Ok(value.clone());
    }
    let from = value.ty();
    if from == *ty {
        return Ok(value.clone());
    }
    let target = conversion(&from, ty).ok_or_else(|| ConvertError {
        discreet: Some(mismatch(&from, ty, Keys::Hidden)),
        ..ConvertError::new(mismatch(&from, ty, Keys::Named))
    })?;
    build(value, &target)
}

/// Converts to a type that the type of `value` is known to convert to.
fn build(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    if *ty == Type::Any {
        return Ok(value.clone());
    }
    let converted = match (value.data(), ty) {
        (Data::Null(_), _) => Value::null(ty.clone()),
        (Data::Unknown(unknown), _) => {
            Value::new(Data::Unknown(Box::new(Unknown { ty: ty.clone(), ..(**unknown).clone() })))
        }
        (Data::Bool(value), Type::String) => Value::from(if *value { "true" } else { "false" }),
        (Data::Number(value), Type::String) => Value::from(value.to_string()),
        (Data::String(text), Type::Number) => Value::from(parse_number(text)?),
        (Data::String(text), Type::Bool) => Value::from(parse_bool(text)?),
        (Data::Set(_, elements), Type::List(_))
            if elements.iter().any(|element| !element.is_wholly_known()) =>
        {
            // The number of elements is unknown.
            Value::unknown(ty.clone(), value.origins())
        }
        (Data::Tuple(from), Type::List(element) | Type::Set(element)) if is_mixed(value, element) => {
            mixed(value, ty)?
        }
        (Data::Object(_), Type::Map(element)) if is_mixed(value, element) => mixed(value, ty)?,
        (Data::List(_, from) | Data::Set(_, from) | Data::Tuple(from), Type::List(element)) => {
            Value::list((**element).clone(), elements(from, element)?)
        }
        (Data::List(_, from) | Data::Set(_, from) | Data::Tuple(from), Type::Set(element)) => {
            Value::set((**element).clone(), elements(from, element)?)
        }
        (Data::Tuple(from), Type::Tuple(types)) => {
            let each = from.iter().zip(types.iter()).enumerate();
            let built = each.map(|(at, (value, ty))| build(value, ty).map_err(|error| error.in_index(at)));
            Value::new(Data::Tuple(Arc::new(built.collect::<Result<_, _>>()?)))
        }
        (Data::Map(_, from) | Data::Object(from), Type::Map(element)) => {
            let each = from.iter().map(|(key, value)| {
                Ok((Arc::clone(key), build(value, element).map_err(|error| error.in_key(key))?))
            });
            Value::new(Data::Map((**element).clone(), Arc::new(each.collect::<Result<_, _>>()?)))
        }
        (Data::Map(_, from) | Data::Object(from), Type::Object(types)) => attributes(from, types)?,
        _ => value.clone(),
    };
    Ok(converted.with_marks(value.marks()))
}

/// Returns true if a collection of unknown type has elements both of known and of unknown type.
fn is_mixed(collection: &Value, element: &Type) -> bool {
    *element == Type::Any && collection.children().any(|value| value.ty() != Type::Any)
}

/// Returns a collection of structures and of elements without a type.
///
/// Its type is unknown as long as one element is. As in Terraform, null combines with structures of one type
/// in a map, but not in a list or set.
fn mixed(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    if value.children().any(|child| child.is_unknown() && child.ty() == Type::Any) {
        return Ok(Value::unknown(ty.clone(), value.origins()).with_marks(&value.deep_marks()));
    }
    let mut types: Vec<_> = value.children().map(Value::ty).filter(|ty| *ty != Type::Any).collect();
    types.dedup();
    match (types.as_slice(), ty) {
        ([one], Type::Map(_)) => build(value, &Type::map(one.clone())),
        (_, Type::Map(_)) => Err(ConvertError::new(same_type("map"))),
        (_, Type::List(_)) => Err(ConvertError::new(same_type("list"))),
        _ => Err(ConvertError::new(same_type("set"))),
    }
}

fn elements(from: &[Value], ty: &Type) -> Result<Vec<Value>, ConvertError> {
    from.iter().enumerate().map(|(at, value)| build(value, ty).map_err(|error| error.in_index(at))).collect()
}

fn attributes(from: &Entries, types: &ObjectType) -> Result<Value, ConvertError> {
    let attribute = |(name, ty): (&Arc<str>, &Type)| {
        let value = from.get(name);
        let value = value.ok_or_else(|| ConvertError::new(format!("attribute {name:?} is required")))?;
        Ok((Arc::clone(name), build(value, ty).map_err(|error| error.in_attribute(name))?))
    };
    let built = types.iter().map(attribute).collect::<Result<Entries, _>>()?;
    Ok(Value::new(Data::Object(Arc::new(built))))
}

fn parse_number(text: &str) -> Result<Number, ConvertError> {
    text.parse().map_err(|error: NumberError| ConvertError::new(error.to_string()))
}

fn parse_bool(text: &str) -> Result<bool, ConvertError> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => {
            let hint = match text.to_ascii_lowercase().as_str() {
                word @ ("true" | "false") => format!("; to convert from string, use lowercase {word:?}"),
                _ => String::new(),
            };
            Err(ConvertError {
                discreet: Some("a bool is required".to_owned()),
                ..ConvertError::new(format!("a bool is required{hint}"))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Marks, Origins, arbitrary};
    use super::*;

    fn json(text: &str) -> Value {
        Value::parse_json(text).unwrap()
    }

    fn object(ty: Type) -> Type {
        Type::object([("a", ty)])
    }

    #[test]
    fn converts_as_terraform() {
        let cases = [
            (r#"["a", 1, true]"#, Type::list(Type::Any), r#"["a","1","true"]"#, Type::list(Type::String)),
            ("[1, null]", Type::list(Type::Any), "[1,null]", Type::list(Type::Number)),
            ("[]", Type::list(Type::Any), "[]", Type::list(Type::Any)),
            (
                r#"{"a": null, "b": [1]}"#,
                Type::map(Type::Any),
                r#"{"a":null,"b":[1]}"#,
                Type::map(Type::tuple([Type::Number])),
            ),
            (r#"["b", "a", "b"]"#, Type::set(Type::String), r#"["a","b"]"#, Type::set(Type::String)),
            ("[[], [1], []]", Type::set(Type::Any), "[[1],[]]", Type::set(Type::list(Type::Number))),
            (
                r#"[{"a": 1}, {}]"#,
                Type::list(Type::Any),
                r#"[{"a":1},{}]"#,
                Type::list(Type::map(Type::Number)),
            ),
            (r#"{"a": 1, "b": "2"}"#, Type::map(Type::Any), r#"{"a":"1","b":"2"}"#, Type::map(Type::String)),
            (r#"{"a": "1", "b": 2}"#, object(Type::Number), r#"{"a":1}"#, object(Type::Number)),
            (r#"{"a": null}"#, object(Type::Bool), r#"{"a":null}"#, object(Type::Bool)),
            ("\"true\"", Type::Bool, "true", Type::Bool),
            ("1e3", Type::String, "\"1000\"", Type::String),
        ];
        for (text, ty, result, result_type) in cases {
            let converted = convert(&json(text), &ty).unwrap();
            assert_eq!(converted.to_json_text().unwrap(), result, "{text} as {ty}");
            assert_eq!(converted.ty(), result_type, "{text} as {ty}");
        }
    }

    #[test]
    fn null_in_a_map_takes_the_type_of_what_is_not_known_beside_it() {
        let map = |beside: Vec<Type>| {
            let unknown = |ty| Value::unknown(ty, Origins::of("step.a"));
            let all = [Value::NULL].into_iter().chain(beside.into_iter().map(unknown));
            convert(&Value::object(["a", "b", "c"].into_iter().zip(all)), &Type::map(Type::Any)).unwrap()
        };
        let numbers = || Type::list(Type::Number);
        let cases = [
            (vec![Type::Number], Type::Number, false),
            (vec![Type::Any], Type::Any, false),
            (vec![numbers()], numbers(), false),
            (vec![numbers(), numbers()], numbers(), false),
            (vec![numbers(), Type::Any], Type::Any, true),
        ];
        for (beside, element, is_unknown) in cases {
            let map = map(beside.clone());
            assert_eq!((map.ty(), map.is_unknown()), (Type::map(element), is_unknown), "{beside:?}");
        }
    }

    #[test]
    fn an_error_names_the_place_and_what_is_required() {
        let numbers = Type::list(Type::Number);
        let cases = [
            (r#"{"a": ["1", "2", "x"]}"#, object(numbers), ".a[2]: a number is required"),
            (
                r#"{"a": ["1", []]}"#,
                object(Type::list(Type::Number)),
                "attribute \"a\": element 1: number required",
            ),
            ("{}", object(Type::Any), "attribute \"a\" is required"),
            ("[]", Type::String, "string required"),
            ("[1, []]", Type::list(Type::Any), "all list elements must have the same type"),
            ("[null, []]", Type::list(Type::Any), "all list elements must have the same type"),
            ("[null, []]", Type::set(Type::Any), "all set elements must have the same type"),
            (
                r#"{"a": null, "b": [], "c": {}}"#,
                Type::map(Type::Any),
                "all map elements must have the same type",
            ),
            (r#""True""#, Type::Bool, "a bool is required; to convert from string, use lowercase \"true\""),
            ("{}", Type::list(Type::Any), "list of any single type required"),
            (r#"{"k": "x"}"#, Type::map(Type::Number), "[\"k\"]: a number is required"),
        ];
        for (text, ty, message) in cases {
            assert_eq!(convert(&json(text), &ty).unwrap_err().to_string(), message, "{text}");
        }
        let map = convert(&json(r#"{"b": 1}"#), &Type::map(Type::Any)).unwrap();
        assert_eq!(convert(&map, &object(Type::Any)).unwrap_err().to_string(), "attribute \"a\" is required");
    }

    #[test]
    fn a_set_takes_the_marks_of_its_elements() {
        let secret = Value::from("s").with_marks(&Marks::sensitive("var.s"));
        let set = convert(&Value::tuple([secret]), &Type::set(Type::String)).unwrap();
        assert!(set.is_sensitive() && set.children().all(|element| !element.is_sensitive()));
    }

    #[test]
    fn how_long_a_set_of_unknown_values_is_stays_open() {
        let set = Value::set(Type::String, [Value::unknown(Type::String, Origins::of("step.a"))]);
        let list = convert(&set, &Type::list(Type::String)).unwrap();
        assert!(list.is_unknown());
        assert_eq!(list.origins(), Origins::of("step.a"));
    }

    /// Returns true if the value contains an untyped null.
    fn has_bare_null(value: &Value) -> bool {
        *value.data() == Data::Null(Type::Any) || value.children().any(has_bare_null)
    }

    /// Returns true if a conversion to that type may drop attributes.
    fn leaves_out(ty: &Type) -> bool {
        match ty {
            Type::Object(_) => true,
            Type::List(element) | Type::Set(element) | Type::Map(element) => leaves_out(element),
            Type::Tuple(elements) => elements.iter().any(leaves_out),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn to_its_own_type_is_identity(value in arbitrary::value()) {
            prop_assert_eq!(&convert(&value, &value.ty()).unwrap(), &value);
        }

        #[test]
        fn the_result_has_the_type_that_was_foretold(value in arbitrary::value(), ty in arbitrary::ty()) {
            if let Ok(converted) = convert(&value, &ty) {
                let (found, foretold) = (converted.ty(), conversion(&value.ty(), &ty).unwrap());
                // By its type, null may be anything, and a conversion with such an element cannot be
                // predicted.
                let foretold = if has_bare_null(&value) { conversion(&found, &foretold) } else { Some(foretold) };
                prop_assert_eq!(Some(found), foretold);
            }
        }

        #[test]
        fn marks_and_origins_stay(value in arbitrary::value(), ty in arbitrary::ty()) {
            if let (false, Ok(converted)) = (leaves_out(&ty), convert(&value, &Type::list(ty))) {
                prop_assert_eq!(converted.origins(), value.origins());
                prop_assert_eq!(converted.deep_marks(), value.deep_marks());
            }
        }
    }
}
