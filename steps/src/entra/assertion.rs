//! The assertion by which the holder of a certificate proves itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::error::Unspecified;
use serde_json::{Value, json};
use uuid::Uuid;

use super::certificate::Certificate;

/// The time for which an assertion is valid, in seconds.
const LIFE: i64 = 600;

/// Returns a new assertion of the application `client` for the token endpoint `endpoint`, signed at `now`.
///
/// It has no `nbf`, as those of Microsoft's clients: a clock that is ahead of Entra's does no harm then.
///
/// With `with_chain` it contains the certificates, so that Entra can accept a renewed one by its subject and issuer.
pub(super) fn assertion(
    certificate: &Certificate,
    client: &str,
    endpoint: &str,
    with_chain: bool,
    now: i64,
) -> Result<String, Unspecified> {
    let mut header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": certificate.thumbprint() });
    if with_chain {
        header["x5c"] = json!(certificate.chain());
    }
    let claims = json!({
        "aud": endpoint,
        "iss": client,
        "sub": client,
        "jti": Uuid::new_v4().to_string(),
        "iat": now,
        "exp": now + LIFE,
    });
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(&header), part(&claims));
    let signature = URL_SAFE_NO_PAD.encode(certificate.sign(message.as_bytes())?);
    Ok(format!("{message}.{signature}"))
}
