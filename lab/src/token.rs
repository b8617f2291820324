//! Access tokens: v1-style JWTs, signed with a key that exists as long as the lab.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Lifetime of a managed identity token, in seconds: a day.
const LIFETIME: i64 = 86_400;

/// The lab's signing key could not be created.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed, so there is no key to sign tokens with")]
pub struct KeyError;

/// Signs and verifies the lab's tokens.
pub(crate) struct Issuer {
    tenant: Uuid,
    key: EcdsaKeyPair,
    kid: String,
    random: SystemRandom,
}

/// The verified claims of a token.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Claims {
    pub aud: String,
    pub oid: Uuid,
    pub appid: Uuid,
    pub iss: String,
    nbf: i64,
    exp: i64,
}

/// The identity that a token is issued to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub principal: Uuid,
    pub client: Uuid,
    pub resource: &'a str,
}

/// A token's validity period, in Unix seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Validity {
    pub not_before: i64,
    pub expires: i64,
}

impl Validity {
    /// Valid for a day, from five minutes before `now` to allow for clock skew.
    pub(crate) fn from(now: i64) -> Self {
        Self { not_before: now - 300, expires: now - 300 + LIFETIME }
    }

    /// Expired before `now`.
    pub(crate) fn over(now: i64) -> Self {
        Self { not_before: now - LIFETIME, expires: now - 1 }
    }
}

/// The reason why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not a JWT that this lab signed, or altered.
    Invalid,
    Expired,
    NotYetValid,
}

impl Issuer {
    pub(crate) fn new(tenant: Uuid) -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| KeyError)?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).map_err(|_| KeyError)?;
        let print = ring::digest::digest(&ring::digest::SHA256, key.public_key().as_ref());
        Ok(Self { tenant, kid: URL_SAFE_NO_PAD.encode(&print.as_ref()[..20]), key, random })
    }

    /// Returns the issuer: `https://sts.windows.net/{tenant}/`.
    pub(crate) fn name(&self) -> String {
        format!("https://sts.windows.net/{}/", self.tenant)
    }

    pub(crate) fn issue(
        &self,
        subject: Subject<'_>,
        audience: &str,
        valid: Validity,
    ) -> Result<String, KeyError> {
        let header = json!({ "typ": "JWT", "alg": "ES256", "kid": self.kid, "x5t": self.kid });
        let claims = json!({
            "aud": audience,
            "iss": self.name(),
            "iat": valid.not_before,
            "nbf": valid.not_before,
            "exp": valid.expires,
            "appid": subject.client,
            "appidacr": "2",
            "idp": self.name(),
            "idtyp": "app",
            "oid": subject.principal,
            "sub": subject.principal,
            "tid": self.tenant,
            "uti": URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes()),
            "ver": "1.0",
            "xms_mirid": subject.resource,
        });
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.key.sign(&self.random, signed.as_bytes()).map_err(|_| KeyError)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Verifies that this lab signed the token and that it is valid at `now` (Unix seconds), and returns its
    /// claims.
    ///
    /// The service checks the audience.
    pub(crate) fn verify(&self, token: &str, now: i64) -> Result<Claims, Refusal> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Invalid)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Invalid)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Invalid);
        let header: Value = serde_json::from_slice(&decode(header)?).map_err(|_| Refusal::Invalid)?;
        if header.get("alg").and_then(Value::as_str) != Some("ES256") {
            return Err(Refusal::Invalid);
        }
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.key.public_key())
            .verify(signed.as_bytes(), &decode(signature)?)
            .map_err(|_| Refusal::Invalid)?;
        let claims: Claims = serde_json::from_slice(&decode(claims)?).map_err(|_| Refusal::Invalid)?;
        match claims {
            _ if now >= claims.exp => Err(Refusal::Expired),
            _ if now < claims.nbf => Err(Refusal::NotYetValid),
            _ => Ok(claims),
        }
    }

    /// Returns the public key as a JSON Web Key Set.
    pub(crate) fn key_set(&self) -> Value {
        // The uncompressed point: a byte 4, then x and y of 32 bytes each.
        let point = self.key.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x5t": self.kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y), "issuer": self.name(),
        }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: Subject<'_> =
        Subject { principal: Uuid::from_u128(1), client: Uuid::from_u128(2), resource: "/subscriptions/s" };

    #[test]
    fn a_token_is_valid_for_its_time_and_its_lab() {
        let issuer = Issuer::new(Uuid::from_u128(9)).unwrap();
        let token = issuer.issue(SUBJECT, "https://vault.azure.net", Validity::from(1_000_000)).unwrap();
        let claims = issuer.verify(&token, 1_000_000).unwrap();
        assert_eq!(claims.aud, "https://vault.azure.net");
        assert_eq!(claims.oid, SUBJECT.principal);
        assert_eq!(claims.iss, "https://sts.windows.net/00000000-0000-0000-0000-000000000009/");
        assert_eq!(issuer.verify(&token, 1_000_000 + LIFETIME).unwrap_err(), Refusal::Expired);
        assert_eq!(issuer.verify(&token, 1_000_000 - 301).unwrap_err(), Refusal::NotYetValid);
        let other = Issuer::new(Uuid::from_u128(9)).unwrap();
        assert_eq!(other.verify(&token, 1_000_000).unwrap_err(), Refusal::Invalid);
    }

    #[test]
    fn tampering_is_detected() {
        let issuer = Issuer::new(Uuid::nil()).unwrap();
        let token = issuer.issue(SUBJECT, "a", Validity::from(0)).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let signature = token.rsplit('.').next().unwrap();
        for forged in [
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            token.replace(claims, &claims.to_lowercase()),
            String::new(),
            "..".to_owned(),
            "a.b.c".to_owned(),
        ] {
            assert_eq!(issuer.verify(&forged, 0).unwrap_err(), Refusal::Invalid, "{forged}");
        }
    }

    proptest::proptest! {
        #[test]
        fn random_text_is_no_token(text in "[A-Za-z0-9_.-]{0,60}") {
            let issuer = Issuer::new(Uuid::nil()).unwrap();
            proptest::prop_assert!(issuer.verify(&text, 0).is_err());
        }
    }
}
