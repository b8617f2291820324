//! One client: sends a request once.

use std::sync::Arc;

use arcbook_engine::step::{ErrorKind, Method, StepError};
use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_LENGTH, HeaderValue};
use reqwest::redirect;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use url::Url;
use uuid::Uuid;

use super::proxy::Proxy;
use super::resolve::Resolver;
use super::warm::Parking;
use super::{Answer, Failure, Limits, Request, Trust, trust};
use crate::environment::Environment;
use crate::json;

const USER_AGENT: &str = concat!("arcbook/", env!("CARGO_PKG_VERSION"));

/// An HTTP client, built when it is first used, so that a command that sends nothing loads no certificates.
///
/// It follows no redirect, keeps connections alive, and speaks HTTP/1.1.
#[derive(Clone)]
pub(crate) struct Client(Arc<Inner>);

struct Inner {
    route: Route,
    limits: Limits,
    parking: Parking,
    built: OnceCell<Result<reqwest::Client, StepError>>,
}

/// How the other side is reached.
enum Route {
    /// Over TLS and perhaps a proxy.
    Outside { trust: Trust, environment: Environment },
    /// On this machine, in the clear, past any proxy.
    Loopback,
}

impl Client {
    /// A client for Azure.
    pub fn azure(trust: Trust, environment: Environment, limits: Limits) -> Self {
        Self::new(Route::Outside { trust, environment }, limits)
    }

    /// A client for the Arc agent on this machine.
    pub fn agent(limits: Limits) -> Self {
        Self::new(Route::Loopback, limits)
    }

    fn new(route: Route, limits: Limits) -> Self {
        Self(Arc::new(Inner { route, limits, parking: Parking::default(), built: OnceCell::new() }))
    }

    /// Gets ready to send. Reading the system's certificates blocks, so it is done on a thread for that.
    ///
    /// Whether this machine can speak TLS is said here, once, and not by each request that fails of it.
    pub async fn ready(&self) -> Result<(), StepError> {
        self.client().await.map(drop)
    }

    /// Sends `request` once: the answer whatever its status, or why there is none.
    pub async fn send(&self, request: &Request) -> Result<Answer, Failure> {
        let client = self.client().await;
        let client =
            client.map_err(|error| Failure::Unreachable { reason: error.to_string(), refused: false })?;
        let limit = self.0.limits.total_for(request.body.as_ref().map_or(0, Bytes::len));
        let exchange = self.exchange(client, request);
        let origin = origin(&request.url);
        match timeout(limit, self.0.parking.request(origin, exchange)).await {
            Ok(result) => result,
            Err(_) => Err(Failure::Slow { limit }),
        }
    }

    /// Opens a connection to the host of `url` and keeps it for the next request there; sends nothing over it.
    pub async fn warm(&self, url: &Url) {
        let Ok(client) = self.client().await else { return };
        let never_sent = reqwest::Request::new(reqwest::Method::GET, url.clone());
        let _ = self.0.parking.warm_up(origin(url), client.execute(never_sent)).await;
    }

    /// The proxy that `url` is reached by, as it may be shown.
    pub fn proxy(&self, url: &Url) -> Option<String> {
        let Route::Outside { environment, .. } = &self.0.route else { return None };
        Proxy::find(environment).ok().flatten().filter(|proxy| proxy.is_for(url)).map(|proxy| proxy.shown())
    }

    async fn client(&self) -> Result<&reqwest::Client, StepError> {
        let built = self.0.built.get_or_init(|| async {
            let inner = Arc::clone(&self.0);
            let built = match inner.route {
                Route::Loopback => inner.build(),
                Route::Outside { .. } => tokio::task::spawn_blocking(move || inner.build())
                    .await
                    .unwrap_or_else(|_| Err("the thread that reads certificates stopped".to_owned())),
            };
            built.map_err(|reason| {
                StepError::new(ErrorKind::Local, format!("no request can be sent: {reason}"))
            })
        });
        built.await.as_ref().map_err(Clone::clone)
    }

    async fn exchange(&self, client: &reqwest::Client, request: &Request) -> Result<Answer, Failure> {
        let limits = &self.0.limits;
        let failed = |error: reqwest::Error| Failure::of(&error, limits.connect);
        let mut response = client.execute(wire(request)).await.map_err(failed)?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > limits.body {
                return Err(Failure::TooLong { limit: limits.body });
            }
            body.extend_from_slice(&chunk);
        }
        let body = body.freeze();
        // Whatever a service answers is text, and some begin it with a mark of its encoding.
        let body = body.slice_ref(json::unmarked(&body));
        Ok(Answer { status, headers, body })
    }
}

impl Inner {
    fn build(&self) -> Result<reqwest::Client, String> {
        let builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            .referer(false)
            .http1_only()
            .no_proxy()
            .connect_timeout(self.limits.connect)
            .dns_resolver(Arc::new(Resolver))
            .connector_layer(self.parking.clone());
        let builder = match &self.route {
            Route::Loopback => builder.tls_backend_preconfigured(trust::none()?),
            Route::Outside { trust, environment } => {
                let builder = builder.tls_backend_preconfigured(trust::tls(trust, environment)?);
                match Proxy::find(environment)? {
                    Some(proxy) => builder.proxy(proxy.into_client()),
                    None => builder,
                }
            }
        };
        builder.build().map_err(|error| error.to_string())
    }
}

/// The request as the HTTP library takes it, under a new name of its own.
fn wire(request: &Request) -> reqwest::Request {
    let mut wire = reqwest::Request::new(method(request.method), request.url.clone());
    wire.headers_mut().clone_from(&request.headers);
    if let Ok(id) = Uuid::new_v4().to_string().parse() {
        wire.headers_mut().insert("x-ms-client-request-id", id);
    }
    let carries = matches!(request.method, Method::Put | Method::Post | Method::Patch);
    if carries && request.body.as_ref().is_none_or(Bytes::is_empty) {
        // The library leaves it out, and Azure answers 411 without it.
        wire.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    *wire.body_mut() = request.body.clone().map(Into::into);
    wire
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Post => reqwest::Method::POST,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
