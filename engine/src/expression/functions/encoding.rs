//! Implements encoding functions.

mod charset;
mod csv;
mod text;

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter, result_type};
use crate::source::text_without_mark as without_mark;
use crate::value::{JsonError, Type, Value};

const STR: &[Parameter] = &[Parameter::new("str", Accepts::String)];
const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "base64decode",
        "The text in Base64, which must be UTF-8.",
        [r#"base64decode("SGVsbG8=")"#, r#""Hello""#],
        STR,
        STRING,
        |given| {
            let text = given.text(0);
            let bytes = STANDARD.decode(text.replace(['\r', '\n'], ""));
            let bytes = bytes.map_err(|_| Failure::new(format!("failed to decode base64 data {text:?}")))?;
            let reason = "the result of decoding the provided string is not valid UTF-8";
            String::from_utf8(bytes).map(Value::from).map_err(|_| Failure::new(reason))
        },
    ),
    Function::new(
        "base64encode",
        "The text's UTF-8 bytes as Base64.",
        [r#"base64encode("Hello")"#, r#""SGVsbG8=""#],
        STR,
        STRING,
        |given| Ok(STANDARD.encode(given.text(0)).into()),
    ),
    Function::new(
        "base64gzip",
        "The text's UTF-8 bytes, compressed by gzip, as Base64.",
        [r#"length(base64gzip("Hello"))"#, "36"],
        STR,
        STRING,
        |given| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
            let compressed = gzip.write_all(given.text(0).as_bytes()).and_then(|()| gzip.finish());
            let compressed = compressed.map_err(|_| Failure::new("the text cannot be compressed"))?;
            Ok(STANDARD.encode(compressed).into())
        },
    ),
    Function::new(
        "csvdecode",
        "A list of objects, one for each line of comma-separated values, named by the first line.",
        [r#"csvdecode("name,size\nvm1,2\nvm2,4")[1].size"#, r#""4""#],
        STR,
        Returns::Depends(|_| Ok(Type::list(Type::Any))),
        |given| csv::decode(without_mark(given.text(0))).map_err(Failure::new),
    ),
    Function::new(
        "jsondecode",
        "The value of a JSON document.",
        [r#"jsondecode("{\"name\": \"vm1\", \"size\": 2}").name"#, r#""vm1""#],
        STR,
        result_type::ANY,
        |given| Value::parse_json(without_mark(given.text(0))).map_err(|error| json_failure(&error)),
    ),
    Function::new(
        "jsonencode",
        "The value as JSON.",
        [r#"jsonencode({ name = "vm1", size = 2 })"#, r#""{\"name\":\"vm1\",\"size\":2}""#],
        &[Parameter::new("val", Accepts::Any).or_null()],
        STRING,
        |given| given.value(0).to_json_text().map(Value::from).map_err(|error| json_failure(&error)),
    ),
    Function::new(
        "textdecodebase64",
        "The text in Base64 in a named encoding, such as \"UTF-16LE\".",
        [r#"textdecodebase64("SABpAA==", "UTF-16LE")"#, r#""Hi""#],
        &[Parameter::new("source", Accepts::String), Parameter::new("encoding", Accepts::String)],
        STRING,
        text::decode,
    ),
    Function::new(
        "textencodebase64",
        "The text's bytes in a named encoding, such as \"UTF-16LE\", as Base64.",
        [r#"textencodebase64("Hi", "UTF-16LE")"#, r#""SABpAA==""#],
        &[Parameter::new("string", Accepts::String), Parameter::new("encoding", Accepts::String)],
        STRING,
        text::encode,
    ),
    Function::new(
        "urlencode",
        "The text with everything but letters, digits and -_.~ percent-encoded for a query, a space as +.",
        [r#"urlencode("a b&c=1")"#, r#""a+b%26c%3D1""#],
        STR,
        STRING,
        |given| Ok(url_encode(given.text(0)).into()),
    ),
];

fn json_failure(error: &JsonError) -> Failure {
    Failure::new(error.to_string())
}

fn url_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("base64encode", r#"["é"]"#, r#""w6k=""#),
            ("base64decode", r#"["SGVs\nbG8="]"#, r#""Hello""#),
            ("jsonencode", r#"[{"b": 1, "a": null}]"#, r#""{\"a\":null,\"b\":1}""#),
            ("jsondecode", r#"["[1, {}]"]"#, "[1,{}]"),
            ("urlencode", r#"["a b+☃~"]"#, r#""a+b%2B%E2%98%83~""#),
            ("csvdecode", r#"["a,b\r\n1,\"x\"\"\n,y\"\n\n"]"#, r#"[{"a":"1","b":"x\"\n,y"}]"#),
            ("csvdecode", r#"["a,b"]"#, "[]"),
            ("csvdecode", r#"["\ufeffa,b\n1,\ufeff2"]"#, "[{\"a\":\"1\",\"b\":\"\u{feff}2\"}]"),
            ("csvdecode", r#"["\ufeff\"a\"\n1"]"#, r#"[{"a":"1"}]"#),
            ("jsondecode", r#"["\ufeff{\"a\": 1}"]"#, r#"{"a":1}"#),
            ("textencodebase64", r#"["👍", "UTF-16LE"]"#, r#""PdhN3A==""#),
            ("textencodebase64", r#"["ab", "UTF-16"]"#, r#""/v8AYQBi""#),
            ("textencodebase64", r#"["żółw", "ISO-8859-2"]"#, r#""v/Ozdw==""#),
            ("textdecodebase64", r#"["AGEAYg==", "UTF-16BE"]"#, r#""ab""#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            (
                "base64decode",
                r#"["!!!"]"#,
                r#"call to function "base64decode" failed: failed to decode base64 data "!!!""#,
            ),
            (
                "base64decode",
                r#"["/w=="]"#,
                r#"call to function "base64decode" failed: the result of decoding the provided string is not valid UTF-8"#,
            ),
            ("csvdecode", r#"[""]"#, r#"call to function "csvdecode" failed: missing header line"#),
            ("csvdecode", r#"["a,a"]"#, r#"call to function "csvdecode" failed: duplicate column name "a""#),
            (
                "csvdecode",
                r#"["a,b\n1"]"#,
                r#"call to function "csvdecode" failed: CSV parse error on line 2: wrong number of fields"#,
            ),
            (
                "csvdecode",
                r#"["a\n\"x"]"#,
                r#"call to function "csvdecode" failed: CSV parse error on line 2: extraneous or missing " in quoted-field"#,
            ),
            (
                "jsondecode",
                r#"["[1] 2"]"#,
                r#"call to function "jsondecode" failed: not valid JSON: trailing characters at line 1 column 5"#,
            ),
            (
                "jsondecode",
                r#"["\ufeff\ufeff1"]"#,
                r#"call to function "jsondecode" failed: not valid JSON: expected value at line 1 column 1"#,
            ),
        ]);
    }
}
