//! The transport of requests without a body, based on `reqwest`.

use std::sync::Arc;

use http::Response;
use reqwest::{Body, redirect};
use url::Url;

use super::connect::{Parking, Resolver, Terms, Within};
use super::{Failure, Request, wire};

/// Sends requests without a body, over pooled connections.
pub(super) struct Plain {
    client: reqwest::Client,
    parking: Parking,
}

impl Plain {
    /// Creates the transport; the error is a fragment.
    pub fn new(terms: &Terms) -> Result<Self, String> {
        let parking = Parking::default();
        let builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            .http1_only()
            .no_proxy()
            .dns_resolver(Arc::new(Resolver))
            .connector_layer(Within(terms.limit))
            .connector_layer(parking.clone())
            .tls_backend_preconfigured(terms.tls.clone());
        let builder = match &terms.proxy {
            Some(proxy) => builder.proxy(proxy.for_reqwest()),
            None => builder,
        };
        let client = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { client, parking })
    }

    /// Sends `request` and returns the response, with its body still unread.
    pub async fn send(&self, request: &Request) -> Result<Response<Body>, Failure> {
        let mut wire = reqwest::Request::new(wire::method(request), request.url.clone());
        *wire.headers_mut() = wire::headers(request);
        let response = self.parking.request(origin(&request.url), self.client.execute(wire)).await;
        Ok(response.map_err(|error| Failure::of(&error, error.is_connect()))?.into())
    }

    /// Opens a connection to the host of `url` and keeps it for the next request there. Sends nothing.
    pub async fn warm(&self, url: &Url) {
        let never_sent = reqwest::Request::new(http::Method::GET, url.clone());
        let _ = self.parking.warm_up(origin(url), self.client.execute(never_sent)).await;
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
