//! Access tokens: v1-style JWTs, signed with a key that exists as long as the lab.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::jwt::{Jwt, KeyError, SigningKey};
use crate::world::Principal;

/// Lifetime of a managed identity token, in seconds: a day.
const LIFETIME: i64 = 86_400;

/// Tolerance for clocks that differ, in seconds.
const SKEW: i64 = 300;

/// Signs and verifies the lab's tokens.
pub(crate) struct Issuer {
    tenant: Uuid,
    key: SigningKey,
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
    pub proof: Proof,
    /// The resource whose managed identity it is.
    pub resource: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(crate) fn of(principal: &'a Principal, proof: Proof) -> Self {
        Self {
            principal: principal.object_id,
            client: principal.client_id,
            proof,
            resource: principal.resource(),
        }
    }
}

/// The way in which a principal proved its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Secret,
    /// A certificate, or a token of another issuer. Managed identities have a certificate that nobody sees.
    Certificate,
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
        Self { not_before: now - SKEW, expires: now - SKEW + LIFETIME }
    }

    /// Valid for so many seconds after `now`.
    pub(crate) fn lasting(now: i64, seconds: i64) -> Self {
        Self { not_before: now - SKEW, expires: now + seconds }
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
        Ok(Self { tenant, key: SigningKey::new()? })
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
        let mut claims = json!({
            "aud": audience,
            "iss": self.name(),
            "iat": valid.not_before,
            "nbf": valid.not_before,
            "exp": valid.expires,
            "appid": subject.client,
            "appidacr": match subject.proof { Proof::Secret => "1", Proof::Certificate => "2" },
            "idp": self.name(),
            "idtyp": "app",
            "oid": subject.principal,
            "sub": subject.principal,
            "tid": self.tenant,
            "uti": URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes()),
            "ver": "1.0",
        });
        if let Some(resource) = subject.resource {
            claims["xms_mirid"] = resource.into();
        }
        self.key.sign(&claims)
    }

    /// Verifies that this lab signed the token and that it is valid at `now` (Unix seconds), and returns its
    /// claims.
    ///
    /// The service checks the audience.
    pub(crate) fn verify(&self, token: &str, now: i64) -> Result<Claims, Refusal> {
        let jwt = Jwt::parse(token).filter(|jwt| self.key.signed(jwt)).ok_or(Refusal::Invalid)?;
        let claims: Claims = serde_json::from_value(jwt.claims).map_err(|_| Refusal::Invalid)?;
        match claims {
            _ if now >= claims.exp => Err(Refusal::Expired),
            _ if now < claims.nbf => Err(Refusal::NotYetValid),
            _ => Ok(claims),
        }
    }

    /// Returns the principal of a token that this lab signed, whether it is still valid or not.
    pub(crate) fn holder(&self, token: &str) -> Option<Uuid> {
        let jwt = Jwt::parse(token).filter(|jwt| self.key.signed(jwt))?;
        jwt.text("oid")?.parse().ok()
    }

    /// Returns the public key as a JSON Web Key Set.
    pub(crate) fn key_set(&self) -> Value {
        let mut key = self.key.public();
        key["issuer"] = self.name().into();
        json!({ "keys": [key] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: Subject<'_> = Subject {
        principal: Uuid::from_u128(1),
        client: Uuid::from_u128(2),
        proof: Proof::Secret,
        resource: None,
    };

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
