//! Percent-encoding of text in URLs.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// All characters except those that RFC 3986 calls unreserved.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The characters that a path must encode; `%` is absent because paths may contain encoded bytes.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'^')
    .add(b'|')
    .add(b'#')
    .add(b'?')
    .add(b'\\');

/// Encodes one path segment, or the name or value of a query parameter.
pub(crate) fn component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// Encodes segments, keeping the slashes between them.
pub(crate) fn segments(text: &str) -> String {
    text.split('/').map(component).collect::<Vec<_>>().join("/")
}

/// Encodes a path: encoded bytes such as `%2F` stay, all other characters that a path cannot contain are
/// encoded.
pub(crate) fn path(text: &str) -> String {
    utf8_percent_encode(&stray(text), PATH).to_string()
}

/// Encodes each `%` that no two hexadecimal digits follow, as a literal percent sign.
pub(crate) fn stray(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_encoded =
        |at: usize| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let mut rest = 0;
    let mut all = String::with_capacity(text.len());
    for (at, _) in text.match_indices('%').filter(|&(at, _)| !is_encoded(at)) {
        all.push_str(&text[rest..at]);
        all.push_str("%25");
        rest = at + 1;
    }
    all.push_str(&text[rest..]);
    all
}

#[cfg(test)]
mod tests {
    use arcbook_engine::redact::Secrets;
    use url::Url;

    use super::*;

    #[test]
    fn what_would_end_a_part_is_encoded() {
        assert_eq!(component("a/b c&d=e#f?ü%"), "a%2Fb%20c%26d%3De%23f%3F%C3%BC%25");
        assert_eq!(segments("a b/c%2e"), "a%20b/c%252e");
    }

    #[test]
    fn a_path_keeps_what_is_encoded_and_encodes_the_rest() {
        for (text, expected) in [
            ("/a b/c%2Fd", "/a%20b/c%2Fd"),
            ("/CPU > 80%", "/CPU%20%3E%2080%25"),
            ("/80%/x", "/80%25/x"),
            ("/100%a/%zz/%%41", "/100%25a/%25zz/%25%41"),
            ("/a#1?b\\c", "/a%231%3Fb%5Cc"),
            ("/ünïcode？", "/%C3%BCn%C3%AFcode%EF%BC%9F"),
            ("/%ü", "/%25%C3%BC"),
            ("/%", "/%25"),
        ] {
            assert_eq!(path(text), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_is_known_however_it_is_written_into_a_url() {
        let secrets =
            ["P@ss/w0rd", "k 1/ü%#?&=+", "a:b|c^d{e}f`g<h>\"i'j", "[1]\\;,!$(*)~", "tab\tline", "100 %!"];
        for secret in secrets {
            let known = Secrets::new();
            known.add(secret);
            // A path of ARM has no backslash; a URL parser would turn it into a slash.
            for (writer, write) in
                WRITERS.iter().filter(|(writer, _)| *writer != "path" || !secret.contains('\\'))
            {
                let text = format!("https://a.test/x-{}-y", write(secret));
                for text in [Url::parse(&text).expect("a URL").to_string(), text] {
                    let redacted = known.redact(&text);
                    assert_eq!(redacted, "https://a.test/x-(sensitive)-y", "{writer} writes {text}");
                }
            }
        }
    }

    type Write = fn(&str) -> String;
    const WRITERS: [(&str, Write); 3] = [("component", component), ("segments", segments), ("path", path)];
}
