//! A template, with the values of its parameters.

use serde_json::{Map, Value, json};

use super::evaluate::{Reference, Scope};

/// The scope of a deployment.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The id of the resource group or of the subscription.
    pub scope: String,
    /// The name and the location of the resource group; none in a subscription.
    pub group: Option<(String, String)>,
}

/// A template with its parameters.
pub(crate) struct Template {
    place: Place,
    document: Map<String, Value>,
    values: Map<String, Value>,
    /// The parameters with their types, in the order of the template.
    pub parameters: Vec<Parameter>,
}

/// A parameter of a template.
pub(crate) struct Parameter {
    pub name: String,
    /// As the template writes it, such as `string` or `secureString`.
    pub kind: String,
    pub value: Value,
}

/// A resource that a template declares, with the values of its expressions.
#[derive(Debug)]
pub(crate) struct Declared {
    pub type_name: String,
    pub api_version: String,
    /// The name across types: for a child, `parent/child`.
    pub name: String,
    /// The members that clients write.
    pub body: Map<String, Value>,
    depends_on: Vec<String>,
}

/// The members of a template's resource that are not part of the resource.
const OWN: [&str; 6] = ["type", "apiVersion", "name", "dependsOn", "comments", "condition"];

impl Parameter {
    /// Returns whether no response may have the value.
    pub(crate) fn is_secure(&self) -> bool {
        is_secure(&self.kind)
    }
}

fn is_secure(kind: &str) -> bool {
    kind.to_ascii_lowercase().starts_with("secure")
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

impl Template {
    /// Reads a template and the `parameters` of its deployment: each an object with `value`.
    pub(crate) fn read(place: Place, template: &Value, parameters: &Value) -> Result<Self, String> {
        let Some(document) = template.as_object() else {
            return Err("The template is not a JSON object.".to_owned());
        };
        if !document.get("resources").is_some_and(Value::is_array) {
            return Err("The template has no list 'resources'.".to_owned());
        }
        let given = object(Some(parameters));
        let declared = object(document.get("parameters"));
        let is_unknown = |name: &&String| !declared.keys().any(|own| own.eq_ignore_ascii_case(name));
        if let Some(unknown) = given.keys().find(is_unknown) {
            return Err(format!(
                "The template parameters '{unknown}' in the parameters file are not valid; they are not present in the \
                 original template and can therefore not be provided at deployment time."
            ));
        }
        let mut read = Self { place, document: document.clone(), values: Map::new(), parameters: Vec::new() };
        for (name, declared) in declared {
            let own = given.iter().find(|(own, _)| own.eq_ignore_ascii_case(&name)).map(|(_, given)| given);
            let value = match (own.and_then(|own| own.get("value")), declared.get("defaultValue")) {
                (Some(value), _) => value.clone(),
                (None, Some(usual)) => read.scope(None).evaluate(usual)?,
                (None, None) => {
                    return Err(format!("The value for the template parameter '{name}' is not provided."));
                }
            };
            let kind = declared.get("type").and_then(Value::as_str).unwrap_or("string").to_owned();
            check(&name, &kind, &value, declared.get("allowedValues"))?;
            read.values.insert(name.clone(), value.clone());
            read.parameters.push(Parameter { name, kind, value });
        }
        Ok(read)
    }

    fn variables(&self) -> &Map<String, Value> {
        static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.document.get("variables").and_then(Value::as_object).unwrap_or(&NONE)
    }

    fn scope<'a>(&'a self, reference: Option<&'a Reference<'a>>) -> Scope<'a> {
        let variables = self.variables();
        Scope { place: &self.place, parameters: &self.values, variables, reference, depth: 0 }
    }

    /// Returns the resources, each after those that it depends on.
    pub(crate) fn resources(&self) -> Result<Vec<Declared>, String> {
        let list = self.document.get("resources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut left = Vec::new();
        for resource in list {
            left.extend(self.resource(resource)?);
        }
        let mut ordered: Vec<Declared> = Vec::new();
        while !left.is_empty() {
            let is_ready = |declared: &Declared| {
                !declared.depends_on.iter().any(|needed| left.iter().any(|other| other.is_named(needed)))
            };
            let Some(ready) = left.iter().position(is_ready) else {
                return Err("Circular dependency detected on resources of the template.".to_owned());
            };
            ordered.push(left.remove(ready));
        }
        Ok(ordered)
    }

    /// Returns a resource; `None` if its condition is false.
    fn resource(&self, resource: &Value) -> Result<Option<Declared>, String> {
        for odd in ["copy", "resources", "scope"] {
            if resource.get(odd).is_some() {
                return Err(format!("The member '{odd}' of a resource is not supported by this lab."));
            }
        }
        let Value::Object(mut body) = self.scope(None).evaluate(resource)? else {
            return Err("A resource of the template is not an object.".to_owned());
        };
        if body.get("condition") == Some(&Value::Bool(false)) {
            return Ok(None);
        }
        let text = |name: &str| {
            let found = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            found.map(str::to_owned).ok_or_else(|| format!("A resource of the template has no '{name}'."))
        };
        let (type_name, api_version, name) = (text("type")?, text("apiVersion")?, text("name")?);
        if type_name.eq_ignore_ascii_case("Microsoft.Resources/deployments") {
            return Err("Nested deployments are not supported by this lab.".to_owned());
        }
        let depends_on = body.get("dependsOn").and_then(Value::as_array).into_iter().flatten();
        let depends_on = depends_on.filter_map(|needed| needed.as_str().map(str::to_owned)).collect();
        body.retain(|name, _| !OWN.contains(&name.as_str()));
        Ok(Some(Declared { type_name, api_version, name, body, depends_on }))
    }

    /// Returns the outputs as a deployment shows them: those of secure types without values.
    pub(crate) fn outputs(&self, reference: &Reference<'_>) -> Result<Value, String> {
        let mut outputs = Map::new();
        for (name, output) in object(self.document.get("outputs")) {
            let kind = output.get("type").and_then(Value::as_str).unwrap_or("string");
            let value = self.scope(Some(reference)).evaluate(output.get("value").unwrap_or(&Value::Null))?;
            let shown = if is_secure(kind) {
                json!({ "type": kind })
            } else {
                json!({ "type": kind, "value": value })
            };
            outputs.insert(name, shown);
        }
        Ok(outputs.into())
    }
}

impl Declared {
    /// Returns whether `text`, the name or the id of a resource, is that of this one.
    fn is_named(&self, text: &str) -> bool {
        let tail = crate::names::id_tail(&self.type_name, &self.name).unwrap_or_default();
        let relative = format!("{}/{}", self.type_name, self.name);
        let ends = |end: &str| text.to_lowercase().ends_with(&format!("/providers/{}", end.to_lowercase()));
        text.eq_ignore_ascii_case(&self.name) || text.eq_ignore_ascii_case(&relative) || ends(&tail)
    }
}

/// Refuses a value that is not of the type of its parameter, or not one of its allowed values.
fn check(name: &str, kind: &str, value: &Value, allowed: Option<&Value>) -> Result<(), String> {
    let is_good = match kind.to_ascii_lowercase().as_str() {
        "string" | "securestring" => value.is_string(),
        "int" => value.is_i64(),
        "bool" => value.is_boolean(),
        "object" | "secureobject" => value.is_object(),
        "array" => value.is_array(),
        _ => return Err(format!("The template parameter '{name}' has the unknown type '{kind}'.")),
    };
    if !is_good {
        return Err(format!(
            "The provided value for the template parameter '{name}' is not of the type '{kind}'."
        ));
    }
    let is_allowed = allowed.and_then(Value::as_array).is_none_or(|allowed| allowed.contains(value));
    let message = || {
        format!("The provided value for the template parameter '{name}' is not part of the allowed value(s).")
    };
    if is_allowed { Ok(()) } else { Err(message()) }
}
