//! JSON as ARM reads it in deployments: with comments, with names that have no quotes, and with line breaks in texts.
//!
//! The Azure CLI splices the template file, as it is, into the body of its request.

use serde_json::Value;

/// Parses a document.
pub(super) fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(&strict(text.trim_start_matches('\u{feff}')))
}

/// Writes a document as strict JSON, which has the same lines.
fn strict(text: &str) -> String {
    let mut strict = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let taken = match next {
            '"' => quoted(rest, &mut strict),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            _ if is_of_word(next) => word(rest, &mut strict),
            _ => {
                strict.push(next);
                next.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    strict
}

fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || ['_', '$'].contains(&character)
}

/// Copies the text in quotes at the start of `rest`, and returns its length.
fn quoted(rest: &str, strict: &mut String) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices() {
        match character {
            '\n' => strict.push_str("\\n"),
            '\r' => strict.push_str("\\r"),
            '\t' => strict.push_str("\\t"),
            _ => strict.push(character),
        }
        if character == '"' && at > 0 && !escaped {
            return at + 1;
        }
        escaped = character == '\\' && !escaped;
    }
    rest.len()
}

/// Copies the word at the start of `rest`, in quotes if it is a name, and returns its length.
fn word(rest: &str, strict: &mut String) -> usize {
    let end = rest.find(|character| !is_of_word(character)).unwrap_or(rest.len());
    let word = &rest[..end];
    if rest[end..].trim_start().starts_with(':') {
        strict.extend(["\"", word, "\""]);
    } else {
        strict.push_str(word);
    }
    end
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_template_file_may_be_spliced_into_a_body() {
        let body = "{\"mode\": \"Incremental\", template:{ // one\r\n  /* two: \"x\" */ \"a\": \"//no\\\" /*comment*/\", $b : [1e5, true, null],\n \"c\": \"two\nlines\" }}";
        let expected = r#"{"mode":"Incremental","template":{"a":"//no\" /*comment*/","$b":[1e5,true,null],"c":"two\nlines"}}"#;
        assert_eq!(parse(body).unwrap(), serde_json::from_str::<Value>(expected).unwrap());
        assert_eq!(parse("/*/ {*/ [1] /**/").unwrap(), json!([1]));
        for broken in ["{", "{a", "{\"a", "{a:1}}", "/*", "//", "{a:b}"] {
            assert!(parse(broken).is_err(), "{broken}");
        }
    }

    proptest::proptest! {
        #[test]
        fn strict_json_stays_as_it_is(name in "\\PC*", text: String, number: i64) {
            let value = json!({ name: [text, number, null, { "b": true }] });
            proptest::prop_assert_eq!(parse(&value.to_string()).unwrap(), value.clone());
            proptest::prop_assert_eq!(parse(&format!("{value:#}")).unwrap(), value);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(\"|\\\\|/|\\*|\n|:|a|é|\\{|\\}| ){0,12}") {
            let _ = parse(&text);
        }
    }
}
