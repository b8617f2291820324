//! Evaluates the expressions of templates.

use serde_json::{Map, Value, json};

use super::document::Place;
use super::expression::{Expression, parse};
use crate::names;

/// Everything that an expression can name.
pub(super) struct Scope<'a> {
    pub place: &'a Place,
    pub parameters: &'a Map<String, Value>,
    /// The variables, not evaluated.
    pub variables: &'a Map<String, Value>,
    /// Returns the properties of a resource by its name or id; `None` where `reference()` is not allowed.
    pub reference: Option<&'a Reference<'a>>,
    /// The number of variables that are being evaluated, each inside the one before.
    pub depth: usize,
}

/// Returns the properties of a resource by its name or id; `None` if there is none.
pub(super) type Reference<'a> = dyn Fn(&str) -> Option<Value> + 'a;

/// The number of variables that may depend on each other in a row.
const DEEPEST: usize = 16;

impl Scope<'_> {
    /// Returns a part of a template with the values of its expressions.
    pub fn evaluate(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => match parse(text) {
                Some(expression) => self.of(&expression?)?,
                None if text.starts_with("[[") => text[1..].into(),
                None => text.as_str().into(),
            },
            Value::Array(items) => items.iter().map(|item| self.evaluate(item)).collect::<Result<_, _>>()?,
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| Ok((name.clone(), self.evaluate(value)?));
                Value::Object(members.iter().map(member).collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }

    fn of(&self, expression: &Expression) -> Result<Value, String> {
        match expression {
            Expression::Text(text) => Ok(text.as_str().into()),
            Expression::Number(number) => Ok((*number).into()),
            Expression::Member { of, name } => {
                let (of, name) = (self.of(of)?, self.of(name)?);
                let found = match &name {
                    Value::String(name) => member(&of, name),
                    Value::Number(at) => at.as_u64().and_then(|at| of.get(usize::try_from(at).ok()?)),
                    _ => None,
                };
                found
                    .cloned()
                    .ok_or_else(|| format!("The language expression property {name} doesn't exist."))
            }
            Expression::Call { function, arguments } => {
                let arguments =
                    arguments.iter().map(|argument| self.of(argument)).collect::<Result<Vec<_>, _>>()?;
                self.call(function, &arguments)
            }
        }
    }

    fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, String> {
        let texts: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
        let all_texts = texts.len() == arguments.len();
        match (function.to_ascii_lowercase().as_str(), texts.as_slice()) {
            ("parameters", [name]) => member_of(self.parameters, name)
                .cloned()
                .ok_or_else(|| format!("The template parameter '{name}' is not found.")),
            ("variables", [name]) => {
                let variable = member_of(self.variables, name);
                let variable =
                    variable.ok_or_else(|| format!("The template variable '{name}' is not found."))?;
                if self.depth == DEEPEST {
                    return Err(format!("The template variable '{name}' depends on itself."));
                }
                Scope { depth: self.depth + 1, ..*self }.evaluate(variable)
            }
            ("concat", _) if arguments.iter().all(is_plain) => {
                Ok(arguments.iter().map(plain).collect::<String>().into())
            }
            ("tolower", [text]) => Ok(text.to_lowercase().into()),
            ("toupper", [text]) => Ok(text.to_uppercase().into()),
            ("resourcegroup", []) if arguments.is_empty() => self.place.group(),
            ("subscription", []) if arguments.is_empty() => Ok(self.place.subscription()),
            ("resourceid", [kind, parts @ ..]) if all_texts && !parts.is_empty() => {
                names::id_tail(kind, &parts.join("/"))
                    .map(|tail| format!("{}/providers/{tail}", self.place.scope).into())
                    .ok_or_else(|| format!("The type '{kind}' and the names of 'resourceId' do not match."))
            }
            ("reference", [name, ..]) => match self.reference {
                Some(reference) => {
                    reference(name).ok_or_else(|| format!("The resource '{name}' is not found."))
                }
                None => Err("The template function 'reference' is not expected at this location.".to_owned()),
            },
            _ => Err(format!(
                "The template function '{function}' with {} arguments is not supported by this lab.",
                arguments.len()
            )),
        }
    }
}

fn is_plain(value: &Value) -> bool {
    value.is_string() || value.is_number()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    member_of(value.as_object()?, name)
}

fn member_of<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

impl Place {
    fn group(&self) -> Result<Value, String> {
        let Some((name, location)) = &self.group else {
            let message = "The template function 'resourceGroup' is not expected at this location.";
            return Err(message.to_owned());
        };
        Ok(json!({ "id": self.scope, "name": name, "location": location }))
    }

    fn subscription(&self) -> Value {
        let id = names::subscription_of(&self.scope);
        json!({ "id": id, "subscriptionId": id.rsplit('/').next().unwrap_or_default() })
    }
}
