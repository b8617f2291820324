//! Implements cryptographic functions.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};

use super::arguments::Arguments;
use super::failure::Failure;
use super::function::Returns;
use super::{Accepts, Function, Parameter};
use crate::value::Value;

const STRING: Returns = Returns::Always(Accepts::String);

/// The default work factor of bcrypt.
const BCRYPT_COST: u32 = 10;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "bcrypt",
        "The bcrypt hash of a text with a random salt; the work factor, from 4 to 20, may follow.",
        [r#"startswith(bcrypt("secret", 4), "$2a$04$")"#, "true"],
        &[Parameter::new("str", Accepts::String)],
        STRING,
        |given| given.in_a_run("bcrypt", || bcrypt_hash(given)),
    )
    .variadic(Parameter::new("cost", Accepts::Number)),
    Function::new(
        "rsadecrypt",
        "The text that a Base64 ciphertext holds, by RSA with PKCS #1 v1.5 padding and a private key in PEM.",
        [r#"rsadecrypt(filebase64("secret.bin"), file("key.pem"))"#, r#""hush""#],
        &[Parameter::new("ciphertext", Accepts::String), Parameter::new("privatekey", Accepts::String)],
        STRING,
        rsa_decrypt,
    ),
];

fn bcrypt_hash(given: &Arguments<'_>) -> Result<Value, Failure> {
    let cost = match given.from(1) {
        [] => BCRYPT_COST,
        [_] => u32::try_from(given.integer(1)?)
            .ok()
            .filter(|cost| (4..=20).contains(cost))
            .ok_or_else(|| Failure::argument(1, "the cost must be from 4 to 20"))?,
        _ => return Err(Failure::argument(2, "there is one cost at most")),
    };
    let text = given.text(0);
    let hash = bcrypt::non_truncating_hash_with_result(text, cost)
        .map_err(|_| Failure::argument(0, "it must be at most 72 bytes long, without a zero byte"))?;
    Ok(hash.format_for_version(bcrypt::Version::TwoA).into())
}

fn rsa_decrypt(given: &Arguments<'_>) -> Result<Value, Failure> {
    let ciphertext = STANDARD
        .decode(given.text(0).replace(['\r', '\n'], ""))
        .map_err(|_| Failure::argument(0, "it is not valid Base64"))?;
    let key = private_key(given.text(1)).map_err(|reason| Failure::argument(1, reason))?;
    let text = key
        .decrypt(Pkcs1v15Encrypt, &ciphertext)
        .map_err(|_| Failure::new("it cannot be decrypted with this key"))?;
    let text = String::from_utf8(text).map_err(|_| Failure::new("the decrypted text is not valid UTF-8"))?;
    Ok(text.into())
}

/// Parses a PEM key in PKCS #1 or PKCS #8 format.
fn private_key(pem: &str) -> Result<RsaPrivateKey, &'static str> {
    let pem = pem.trim();
    if pem.contains("ENCRYPTED") {
        return Err("the private key is protected by a passphrase, which cannot be given here");
    }
    let key = if pem.starts_with("-----BEGIN RSA PRIVATE KEY-----") {
        RsaPrivateKey::from_pkcs1_pem(pem).ok()
    } else {
        RsaPrivateKey::from_pkcs8_pem(pem).ok()
    };
    key.ok_or("it is not an RSA private key in PEM")
}

#[cfg(test)]
mod tests {
    use super::super::testing::refuses;

    #[test]
    fn refusals() {
        let protected = r#"["AA==", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"]"#;
        refuses(&[
            (
                "rsadecrypt",
                r#"["?", "x"]"#,
                r#"invalid value for "ciphertext" parameter: it is not valid Base64"#,
            ),
            (
                "rsadecrypt",
                r#"["AA==", "x"]"#,
                r#"invalid value for "privatekey" parameter: it is not an RSA private key in PEM"#,
            ),
            (
                "rsadecrypt",
                protected,
                r#"invalid value for "privatekey" parameter: the private key is protected by a passphrase, which cannot be given here"#,
            ),
        ]);
    }
}
