//! JSON without secrets.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::Secrets;

/// `json` with every secret blotted out of its texts and of the names in it, so that it stays JSON.
///
/// The values of the outermost names in `kept` are words of arcbook itself and stay as they are: a secret may be as
/// plain a word as `done`. Numbers stay too; a sensitive one is not in JSON in the first place.
#[must_use]
pub fn redact_json(secrets: &Secrets, json: Json, kept: &[&str]) -> Json {
    match json {
        Json::Object(entries) if !secrets.is_empty() => {
            let clean = |(name, value): (String, Json)| {
                let value = if kept.contains(&name.as_str()) { value } else { clean(secrets, value) };
                (name, value)
            };
            Json::Object(entries.into_iter().map(clean).collect())
        }
        json => clean(secrets, json),
    }
}

/// What [`redact_json`] makes of `value`, as text on one line.
pub fn redacted_text<T: Serialize>(
    secrets: &Secrets,
    value: &T,
    kept: &[&str],
) -> serde_json::Result<String> {
    if secrets.is_empty() {
        // The same, without a tree in between.
        return serde_json::to_string(value);
    }
    Ok(redact_json(secrets, serde_json::to_value(value)?, kept).to_string())
}

fn clean(secrets: &Secrets, json: Json) -> Json {
    match json {
        _ if secrets.is_empty() => json,
        Json::String(text) => secrets.redact(&text).into_owned().into(),
        Json::Array(elements) => elements.into_iter().map(|element| clean(secrets, element)).collect(),
        Json::Object(entries) => {
            let clean =
                |(name, value): (String, Json)| (secrets.redact(&name).into_owned(), clean(secrets, value));
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
    fn the_short_way_writes_the_same() {
        #[derive(Serialize)]
        struct Line<'a> {
            z: &'a str,
            a: f64,
            #[serde(flatten)]
            rest: Json,
        }
        let line = Line { z: "é\u{1b}\"\\\n/", a: 0.1, rest: json!({ "y": [1, -2.5e300, {}], "b": null }) };
        let secrets = Secrets::new();
        let short = redacted_text(&secrets, &line, &[]).unwrap();
        secrets.add("not in it");
        assert_eq!(redacted_text(&secrets, &line, &[]).unwrap(), short);
        assert!(short.starts_with(r#"{"z":"#), "{short}");
    }

    #[test]
    fn it_stays_json_whatever_the_secret_is() {
        let secrets = Secrets::new();
        for secret in ["true", "null", "event", "12345", "\"quoted\""] {
            secrets.add(secret);
        }
        let json = json!({
            "event": "event",
            "flag": true,
            "nothing": null,
            "number": 12345,
            "texts": ["it is true", "a \"quoted\" word", { "null": 1 }],
        });
        let clean = redact_json(&secrets, json, &["event"]);
        assert_eq!(
            clean,
            json!({
                "event": "event",
                "flag": true,
                "nothing": null,
                "number": 12345,
                "texts": ["it is (sensitive)", "a (sensitive) word", { "(sensitive)": 1 }],
            })
        );
    }
}
