//! One client: sends a request once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arcbook_engine::step::{ErrorKind, Method, StepError};
use bytes::{Bytes, BytesMut};
use http::Uri;
use http::header::{ACCEPT, CONTENT_LENGTH, HeaderValue, USER_AGENT};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tower_layer::Layer as _;
use url::Url;
use uuid::Uuid;

use super::proxy::Proxy;
use super::transport::{Connector, Line, Parking, Pieces, Warming};
use super::{Answer, Failure, Limits, Request, Trust, trust};
use crate::environment::Environment;
use crate::json;

const PROGRAM: &str = concat!("arcbook/", env!("CARGO_PKG_VERSION"));

/// An HTTP client, built when it is first used, so that a command that sends nothing loads no certificates.
///
/// It follows no redirect, keeps connections alive, and speaks HTTP/1.1.
#[derive(Clone)]
pub(crate) struct Client(Arc<Inner>);

struct Inner {
    route: Route,
    limits: Limits,
    parking: Parking,
    built: OnceCell<Result<Sender, StepError>>,
}

/// Sends requests over connections that it keeps.
type Sender = legacy::Client<Warming<Connector>, Pieces>;

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
        let Some((never_sent, _)) = wire(&Request::new(Method::Get, url.clone())) else { return };
        let _ = self.0.parking.warm_up(origin(url), client.request(never_sent)).await;
    }

    /// The proxy that `url` is reached by, as it may be shown.
    pub fn proxy(&self, url: &Url) -> Option<String> {
        let Route::Outside { environment, .. } = &self.0.route else { return None };
        Proxy::find(environment).ok().flatten().filter(|proxy| proxy.is_for(url)).map(|proxy| proxy.shown())
    }

    async fn client(&self) -> Result<&Sender, StepError> {
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

    async fn exchange(&self, client: &Sender, request: &Request) -> Result<Answer, Failure> {
        let unsendable =
            || Failure::Unreachable { reason: "HTTP has no form for its URL".to_owned(), refused: false };
        let (mut wire, sent) = wire(request).ok_or_else(unsendable)?;
        let captured = capture_connection(&mut wire);
        let response = client.request(wire).await;
        let (parts, body) = response.map_err(|error| Failure::of(&error, error.is_connect()))?.into_parts();
        let (status, headers) = (parts.status.as_u16(), parts.headers);
        let (body, end) = read(body, self.0.limits.body).await;
        // An answer can come before the request was sent to its end: nobody wants the rest.
        if let Some(line) = parts.extensions.get::<Line>()
            && (!sent.load(Ordering::Relaxed) || line.is_blocked())
        {
            line.hang_up();
            if let Some(connection) = captured.connection_metadata().as_ref() {
                connection.poison();
            }
        }
        match end {
            // The service said no; the reset that follows an answer like that may cut off what it said of it.
            Err(Failure::Broken { .. }) if !(200..300).contains(&status) => {}
            end => end?,
        }
        // Whatever a service answers is text, and some begin it with a mark of its encoding.
        let body = body.slice_ref(json::unmarked(&body));
        Ok(Answer { status, headers, body })
    }
}

/// Reads `body` as far as it comes and no further than to `limit` bytes; fails when it does not end there.
async fn read(mut body: hyper::body::Incoming, limit: usize) -> (Bytes, Result<(), Failure>) {
    let mut read = BytesMut::new();
    loop {
        match body.frame().await {
            None => return (read.freeze(), Ok(())),
            Some(Err(error)) => return (read.freeze(), Err(Failure::of(&error, false))),
            Some(Ok(frame)) => {
                let Ok(chunk) = frame.into_data() else { continue };
                if read.len() + chunk.len() > limit {
                    return (read.freeze(), Err(Failure::TooLong { limit }));
                }
                read.extend_from_slice(&chunk);
            }
        }
    }
}

impl Inner {
    fn build(&self) -> Result<Sender, String> {
        let (tls, proxy) = match &self.route {
            Route::Loopback => (trust::none()?, None),
            Route::Outside { trust, environment } => {
                (trust::tls(trust, environment)?, Proxy::find(environment)?)
            }
        };
        let connector = self.parking.layer(Connector::new(tls, proxy, self.limits.connect));
        Ok(legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector))
    }
}

/// The request as the HTTP library takes it, under a new name of its own, and what becomes true once its body was taken;
/// none when HTTP has no form for its URL.
fn wire(request: &Request) -> Option<(http::Request<Pieces>, Arc<AtomicBool>)> {
    let (body, sent) = Pieces::of(request.body.clone().unwrap_or_default());
    let mut wire = http::Request::new(body);
    *wire.method_mut() = method(request.method);
    *wire.uri_mut() = request.url.as_str().parse::<Uri>().ok()?;
    let headers = wire.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(PROGRAM));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.extend(request.headers.clone());
    if let Ok(id) = Uuid::new_v4().to_string().parse() {
        headers.insert("x-ms-client-request-id", id);
    }
    let carries = matches!(request.method, Method::Put | Method::Post | Method::Patch);
    if carries && request.body.as_ref().is_none_or(Bytes::is_empty) {
        // The library leaves it out, and Azure answers 411 without it.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    Some((wire, sent))
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Post => http::Method::POST,
        Method::Delete => http::Method::DELETE,
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
