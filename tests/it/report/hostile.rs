//! Text from outside in a report: it is never markup, and the browser would run nothing anyway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use sha2::{Digest as _, Sha256};

use super::content::elements;
use crate::support::Place;

/// Texts that a document could take for its own.
const HOSTILE: [&str; 10] = [
    "<script>alert(1)</script>",
    "</title></style></pre></svg><img src=x onerror=alert(1)>",
    "\"><a href=\"javascript:alert(1)\">x</a>",
    "' onmouseover='alert(1)",
    "]]><!-- --><![CDATA[",
    "&lt;b&gt;&#60;i&#62;",
    "a\nb\u{0}\u{1b}[2J\u{202e}c",
    "```\n# forged\n| a | b |",
    "</summary></details><h1>forged</h1>",
    "{{ 7 * 7 }}${{ 1 }}",
];

/// Elements and attributes of a report.
const ELEMENTS: &str = "html head meta title style body a nav ul li main section h1 h2 h3 h4 p div table thead tbody tr th td \
    span b pre details summary footer svg desc defs marker path g rect text";
const ATTRIBUTES: &str = "lang charset http-equiv content name class href id data-name aria-label aria-labelledby aria-hidden tabindex \
    role scope rowspan open width height viewBox preserveAspectRatio x y rx d refX refY markerWidth markerHeight orient \
    marker-end";

/// Returns a runbook whose names, values and messages are the texts.
fn runbook() -> String {
    let quoted =
        |text: &&str| serde_json::to_string(text).expect("a text").replace("${", "$${").replace("%{", "%%{");
    let keys: Vec<String> = HOSTILE.iter().map(quoted).collect();
    let keys = keys.join(", ").replace("\\u0000", "0").replace("\\u001b", "e");
    format!(
        r#"
step "metadata" "machine" {{}}
step "file" "x" {{
  for_each    = {{ for at, text in [{keys}] : text => at }}
  description = {first}
  path        = "${{each.value}}.txt"
  content     = each.key
}}
step "assert" "x" {{
  for_each  = toset([{keys}])
  condition = step.metadata.machine.name == "other"
  message   = each.key
}}
output "x" {{ value = [{keys}] }}
"#,
        first = quoted(&HOSTILE[0]),
    )
}

/// Asserts that a document has no other elements and attributes than reports have.
fn is_only_a_report(html: &str) {
    let tag = Regex::new(r#"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z:-]+(?:="[^"]*")?)*)\s*/?>"#)
        .expect("a pattern");
    let attribute = Regex::new(r#"([a-zA-Z:-]+)(?:="([^"]*)")?"#).expect("a pattern");
    let (head, rest) = html.split_once("<style>").expect("a style sheet");
    let (style, rest) = rest.split_once("</style>").expect("its end");
    let policy = format!("style-src 'sha256-{}'", STANDARD.encode(Sha256::digest(style.as_bytes())));
    assert!(head.contains(&policy) && head.contains("default-src 'none'"), "{head}");
    for markup in tag.captures_iter(&format!("{head}{rest}")) {
        assert!(ELEMENTS.split_whitespace().any(|name| name == &markup[2]), "{}", &markup[0]);
        for one in attribute.captures_iter(&markup[3]) {
            assert!(ATTRIBUTES.split_whitespace().any(|name| name == &one[1]), "{}", &markup[0]);
            assert!(&one[1] != "href" || one[2].starts_with('#'), "{}", &markup[0]);
        }
    }
    // Every `<` that begins no element is escaped.
    let others = tag.replace_all(rest, "");
    assert!(
        !others.contains('<'),
        "{:?}",
        others.split_once('<').map(|(_, rest)| rest.chars().take(80).collect::<String>())
    );
    for text in ["forged", "alert(1)"] {
        assert!(html.contains(text), "no {text}");
    }
    assert!(!html.contains(['\u{0}', '\u{1b}', '\u{202e}']), "a hidden character");
}

#[test]
fn no_text_is_markup() {
    let place = Place::with(&runbook());
    let ran = place.run(&["run", "-lab", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    for arguments in [&["report"][..], &["report", "."], &["report", "-plan", "."]] {
        let ran = place.run(arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        is_only_a_report(&ran.out);
    }
    let junit = place.run(&["report", "-junit"]);
    let cases = elements(&junit.out).into_iter().filter(|(name, _)| name == "testcase").count();
    assert_eq!(cases, 1 + 2 * HOSTILE.len() + 1, "{}", junit.seen());
    let svg = place.run(&["graph", "-format", "svg"]);
    let names = "svg title desc defs marker path style g rect text";
    for (name, _) in elements(&svg.out) {
        assert!(names.split_whitespace().any(|known| known == name), "{name}");
    }
    let markdown = place.run(&["report", "-markdown"]).out;
    let forged = markdown.lines().filter(|line| line.starts_with("# forged") || line.starts_with('<'));
    assert_eq!(forged.collect::<Vec<_>>(), ["<!-- A report of arcbook. -->"], "{markdown}");
}
