//! Characters that look like others or like nothing, wherever the language has no place for them.

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::jmespath::Query;
use arcbook_engine::plan::Address;
use arcbook_engine::source::{SourceFile, Sources};
use arcbook_engine::syntax::{parse, parse_template};

use crate::support::{notes, stage};

/// A character of each kind, and its name.
const CHARACTERS: [(char, &str); 18] = [
    ('“', "U+201C LEFT DOUBLE QUOTATION MARK"),
    ('”', "U+201D RIGHT DOUBLE QUOTATION MARK"),
    ('‘', "U+2018 LEFT SINGLE QUOTATION MARK"),
    ('’', "U+2019 RIGHT SINGLE QUOTATION MARK"),
    ('\u{a0}', "U+00A0 NO-BREAK SPACE"),
    ('\u{3000}', "U+3000 IDEOGRAPHIC SPACE"),
    ('–', "U+2013 EN DASH"),
    ('—', "U+2014 EM DASH"),
    ('−', "U+2212 MINUS SIGN"),
    ('＝', "U+FF1D FULLWIDTH EQUALS SIGN"),
    ('＂', "U+FF02 FULLWIDTH QUOTATION MARK"),
    ('｛', "U+FF5B FULLWIDTH LEFT CURLY BRACKET"),
    ('\u{200b}', "U+200B ZERO WIDTH SPACE"),
    ('\u{200d}', "U+200D ZERO WIDTH JOINER"),
    ('\u{202e}', "U+202E RIGHT-TO-LEFT OVERRIDE"),
    ('\u{feff}', "U+FEFF ZERO WIDTH NO-BREAK SPACE, the byte-order mark"),
    ('\u{2028}', "U+2028 LINE SEPARATOR"),
    ('\u{fe0f}', "U+FE0F, an invisible character"),
];

/// Places in a file; the character stands for `§`.
const PLACES: [&str; 30] = [
    "§step \"a\" \"b\" {\n}\n",
    "st§ep \"a\" \"b\" {\n}\n",
    "step§\"a\" \"b\" {\n}\n",
    "step \"a\"§\"b\" {\n}\n",
    "step \"a\" b§c {\n}\n",
    "step \"a\" \"b\"§{\n}\n",
    "step \"a\" \"b\" {§\n}\n",
    "step \"a\" \"b\" {\n}§\n",
    "a {\n  §b = 1\n}\n",
    "a {\n  b§c = 1\n}\n",
    "a {\n  b§= 1\n}\n",
    "a {\n  b =§1\n}\n",
    "a {\n  b = 1§\n}\n",
    "a {\n  b = 1\n§\n  c = 1\n}\n",
    "a = 1 +§2\n",
    "a = [1,§2]\n",
    "a = [1§, 2]\n",
    "a = {§b = 1 }\n",
    "a = { b§= 1 }\n",
    "a = f(§1)\n",
    "a = x.§y\n",
    "a = x§.y\n",
    "a = true§? 1 : 2\n",
    "a = [for§x in y : x]\n",
    "a = [for x§in y : x]\n",
    "a = [for x in y§: x]\n",
    "a = \"%{§if true }x%{ endif }\"\n",
    "a = \"${§x}\"\n",
    "a = \"${x§}\"\n",
    "a = <<EOT§\nx\nEOT\n",
];

/// All that a message says.
fn said(found: &Diagnostic) -> String {
    let label = found.primary.as_ref().map(|label| label.text.as_str()).unwrap_or_default();
    let others = found.secondary.iter().map(|label| label.text.as_str());
    let others = others.collect::<Vec<_>>().join("\n");
    format!("{}\n{label}\n{others}\n{}", found.summary, found.help.join("\n"))
}

#[test]
fn each_is_named_at_its_place_in_a_file() {
    for place in PLACES {
        for (c, name) in CHARACTERS {
            let text = place.replace('§', &c.to_string());
            let at = place.find('§').unwrap();
            let mut sources = Sources::new();
            let file = sources.add(SourceFile::new("a.runbook.hcl", text.clone()));
            let found = parse(&sources, file).found;
            let named = found.iter().find(|found| said(found).contains(name));
            let named = named.unwrap_or_else(|| panic!("{text:?} does not name {name}: {found:?}"));
            assert_eq!(named.code, "invalid-character", "{text:?}");
            assert_eq!(named.primary.as_ref().unwrap().span.range().start, at, "{text:?}");
            assert!(!named.help.is_empty(), "{text:?}");
        }
    }
}

#[test]
fn within_texts_and_comments_each_is_fine() {
    for (c, _) in CHARACTERS {
        let places = [
            "a = \"x§y\"\n",
            "# x§\na = 1 // §\n/* § */\n",
            "a = <<EOT\n§\nEOT\n",
            "a \"x§\" {\n}\n",
            "a = { \"§\" = 1 }\n",
        ];
        for place in places {
            let mut sources = Sources::new();
            let file = sources.add(SourceFile::new("a.runbook.hcl", place.replace('§', &c.to_string())));
            let found = parse(&sources, file).found;
            assert!(!found.has_errors(), "{place:?} {c:?}: {found:?}");
        }
    }
}

/// A string that begins with a straight quote and ends with another one.
#[test]
fn a_quote_that_does_not_close_a_string_is_named() {
    for quote in ["”", "“", "＂", "’"] {
        let found = stage(&format!("output \"a\" {{\n  value = \"x{quote}\n}}\n")).err().expect("refused");
        assert!(found.contains("does not close it"), "{quote}: {found}");
    }
}

#[test]
fn the_name_of_a_block_holds_none() {
    for (c, name) in CHARACTERS {
        let Err(seen) = stage(&format!("variable \"re{c}gion\" {{\n}}\n")) else {
            panic!("{name} is let through")
        };
        assert!(seen.contains(name), "{seen}");
    }
}

#[test]
fn each_is_named_in_a_template() {
    for (c, name) in CHARACTERS {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("a.tftpl", format!("{c} fine\n${{x{c} + 1}}\n")));
        let found = parse_template(&sources, file).expect_err("not to be read");
        let first = found.iter().next().unwrap();
        assert!(said(first).contains(name), "{name}: {found:?}");
        assert_eq!(sources.start(first.primary.as_ref().unwrap().span).line, 2);
    }
}

#[test]
fn each_is_named_in_a_query() {
    for (c, name) in CHARACTERS {
        for place in ["a§", "[?a==§x§]", "§a.b", "{a:§b}", "sort_by(a,§&b)", "a |§b", "a[§0]"] {
            let query = place.replace('§', &c.to_string());
            let error = Query::parse(&query).expect_err("not to be read");
            assert!(error.message.contains(name), "{query:?}: {error:?}");
            assert_eq!(error.offset.start, place.find('§').unwrap(), "{query:?}");
            assert!(error.help.is_some(), "{query:?}");
        }
        for place in ["'§'", "\"§\"", "`\"§\"`", "a == '§'"] {
            let query = place.replace('§', &c.to_string());
            assert!(Query::parse(&query).is_ok(), "{query:?}");
        }
    }
}

#[test]
fn each_is_named_in_an_address_and_in_a_length_of_time() {
    for (c, name) in CHARACTERS {
        for place in ["step.a.b[§x§]", "§step.a.b", "step.a.b§", "step§.a.b"] {
            let error = Address::parse(&place.replace('§', &c.to_string())).expect_err("no address");
            assert!(said(&error).contains(name), "{place} {name}: {error:?}");
        }
        let runbook = format!("runbook {{\n  timeout = \"30{c}s\"\n}}\noutput \"x\" {{\n  value = 1\n}}\n");
        let Err(seen) = stage(&runbook) else { panic!("{name} is let through") };
        assert!(seen.contains(name), "{seen}");
        let step = format!("step \"read\" \"a\" {{\n  value   = 1\n  timeout = \"30s{c}\"\n}}\n");
        let Err(seen) = stage(&step) else { panic!("{name} is let through") };
        assert!(seen.contains(name), "{seen}");
    }
}

#[test]
fn a_name_of_other_letters_is_suggested_in_plain_ones() {
    let Err(seen) = stage("variable \"region\" {\n}\noutput \"x\" {\n  value = ｖａｒ.region\n}\n") else {
        panic!()
    };
    assert!(
        seen.contains("did you mean `var`? character 1 of it is U+FF56 FULLWIDTH LATIN SMALL LETTER V"),
        "{seen}"
    );
}

#[test]
fn what_reorders_a_text_for_its_reader_is_warned_of() {
    let warned = |text: &str| notes(&stage(text).unwrap_or_else(|seen| panic!("{seen}")));
    for place in ["# §\n", "/* § */\n", "locals {\n  _a = \"§\"\n}\n", "locals {\n  _a = <<EOT\n§\nEOT\n}\n"]
    {
        for (c, name) in
            [('\u{202e}', "U+202E RIGHT-TO-LEFT OVERRIDE"), ('\u{2066}', "U+2066 LEFT-TO-RIGHT ISOLATE")]
        {
            let seen = warned(&place.replace('§', &c.to_string()));
            assert!(seen.contains("warning[text-direction]") && seen.contains(name), "{seen}");
            assert!(!seen.contains(c), "it reaches the screen: {seen}");
        }
        for c in ["ü", "“", "\u{200b}", "א"] {
            assert!(!warned(&place.replace('§', c)).contains("text-direction"), "{place:?} {c:?}");
        }
    }
    assert!(!warned("locals {\n  _a = \"\\u202e\"\n}\n").contains("text-direction"));
    let many = format!("# {}\n", "\u{202e}".repeat(1000));
    assert_eq!(warned(&many).matches("text-direction").count(), 10);
}
