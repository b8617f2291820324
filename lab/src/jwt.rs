//! JSON Web Tokens: signing with a key of the lab's own, and taking apart any other.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

/// A signing key of the lab could not be created.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed, so there is no key to sign tokens with")]
pub struct KeyError;

/// A key that signs tokens (ES256), and exists as long as the lab.
pub(crate) struct SigningKey {
    key: EcdsaKeyPair,
    kid: String,
    random: SystemRandom,
}

/// A token whose signature nobody has verified yet.
pub(crate) struct Jwt<'a> {
    pub header: Value,
    pub claims: Value,
    /// The text that the signature covers.
    pub signed: &'a str,
    pub signature: Vec<u8>,
}

impl SigningKey {
    pub(crate) fn new() -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| KeyError)?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).map_err(|_| KeyError)?;
        let print = ring::digest::digest(&ring::digest::SHA256, key.public_key().as_ref());
        Ok(Self { kid: URL_SAFE_NO_PAD.encode(&print.as_ref()[..20]), key, random })
    }

    pub(crate) fn sign(&self, claims: &Value) -> Result<String, KeyError> {
        let header = json!({ "typ": "JWT", "alg": "ES256", "kid": self.kid, "x5t": self.kid });
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.key.sign(&self.random, signed.as_bytes()).map_err(|_| KeyError)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Returns whether this key signed the token.
    pub(crate) fn signed(&self, token: &Jwt<'_>) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.key.public_key());
        token.algorithm() == Some("ES256") && key.verify(token.signed.as_bytes(), &token.signature).is_ok()
    }

    /// Returns the public key as a JSON Web Key.
    pub(crate) fn public(&self) -> Value {
        // The uncompressed point: a byte 4, then x and y of 32 bytes each.
        let point = self.key.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x5t": self.kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        })
    }
}

impl<'a> Jwt<'a> {
    /// Takes a token apart; `None` if it is not one.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let object = |part: &str| serde_json::from_slice(&decode(part)?).ok().filter(Value::is_object);
        Some(Self { header: object(header)?, claims: object(claims)?, signed, signature: decode(signature)? })
    }

    pub(crate) fn algorithm(&self) -> Option<&str> {
        self.header.get("alg")?.as_str()
    }

    /// Returns a claim that is text.
    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// Returns a claim that is a time, in Unix seconds.
    pub(crate) fn seconds(&self, claim: &str) -> Option<i64> {
        let time = self.claims.get(claim)?;
        // JSON allows a fraction here.
        time.as_i64().or_else(|| time.to_string().split('.').next()?.parse().ok())
    }

    /// Returns the audiences, of which there may be several.
    pub(crate) fn audiences(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_apart_as_it_was_made() {
        let key = SigningKey::new().unwrap();
        let token = key.sign(&json!({ "aud": ["a", "b"], "sub": "s", "exp": 5, "nbf": 1.5 })).unwrap();
        let jwt = Jwt::parse(&token).unwrap();
        assert!(key.signed(&jwt) && !SigningKey::new().unwrap().signed(&jwt));
        assert_eq!((jwt.text("sub"), jwt.text("exp"), jwt.seconds("exp")), (Some("s"), None, Some(5)));
        assert_eq!((jwt.audiences(), jwt.seconds("nbf")), (vec!["a", "b"], Some(1)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_apart_or_refused(text in "[A-Za-z0-9_.-]{0,60}|eyJ9?\\.eyJ9\\.[A-Z]{0,4}") {
            let _ = Jwt::parse(&text);
        }
    }
}
