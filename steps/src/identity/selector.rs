//! The selection of one of a machine's managed identities.

use arcbook_engine::step::{Audience, StepError, Token};
use serde_json::Value;
use url::Url;

use crate::http::HttpResponse;

/// The identity of a machine that a token is requested for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    /// The name of the parameter, and the id; none for the machine's own identity.
    chosen: Option<(&'static str, String)>,
}

impl Selector {
    /// Returns the selector of the identity with this id; `name` is that of the parameter.
    pub fn new(name: &'static str, id: String) -> Self {
        Self { chosen: Some((name, id)) }
    }

    /// Returns the URL of a request for a token.
    pub fn url(&self, endpoint: &Url, version: &str, audience: &Audience) -> Url {
        let mut url = endpoint.clone();
        let mut query = url.query_pairs_mut();
        query.append_pair("api-version", version).append_pair("resource", audience.as_str());
        if let Some((name, id)) = &self.chosen {
            query.append_pair(name, id);
        }
        drop(query);
        url
    }

    /// Checks that a response names the identity that was asked for.
    ///
    /// An old Arc agent ignores the selection and returns a token of the machine's own identity.
    pub fn check(&self, token: Token, response: &HttpResponse) -> Result<Token, StepError> {
        let Some((name, id)) = &self.chosen else { return Ok(token) };
        let document: Value = response.json()?;
        let echo = document.get(*name).and_then(Value::as_str);
        if echo.is_some_and(|echo| echo.eq_ignore_ascii_case(id)) {
            return Ok(token);
        }
        Err(response
            .nonsense(&format!("it does not say that the token is that of the identity with this {name}"))
            .help("update the Arc agent: older ones know the machine's own identity only, and ignore the selection"))
    }
}
