//! An access token.

use std::fmt;
use std::sync::Arc;

use arcbook_engine::step::{ErrorKind, Setting, StepError};
use serde_json::{Map, Value};

use super::claim::Claim;
use super::{claims, expiry};
use crate::azure::MACHINE;
use crate::http::HttpResponse;

/// The safety margin before a token's expiry, in seconds: it is not used from then on.
const MARGIN: i64 = 300;

/// The lifetime, in seconds, from which on a token is renewed at half of its life.
const LONG_LIFE: i64 = 2 * 60 * 60;

/// The facts about a principal, and the claims that have them in the versions of tokens.
const PRINCIPAL: [(&str, &[&str]); 4] = [
    ("tenant", &["tid"]),
    ("object_id", &["oid"]),
    ("client_id", &["appid", "azp"]),
    (MACHINE, &["xms_mirid"]),
];

/// A token and its expiry; clones share it. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Arc<Inner>);

#[derive(PartialEq, Eq)]
struct Inner {
    text: String,
    ends: i64,
    renew_at: i64,
    document: Vec<u8>,
}

impl Token {
    /// Parses the agent's response, which arrived at `now` in Unix seconds.
    pub(crate) fn read(response: &HttpResponse, now: i64) -> Result<Self, StepError> {
        let document: Value = response.json()?;
        let text = document.get("access_token");
        if text.is_some_and(|text| text.is_null() || text.as_str().is_some_and(|text| text.trim().is_empty()))
        {
            return Err(not_connected().answer(response.status, None, response.request_id()));
        }
        let text = text.and_then(Value::as_str).unwrap_or_default().to_owned();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(response.nonsense("it has no usable access_token"));
        }
        let Some(ends) = expiry::of(&document, now) else {
            return Err(response.nonsense("it does not say when the token expires"));
        };
        let life = ends.saturating_sub(now);
        let renew_at = if life >= LONG_LIFE { now + life / 2 } else { ends };
        Ok(Self(Arc::new(Inner { text, ends, renew_at, document: response.body.to_vec() })))
    }

    /// Returns the token itself: its holder can act as the machine until it expires.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0.text
    }

    /// Returns the agent's whole response, including the token.
    pub(crate) fn document(&self) -> &[u8] {
        &self.0.document
    }

    /// Returns the expiry in Unix seconds: the earlier one if the issuer gives two.
    #[must_use]
    pub fn expires_on(&self) -> i64 {
        self.0.ends
    }

    /// Returns the claims of the token, in their order; none if it is not a JSON Web Token.
    #[must_use]
    pub fn claims(&self) -> Option<Vec<Claim>> {
        let claims = self.claim_map()?;
        Some(claims.into_iter().map(|(name, value)| Claim::new(name, value)).collect())
    }

    fn claim_map(&self) -> Option<Map<String, Value>> {
        serde_json::from_slice(&claims(&self.0.text)?).ok()
    }

    /// Returns the token's tenant, from its claims.
    #[must_use]
    pub fn tenant(&self) -> Option<String> {
        self.principal().get("tenant").map(ToOwned::to_owned)
    }

    /// Returns the principal from the token's claims: `tenant`, `object_id`, `client_id` and `machine`, as far as
    /// present.
    /// ARM changes the case of ids, so all values are in lower case.
    pub(crate) fn principal(&self) -> Setting {
        let claims = self.claim_map();
        let text = |claim: &&str| claims.as_ref()?.get(*claim)?.as_str();
        PRINCIPAL.into_iter().fold(Setting::default(), |principal, (name, names)| {
            match names.iter().find_map(text) {
                Some(value) => principal.with(name, value.to_ascii_lowercase()),
                None => principal,
            }
        })
    }

    /// Returns whether a request sent at `now` can use the token.
    pub(super) fn is_usable(&self, now: i64) -> bool {
        now <= self.0.ends.saturating_sub(MARGIN)
    }

    /// Returns whether the token is usable and not due for renewal.
    pub(super) fn is_fresh(&self, now: i64) -> bool {
        self.is_usable(now) && now < self.0.renew_at
    }
}

/// Returns the error for an agent that responds without a token.
fn not_connected() -> StepError {
    StepError::new(ErrorKind::Local, "this machine is not connected to Azure Arc")
        .detail("The agent responds, but the `access_token` in its response is empty.")
        .help("check the agent's status: azcmagent show")
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_on", &self.0.ends).finish_non_exhaustive()
    }
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
        Token::read(&answer(&body), now).unwrap()
    }

    #[test]
    fn a_token_is_used_until_shortly_before_it_expires() {
        let token = token("t", 1_000_000, 3600);
        assert_eq!(token.expires_on(), 1_003_600);
        assert!(token.is_usable(1_003_300) && !token.is_usable(1_003_301));
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
            let error = Token::read(&answer(body), 0).unwrap_err();
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
            let error = Token::read(&answer(&body), 0).unwrap_err();
            assert_eq!(error.summary().contains("not connected"), !connected, "{token}: {error:?}");
        }
    }

    #[test]
    fn a_long_life_is_renewed_at_half() {
        let long = token("t", 0, 24 * 3600);
        assert!(long.is_fresh(12 * 3600 - 1) && !long.is_fresh(12 * 3600) && long.is_usable(12 * 3600));
        let short = token("t", 0, 3600);
        assert!(short.is_fresh(3300) && !short.is_fresh(3301));
    }

    #[test]
    fn debug_shows_no_token() {
        assert!(!format!("{:?}", token("hunter2", 0, 60)).contains("hunter2"));
    }
}
