//! Derives the encoded forms in which a secret may appear in output.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use unicode_normalization::UnicodeNormalization;

use crate::diagnostic::visible;
use crate::value::push_escaped;

/// The size above which a secret is searched only raw and JSON-escaped, in bytes.
const HUGE: usize = 64 * 1024;

/// The size above which a secret, such as a token, is not searched in doubly encoded base64, in bytes: that
/// form would dominate the cost of adding it.
const SMALL: usize = 256;

/// The minimum length of a line that is searched by itself.
const LINE: usize = 8;

/// Returns every form of `secret`: the whole text, its normal form and its longer lines, in every encoding.
pub(super) fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    for text in texts(secret) {
        if !is_plain(&text) {
            forms.extend(json(&text));
        }
        if text.len() <= HUGE {
            forms.extend(base64(text.as_bytes()));
            forms.extend(hex(text.as_bytes()));
        }
        if text.len() <= SMALL {
            forms.extend(base64_twice(text.as_bytes()));
        }
        if text.len() <= HUGE && !is_plain(&text) {
            forms.extend(percent(&text));
            forms.extend(html(&text));
            forms.extend(source_literals(&text));
        }
        forms.insert(text);
    }
    forms
}

/// Returns true if no escaping changes `text`, as for tokens: these are frequent, long, and added during
/// requests.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn texts(secret: &str) -> BTreeSet<String> {
    let normal: String = secret.nfc().collect();
    let mut texts = BTreeSet::new();
    for text in [secret, &normal] {
        let lines = text.lines().map(str::trim).filter(|line| line.len() >= LINE);
        texts.extend(lines.chain([text, text.trim()]).map(str::to_owned));
        texts.insert(in_a_sentence(text));
        // A service that decodes a form's text as a path reads `+` as itself.
        texts.insert(text.replace(' ', "+"));
    }
    texts
}

/// Formats a service's message as diagnostics do: on one line, without trailing dots.
pub(super) fn in_a_sentence(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_end_matches('.').to_owned()
}

/// Returns base64 in both alphabets: of the whole secret, padded and not, and the characters that the secret
/// alone determines inside other data, at each of the three alignments.
fn base64(bytes: &[u8]) -> Vec<String> {
    let mut forms: Vec<_> = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .map(|engine| engine.encode(bytes))
        .collect();
    forms.extend(ALPHABETS.iter().flat_map(|alphabet| aligned(alphabet, bytes)));
    forms
}

/// Returns base64 of base64: of the whole secret, and of the characters that it alone determines.
fn base64_twice(bytes: &[u8]) -> BTreeSet<String> {
    let once: BTreeSet<_> = ALPHABETS.iter().flat_map(|alphabet| aligned(alphabet, bytes)).collect();
    let whole = [STANDARD, URL_SAFE].map(|engine| STANDARD.encode(engine.encode(bytes)));
    let within =
        |once: &String| ALPHABETS.map(|alphabet| aligned(&alphabet, once.as_bytes()).collect::<Vec<_>>());
    once.iter().flat_map(within).flatten().chain(whole).collect()
}

/// The two alphabets of base64.
const ALPHABETS: [GeneralPurpose; 2] = [STANDARD_NO_PAD, URL_SAFE_NO_PAD];

/// Returns the characters that `bytes` alone determine in the base64 of surrounding data, at each of the
/// three alignments.
fn aligned(alphabet: &GeneralPurpose, bytes: &[u8]) -> impl Iterator<Item = String> {
    (0..3).filter_map(move |before| {
        let mut data = vec![0; before];
        data.extend_from_slice(bytes);
        let encoded = alphabet.encode(&data);
        // A character has 6 bits; one that shares a bit with a neighbouring byte depends on that byte.
        let (first, end) = ((before * 8).div_ceil(6), data.len() * 8 / 6);
        encoded.get(first..end).map(str::to_owned)
    })
}

/// The characters, other than letters and digits, that each common encoder leaves unescaped.
const UNESCAPED: [&str; 9] = [
    // The unreserved characters of RFC 3986; the same with slashes between segments, as blob names are
    // written here.
    "-._~",
    "-._~/",
    // `encodeURIComponent`, and HTML forms.
    "-._~!'()*",
    "-._*",
    // Segments, paths and queries, as RFC 3986 allows them.
    "-._~!$&'()*+,;=:@",
    "-._~!$&'()*+,;=:@/",
    "-._~!$&'()*+,;=:@/?",
    // Paths that are already encoded, as the clients here accept them, and as a URL parser does.
    "-._~!$&'()*+,;=:@/?%#[]\\",
    "-._~!$&'()*+,;=:@/%[]\\|",
];

/// Returns the percent-encoded forms, once and twice encoded, with a space as `%20` and `+`.
fn percent(text: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    for unescaped in UNESCAPED {
        for digits in [Digits::Lower, Digits::Upper] {
            let once = percent_encode(text, unescaped, digits);
            forms.insert(once.replace('%', "%25"));
            forms.insert(once.replace("%20", "+"));
            forms.insert(once);
        }
    }
    forms
}

#[derive(Clone, Copy)]
enum Digits {
    Lower,
    Upper,
}

impl Digits {
    fn write(self, code: u32, width: usize) -> String {
        match self {
            Self::Lower => format!("{code:0width$x}"),
            Self::Upper => format!("{code:0width$X}"),
        }
    }
}

fn percent_encode(text: &str, unescaped: &str, digits: Digits) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || unescaped.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out += &digits.write(u32::from(byte), 2);
        }
    }
    out
}

/// Returns the hexadecimal forms of the bytes.
fn hex(bytes: &[u8]) -> [String; 2] {
    [Digits::Lower, Digits::Upper]
        .map(|digits| bytes.iter().map(|&byte| digits.write(u32::from(byte), 2)).collect())
}

/// The characters that Go, and so Terraform, escapes in JSON without need.
const GO: &str = "<>&\u{2028}\u{2029}";

/// The characters that JSON encoders escape as `\u003c` without need: none; those of Go; those special in
/// HTML; those of .NET.
const JSON_CODES: [&str; 4] = ["", GO, "<>&'\u{2028}\u{2029}", "<>&'+`\u{2028}\u{2029}"];

/// Returns the JSON-escaped forms: with any of those escapes, with `\/`, in ASCII only, and in any mixture;
/// each of these escaped again inside a JSON string; and the forms of Go and most others escaped a third
/// time.
fn json(text: &str) -> BTreeSet<String> {
    let least = json_escape(text);
    let mut forms = BTreeSet::new();
    for codes in JSON_CODES {
        for digits in [Digits::Lower, Digits::Upper] {
            for (slash, ascii) in [(false, false), (false, true), (true, false), (true, true)] {
                let form = replace_chars(&least, |c| match c {
                    '/' if slash => Some("\\/".to_owned()),
                    c if codes.contains(c) || (ascii && !c.is_ascii()) => Some(utf16_escapes(c, digits)),
                    _ => None,
                });
                forms.insert(form.replace("\\\"", "\\u0022"));
                forms.insert(form);
            }
        }
    }
    let common = [go(&least), least];
    let twice: Vec<_> = forms.iter().flat_map(|form| quoted(form)).collect();
    let thrice: Vec<_> = common.iter().flat_map(|form| quoted(form)).flat_map(|form| quoted(&form)).collect();
    forms.extend(twice.into_iter().chain(thrice));
    forms
}

/// Returns the forms of quoted text: in JSON, in Go's JSON, and in a message.
fn quoted(text: &str) -> [String; 3] {
    let json = json_escape(text);
    [go(&json), json, hcl(text)]
}

/// Adds Go's escapes to escaped text.
fn go(escaped: &str) -> String {
    replace_chars(escaped, |c| GO.contains(c).then(|| utf16_escapes(c, Digits::Lower)))
}

fn json_escape(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn utf16_escapes(c: char, digits: Digits) -> String {
    let mut units = [0; 2];
    let escapes = c.encode_utf16(&mut units).iter().map(|&unit| digits.write(u32::from(unit), 4));
    escapes.flat_map(|code| ["\\u".to_owned(), code]).collect()
}

/// Returns the HTML-escaped forms, with the different spellings of quotes and slashes.
fn html(text: &str) -> BTreeSet<String> {
    let least = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut forms = BTreeSet::new();
    for quote in ["\"", "&quot;", "&#34;"] {
        for apostrophe in ["'", "&#39;", "&#x27;", "&#039;", "&apos;"] {
            for slash in ["/", "&#x2f;", "&#x2F;"] {
                forms.insert(least.replace('"', quote).replace('\'', apostrophe).replace('/', slash));
            }
        }
    }
    forms
}

/// Returns the string literals of Rust, HCL and shells, and the escapes of control characters in messages.
fn source_literals(text: &str) -> Vec<String> {
    let debug = format!("{text:?}");
    vec![
        debug[1..debug.len() - 1].to_owned(),
        text.escape_default().to_string(),
        text.as_bytes().escape_ascii().to_string(),
        hcl(text),
        text.replace('\'', r"'\''"),
        text.replace('\'', r#"'"'"'"#),
        visible(text).into_owned(),
        visible(text).replace('\t', "    "),
        visible(text).replace(['\n', '\t'], " "),
    ]
}

fn hcl(text: &str) -> String {
    let mut out = String::new();
    push_escaped(&mut out, text);
    out
}

fn replace_chars(text: &str, replacement: impl Fn(char) -> Option<String>) -> String {
    text.chars().map(|c| replacement(c).unwrap_or_else(|| c.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_escaping_changes_what_is_plain() {
        let text = "eyJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJ4In0.a-b_c";
        assert!(is_plain(text));
        let escaped =
            json(text).into_iter().chain(percent(text)).chain(html(text)).chain(source_literals(text));
        for form in escaped {
            assert_eq!(form, text);
        }
        assert!(!is_plain("a b") && !is_plain("a+b") && !is_plain("ä"));
    }
}
