//! Tests whole files in tables.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::{Diagnostics, Style, render_all};
use crate::source::{SourceFile, Sources};

fn body(text: &str) -> Result<Body, Diagnostics> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("test.runbook.hcl", text.to_owned()));
    parse(&sources, file).whole()
}

fn expression(text: &str) -> Result<Expression, Diagnostics> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("console", text.to_owned()));
    parse_expression(&sources, file)
}

/// Returns the messages about `text`, one line each: the code, the line and column of the label, and the
/// labelled text.
fn complaints(text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("test.runbook.hcl", text.to_owned()));
    let found = parse(&sources, file).found;
    let line = |diagnostic: &crate::diagnostic::Diagnostic| {
        let span = diagnostic.primary.as_ref().expect("a place").span;
        let at = sources.start(span);
        format!("{} {}:{} {}", diagnostic.code, at.line, at.column, sources.text(span).escape_debug())
    };
    found.iter().map(line).collect()
}

#[test]
fn a_body_is_read_with_its_places() {
    let text =
        "# a comment\nstep \"echo\" hello {\n  input = { a = 1 } // why\n  retry { attempts = 3 }\n}\n";
    let body = body(text).unwrap();
    let block = &body.blocks[0];
    assert_eq!(&*block.kind.value, "step");
    let labels: Vec<_> = block.labels.iter().map(|label| &*label.value).collect();
    assert_eq!(labels, ["echo", "hello"]);
    assert_eq!(&text[block.header.range()], "step \"echo\" hello");
    assert_eq!(&text[block.labels[0].span.range()], "\"echo\"");
    let input = block.body.attribute("input").unwrap();
    assert_eq!(&text[input.span.range()], "input = { a = 1 }");
    assert_eq!(&text[input.expression.span.range()], "{ a = 1 }");
    assert_eq!(block.body.blocks_of("retry").count(), 1);
    assert!(text[block.span.range()].ends_with("}\n}"));
}

#[test]
fn well_formed_bodies() {
    let cases = [
        "",
        "\n\n",
        "a = 1",
        "a = 1 # last",
        "a = <<EOT\nx ${1} }\nEOT\nb = 2\n",
        "a = [\n  1,\n  2, # two\n]\r\nb = {\n  x = 1\n  y = 2\n}\n",
        "a {}\nb {\n}\n",
        "a { b = 1 }",
        "a = \"${\n1\n}\"\n",
        "/* c */ a = 1 /* d */\n",
        "/*/ a = 1\n*/ b = 2\n",
        "a = [- 1, -/* 2 */3e-1, - /* # */ 4]\n",
        "a = 1e309\nb = 1e400 + 2e500\n",
        "é = 1\na-b = 2\n",
        "a = x.*.b[0].*.c\nb = x.*[*].*\n",
    ];
    for text in cases {
        if let Err(found) = body(text) {
            panic!("{text:?}: {found:?}");
        }
    }
}

/// Files, each with the code, position and text of its messages.
const SLIPS: &[(&str, &[&str])] = &[
    ("a {\n  b = [1, 2\n}\n", &["unmatched-bracket 3:1 }"]),
    ("a {\n  b = 1\n", &["unclosed-bracket 1:3 {"]),
    ("a = (1\n", &["unclosed-bracket 1:5 ("]),
    ("a = \"x\nb = 1\n", &["unclosed-string 1:5 \\\""]),
    ("a = <<EOT\nx\n", &["unclosed-heredoc 1:5 <<EOT"]),
    ("a = 1 /* x\n", &["unclosed-comment 1:7 /*"]),
    ("a 1\n", &["invalid-argument 1:3 1"]),
    ("a\n", &["invalid-argument 1:2 "]),
    ("a: 1\n", &["invalid-argument 1:2 :"]),
    ("a.b = 1\n", &["invalid-argument 1:2 ."]),
    ("a = 1 b = 2\n", &["missing-operator 1:7 b"]),
    ("a = 'x'\n", &["invalid-character 1:5 \\'x\\'"]),
    ("a = 1\na = 2\n", &["duplicate-argument 2:1 a"]),
    ("a \"${x}\" {\n}\n", &["invalid-label 1:4 ${"]),
    ("a \"b\"\n{\n}\n", &["invalid-block 1:1 a \\\"b\\\""]),
    ("a \"b\" = 1\n", &["invalid-block 1:7 ="]),
    ("\"a\" = 1\n", &["invalid-name 1:1 \\\""]),
    ("1a = 1\n", &["invalid-name 1:1 1"]),
    ("a = \"\\d\"\n", &["invalid-escape 1:6 \\\\d"]),
    ("a = \"\\${x}\"\n", &["invalid-escape 1:6 \\\\$"]),
    ("a =\nb = 1\n", &["missing-expression 1:4 "]),
    ("a = 1 +\n", &["missing-expression 1:8 "]),
    ("a = [1 2]\n", &["missing-operator 1:8 2"]),
    ("a = true and false\n", &["missing-operator 1:10 and"]),
    ("a = true ? 1\n", &["incomplete-conditional 1:10 ?"]),
    ("a = 1 = 1\n", &["misplaced-operator 1:7 ="]),
    ("a = 0x10\n", &["invalid-number 1:5 0x10"]),
    ("a = { b }\n", &["missing-value 1:7 b"]),
    ("a = { b.c = 1 }\n", &["ambiguous-key 1:7 b.c"]),
    ("a = { b.c = { d[0] = 1 } }\n", &["ambiguous-key 1:7 b.c", "ambiguous-key 1:15 d[0]"]),
    ("a = { b.c = 1 2 }\n", &["missing-operator 1:15 2"]),
    ("a = x.0.0\n", &["invalid-index 1:7 0.0"]),
    ("a = x.*.*\n", &["nested-splat 1:8 .*"]),
    ("a = x.*.b.0.*.c\n", &["nested-splat 1:12 .*"]),
    ("a = x.\n", &["missing-attribute 1:6 ."]),
    ("a = x.trim()\n", &["no-methods 1:7 trim"]),
    ("a = [for x y : x]\n", &["invalid-for 1:12 y"]),
    ("a = [for x in y]\n", &["invalid-for 1:16 ]"]),
    ("a = \"%{ if true }x\"\n", &["unbalanced-directive 1:9 if"]),
    ("a = \"%{ foo }\"\n", &["unknown-directive 1:6 %{ foo"]),
    ("a = \"${1 2}\"\n", &["missing-operator 1:10 2"]),
    ("a { b = 1\n}\n", &["invalid-block 1:10 \\n"]),
    ("a {\n  b c }\nd e\n", &["invalid-block 2:7 }", "invalid-block 3:1 d e"]),
    ("a = \"x\" {\n}\n", &["missing-operator 1:9 {"]),
    (
        "a {\n  b = 1 +\n  c = ]\n}\nd = *\n",
        &["missing-expression 2:10 ", "unmatched-bracket 3:7 ]", "missing-expression 5:5 *"],
    ),
    ("a = (\nb {\n  c = 1\n}\nd = 'x'\n", &["unclosed-bracket 1:5 (", "invalid-character 5:5 \\'x\\'"]),
    ("a {\n  b = [1,\n  c = 2\n  d = ]\n}\n", &["unclosed-bracket 2:7 [", "unmatched-bracket 4:7 ]"]),
    ("a {\n  b = f(\n    1,\n  c = 'x'\n}\n", &["unclosed-bracket 2:8 (", "invalid-character 4:7 \\'x\\'"]),
    (
        "a {\n  b {\n    c = [\n  }\n  d = +\n}\ne = +\n",
        &["unmatched-bracket 4:3 }", "missing-expression 5:7 +", "missing-expression 7:5 +"],
    ),
    ("a {\n  b = 1\n\nc {\n  d = +\n}\n", &["unclosed-bracket 1:3 {", "missing-expression 5:7 +"]),
    ("a \"b\"\n  c = +\n}\n", &["invalid-block 1:1 a \\\"b\\\"", "missing-expression 2:7 +"]),
    ("a = \"${x\"\nb = +\n", &["unclosed-bracket 1:6 ${", "missing-expression 2:5 +"]),
    ("a = {\n  b = 1\nc = +\n", &["unclosed-bracket 1:5 {", "missing-expression 3:5 +"]),
];

/// Returns the readable outline of a file with errors: names, with `!` for a missing value and `?` for a body
/// with a gap.
fn outline(body: &Body) -> String {
    let attributes = body.attributes.iter().map(|attribute| {
        let invalid = matches!(attribute.expression.kind, ExpressionKind::Invalid);
        format!("{}{}", attribute.name.value, if invalid { "!" } else { "" })
    });
    let blocks = body.blocks.iter().map(|block| {
        let labels = block.labels.iter().map(|label| format!(" {}", label.value));
        format!("{}{} {{{}}}", block.kind.value, labels.collect::<String>(), outline(&block.body))
    });
    let gap = (!body.is_whole()).then(|| "?".to_owned());
    attributes.chain(blocks).chain(gap).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_can_be_read_is_read() {
    let cases = [
        ("a = 'x'\nb = 1\n", "a! b"),
        ("a: 1\nb == 2\n", "a b"),
        ("s \"t\" \"n\" {\n  a = [1,\n  b = 2\n}\nc = 3\n", "c s t n {a! b ?}"),
        ("s n {\n  a = {\n    x = [\n  }\n  b = 1\n}\n", "s n {a! b ?}"),
        ("s n {\n  a = 1\n\nt m {\n  b = 2\n}\n", "s n {a ?} t m {b} ?"),
        ("s n\n  a = 1\n}\nb = 2\n", "b s n {a}"),
        ("s n = {\n  a = 1\n}\n", "s n {a}"),
        ("s n\nb = 2\n", "b s n {?} ?"),
        ("s \"${x}\" {\n  a = 1\n}\nb = 2\n", "b ?"),
        ("s n {\n  a = <<EOT\n  b = 1\n}\nt m {\n  c = 2\n}\n", "s n {a! ?} t m {c} ?"),
        ("a b.c\nd = 1\n", "d ?"),
    ];
    for (text, expected) in cases {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("test.runbook.hcl", text.to_owned()));
        let parsed = parse(&sources, file);
        assert_eq!(outline(&parsed.body), expected, "{text}");
    }
}

#[test]
fn slips_as_people_see_them() {
    let shown = SLIPS.iter().map(|(text, _)| {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("test.runbook.hcl", (*text).to_owned()));
        render_all(&parse(&sources, file).found, &sources, &Style::default())
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"));
}

#[test]
fn slips_are_named_with_their_place() {
    for (text, expected) in SLIPS {
        assert_eq!(complaints(text), *expected, "{text:?}");
    }
}

#[test]
fn what_would_exhaust_the_program_is_refused_at_once() {
    let many = |count: usize, piece: &str| piece.repeat(count);
    let cases = [
        (format!("a = {}", many(5_000, "[")), "nesting-too-deep"),
        (format!("a = {}", many(10_000, "(")), "nesting-too-deep"),
        (format!("a = {}1", many(10_000, "!")), "nesting-too-deep"),
        (format!("a = {}", many(10_000, "\"${")), "nesting-too-deep"),
        (many(10_000, "a {\n"), "nesting-too-deep"),
        (format!("a = 1{}", many(10_000, " + 1")), "nesting-too-deep"),
        (format!("a = {}1", many(10_000, "x ? 1 : ")), "nesting-too-deep"),
        (format!("a = x{}", many(10_000, "[*]")), "nesting-too-deep"),
        (format!("a = \"{}", many(10_000, "%{ if x }")), "unclosed-string"),
        (format!("a = \"{}{}\"", many(300, "%{ if x }"), many(300, "%{ endif }")), "nesting-too-deep"),
        (format!("a = \"{}\"", many(2 << 20, "x")), "expression-too-large"),
    ];
    for (text, code) in cases {
        let found = body(&text).unwrap_err();
        let first = found.iter().next().unwrap();
        assert_eq!(first.code, code, "{}: {}", &text[..20], first.summary);
        assert!(first.primary.is_some());
    }
    assert!(body(&format!("a = x{}\n", many(100_000, ".y"))).is_ok());
    let keys = (0..50_000).map(|n| format!("k{n} = 1\n")).collect::<Vec<_>>().concat();
    assert!(body(&format!("a = {{\n{keys}}}\n")).is_ok());
}

#[test]
fn a_file_that_is_wrong_everywhere_is_given_up_after_fifty_errors() {
    for line in ["a = [1,\n", "a = <<EOT\n", "a = \"${\n", "a = /*\n", "a b\n", "a = +\n", "a {\n b = ]\n}\n"]
    {
        let found = body(&line.repeat(20_000)).unwrap_err();
        assert!(found.iter().count() < 60, "{line}");
    }
}

#[test]
fn references_are_the_free_names_with_their_constant_steps() {
    let cases: &[(&str, &[&str])] = &[
        ("step.a.b[\"x\"][0].c", &["step.a.b[\"x\"][0].c"]),
        ("var.x[var.y].z", &["var.x", "var.y"]),
        ("local.a[*].b[local.c]", &["local.a", "local.c"]),
        ("local.a.*.b", &["local.a"]),
        ("local.a.0", &["local.a[0]"]),
        ("[for k, v in var.m : v.x if k != var.n]", &["var.m", "var.n"]),
        ("{for v in v : v => v...}", &["v"]),
        (
            "\"%{ for x in a }${x}${y}%{ endfor }%{ if b }${c}%{ else }${d}%{ endif }\"",
            &["a", "y", "b", "c", "d"],
        ),
        ("{ a = b, (c) = d }", &["b", "c", "d"]),
        ("f(a, b...)", &["a", "b"]),
        ("{a = 1}.a + (x).y", &["x"]),
    ];
    for (text, expected) in cases {
        let found: Vec<_> = expression(text).unwrap().references().iter().map(ToString::to_string).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn spans_of_references_count_from_the_start_of_the_file() {
    let text = "a = 1\nb = \"é${ step.x.y } \"\n";
    let body = body(text).unwrap();
    let reference = &body.attributes[1].expression.references()[0];
    assert_eq!(&text[reference.span.range()], "step.x.y");
    assert_eq!(&text[reference.path[1].span().range()], "y");
}

fn literal(text: &str) -> String {
    match expression(text).unwrap().kind {
        ExpressionKind::Literal(value) => value.as_str().unwrap_or("not text").to_owned(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn literal_text_has_its_escapes_indentation_and_form_resolved() {
    let cases = [
        ("\"a\\n\\t\\\"\\\\\\u00e9\\U0001F600\"", "a\n\t\"\\é😀"),
        ("\"$${x} %%{y} $ % $$\"", "${x} %{y} $ % $$"),
        ("\"e\u{301}\"", "é"),
        ("<<EOT\n a\\n\nEOT", " a\\n\n"),
        ("<<-EOT\n  a\n    b\n\n  c\n  EOT", "a\n  b\n\nc\n"),
        ("<<-EOT\n      \n  a\nEOT", "      \na\n"),
        ("<<EOT\nEOT", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(literal(text), expected, "{text:?}");
    }
}

#[test]
fn a_template_of_one_interpolation_is_a_wrap() {
    for (text, wrap) in
        [("\"${1}\"", true), ("\"${~ 1 ~}\"", true), ("\" ${~ 1 ~}\"", false), ("\"${1}${2}\"", false)]
    {
        let kind = expression(text).unwrap().kind;
        assert_eq!(matches!(kind, ExpressionKind::Wrap(_)), wrap, "{text}");
    }
}

/// Generates files that are almost valid, and some that never are.
fn texts() -> impl Strategy<Value = String> {
    let pieces = [
        "a", "b", " = ", "1", "1e9", "0.5", "\"", "\"x\"", "${", "%{", "~}", "}", "{", "[", "]", "(", ")",
        "\n", "\r\n", " ", "<<EOT\n", "<<-EOT\n", "\nEOT\n", "for ", " in ", "if ", "else", "endif",
        "endfor", " : ", " => ", "...", ".", "*", "[*]", "?", "+", "-", "!", "&&", "||", "==", ",", "#c\n",
        "//", "/*", "*/", "\\", "\\u00e9", "\\x", "'", "é", "e\u{301}", "😀", "$${", "::", ";", "\u{feff}",
        "\0", "null", "true",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn any_text_is_read_or_refused_with_places_in_it(text in texts()) {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("x", text.clone()));
        let found = [
            parse(&sources, file).whole().err(),
            parse_expression(&sources, file).err(),
            parse_template(&sources, file).err(),
        ];
        for diagnostic in found.iter().flatten().flatten() {
            let label = diagnostic.primary.as_ref().expect("every syntax error has a place");
            for label in std::iter::once(label).chain(&diagnostic.secondary) {
                prop_assert!(text.get(label.span.range()).is_some(), "{:?}: {:?}", text, diagnostic);
            }
        }
    }
}
