//! What a service says when it says no.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::Answer;

/// How much of a service's words is kept, in characters.
const LONGEST: usize = 1000;

/// A service's error: its code, the more exact code inside, and its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    pub code: Option<String>,
    pub inner: Option<String>,
    pub message: Option<String>,
}

impl Envelope {
    /// Reads whatever form the error has: JSON of ARM, Key Vault or the agent, or XML of storage; nothing is an answer.
    pub fn read(answer: &Answer) -> Self {
        let first = answer.body.iter().find(|byte| !byte.is_ascii_whitespace());
        let mut envelope = match first {
            Some(b'{') => serde_json::from_slice(&answer.body).map(|body| json(&body)).unwrap_or_default(),
            Some(b'<' | 0xEF) => xml(&String::from_utf8_lossy(&answer.body)),
            _ => Self::default(),
        };
        if let Some(code) = answer.header("x-ms-error-code") {
            envelope.code = Some(clean(code));
        }
        envelope
    }

    /// The most exact code there is.
    pub fn exact(&self) -> Option<&str> {
        self.inner.as_deref().or(self.code.as_deref())
    }
}

fn json(body: &Value) -> Envelope {
    let text = |value: &Value, names: [&str; 2]| {
        names.iter().find_map(|name| value.get(name)?.as_str()).filter(|text| !text.is_empty()).map(clean)
    };
    match body.get("error") {
        Some(Value::String(code)) => Envelope {
            code: Some(clean(code)),
            inner: None,
            message: text(body, ["error_description", "message"]),
        },
        error => {
            let error = error.unwrap_or(body);
            let inner = error.get("innererror").or_else(|| error.get("innerError"));
            Envelope {
                code: text(error, ["code", "Code"]),
                inner: inner.and_then(|inner| text(inner, ["code", "Code"])),
                message: text(error, ["message", "Message"]),
            }
        }
    }
}

fn xml(body: &str) -> Envelope {
    let mut envelope = Envelope::default();
    let mut reader = Reader::from_str(body);
    let mut element = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => element = start.local_name().as_ref().to_vec(),
            Ok(Event::End(_)) => element.clear(),
            Ok(Event::Text(text)) => {
                let Ok(text) = text.decode() else { continue };
                match element.as_slice() {
                    b"Code" => envelope.code = Some(clean(&text)),
                    b"Message" => envelope.message = Some(clean(without_ids(&text))),
                    b"AuthenticationErrorDetail" => {
                        let message = envelope.message.take().unwrap_or_default();
                        envelope.message = Some(format!("{message} {}", clean(&text)).trim().to_owned());
                    }
                    _ => {}
                }
            }
            Ok(Event::Eof) | Err(_) => return envelope,
            Ok(_) => {}
        }
    }
}

/// Storage adds the request id and the time to its words; both are told elsewhere.
fn without_ids(message: &str) -> &str {
    message.split("\nRequestId:").next().unwrap_or(message)
}

/// Foreign text made fit to show: of bounded length, on one line, control characters escaped.
pub(crate) fn clean(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut characters = words.chars();
    let mut clean = String::new();
    for character in characters.by_ref().take(LONGEST) {
        if character.is_control() || is_invisible(character) {
            clean.extend(character.escape_unicode());
        } else {
            clean.push(character);
        }
    }
    if characters.next().is_some() {
        clean.push('…');
    }
    clean
}

/// Characters that reorder or hide the text around them.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::*;

    fn read(body: &str) -> [String; 3] {
        let answer = Answer { status: 400, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) };
        let Envelope { code, inner, message } = Envelope::read(&answer);
        [code, inner, message].map(Option::unwrap_or_default)
    }

    #[test]
    fn every_service_is_understood() {
        for (body, expected) in [
            (
                r#"{"error":{"code":"AuthorizationFailed","message":"The client"}}"#,
                ["AuthorizationFailed", "", "The client"],
            ),
            (r#"{"Code":"X","Message":"y"}"#, ["X", "", "y"]),
            (
                r#"{"error":{"code":"Forbidden","message":"Caller\r\nis\u001b[31m","innererror":{"code":"ForbiddenByRbac"}}}"#,
                ["Forbidden", "ForbiddenByRbac", r"Caller is\u{1b}[31m"],
            ),
            (r#"{"error":"invalid_resource","error_description":"no"}"#, ["invalid_resource", "", "no"]),
            (
                "\u{FEFF}<?xml version=\"1.0\"?><Error><Code>Bad</Code><Message>words\nRequestId:1\nTime:2</Message>\
                 <AuthenticationErrorDetail>late</AuthenticationErrorDetail></Error>",
                ["Bad", "", "words late"],
            ),
            ("<html><body>nginx</body>", ["", "", ""]),
            ("<Error><Code>x", ["x", "", ""]),
            (r#"{"error":{"code":1,"message":null}}"#, ["", "", ""]),
            ("{", ["", "", ""]),
            ("busy", ["", "", ""]),
            ("", ["", "", ""]),
        ] {
            assert_eq!(read(body), expected, "{body}");
        }
    }

    #[test]
    fn the_header_of_storage_wins() {
        let mut headers = HeaderMap::new();
        headers.insert("x-ms-error-code", HeaderValue::from_static("BlobNotFound"));
        let answer = Answer { status: 404, headers, body: Bytes::new() };
        assert_eq!(Envelope::read(&answer).exact(), Some("BlobNotFound"));
    }

    #[test]
    fn foreign_text_is_bounded() {
        assert_eq!(clean(&"ü".repeat(5000)).chars().count(), LONGEST + 1);
        assert_eq!(clean("a\u{202E}b"), r"a\u{202e}b");
    }
}
