//! Redacts JSON.

use serde_json::{Map, Value as Json};

use super::{REPLACEMENT, Secrets};

/// Redacts every secret in the strings and member names of `json`, which stays JSON.
///
/// A number that is a secret as a whole becomes the string `(sensitive)`.
#[must_use]
pub fn redact_json(secrets: &Secrets, json: Json) -> Json {
    match json {
        _ if secrets.is_empty() => json,
        Json::String(text) => secrets.redact(&text).into_owned().into(),
        Json::Number(number) if secrets.redact(&number.to_string()) == REPLACEMENT => REPLACEMENT.into(),
        Json::Array(elements) => elements.into_iter().map(|element| redact_json(secrets, element)).collect(),
        Json::Object(entries) => {
            let clean = |(name, value): (String, Json)| {
                (secrets.redact(&name).into_owned(), redact_json(secrets, value))
            };
            Json::Object(entries.into_iter().map(clean).collect::<Map<_, _>>())
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_stays_json_whatever_the_secret_is() {
        let secrets = Secrets::new();
        for secret in ["true", "null", "event", "12345", "-2.5", "\"quoted\""] {
            secrets.add(secret);
        }
        let json = json!({
            "change": "event",
            "flag": true,
            "nothing": null,
            "numbers": [12345, -2.5, 123_456, 1],
            "texts": ["it is true", "a \"quoted\" word", { "null": 1 }],
        });
        let clean = redact_json(&secrets, json);
        assert_eq!(
            clean,
            json!({
                "change": "(sensitive)",
                "flag": true,
                "nothing": null,
                "numbers": ["(sensitive)", "(sensitive)", 123_456, 1],
                "texts": ["it is (sensitive)", "a (sensitive) word", { "(sensitive)": 1 }],
            })
        );
    }
}
