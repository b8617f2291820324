//! The collector that telemetry is sent to: an endpoint that the user chose, outside Azure.

use std::fmt;
use std::time::{Duration, SystemTime};

use arcbook_engine::step::Method;
use url::Url;

use crate::environment::Environment;
use crate::http::{Client, HttpResponse, Limits, Request, Trust, asked};

/// The limits of an exchange with a collector; they are short because a run must not wait for telemetry.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    total: Duration::from_secs(10),
    bytes_per_second: 64 * 1024,
    body: 1024 * 1024,
};

/// An endpoint that accepts telemetry over HTTP.
///
/// It follows no redirect, and trusts the same certificates as the Azure clients. `Debug` shows no header.
pub struct Collector {
    client: Client,
    request: Request,
}

/// The reason why a collector did not accept telemetry.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, in words.
    pub reason: String,
    /// The delay before a retry, if a retry can help.
    pub again: Option<Duration>,
}

impl Collector {
    /// Creates the collector at `url` that sends `headers` with each request; an error names none of their
    /// values.
    pub fn new(url: &str, headers: &[(String, String)], environment: &Environment) -> Result<Self, String> {
        let url =
            Url::parse(url).map_err(|error| format!("the address of the collector is not a URL: {error}"))?;
        let client = match url.scheme() {
            "http" => Client::agent(LIMITS),
            "https" => Client::azure(Trust::System, environment.clone(), LIMITS),
            other => {
                return Err(format!("the URL of the collector must use http or https, not `{other}`"));
            }
        };
        let mut request = Request::new(Method::Post, url);
        for (name, value) in headers {
            request = request.header(name, value).map_err(|error| error.summary().to_owned())?;
        }
        Ok(Self { client, request })
    }

    /// Returns scheme, host and port of the endpoint.
    #[must_use]
    pub fn origin(&self) -> String {
        self.request.url.origin().ascii_serialization()
    }

    /// Sends `body` with this content type.
    pub async fn send(&self, content_type: &str, body: Vec<u8>) -> Result<(), Refusal> {
        let refusal = |reason: String| Refusal { reason, again: None };
        let request = self.request.clone().body(Some(body.into()));
        let request =
            request.header("content-type", content_type).map_err(|error| refusal(error.to_string()))?;
        self.client.ready().await.map_err(|error| refusal(error.to_string()))?;
        let proxy = self.client.proxy(&self.request.url);
        let through = proxy.map(|proxy| format!(", through the proxy {proxy}")).unwrap_or_default();
        let response = self.client.send(&request).await;
        let response = response.map_err(|failure| refusal(format!("{failure}{through}")))?;
        if response.is_success() { Ok(()) } else { Err(refused(&response)) }
    }
}

/// Returns the refusal of an unsuccessful response; some statuses allow a retry.
fn refused(response: &HttpResponse) -> Refusal {
    let again = matches!(response.status, 429 | 502 | 503 | 504)
        .then(|| asked(&response.headers, SystemTime::now()).unwrap_or(Duration::from_millis(500)));
    Refusal { reason: format!("it answered {}", response.status), again }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("request", &self.request).finish_non_exhaustive()
    }
}
