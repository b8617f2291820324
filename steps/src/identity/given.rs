//! A token that is there already.

use std::sync::Arc;

use arcbook_engine::step::{Audience, Context, ErrorKind, StepError, Token};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{claims, token};
use crate::cloud::Cloud;
use crate::http::clean;

/// A token from outside, for one audience; it has no `Debug`.
pub(crate) struct Given {
    pub token: String,
    pub audience: Audience,
    pub cloud: Arc<Cloud>,
    /// Returns the current Unix time, in seconds.
    pub now: fn() -> i64,
}

impl Given {
    /// Returns the token if it is for `audience` and has not expired, as far as it says.
    pub fn token(&self, audience: &Audience, context: &Context) -> Result<Token, StepError> {
        context.secrets().add(&self.token);
        if !self.cloud.is_same_audience(audience, &self.audience) {
            return Err(refused(&format!(
                "it is for {}, and a token for {audience} is needed",
                self.audience
            ))
            .help("declare another identity for the other services"));
        }
        let claims = claims(&self.token).and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
        // A token that is not a JSON Web Token says nothing, and the service has to tell.
        let claim = |name: &str| claims.as_ref().and_then(|claims| claims.get(name));
        if let Some(own) = claim("aud").and_then(Value::as_str)
            && !self.cloud.is_same_audience(audience, &Audience::new(own))
        {
            return Err(refused(&format!("it is for {}, and not for {audience}", clean(own)))
                .argument("token")
                .help("get a token for the audience: az account get-access-token --resource AUDIENCE"));
        }
        let ends = claim("exp").and_then(Value::as_i64);
        if let Some(ends) = ends.filter(|ends| *ends <= (self.now)()) {
            return Err(refused(&format!("it expired at {}", moment(ends)))
                .argument("token")
                .help("get a new token: this identity cannot renew it")
                .help("if the token is new, set this machine's clock"));
        }
        // Without an end it is used as long as the service accepts it.
        let token = token::of(&self.token, ends.unwrap_or(i64::MAX), b"{}");
        token.ok_or_else(|| refused("it has characters that no token has").argument("token"))
    }
}

fn refused(reason: &str) -> StepError {
    StepError::new(ErrorKind::Local, "the given token cannot be used")
        .detail(format!("The token was not sent: {reason}."))
}

fn moment(seconds: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|at| at.format(&Rfc3339).ok());
    at.unwrap_or_else(|| seconds.to_string())
}
