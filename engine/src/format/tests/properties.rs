//! Tests properties of all texts: formatting twice changes nothing more, and the meaning stays the same.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use regex::Regex;

use crate::format::format::{format, lay_out};
use crate::format::tokens;
use crate::source::{SourceFile, Sources};
use crate::syntax;

/// The gaps of a generated text: `␣` for an optional space, `·` for a required one, `⏎` for optional line
/// breaks, and `;` for a required one.
const GAPS: [(char, &[&str]); 4] = [
    ('␣', &["", " ", "   ", "\t", " /* c1 */ "]),
    ('·', &[" ", "  ", "\t", " /* c2 */ "]),
    ('⏎', &["", " ", "\n", "\n\n  ", " # c3\n", "/* c4\n */\n", "\r\n"]),
    (';', &["\n", "\n\n\n", "  # c5\n", " // c6  \n", "\r\n", "\n\t# c7\n"]),
];

const LEAVES: &[&str] = &[
    "1",
    "0.5e3",
    "b",
    "b-c",
    "var.x",
    "x.0·.␣1",
    "-␣1",
    "é",
    "true",
    "null",
    r#""""#,
    r#""a,b""#,
    r#"" $${x} ""#,
    r#""t  ,=${␣f(␣1,2␣)␣}  ${~␣x␣~}""#,
    "<<EOT\n x  ${ y }\n  EOT\n",
    "<<-E\n    x\n  %{ if y ~}  z\n%{endif}\nE\n",
];

fn expressions() -> impl Strategy<Value = String> {
    let leaf = select(LEAVES).prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let operator = select(&["+", "-", "*", "/", "%", "==", "!=", "<", "<=", "&&", "||"][..]);
        let many = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("(␣{a}·{op}·{b}␣)")),
            inner.clone().prop_map(|a| format!("(␣-␣{a}␣)")),
            inner.clone().prop_map(|a| format!("!␣(␣{a}␣)")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("(⏎{a}·?·{b}·:·{c}⏎)")),
            many.clone().prop_map(|many| format!("[⏎{}⏎]", many.join("␣,⏎"))),
            many.clone().prop_map(|many| format!("f(⏎{}⏎)", many.join("␣,⏎"))),
            many.prop_map(|many| {
                let items: Vec<_> = many.iter().enumerate().map(|(n, a)| format!("key{n}␣=␣{a}")).collect();
                format!("{{⏎{}⏎}}", items.join(";"))
            }),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[␣{a}␣][␣{b}␣]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[⏎for·x·in·{a}␣:⏎{b}·if·x⏎]")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("{{⏎for·k·,␣v·in·[␣{a}␣]␣:⏎k␣=>␣{b}␣...⏎}}")),
            inner.clone().prop_map(|a| format!("x[␣*␣].y␣[␣{a}␣]")),
            inner.prop_map(|a| format!("\"${{⏎{a}⏎}}\"")),
        ]
    })
}

fn bodies() -> impl Strategy<Value = String> {
    let attribute = (select(&["a", "bc", "def", "é"][..]), expressions());
    let attributes = prop::collection::vec(attribute, 0..5).prop_map(|attributes| {
        let write = |(n, (name, expression)): (usize, &(&str, String))| {
            let line = if expression.ends_with('\n') { "" } else { "␣" };
            let end = if expression.ends_with('\n') { "" } else { ";" };
            format!("{name}{n}␣=␣{expression}{line}{end}")
        };
        attributes.iter().enumerate().map(write).collect::<String>()
    });
    attributes.prop_recursive(3, 12, 3, |inner| {
        let label = select(&["", "·x", "␣\"x y\"", "·\"x\"·y-z"][..]);
        let block = (label, inner.clone()).prop_map(|(label, body)| format!("step{label}␣{{;{body}␣}};"));
        (inner, prop::collection::vec(block, 0..3))
            .prop_map(|(attributes, blocks)| attributes + &blocks.concat())
    })
}

/// Generates valid files with a random layout.
fn files() -> impl Strategy<Value = String> {
    (bodies(), prop::collection::vec(any::<Index>(), 40)).prop_map(|(shape, choices)| {
        let mut choices = choices.iter().cycle();
        let mut fill = |c: char| match GAPS.iter().find(|(mark, _)| *mark == c) {
            Some((_, gaps)) => (*choices.next().expect("endless").get(gaps)).to_owned(),
            None => c.to_string(),
        };
        shape.chars().map(&mut fill).collect()
    })
}

const DAMAGES: &[&str] = &[
    "", "\"", "{", "}", "[", "]", "(", ")", "${", "%{", "~}", "<<EOT\n", "EOT\n", "# c8\n", "/*", "*/", "=",
    "==", "-", "!", ".", "...", ",", "::", "0", ".5", "in", "if", "\n", "\r", " ", "~", ";", "é", "a {\n",
];

/// Generates files with missing, moved or added pieces.
fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<Index>(), 0..6_usize, select(DAMAGES));
    (files(), prop::collection::vec(change, 1..6)).prop_map(|(mut text, changes)| {
        for (at, length, piece) in changes {
            let at = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary((at + length).min(text.len())).max(at);
            text.replace_range(at..end, piece);
        }
        text
    })
}

/// Returns the tree of a text without positions; none if it is invalid.
fn tree(text: &str) -> Option<String> {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"Span \{ file: FileId\(\d+\), start: \d+, end: \d+ \}").expect("a pattern")
    });
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("x", text.to_owned()));
    let body = syntax::parse(&sources, file).whole().ok()?;
    Some(PLACE.replace_all(&format!("{body:?}"), "").into_owned())
}

/// Returns the text without whitespace and without the quotes of labels.
fn ink(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '"').collect()
}

fn comments(text: &str) -> Vec<&str> {
    static COMMENT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(# c\d|// c\d  |/\* c\d(\n )? \*/)").expect("a pattern"));
    COMMENT.find_iter(text).map(|found| found.as_str()).collect()
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let once = format(text);
    prop_assert_eq!(&format(&once), &once, "a second time");
    prop_assert_eq!(ink(&once), ink(text), "more than space has changed");
    let lines = |text: &str| text.matches('\n').count();
    prop_assert_eq!(lines(&once), lines(text));
    if let Some(before) = tree(text) {
        prop_assert_eq!(tree(&once), Some(before), "{}", once);
        let pieces = tokens::read(text).expect("what parses has tokens");
        let laid_out = lay_out(&pieces);
        prop_assert_eq!(tokens::read(&laid_out), Some(pieces), "{}", laid_out);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_parses_says_the_same(text in files()) {
        prop_assert!(tree(&text).is_some(), "the generator wrote what does not parse: {}", text);
        check(&text)?;
        let formatted = format(&text);
        prop_assert_eq!(comments(&formatted), comments(&text));
    }

    #[test]
    fn damaged_files_keep_all_that_is_in_them(text in mutated()) {
        check(&text)?;
    }

    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        check(&text)?;
    }
}
