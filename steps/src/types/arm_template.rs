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

    /// Returns the types that the template writes literally, such as `Microsoft.KeyVault/vaults`, those of inner resources
    /// with the types around them.
    pub(super) fn types(&self) -> BTreeSet<String> {
        let mut types = BTreeSet::new();
        self.each(|ty, _| types.extend(ty));
        types
    }

    /// Returns true if the template may write more than the types that it names: it computes one, it holds or links another
    /// template, it writes in another scope, or it calls a function that reads keys.
    pub(super) fn is_open(&self) -> bool {
        let mut is_open = self.0.to_json_text().is_ok_and(|text| text.to_ascii_lowercase().contains("[list"));
        self.each(|ty, resource| {
            let is_nested = |ty: &String| ty.eq_ignore_ascii_case("Microsoft.Resources/deployments");
            is_open |= ty.as_ref().is_none_or(is_nested) || member_of(resource, "scope").is_some();
        });
        is_open
    }

    /// Visits each resource, also inner ones, with its type if that is literal.
    fn each(&self, mut visit: impl FnMut(Option<String>, &Value)) {
        let mut open: Vec<(String, &Value)> = vec![(String::new(), &self.0)];
        while let Some((around, parent)) = open.pop() {
            for resource in member_of(parent, "resources").into_iter().flat_map(Value::children) {
                let own =
                    member_of(resource, "type").and_then(Value::as_str).filter(|ty| !ty.starts_with('['));
                let whole = own.map(|own| match around.as_str() {
                    // An inner type may be whole already: it has a provider, whose name has a dot.
                    around
                        if around.is_empty()
                            || own.split('/').next().is_some_and(|name| name.contains('.')) =>
                    {
                        own.to_owned()
                    }
                    around => format!("{around}/{own}"),
                });
                let literal = whole.filter(|ty| ty.contains('/'));
                open.push((literal.clone().unwrap_or_default(), resource));
                visit(literal, resource);
            }
        }
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

    #[test]
    fn what_a_template_may_write_beyond_its_types_is_known() {
        let template = |text: &str| Template::from_value(&Value::parse_json(text).unwrap()).unwrap();
        for (resources, types, is_open) in [
            (r#"[{"type":"A.B/c"}]"#, "A.B/c", false),
            (
                r#"[{"type":"A.B/c","resources":[{"type":"d","resources":[{"type":"e"}]}]}]"#,
                "A.B/c A.B/c/d A.B/c/d/e",
                false,
            ),
            (r#"[{"type":"A.B/c","resources":[{"type":"D.E/f/g"}]}]"#, "A.B/c D.E/f/g", false),
            (r#"[{"type":"[concat('A.B','/c')]"}]"#, "", true),
            (r#"[{"type":"A.B/c","scope":"/subscriptions/x"}]"#, "A.B/c", true),
            (r#"[{"type":"microsoft.resources/Deployments"}]"#, "microsoft.resources/Deployments", true),
            (r#"[{"type":"A.B/c","x":"[listKeys('y','2020-01-01').keys]"}]"#, "A.B/c", true),
            (r#"{"x":{"type":"A.B/c"}}"#, "A.B/c", false),
        ] {
            let template = template(&format!("{{\"resources\":{resources}}}"));
            let found: Vec<String> = template.types().into_iter().collect();
            assert_eq!((found.join(" ").as_str(), template.is_open()), (types, is_open), "{resources}");
        }
    }
}
