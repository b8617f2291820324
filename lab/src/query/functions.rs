//! The functions of the language.

use serde_json::Value;

/// The functions with the least and the greatest number of their arguments.
const FUNCTIONS: [(&str, usize, usize); 14] = [
    ("tostring", 1, 1),
    ("tolower", 1, 1),
    ("toupper", 1, 1),
    ("toint", 1, 1),
    ("tolong", 1, 1),
    ("tobool", 1, 1),
    ("todatetime", 1, 1),
    ("isempty", 1, 1),
    ("isnotempty", 1, 1),
    ("isnull", 1, 1),
    ("isnotnull", 1, 1),
    ("array_length", 1, 1),
    ("strcat", 1, 64),
    ("coalesce", 2, 64),
];

/// Returns the function with this name that takes so many arguments.
pub(super) fn named(name: &str, arguments: usize) -> Result<&'static str, String> {
    let Some(&(known, least, most)) = FUNCTIONS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))
    else {
        let names: Vec<&str> = FUNCTIONS.iter().map(|(name, ..)| *name).chain(["not"]).collect();
        return Err(format!("the functions are {}", names.join(", ")));
    };
    if (least..=most).contains(&arguments) {
        Ok(known)
    } else {
        Err(format!("{known} takes another number of arguments"))
    }
}

/// Calls a function of [`named`].
pub(super) fn call(name: &str, arguments: &[Value]) -> Value {
    let first = arguments.first().unwrap_or(&Value::Null);
    match name {
        "tostring" | "todatetime" => text(first).into(),
        "tolower" => text(first).to_lowercase().into(),
        "toupper" => text(first).to_uppercase().into(),
        "toint" | "tolong" => number(first),
        "tobool" => match text(first).to_lowercase().as_str() {
            "true" | "1" => true.into(),
            "false" | "0" => false.into(),
            _ => Value::Null,
        },
        "isempty" => text(first).is_empty().into(),
        "isnotempty" => (!text(first).is_empty()).into(),
        "isnull" => first.is_null().into(),
        "isnotnull" => (!first.is_null()).into(),
        "array_length" => first.as_array().map(Vec::len).into(),
        "strcat" => arguments.iter().map(text).collect::<String>().into(),
        _ => arguments.iter().find(|value| !value.is_null()).cloned().unwrap_or_default(),
    }
}

/// Returns a value as `tostring` writes it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn number(value: &Value) -> Value {
    match value {
        Value::Number(_) => value.as_f64().map(f64::trunc).into(),
        other => text(other).trim().parse::<i64>().ok().into(),
    }
}
