//! Sends requests with a body.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Uri;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_layer::Layer as _;

use super::super::connect::{Limited, Terms, Within};
use super::super::{Failure, HttpResponse, Payload, Request, wire};
use super::{Connector, Line, Pieces};

/// Sends requests with a body, over pooled connections.
pub(in crate::http) struct Upload(legacy::Client<Limited<Connector>, Pieces>);

impl Upload {
    pub fn new(terms: Terms) -> Self {
        let connector = Within(terms.limit).layer(Connector::new(terms.tls, terms.proxy));
        Self(legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector))
    }

    /// Sends `request` with `body` and reads the response, up to `limit` bytes.
    pub async fn send(
        &self,
        request: &Request,
        body: &Payload,
        limit: usize,
    ) -> Result<HttpResponse, Failure> {
        let unsendable =
            || Failure::Unreachable { reason: "its URL is not valid in HTTP".to_owned(), refused: false };
        let (body, sent) = Pieces::of(body.clone());
        let mut wire = http::Request::new(body);
        *wire.method_mut() = wire::method(request);
        *wire.uri_mut() = request.url.as_str().parse::<Uri>().map_err(|_| unsendable())?;
        *wire.headers_mut() = wire::headers(request);
        let connection = capture_connection(&mut wire);
        let response = self.0.request(wire).await;
        let response = response.map_err(|error| Failure::of(&error, error.is_connect()))?;
        let line = response.extensions().get::<Line>().cloned();
        let response = HttpResponse::read(response, limit).await;
        end(line, &connection, &sent);
        response
    }
}

/// Closes the connection if the response arrived before the request was sent completely: the rest is not
/// needed.
fn end(line: Option<Line>, connection: &CaptureConnection, sent: &Arc<AtomicBool>) {
    let Some(line) = line else { return };
    if sent.load(Ordering::Relaxed) && !line.is_blocked() {
        return;
    }
    line.hang_up();
    if let Some(connection) = connection.connection_metadata().as_ref() {
        connection.poison();
    }
}
