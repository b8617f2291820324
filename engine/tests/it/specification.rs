//! The language according to HCL's specification: own test cases for each topic of its test suite.

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::expression::{Bindings, evaluate};
use arcbook_engine::source::{SourceFile, Sources};
use arcbook_engine::syntax::{Body, parse};

fn read(text: &str) -> Result<Body, Diagnostics> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("case.hcl", text.to_owned()));
    parse(&sources, file).whole()
}

/// Renders a body: its arguments as JSON, then its blocks as `kind "label" {…}`.
fn outline(body: &Body) -> String {
    let arguments = body.attributes.iter().map(|attribute| {
        let value = evaluate(&attribute.expression, &Bindings::new(".")).unwrap();
        format!("{}={}", attribute.name.value, value.to_json_text().unwrap())
    });
    let blocks = body.blocks.iter().map(|block| {
        let labels =
            block.labels.iter().map(|label| format!(" {:?}", label.value)).collect::<Vec<_>>().concat();
        format!("{}{labels} {{{}}}", block.kind.value, outline(&block.body))
    });
    arguments.chain(blocks).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn gives(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let body = read(text).unwrap_or_else(|found| panic!("{text:?}: {found:?}"));
        assert_eq!(outline(&body), *expected, "{text:?}");
    }
}

/// Checks the value of each expression.
#[track_caller]
fn evaluates(cases: &[(&str, &str)]) {
    for (expression, json) in cases {
        gives(&[(&format!("a = {expression}\n"), &format!("a={json}"))]);
    }
}

/// Checks that each text is refused with this code first, at this line and column.
#[track_caller]
fn refuses(cases: &[(&str, &str, (usize, usize))]) {
    for (text, code, place) in cases {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("case.hcl", (*text).to_owned()));
        let found = parse(&sources, file).whole().expect_err(text);
        let first = found.iter().next().unwrap();
        let start = sources.start(first.primary.as_ref().unwrap().span);
        assert_eq!((first.code, (start.line as usize, start.column as usize)), (*code, *place), "{text:?}");
    }
}

#[test]
fn comments() {
    gives(&[
        ("", ""),
        ("# one\n", ""),
        ("# without a line break at its end", ""),
        ("// one\n// two\n", ""),
        ("/* one */", ""),
        ("/* one\n * two\n */\n", ""),
        ("/* # // */ a = 1 // b = 2\n", "a=1"),
        ("a = 1 # b = 2\nc = 3\n", "a=1 c=3"),
        ("a = [ # one\n  1, // two\n  /* three */ 2,\n]\n", "a=[1,2]"),
        ("a = \"# no // comment /* here */\"\n", "a=\"# no // comment /* here */\""),
        ("a = <<E\n# text\nE\n", "a=\"# text\\n\""),
        ("b { # one\n  # two\n} # three\n", "b {}"),
    ]);
    refuses(&[("a = 1 /* never closed\n", "unclosed-comment", (1, 7))]);
}

#[test]
fn literals() {
    evaluates(&[
        ("0", "0"),
        ("1.25", "1.25"),
        ("1e3", "1000"),
        ("1E-2", "0.01"),
        ("2.5e+1", "25"),
        ("true", "true"),
        ("false", "false"),
        ("null", "null"),
        (r#""""#, r#""""#),
        (r#""a\tb\n\"c\"\\""#, r#""a\tb\n\"c\"\\""#),
        (r#""\u00e9\U0001F600""#, "\"é😀\""),
        // A letter and a combining accent are normalized to one character.
        ("\"e\u{301}\"", "\"é\""),
        (r#""$${a} %%{b} $ % $$ %%""#, r#""${a} %{b} $ % $$ %%""#),
        ("[]", "[]"),
        ("[1, \"a\", [true,],]", "[1,\"a\",[true]]"),
        ("{}", "{}"),
        ("{ a = 1, \"b c\" : 2, (\"d\") = 3, 4 = 5 }", "{\"4\":5,\"a\":1,\"b c\":2,\"d\":3}"),
        ("{\n  a = 1\n  b = 2,\n\n  c = 3\n}", "{\"a\":1,\"b\":2,\"c\":3}"),
        ("{ a = 1, a = 2 }", "{\"a\":2}"),
        ("{ true = 1, null = 2 }", "{\"null\":2,\"true\":1}"),
    ]);
    refuses(&[
        ("a = 1x\n", "invalid-number", (1, 5)),
        ("a = \"\\q\"\n", "invalid-escape", (1, 6)),
        ("a = \"one\ntwo\"\n", "unclosed-string", (1, 5)),
        ("a = 'x'\n", "invalid-character", (1, 5)),
    ]);
}

#[test]
fn operators() {
    evaluates(&[
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("(1 + 2) * 3", "9"),
        ("7 - 2 - 1", "4"),
        ("11 % 4", "3"),
        ("-5 % 3", "-2"),
        ("- -1", "1"),
        ("-2 * -3", "6"),
        ("0.1 + 0.2 == 0.3", "true"),
        ("1 == 1 && 2 != 3", "true"),
        ("1 < 2 == true", "true"),
        ("1 <= 1", "true"),
        ("2 > 3 || 3 >= 3", "true"),
        ("!true || !false", "true"),
        ("true || false && false", "true"),
        ("1 == \"1\"", "false"),
        ("[1, 2] == [1, 2]", "true"),
        ("1 > 0 ? \"yes\" : \"no\"", "\"yes\""),
        ("false ? 1 : true ? 2 : 3", "2"),
        ("(\n1\n+\n2\n)", "3"),
    ]);
    refuses(&[
        ("a = 1 +\nb = 2\n", "missing-expression", (1, 8)),
        ("a = 1 === 1\n", "missing-expression", (1, 7)),
        ("a = true ? 1\n", "incomplete-conditional", (1, 10)),
        ("a = (1\n", "unclosed-bracket", (1, 5)),
    ]);
}

#[test]
fn traversals_and_calls() {
    evaluates(&[
        ("{ a = { b = [1, 2] } }.a.b[1]", "2"),
        ("[[1], [2]][1][0]", "2"),
        ("[1, 2].1", "2"),
        ("{ \"a b\" = 1 }[\"a b\"]", "1"),
        ("[{ a = 1 }, { a = 2 }][*].a", "[1,2]"),
        ("[{ a = 1 }, { a = 2 }].*.a", "[1,2]"),
        ("{ a = 1 }[*].a", "[1]"),
        ("null[*]", "[]"),
        ("[{ a = [1] }, { a = [2] }][*].a[0]", "[1,2]"),
        ("[{ a = [1] }, { a = [2] }].*.a[0]", "[1]"),
        ("max(1, 3, 2)", "3"),
        ("max([1, 3, 2]...)", "3"),
        ("max(\n  1,\n  2,\n)", "2"),
        ("core::max(1, 2)", "2"),
    ]);
    refuses(&[
        ("a = x.\n", "missing-attribute", (1, 6)),
        ("a = f(1\n", "unclosed-bracket", (1, 6)),
        ("a = x[1]]\n", "unmatched-bracket", (1, 9)),
    ]);
}

#[test]
fn fors() {
    evaluates(&[
        ("[for v in [1, 2, 3] : v * 2]", "[2,4,6]"),
        ("[for i, v in [\"a\", \"b\"] : \"${i}${v}\"]", "[\"0a\",\"1b\"]"),
        ("[for k, v in { b = 2, a = 1 } : \"${k}${v}\"]", "[\"a1\",\"b2\"]"),
        ("[for v in [1, 2, 3] : v if v != 2]", "[1,3]"),
        ("{ for v in [\"a\", \"b\"] : v => upper(v) }", "{\"a\":\"A\",\"b\":\"B\"}"),
        (
            "{ for v in [\"aa\", \"ab\", \"ba\"] : substr(v, 0, 1) => v... }",
            "{\"a\":[\"aa\",\"ab\"],\"b\":[\"ba\"]}",
        ),
        ("{\n  for v in [1] :\n  \"k${v}\"\n  => v\n  if true\n}", "{\"k1\":1}"),
        ("[for x in [[1, 2], [3]] : [for y in x : y]]", "[[1,2],[3]]"),
    ]);
    refuses(&[
        ("a = [for v in [1] v]\n", "invalid-for", (1, 19)),
        ("a = [for v : 1]\n", "invalid-for", (1, 12)),
        ("a = { for v in [1] : v }\n", "invalid-for", (1, 24)),
    ]);
}

#[test]
fn templates() {
    evaluates(&[
        ("\"a${1 + 1}b\"", "\"a2b\""),
        ("\"${true}\"", "true"),
        ("\"${[1]}\"", "[1]"),
        ("\"${\"in${\"ner\"}\"}\"", "\"inner\""),
        ("\" a ${~ 1 ~} b \"", "\" a1b \""),
        ("\"%{ if true }y%{ else }n%{ endif }\"", "\"y\""),
        ("\"%{ if false }y%{ endif }\"", "\"\""),
        ("\"%{ for v in [1, 2] }(${v})%{ endfor }\"", "\"(1)(2)\""),
        ("\"%{ for i, v in [\"a\"] ~}  ${i}${v}  %{~ endfor }\"", "\"0a\""),
        ("\"%{ if true }%{ if false }a%{ else }b%{ endif }%{ endif }\"", "\"b\""),
    ]);
    refuses(&[
        ("a = \"${1\n", "unclosed-bracket", (1, 6)),
        ("a = \"${1 2}\"\n", "missing-operator", (1, 10)),
        ("a = \"%{ if true }x\"\n", "unbalanced-directive", (1, 9)),
        ("a = \"%{ endif }\"\n", "unbalanced-directive", (1, 9)),
        ("a = \"%{ while true }\"\n", "unknown-directive", (1, 6)),
    ]);
}

#[test]
fn heredocs() {
    evaluates(&[
        ("<<E\nE", "\"\""),
        ("<<E\n\nE", "\"\\n\""),
        ("<<E\none\n  two\nE", "\"one\\n  two\\n\""),
        ("<<E\n  one\n  E", "\"  one\\n\""),
        ("<<-E\n    one\n      two\n\n    three\n  E", "\"one\\n  two\\n\\nthree\\n\""),
        ("<<-E\n  ${1}\n    two\n  E", "\"1\\n  two\\n\""),
        ("<<E\n\\n \"quoted\" $${x}\nE", "\"\\\\n \\\"quoted\\\" ${x}\\n\""),
        ("<<E\nEE\n E x\nE", "\"EE\\n E x\\n\""),
        ("<<E\n%{ for v in [1, 2] ~}\n${v}\n%{ endfor ~}\nE", "\"1\\n2\\n\""),
        ("[<<A\none\nA\n, <<B\ntwo\nB\n]", "[\"one\\n\",\"two\\n\"]"),
    ]);
    refuses(&[
        ("a = <<E\nnever\n", "unclosed-heredoc", (1, 5)),
        ("a = << E\nE\n", "invalid-heredoc", (1, 5)),
    ]);
}

#[test]
fn bodies() {
    gives(&[
        ("a = 1\nb = 2\n", "a=1 b=2"),
        ("a = 1", "a=1"),
        ("a = 1\r\nb = 2\r\n", "a=1 b=2"),
        ("a-b_c1 = 1\n", "a-b_c1=1"),
        ("b {}\n", "b {}"),
        ("b { a = 1 }\n", "b {a=1}"),
        ("b {\n  a = 1\n}\n", "b {a=1}"),
        ("b \"x\" y {\n}\n", "b \"x\" \"y\" {}"),
        ("b {\n  c {\n    a = 1\n  }\n  c {}\n}\n", "b {c {a=1} c {}}"),
        ("b {}\nb {}\na = 1\n", "a=1 b {} b {}"),
    ]);
    refuses(&[
        ("a = 1 b = 2\n", "missing-operator", (1, 7)),
        ("a = 1, b = 2\n", "misplaced-comma", (1, 6)),
        ("a = 1\na = 2\n", "duplicate-argument", (2, 1)),
        ("a =\n", "missing-expression", (1, 4)),
        ("= 1\n", "invalid-name", (1, 1)),
        ("\"a\" = 1\n", "invalid-name", (1, 1)),
        ("a\n", "invalid-argument", (1, 2)),
        ("b {\n", "unclosed-bracket", (1, 3)),
        ("b { a = 1\n}\n", "invalid-block", (1, 10)),
        ("b { c {} }\n", "invalid-block", (1, 5)),
        ("b \"${1}\" {}\n", "invalid-label", (1, 4)),
        ("b {}}\n", "unmatched-bracket", (1, 5)),
    ]);
}
