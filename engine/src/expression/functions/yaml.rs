//! Implements YAML functions.

mod decode;
mod encode;

use super::call::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::source::text_without_mark as without_mark;
use crate::value::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "yamldecode",
        "The value that a YAML document stands for.",
        &[Parameter::new("src", Accepts::String)],
        Returns::Depends(|_| Type::Any),
        |given| decode::decode(without_mark(given.text(0))).map_err(Failure::new),
    ),
    Function::new(
        "yamlencode",
        "The value as a YAML document in block style.",
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
            ("yamldecode", r#"[""]"#, "null"),
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
                "call to function \"yamldecode\" failed: an alias refers to what it is part of",
            ),
            (
                "yamldecode",
                r#"["[a]: b"]"#,
                "call to function \"yamldecode\" failed: the keys of a mapping must be text, numbers or bools",
            ),
            ("yamldecode", r#"[".inf"]"#, "call to function \"yamldecode\" failed: infinity cannot be held"),
        ]);
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
        fn yaml_reads_back(value in arbitrary::json(), text in "[ \n\t\r#'\":a-c😀é-]{0,8}") {
            let value = Value::tuple([value, Value::object([("t", Value::from(text))])]);
            let yaml = invoke("yamlencode", std::slice::from_ref(&value)).unwrap();
            prop_assert_eq!(invoke("yamldecode", &[yaml]), Ok(value));
        }
    }
}
