//! The claims in a token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns the claims of a JSON Web Token as JSON text; none if the token is not one.
///
/// Nothing is verified: the token comes directly from its issuer, and the service that receives it verifies
/// it.
pub(crate) fn claims(token: &str) -> Option<Vec<u8>> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<serde_json::Map<_, _>>(&claims).ok()?;
    Some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_the_middle_part() {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let body = r#"{"aud":"https://vault.azure.net","n":"ü?>"}"#;
        let token = format!("{}.{}.c2ln", part(r#"{"alg":"RS256"}"#), part(body));
        assert_eq!(claims(&token).as_deref(), Some(body.as_bytes()));
        let not_object = format!("a.{}.c", part("[1]"));
        for token in ["", "opaque", "a.b", "a.b.c", "a.b.c.d", &not_object] {
            assert_eq!(claims(token), None, "{token}");
        }
    }
}
