use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use crate::value::push_escaped;

fn of(secrets: &[&str]) -> Secrets {
    let all = Secrets::new();
    for secret in secrets {
        all.add(secret);
    }
    all
}

/// Returns the output after writing `text` in pieces that end at `cuts`.
fn written(secrets: &Secrets, text: &[u8], cuts: &[usize]) -> Vec<u8> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (text.len() + 1)).chain([0, text.len()]).collect();
    cuts.sort_unstable();
    let mut writer = RedactingWriter::new(Vec::new(), secrets.clone());
    for cut in cuts.windows(2) {
        writer.write_all(&text[cut[0]..cut[1]]).expect("a Vec takes all");
        writer.flush().expect("a Vec flushes");
    }
    writer.finish().expect("a Vec takes all")
}

/// A key in PEM has many lines, and its pieces must not keep the ends of other lines from being seen.
#[test]
fn the_end_of_a_line_is_written_with_it() {
    for width in 60..78 {
        let body: Vec<String> = (0..9).map(|number| format!("{number:0>width$}")).collect();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", body.join("\n"));
        let spaced = format!("\n{pem}");
        let out = Shared::default();
        let mut writer = RedactingWriter::new(out.clone(), of(&[&pem, &spaced]));
        for last in ('!'..='~').chain(['…', 'é']) {
            let line = format!("thumbprint = \"E808CD2D{last}\n");
            writer.write_all(line.as_bytes()).expect("written");
            assert_eq!(out.text(), line, "lines of {width}");
            out.0.borrow_mut().clear();
        }
        let hidden = of(&[&pem]).redact(&pem).into_owned();
        assert!(hidden.trim() == REPLACEMENT, "{hidden}");
    }
}

#[test]
fn every_encoding_is_blotted_out() {
    let secret = "p@ss/wörd <&> \"it's\" ${x}\\";
    let secrets = of(&[secret]);
    let cases = [
        secret.to_owned(),
        "cEBzcy93w7ZyZCA8Jj4gIml0J3MiICR7eH1c".to_owned(),
        "704073732f77c3b67264203c263e202269742773222024".to_owned() + "7b787d5c",
        "p%40ss%2Fw%C3%B6rd%20%3C%26%3E%20%22it%27s%22%20%24%7Bx%7D%5C".to_owned(),
        "p%40ss%2fw%c3%b6rd+%3c%26%3e+%22it%27s%22+%24%7bx%7d%5c".to_owned(),
        "p@ss/w%C3%B6rd%20%3C&%3E%20%22it's%22%20$%7Bx%7D%5C".to_owned(),
        r#"p@ss/wörd <&> \"it's\" ${x}\\"#.to_owned(),
        r#"p@ss\/w\u00f6rd \u003c\u0026\u003e \"it's\" ${x}\\"#.to_owned(),
        r#"p@ss/w\u00F6rd <&> \"it's\" ${x}\\"#.to_owned(),
        r#"p@ss/wörd <&> \\\"it's\\\" ${x}\\\\"#.to_owned(),
        "p@ss/wörd &lt;&amp;&gt; &quot;it&#x27;s&quot; ${x}\\".to_owned(),
        r"p@ss/w\u00F6rd \u003C\u0026\u003E \u0022it\u0027s\u0022 ${x}\\".to_owned(),
        format!("{secret:?}"),
        r#""p@ss/wörd <&> \"it's\" $${x}\\""#.to_owned(),
        r#"'p@ss/wörd <&> "it'\''s" ${x}\'"#.to_owned(),
    ];
    for text in cases {
        let out = secrets.redact(&format!("a {text} b")).into_owned();
        let bare = out.replace(['"', '\''], "");
        assert_eq!(bare, "a (sensitive) b", "{text}");
    }
}

/// Returns JSON as Terraform's `jsonencode` writes it.
fn jsonencode(text: &str) -> String {
    let mut json = serde_json::Value::from(text).to_string();
    for (c, code) in [("<", "003c"), (">", "003e"), ("&", "0026"), ("\u{2028}", "2028"), ("\u{2029}", "2029")]
    {
        json = json.replace(c, &format!("\\u{code}"));
    }
    json
}

#[test]
fn json_in_json_is_blotted_out_and_so_is_a_message_about_it() {
    for secret in ["<a&b>PLACE", "say \"hi\" \\<x>", "line\u{2028}paragraph\u{2029}", "wörd/<${x}>\n"] {
        let secrets = of(&[secret]);
        let (once, plain) = (jsonencode(secret), serde_json::Value::from(secret).to_string());
        for json in [once, plain] {
            let twice = jsonencode(&json);
            for text in [json, twice] {
                let mut shown = String::new();
                push_escaped(&mut shown, &text);
                for text in [text, shown] {
                    let out = secrets.redact(&text).replace(['"', '\\'], "");
                    assert_eq!(out, REPLACEMENT, "{text}");
                }
            }
        }
    }
}

#[test]
fn base64_of_base64_is_found_inside_other_data() {
    let secrets = of(&["hunter2 hunter2?>"]);
    for before in ["", "u", "us", "use"] {
        for around in ["", "x", "xy"] {
            let once = STANDARD.encode(format!("{before}hunter2 hunter2?>{before}"));
            let twice = STANDARD.encode(format!("{around}{once}{around}"));
            let out = secrets.redact(&twice).into_owned();
            let kept = out.replace(REPLACEMENT, "");
            assert!(out.contains(REPLACEMENT), "{twice} {out}");
            assert!(kept.len() <= 2 * (around.len() + before.len() * 2) * 4 / 3 + 12, "{twice} {out}");
        }
    }
    let whole = STANDARD.encode(URL_SAFE.encode("hunter2 hunter2?>"));
    assert_eq!(secrets.redact(&whole), REPLACEMENT);
}

#[test]
fn base64_is_found_inside_other_data() {
    let secrets = of(&["hunter2hunter2"]);
    for before in ["", "u", "us", "user", "user:"] {
        for after in ["", "\n", "xy", "xyz"] {
            let encoded = STANDARD.encode(format!("{before}hunter2hunter2{after}"));
            let out = secrets.redact(&encoded).into_owned();
            let kept = out.replace(REPLACEMENT, "");
            // The bits of a neighbour reach at most one character on either side of the secret.
            assert!(out.contains(REPLACEMENT), "{encoded} {out}");
            assert!(
                kept.len() <= (before.len() * 8).div_ceil(6) + (after.len() * 8).div_ceil(6) + 4,
                "{encoded} {out}"
            );
        }
    }
}

#[test]
fn tables_of_texts() {
    let pem = "-----BEGIN KEY-----\nMIIEvQIBADAN\nshort\n-----END KEY-----\n";
    let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9".repeat(5) + "tail-of-the-token";
    let shown = &token[..100];
    let cases: [(&[&str], &str, &str); 9] = [
        (&[], "nothing to hide", "nothing to hide"),
        (&["hunter2"], "", ""),
        (&["hunter2"], "it is hunter2, hunter2hunter2.", "it is (sensitive), (sensitive)."),
        (&["abcdef", "efgh"], "xabcdefghx", "x(sensitive)x"),
        (&["abcd", "abcdefgh"], "abcdef abcdefgh", "(sensitive)ef (sensitive)"),
        (&["abc"], "abc is too short", "abc is too short"),
        (&[pem], "  MIIEvQIBADAN\n  short\n", "  (sensitive)\n  short\n"),
        (&[&token], shown, "(sensitive)1NiJ"),
        (&["cafe\u{301}s"], "caf\u{e9}s and cafe\u{301}s", "(sensitive) and (sensitive)"),
    ];
    for (secrets, text, expected) in cases {
        let secrets = of(secrets);
        let out = secrets.redact(text);
        assert!(
            out == expected || (text == shown && out.starts_with(REPLACEMENT) && out.len() < 80),
            "{out}"
        );
        for size in 1..10 {
            let cuts: Vec<_> = (0..text.len()).step_by(size).collect();
            assert_eq!(written(&secrets, text.as_bytes(), &cuts), out.as_bytes(), "cut every {size}: {text}");
        }
    }
}

/// A writer whose text can be read while it is in use.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).expect("text stays text")
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_cannot_be_a_secret_is_not_held_back() {
    let secrets = of(&["hunter2"]);
    let out = Shared::default();
    let mut writer = RedactingWriter::new(out.clone(), secrets);
    writer.write_all(b"Password: hunt").expect("a Vec takes all");
    writer.flush().expect("a Vec flushes");
    assert_eq!(out.text(), "Password: ");
    drop(writer);
    assert_eq!(out.text(), "Password: hunt");
}

#[test]
fn later_secrets_apply_to_later_writes_and_to_what_is_held() {
    let secrets = of(&["abcdefgh"]);
    let mut writer = RedactingWriter::new(Vec::new(), secrets.clone());
    writer.write_all(b"token-1 abcd").expect("a Vec takes all");
    secrets.add("token-1");
    secrets.add("abcd!");
    writer.write_all(b"! token-1").expect("a Vec takes all");
    assert_eq!(writer.finish().expect("a Vec takes all"), b"token-1 (sensitive) (sensitive)");
}

#[test]
fn debug_shows_a_count() {
    assert_eq!(format!("{:?}", of(&["hunter2", "hunter3", "hunter2", "no"])), "Secrets(2)");
}

#[test]
fn ten_thousand_secrets_are_found() {
    let secrets = Secrets::new();
    for number in 0..10_000 {
        secrets.add(&format!("secret-number-{number:06}"));
        if number % 1000 == 0 {
            assert_eq!(secrets.redact(&format!("secret-number-{number:06}")), REPLACEMENT);
        }
    }
    assert_eq!(secrets.redact("<secret-number-009999>"), "<(sensitive)>");
}

#[test]
fn a_huge_secret_is_found() {
    let huge: String = (0..40_000)
        .map(|n| char::from(b'a' + u8::try_from(n * n % 23).expect("below 23")))
        .collect::<String>()
        + &"z".repeat(40_000);
    assert_eq!(of(&[&huge]).redact(&huge), REPLACEMENT);
}

fn hex(text: &str) -> String {
    text.bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#x27;")
}

fn percent(text: &str) -> String {
    let byte = |b: u8| {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            char::from(b).to_string()
        } else {
            format!("%{b:02X}")
        }
    };
    text.bytes().map(byte).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_encoding_survives(
        secret in "(?s)[a-z<>&'\"/\\\\ \n\té日😀\\PC]{4,150}",
        before in "[ -~]{0,9}",
        after in "[ -~]{0,9}",
        cuts in prop::collection::vec(0_usize..2000, 0..30),
    ) {
        let secrets = of(&[&secret]);
        let json = serde_json::Value::from(secret.as_str()).to_string();
        let debug = format!("{secret:?}");
        let forms = [
            secret.clone(),
            STANDARD.encode(&secret),
            STANDARD_NO_PAD.encode(&secret),
            URL_SAFE.encode(&secret),
            URL_SAFE_NO_PAD.encode(&secret),
            percent(&secret),
            percent(&secret).replace("%20", "+"),
            json[1..json.len() - 1].to_owned(),
            debug[1..debug.len() - 1].to_owned(),
            hex(&secret),
            html(&secret),
            secret.replace('\'', r"'\''"),
        ];
        for form in &forms {
            let text = format!("{before}{form}{after}");
            let out = written(&secrets, text.as_bytes(), &cuts);
            let out = String::from_utf8(out).expect("text stays text");
            prop_assert_eq!(&out, &secrets.redact(&text));
            prop_assert!(!out.contains(form.as_str()), "{} in {}", form, out);
            prop_assert!(out.contains(REPLACEMENT));
        }
    }

    #[test]
    fn other_text_passes_unchanged(
        secrets in prop::collection::vec("[A-Za-z0-9]{4,100}", 0..5),
        text in "[.,;: \n日]{0,200}",
        cuts in prop::collection::vec(0_usize..2000, 0..30),
    ) {
        let secrets = of(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(written(&secrets, text.as_bytes(), &cuts), text.as_bytes());
    }

    #[test]
    fn chunking_changes_nothing(
        secrets in prop::collection::vec("[ab]{4,9}", 1..4),
        text in "[ab]{0,60}",
        cuts in prop::collection::vec(0_usize..100, 0..30),
    ) {
        let secrets = of(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(written(&secrets, text.as_bytes(), &cuts), secrets.redact_bytes(text.as_bytes()).into_owned());
    }
}

#[test]
fn a_secret_is_known_in_a_sentence_that_is_made_of_it() {
    for (secret, sentence) in [
        ("zebra-secret-value", "Zebra-secret-value."),
        ("zebra secret\n  of two lines", "It is zebra secret of two lines."),
        ("zebra-secret..", "Zebra-secret."),
        ("éclair-secret", "Éclair-secret."),
        (
            "a secret so long that it is cut into pieces, of which only the first begins a sentence",
            "A secret so long that it is cut into pieces, of which only the first begins a sentence.",
        ),
    ] {
        let redacted = of(&[secret]).redact(sentence).into_owned();
        assert!(redacted.ends_with("(sensitive)."), "{redacted}");
        assert_eq!(redacted.trim_start_matches("It is "), "(sensitive).", "{sentence}");
    }
}

#[test]
fn the_parts_of_a_secret_beside_a_cut_are_blotted_out() {
    let secrets = of(&[
        "hunter2-secret \"word\"",
        "a much longer secret, of which a needle has only a piece, as a key has",
    ]);
    let cases = [
        ("is \"hunter2-se…", "is \"(sensitive)…"),
        ("is \"hunter2-secret \\\"wo…", "is \"(sensitive)…"),
        ("…ecret \"word\" and", "…(sensitive) and"),
        ("…unter2-secret \\\"word\\\"\" and", "…(sensitive)\" and"),
        ("a much longer secret, of which a needle has only a piece, as…", "(sensitive)…"),
        ("…of which a needle has only a piece, as a key has", "…(sensitive)"),
        ("hun… …ord", "hun… …ord"),
        ("a step… another…", "a step… another…"),
        ("… …", "… …"),
    ];
    for (text, expected) in cases {
        assert_eq!(secrets.redact(text), expected);
        // A part after a truncation is recognized within one write, a part before it across writes.
        let cuts = if text.starts_with('…') { 0..=0 } else { 0..=text.len() };
        for cut in cuts.filter(|cut| text.is_char_boundary(*cut)) {
            assert_eq!(
                String::from_utf8_lossy(&written(&secrets, text.as_bytes(), &[cut])),
                expected,
                "{cut}"
            );
        }
    }
}
