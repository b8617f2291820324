//! Writes canonical JSON.

use serde_json::{Map, Value as Json};

/// Returns `json` as text without insignificant whitespace, with object members in the order of RFC 8785 (by
/// the UTF-16 code units of their names) and strings escaped as it requires.
///
/// Numbers keep every digit, unlike in RFC 8785, which rounds them to doubles: the numbers of a runbook are
/// exact.
#[must_use]
pub fn canonical(json: &Json) -> String {
    sorted(json).to_string()
}

fn sorted(json: &Json) -> Json {
    match json {
        Json::Array(elements) => elements.iter().map(sorted).collect(),
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            let members = members.into_iter().map(|(name, member)| (name.clone(), sorted(member)));
            Json::Object(members.collect::<Map<_, _>>())
        }
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_text() {
        // The names come from the example in RFC 8785, section 3.2.3.
        let json: Json = serde_json::from_str(
            r#"{"\u20ac": 1, "\r": [ 1.50, 1e400 ], "\ufb33": null, "1": {"b": true, "a": "\u0007\u20AC/\"\\"},
                "\ud83d\ude00": {}, "\u0080": [], "\u00f6": ""}"#,
        )
        .unwrap();
        let text = canonical(&json);
        assert_eq!(
            text,
            "{\"\\r\":[1.50,1e+400],\"1\":{\"a\":\"\\u0007€/\\\"\\\\\",\"b\":true},\"\u{80}\":[],\"ö\":\"\",\"€\":1,\"😀\":{},\"\u{fb33}\":null}"
        );
        assert_eq!(canonical(&serde_json::from_str(&text).unwrap()), text);
    }
}
