//! Templates of deployments.

use std::collections::BTreeSet;

use arcbook_engine::step::{ArgumentError, ArgumentType};
use arcbook_engine::value::{Data, Type, Value};

use crate::declared::member_of;
use crate::json;

/// A template: an object, or its JSON text.
#[derive(Clone, Debug)]
pub struct Template(Value);

impl Template {
    fn parse(value: &Value) -> Result<Self, String> {
        let template = match value.as_str() {
            Some(text) => json::value(json::unmarked(text.as_bytes()))
                .map_err(|reason| format!("must be a template as JSON: {reason}"))?
                .with_marks(&value.deep_marks()),
            None => value.clone(),
        };
        let resources = member_of(&template, "resources").map(Value::data);
        match resources {
            // Templates of version 2.0 name their resources.
            Some(Data::List(..) | Data::Set(..) | Data::Tuple(_) | Data::Map(..) | Data::Object(_)) => {
                Ok(Self(template))
            }
            _ => Err("must be a template: an object with `resources`, or the JSON text of one".to_owned()),
        }
    }

    pub(super) fn value(&self) -> &Value {
        &self.0
    }

    /// Returns the types that the template writes literally, such as `Microsoft.KeyVault/vaults`.
    pub(super) fn types(&self) -> BTreeSet<&str> {
        let resources = member_of(&self.0, "resources").into_iter().flat_map(Value::children);
        let types = resources.filter_map(|resource| member_of(resource, "type")?.as_str());
        types.filter(|name| name.contains('/') && !name.starts_with('[')).collect()
    }

    /// Returns the names of the outputs.
    pub(super) fn outputs(&self) -> BTreeSet<String> {
        match member_of(&self.0, "outputs").map(Value::data) {
            Some(Data::Object(outputs) | Data::Map(_, outputs)) => {
                outputs.iter().map(|(name, _)| name.to_ascii_lowercase()).collect()
            }
            _ => BTreeSet::new(),
        }
    }
}

impl ArgumentType for Template {
    fn ty() -> Type {
        Type::Any
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        Self::parse(value).map_err(|message| ArgumentError::value(message).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_an_object_or_its_text() {
        let types = |text: &str| {
            let value = if text.starts_with('{') {
                Value::parse_json(text).unwrap()
            } else {
                Value::from(&text[1..])
            };
            Template::from_value(&value)
                .map(|template| template.types().into_iter().collect::<Vec<_>>().join(" "))
        };
        for (text, expected) in [
            (
                r#"{"resources":[{"type":"A.B/c"},{"type":"[x()]"},{"type":"A.B/c"},{"type":"D.E/f"}]}"#,
                Some("A.B/c D.E/f"),
            ),
            (r#"={"resources":[{"type":"A.B/c"}]}"#, Some("A.B/c")),
            (r#"{"resources":{"x":{"type":"A.B/c"}}}"#, Some("A.B/c")),
            (r#"={"resources":[]"#, None),
            ("{}", None),
            ("=main.bicep", None),
        ] {
            assert_eq!(types(text).ok().as_deref(), expected, "{text}");
        }
    }
}
