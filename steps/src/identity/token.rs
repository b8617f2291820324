//! Reads access tokens.

use arcbook_engine::step::{Setting, StepError, Token};
use serde_json::{Map, Value};

use super::claim::Claim;
use super::{claims, expiry};
use crate::agent_help;
use crate::azure::MACHINE;
use crate::http::HttpResponse;
use crate::os::Os;

/// The facts about a principal, and the claims that have them in the versions of tokens.
const PRINCIPAL: [(&str, &[&str]); 4] = [
    ("tenant", &["tid"]),
    ("object_id", &["oid"]),
    ("client_id", &["appid", "azp"]),
    (MACHINE, &["xms_mirid"]),
];

/// Parses a response with a token, which arrived at `now` in Unix seconds; `empty` is the error for an empty token.
pub(crate) fn read(
    response: &HttpResponse,
    now: i64,
    empty: impl FnOnce() -> StepError,
) -> Result<Token, StepError> {
    let document: Value = response.json()?;
    let text = document.get("access_token");
    if text.is_some_and(|text| text.is_null() || text.as_str().is_some_and(|text| text.trim().is_empty())) {
        return Err(empty().answer(response.status, None, response.request_id()));
    }
    let Some(ends) = expiry::of(&document, now) else {
        return Err(response.nonsense("it does not say when the token expires"));
    };
    of(text.and_then(Value::as_str).unwrap_or_default(), ends, &response.body)
        .ok_or_else(|| response.nonsense("it has no usable access_token"))
}

/// Returns the token with this text and expiry, which came in `document`; none if no token can have that text.
pub(super) fn of(text: &str, ends: i64, document: &[u8]) -> Option<Token> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let principal = principal(claim_map(text).as_ref());
    Some(Token::new(text.to_owned(), ends, principal, document.to_vec()))
}

/// Returns the expiry that a token itself tells, in Unix seconds.
pub(super) fn ends(token: &str) -> Option<i64> {
    claim_map(token)?.get("exp")?.as_i64()
}

/// Returns the claims of a token, in their order; none if it is not a JSON Web Token.
#[must_use]
pub fn token_claims(token: &Token) -> Option<Vec<Claim>> {
    let claims = claim_map(token.reveal())?;
    Some(claims.into_iter().map(|(name, value)| Claim::new(name, value)).collect())
}

fn claim_map(token: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&claims(token)?).ok()
}

/// Returns the principal from the claims of a token: `tenant`, `object_id`, `client_id` and `machine`, as far as
/// present.
///
/// ARM changes the case of ids, so all values are in lower case.
fn principal(claims: Option<&Map<String, Value>>) -> Setting {
    let text = |claim: &&str| claims?.get(*claim)?.as_str();
    PRINCIPAL.into_iter().fold(Setting::default(), |principal, (name, names)| {
        match names.iter().find_map(text) {
            Some(value) => principal.with(name, value.to_ascii_lowercase()),
            None => principal,
        }
    })
}

/// Returns the error for an agent on `os` that responds without a token.
pub(super) fn not_connected(os: Os) -> StepError {
    let detail = "The agent responds, but the `access_token` in its response is empty.";
    agent_help::not_connected(os, detail.to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use bytes::Bytes;
    use http::header::HeaderMap;

    use super::*;

    pub fn answer(body: &str) -> HttpResponse {
        HttpResponse { status: 200, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) }
    }

    /// Returns a token called `name` that expires `life` seconds after `now`.
    pub fn token(name: &str, now: i64, life: i64) -> Token {
        let body = format!(r#"{{"access_token":"{name}","expires_in":"{life}"}}"#);
        read(&answer(&body), now, || not_connected(Os::Linux)).unwrap()
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_quoted() {
        for body in [
            "hunter2",
            r#"["hunter2"]"#,
            r#"{"access_token":"","expires_in":"1"}"#,
            r#"{"access_token":"hunter2"}"#,
            r#"{"access_token":"hunter2","expires_on":"soon","expires_in":"hunter2"}"#,
            r#"{"access_token":"hunter2\r\nX: y","expires_in":"1"}"#,
            r#"{"access_token":["hunter2"],"expires_in":"1"}"#,
        ] {
            let error = read(&answer(body), 0, || not_connected(Os::Linux)).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
            assert!(!error.remedies().is_empty(), "{error:?}");
        }
    }

    #[test]
    fn an_agent_without_a_token_is_not_connected() {
        for (token, connected) in
            [(r#""""#, false), (r#"" ""#, false), ("null", false), ("1", true), ("{}", true)]
        {
            let body = format!(r#"{{"access_token":{token},"expires_in":"60"}}"#);
            let error = read(&answer(&body), 0, || not_connected(Os::Linux)).unwrap_err();
            assert_eq!(error.summary().contains("not connected"), !connected, "{token}: {error:?}");
        }
    }
}
