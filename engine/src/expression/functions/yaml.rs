//! Implements YAML functions.

mod decode;
mod encode;
mod scalar;
mod timestamp;

use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter, result_type};
use crate::source::text_without_mark as without_mark;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "yamldecode",
        "The value of a YAML document.",
        [r#"yamldecode("name: vm1\nsize: 2").size"#, "2"],
        &[Parameter::new("src", Accepts::String)],
        result_type::ANY,
        |given| decode::decode(without_mark(given.text(0))).map_err(Failure::new),
    ),
    Function::new(
        "yamlencode",
        "The value as a YAML document in block style.",
        [r#"yamlencode({ name = "vm1", size = 2 })"#, "<<-EOT\n  \"name\": \"vm1\"\n  \"size\": 2\nEOT"],
        &[Parameter::new("value", Accepts::Any).or_null()],
        Returns::Always(Accepts::String),
        |given| Ok(Value::from(encode::encode(given.value(0)))),
    ),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{gives, invoke, refuses};
    use super::*;
    use crate::value::arbitrary;

    #[test]
    fn results() {
        gives(&[
            (
                "yamlencode",
                r#"[{"b": [1, "1", null], "a": {"c": []}}]"#,
                r#""\"a\":\n  \"c\": []\n\"b\":\n- 1\n- \"1\"\n- null\n""#,
            ),
            ("yamlencode", "[[[1, [2]], []]]", r#""- - 1\n  - - 2\n- []\n""#),
            ("yamlencode", "[1e30]", r#""1000000000000000000000000000000\n...\n""#),
            (
                "yamlencode",
                r#"[{"a": "x\ny\n", "b": " x\n\n"}]"#,
                r#""\"a\": |\n  x\n  y\n\"b\": |2+\n   x\n\n""#,
            ),
            ("yamlencode", r#"["👩\t"]"#, r#""\"\\U0001F469\\t\"\n""#),
            (
                "yamldecode",
                r#"["a: &x {p: 1, q: 1}\nb:\n  q: 2\n  <<: *x"]"#,
                r#"{"a":{"p":1,"q":1},"b":{"p":1,"q":2}}"#,
            ),
            (
                "yamldecode",
                r#"["[yes, tRUE, ~, 0o17, 017, 0x1F, .5, -0, 1p4, 190:20:30, '1', !!str 1]"]"#,
                r#"[true,"tRUE",null,15,17,31,0.5,-0,"1p4","190:20:30","1","1"]"#,
            ),
            ("yamldecode", r#"["1: a\ntrue: b"]"#, r#"{"1":"a","true":"b"}"#),
            ("yamldecode", r#"["a: |+\n  x\n\n"]"#, r#"{"a":"x\n\n"}"#),
            ("yamldecode", r#"["---"]"#, "null"),
            (
                "yamldecode",
                r#"["[0b101, -0x1F, +0o7, 1_000, 0x, 0o8, 1., +.5, -1e3, ., '2021-01-02', 2021-01-02, 2021-1-2T3:4:5Z]"]"#,
                r#"["0b101","-0x1F","+0o7","1_000","0x","0o8",1,0.5,-1000,".","2021-01-02","2021-01-02T00:00:00Z","2021-01-02T03:04:05Z"]"#,
            ),
            (
                "yamldecode",
                r#"["[!!int 1.5, !!float 2, !!null x, !!bool yes, !!timestamp 2021-1-2, !!str 2021-1-2, !!int '12', !!binary aGk=]"]"#,
                r#"[1.5,2,null,true,"2021-01-02T00:00:00Z","2021-1-2","12","aGk="]"#,
            ),
            ("yamldecode", r#"["2021-01-02: a"]"#, r#"{"2021-01-02T00:00:00Z":"a"}"#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "yamldecode",
                r#"["a: 1\n---\nb: 2"]"#,
                "call to function \"yamldecode\" failed: unexpected extra content after the first document",
            ),
            (
                "yamldecode",
                r#"["!custom x"]"#,
                "call to function \"yamldecode\" failed: unsupported tag \"!custom\"",
            ),
            (
                "yamldecode",
                r#"["&a [*a]"]"#,
                "call to function \"yamldecode\" failed: an alias refers to its own parent",
            ),
            (
                "yamldecode",
                r#"["[a]: b"]"#,
                "call to function \"yamldecode\" failed: the keys of a mapping must be text, numbers or bools",
            ),
            ("yamldecode", r#"["\t"]"#, "call to function \"yamldecode\" failed: there is no document"),
            ("yamldecode", r#"[""]"#, "call to function \"yamldecode\" failed: there is no document"),
            (
                "yamldecode",
                r##"["# a\n\n"]"##,
                "call to function \"yamldecode\" failed: there is no document",
            ),
            (
                "yamldecode",
                r#"["0xffffffffffffffffff"]"#,
                "call to function \"yamldecode\" failed: a number cannot be read or held",
            ),
            (
                "yamldecode",
                r#"["!!int x"]"#,
                "call to function \"yamldecode\" failed: a number cannot be read or held",
            ),
            (
                "yamldecode",
                r#"["!!bool maybe"]"#,
                "call to function \"yamldecode\" failed: cannot read the text of !!bool",
            ),
            (
                "yamldecode",
                r#"["!!timestamp soon"]"#,
                "call to function \"yamldecode\" failed: cannot read the text of !!timestamp",
            ),
            (
                "yamldecode",
                r#"["!!binary '*'"]"#,
                "call to function \"yamldecode\" failed: !!binary is not Base64",
            ),
            ("yamldecode", r#"[".inf"]"#, "call to function \"yamldecode\" failed: infinity cannot be held"),
        ]);
    }

    #[test]
    fn long_lines_are_folded() {
        let x = |count: usize| "x".repeat(count);
        let text = |text: String| Value::from(text);
        let named = |name: String, value: Value| Value::object([(name, value)]);
        let cases = [
            // A line breaks at the first space after column 80.
            (text(format!("{} y", x(79))), format!("\"{} y\"\n", x(79))),
            (text(format!("{} y z", x(79))), format!("\"{} y\n  z\"\n", x(79))),
            (text(format!("{} y z", x(80))), format!("\"{}\n  y z\"\n", x(80))),
            (text(format!("{} {}", x(40), x(60))), format!("\"{} {}\"\n", x(40), x(60))),
            (text(format!("{}  y", x(85))), format!("\"{}\n  \\ y\"\n", x(85))),
            (text(format!("{} ", x(85))), format!("\"{} \"\n", x(85))),
            (text(format!("{} é y", "é".repeat(79))), format!("\"{} é\n  y\"\n", "é".repeat(79))),
            (
                text(format!("{} {} {}", x(90), x(90), x(90))),
                format!("\"{}\n  {}\n  {}\"\n", x(90), x(90), x(90)),
            ),
            (
                named("k".into(), named("l".into(), text(format!("{} y", x(80))))),
                format!("\"k\":\n  \"l\": \"{}\n    y\"\n", x(80)),
            ),
            (
                named("k".into(), Value::tuple([text(format!("{} y", x(80)))])),
                format!("\"k\":\n- \"{}\n  y\"\n", x(80)),
            ),
            // A multi-line string is a literal block.
            (text(format!("{} y\nz", x(90))), format!("|-\n  {} y\n  z\n", x(90))),
            // A short name is a simple key, any other name a complex one.
            (named(format!("{} y", x(126)), 1i64.into()), format!("\"{} y\": 1\n", x(126))),
            (named(format!("{} yz", x(126)), 1i64.into()), format!("? \"{}\n  yz\"\n: 1\n", x(126))),
            (
                named("a\nb".into(), Value::tuple([1i64.into(), 2i64.into()])),
                "? |-\n  a\n  b\n: - 1\n  - 2\n".to_owned(),
            ),
        ];
        for (value, yaml) in cases {
            assert_eq!(invoke("yamlencode", std::slice::from_ref(&value)), Ok(Value::from(yaml.clone())));
            assert_eq!(invoke("yamldecode", &[Value::from(yaml.clone())]), Ok(value), "{yaml}");
        }
    }

    #[test]
    fn no_document_exhausts_time_or_memory() {
        let aliases = (1..30).fold("- &a0 [x, x]\n".to_owned(), |text, at| {
            text + &format!("- &a{at} [*a{0}, *a{0}]\n", at - 1)
        });
        for text in [aliases, "[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(10_000)] {
            assert!(invoke("yamldecode", &[Value::from(text)]).is_err());
        }
    }

    proptest! {
        #[test]
        fn yaml_reads_back(
            value in arbitrary::json(),
            text in "[ \n\t\r#'\":a-c😀é-]{0,8}",
            long in "[ \\\\\"a-c]{80,200}",
            name in prop_oneof!["[a-c:]{0,3}", "[ a-c]{100,150}", "[a-c\n]{1,5}"],
        ) {
            let value = Value::tuple([value, Value::object([("t", Value::from(text)), (&*name, Value::from(long))])]);
            let yaml = invoke("yamlencode", std::slice::from_ref(&value)).unwrap();
            prop_assert_eq!(invoke("yamldecode", &[yaml]), Ok(value));
        }
    }
}
