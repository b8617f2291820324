//! Names types, for people and as `type()` prints them.

use std::fmt::{self, Write};

use super::Type;

impl Type {
    /// Returns the type in words, such as `list of string`, without the contents of objects and tuples.
    #[must_use]
    pub fn friendly_name(&self) -> String {
        self.words("dynamic", "dynamic")
    }

    /// Returns the type in words with an article, such as `an object`.
    #[must_use]
    pub fn with_article(&self) -> String {
        match self {
            Self::Any => "a value of any type".to_owned(),
            Self::Object(_) => "an object".to_owned(),
            _ => format!("a {}", self.friendly_name()),
        }
    }

    /// Returns the type in words as a requirement, such as `list of any single type`.
    #[must_use]
    pub fn friendly_constraint(&self) -> String {
        self.words("any type", "any single type")
    }

    fn words(&self, any: &str, any_element: &str) -> String {
        let of =
            |kind: &str, element: &Self| format!("{kind} of {}", element.words(any_element, any_element));
        match self {
            Self::Any => any.to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Number => "number".to_owned(),
            Self::String => "string".to_owned(),
            Self::List(element) => of("list", element),
            Self::Set(element) => of("set", element),
            Self::Map(element) => of("map", element),
            Self::Tuple(_) => "tuple".to_owned(),
            Self::Object(_) => "object".to_owned(),
        }
    }
}

/// Writes the type as Terraform's `type()` does: structures on several lines, indented by four.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_type(f, self, 0)
    }
}

fn write_type(f: &mut fmt::Formatter<'_>, ty: &Type, depth: usize) -> fmt::Result {
    match ty {
        Type::Any => f.write_str("dynamic"),
        Type::Bool => f.write_str("bool"),
        Type::Number => f.write_str("number"),
        Type::String => f.write_str("string"),
        Type::List(element) => write_collection(f, "list", element, depth),
        Type::Set(element) => write_collection(f, "set", element, depth),
        Type::Map(element) => write_collection(f, "map", element, depth),
        Type::Tuple(elements) if elements.is_empty() => f.write_str("tuple([])"),
        Type::Object(attributes) if attributes.is_empty() => f.write_str("object({})"),
        Type::Tuple(elements) => {
            f.write_str("tuple([\n")?;
            for element in elements.iter() {
                indent(f, depth + 1)?;
                write_type(f, element, depth + 1)?;
                f.write_str(",\n")?;
            }
            indent(f, depth)?;
            f.write_str("])")
        }
        Type::Object(attributes) => {
            f.write_str("object({\n")?;
            for (name, attribute) in attributes.iter() {
                indent(f, depth + 1)?;
                write!(f, "{name}: ")?;
                write_type(f, attribute, depth + 1)?;
                f.write_str(",\n")?;
            }
            indent(f, depth)?;
            f.write_str("})")
        }
    }
}

fn write_collection(f: &mut fmt::Formatter<'_>, kind: &str, element: &Type, depth: usize) -> fmt::Result {
    if !matches!(element, Type::Tuple(_) | Type::Object(_)) {
        write!(f, "{kind}(")?;
        write_type(f, element, depth)?;
        return f.write_char(')');
    }
    writeln!(f, "{kind}(")?;
    indent(f, depth + 1)?;
    write_type(f, element, depth + 1)?;
    f.write_str(",\n")?;
    indent(f, depth)?;
    f.write_char(')')
}

fn indent(f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    (0..depth).try_for_each(|_| f.write_str("    "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_as_by_the_type_function() {
        let inner = Type::object([("n", Type::list(Type::list(Type::Number))), ("a b", Type::Any)]);
        let ty = Type::tuple([Type::list(inner), Type::map(Type::tuple([])), Type::Bool]);
        let text = "\
tuple([
    list(
        object({
            a b: dynamic,
            n: list(list(number)),
        }),
    ),
    map(
        tuple([]),
    ),
    bool,
])";
        assert_eq!(ty.to_string(), text);
    }

    #[test]
    fn named_for_people() {
        let cases = [
            (Type::list(Type::String), "list of string", "list of string"),
            (Type::set(Type::Any), "set of dynamic", "set of any single type"),
            (Type::object([("a", Type::Any)]), "object", "object"),
            (Type::Any, "dynamic", "any type"),
        ];
        for (ty, name, constraint) in cases {
            assert_eq!((&*ty.friendly_name(), &*ty.friendly_constraint()), (name, constraint));
        }
    }
}
