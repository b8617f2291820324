//! A token of another system, which Entra accepts in place of a secret.

use serde_json::Value;

use crate::http::clean;
use crate::identity::claims;

/// The three facts that a federated credential names; none of them is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    issuer: String,
    subject: String,
    audience: String,
    /// The end of the token's validity, in seconds since 1970.
    pub ends: Option<i64>,
}

impl Facts {
    /// Reads the facts from a token; none if it is not a JSON Web Token.
    pub fn of(token: &str) -> Option<Self> {
        let claims: Value = serde_json::from_slice(&claims(token)?).ok()?;
        let text = |name: &str| match claims.get(name) {
            Some(Value::String(text)) => clean(text),
            Some(Value::Array(texts)) => {
                texts.iter().filter_map(Value::as_str).map(clean).collect::<Vec<_>>().join(", ")
            }
            _ => String::new(),
        };
        let (issuer, subject, audience) = (text("iss"), text("sub"), text("aud"));
        Some(Self { issuer, subject, audience, ends: claims.get("exp").and_then(Value::as_i64) })
    }

    /// Tells the facts side by side.
    pub fn told(&self) -> String {
        let Self { issuer, subject, audience, .. } = self;
        format!(
            "The federated token has the issuer `{issuer}`, the subject `{subject}`, the audience `{audience}`."
        )
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn the_three_facts_are_read_and_nothing_else_is_shown() {
        for (claims, expected) in [
            (
                r#"{"iss":"https://issuer.example","sub":"repo:a/b:ref:x","aud":"api://AzureADTokenExchange","secret":"hunter2"}"#,
                Some(
                    "issuer `https://issuer.example`, the subject `repo:a/b:ref:x`, the audience `api://AzureADTokenExchange`",
                ),
            ),
            (r#"{"aud":["a","b"]}"#, Some("issuer ``, the subject ``, the audience `a, b`")),
            ("hunter2", None),
        ] {
            let token = format!("e30.{}.hunter2", URL_SAFE_NO_PAD.encode(claims));
            let told = Facts::of(&token).map(|facts| facts.told());
            assert_eq!(told.is_some(), expected.is_some(), "{claims}");
            assert!(told.as_deref().unwrap_or_default().contains(expected.unwrap_or_default()), "{told:?}");
            assert!(!told.unwrap_or_default().contains("hunter2"));
        }
        assert_eq!(Facts::of("opaque"), None);
    }
}
