//! Implements hash functions.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;

use super::arguments::Arguments;
use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::value::Value;

const STR: &[Parameter] = &[Parameter::new("str", Accepts::String)];
const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "base64sha256",
        "The SHA-256 of the text as Base64.",
        [r#"base64sha256("Hello")"#, r#""GF+NsyJx/iX1Yab8k4suJkMG7DBO2lGAB9F2SCY4GWk=""#],
        STR,
        STRING,
        |given| Ok(base64_digest::<Sha256>(given.text(0).as_bytes()).into()),
    ),
    Function::new(
        "base64sha512",
        "The SHA-512 of the text as Base64.",
        [r#"substr(base64sha512("Hello"), 0, 12)"#, r#""NhX4DJ0pPtdA""#],
        STR,
        STRING,
        |given| Ok(base64_digest::<Sha512>(given.text(0).as_bytes()).into()),
    ),
    Function::new(
        "md5",
        "The MD5 of the text in hexadecimal digits.",
        [r#"md5("Hello")"#, r#""8b1a9953c4611296a827abf8c47804d7""#],
        STR,
        STRING,
        |given| Ok(hex_digest::<Md5>(given.text(0).as_bytes()).into()),
    ),
    Function::new(
        "sha1",
        "The SHA-1 of the text in hexadecimal digits.",
        [r#"sha1("Hello")"#, r#""f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0""#],
        STR,
        STRING,
        |given| Ok(hex_digest::<Sha1>(given.text(0).as_bytes()).into()),
    ),
    Function::new(
        "sha256",
        "The SHA-256 of the text in hexadecimal digits.",
        [r#"sha256("Hello")"#, r#""185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969""#],
        STR,
        STRING,
        |given| Ok(hex_digest::<Sha256>(given.text(0).as_bytes()).into()),
    ),
    Function::new(
        "sha512",
        "The SHA-512 of the text in hexadecimal digits.",
        [r#"substr(sha512("Hello"), 0, 12)"#, r#""3615f80c9d29""#],
        STR,
        STRING,
        |given| Ok(hex_digest::<Sha512>(given.text(0).as_bytes()).into()),
    ),
    Function::new(
        "uuid",
        "A random UUID, another one each time.",
        ["length(uuid())", "36"],
        &[],
        STRING,
        |given| given.in_a_run("uuid", || Ok(Uuid::new_v4().to_string().into())),
    ),
    Function::new(
        "uuidv5",
        "The UUID that a name has in a namespace: dns, url, oid, x500 or a UUID.",
        [r#"uuidv5("dns", "example.com")"#, r#""cfbff0d1-9375-5685-968c-48ce8b15ae17""#],
        &[Parameter::new("namespace", Accepts::String), Parameter::new("name", Accepts::String)],
        STRING,
        uuid_v5,
    ),
];

pub(super) fn base64_digest<D: Digest>(bytes: &[u8]) -> String {
    STANDARD.encode(D::digest(bytes))
}

pub(super) fn hex_digest<D: Digest>(bytes: &[u8]) -> String {
    D::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn uuid_v5(given: &Arguments<'_>) -> Result<Value, Failure> {
    let namespace = match given.text(0) {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other)
            .map_err(|_| Failure::argument(0, "the namespace must be dns, url, oid, x500 or a UUID"))?,
    };
    Ok(Uuid::new_v5(&namespace, given.text(1).as_bytes()).to_string().into())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{gives, refuses};

    #[test]
    fn results() {
        gives(&[
            ("md5", r#"["hello world"]"#, r#""5eb63bbbe01eeed093cb22bb8f5acdc3""#),
            ("sha1", r#"["é"]"#, r#""bf15be717ac1b080b4f1c456692825891ff5073d""#),
            ("sha256", r#"[""]"#, r#""e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#),
            ("base64sha256", "[123]", r#""pmWkWSBCL51Bfkhn79xPuKBKHz//H6B+mY6G9/eieuM=""#),
            ("uuidv5", r#"["x500", "CN=Example,C=GB"]"#, r#""84e09961-4aa4-57f8-95b7-03edb1073253""#),
        ]);
    }

    #[test]
    fn refusals() {
        refuses(&[
            ("sha512", "[null]", r#"invalid value for "str" parameter: argument must not be null"#),
            (
                "uuidv5",
                r#"["nope", "a"]"#,
                r#"invalid value for "namespace" parameter: the namespace must be dns, url, oid, x500 or a UUID"#,
            ),
        ]);
    }
}
