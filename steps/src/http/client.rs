//! An HTTP client that sends each request once.

use std::sync::Arc;

use arcbook_engine::step::{ErrorKind, StepError};
use rustls::RootCertStore;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use url::Url;

use super::connect::{Terms, Trial};
use super::pace::{Pace, Paces};
use super::plain::Plain;
use super::proxy::Proxy;
use super::upload::Upload;
use super::{Failure, HttpResponse, Limits, Payload, Request, Trust, trust, wire};
use crate::environment::Environment;

/// An HTTP client that is built at its first use, so that a command that sends nothing loads no certificates.
///
/// It follows no redirect, keeps connections alive, and speaks HTTP/1.1.
#[derive(Clone)]
pub(crate) struct Client(Arc<Inner>);

struct Inner {
    route: Route,
    limits: Limits,
    paces: Paces,
    built: OnceCell<Result<Ways, StepError>>,
}

/// The two transports. Requests without a body use `plain`; requests with a body use `upload`, which reads a
/// response that arrives before the body is sent completely.
struct Ways {
    plain: Plain,
    upload: Upload,
}

/// The route to the peer.
enum Route {
    /// Over TLS, through a proxy if one is configured.
    Outside { trust: Trust, environment: Environment },
    /// On this machine, without TLS and without a proxy.
    Loopback,
}

impl Client {
    /// Returns a client for Azure.
    pub fn azure(trust: Trust, environment: Environment, limits: Limits) -> Self {
        Self::new(Route::Outside { trust, environment }, limits)
    }

    /// Returns a client for the Arc agent on this machine.
    pub fn agent(limits: Limits) -> Self {
        Self::new(Route::Loopback, limits)
    }

    fn new(route: Route, limits: Limits) -> Self {
        Self(Arc::new(Inner { route, limits, paces: Paces::default(), built: OnceCell::new() }))
    }

    /// Builds the client, on a blocking thread because it reads the system's certificates.
    ///
    /// A machine that cannot use TLS is reported here, once, and not by each request.
    pub async fn ready(&self) -> Result<(), StepError> {
        self.ways().await.map(drop)
    }

    /// Returns the pace of requests to the host of `url`.
    pub(super) fn pace(&self, url: &Url) -> Arc<Pace> {
        self.0.paces.of(url)
    }

    /// Sends `request` once and returns the response, whatever its status.
    pub async fn send(&self, request: &Request) -> Result<HttpResponse, Failure> {
        let ways = self.ways().await;
        let ways =
            ways.map_err(|error| Failure::Unreachable { reason: error.to_string(), refused: false })?;
        let body = wire::body(request);
        let limit = self.0.limits.total_for(body.map_or(0, Payload::len));
        let most = request.most.unwrap_or(self.0.limits.body);
        let sent = timeout(limit, ways.send(request, body, most)).await;
        let response = sent.unwrap_or(Err(Failure::Slow { limit }))?;
        // A part of an answer is no text.
        let is_exact = request.most.is_some() || response.status == 206;
        Ok(if is_exact { response } else { response.unmarked() })
    }

    /// Opens a connection to the host of `url` and keeps it for the next request there without a body. Sends
    /// nothing.
    pub async fn warm(&self, url: &Url) {
        if let Ok(ways) = self.ways().await {
            ways.plain.warm(url).await;
        }
    }

    /// Returns the settings with which this client would connect to `url`, for a connection that is only tried.
    pub async fn trial(&self, url: &Url) -> Result<Trial, StepError> {
        let (inner, url) = (Arc::clone(&self.0), url.clone());
        let made = tokio::task::spawn_blocking(move || inner.trial(&url)).await;
        made.unwrap_or_else(|_| Err("the thread that reads certificates stopped".to_owned()))
            .map_err(|reason| not_sent(&reason))
    }

    /// Returns the proxy for `url`, in a form that is safe to print.
    pub fn proxy(&self, url: &Url) -> Option<String> {
        let Route::Outside { environment, .. } = &self.0.route else { return None };
        Proxy::find(environment).ok().flatten().filter(|proxy| proxy.is_for(url)).map(|proxy| proxy.shown())
    }

    async fn ways(&self) -> Result<&Ways, StepError> {
        let built = self.0.built.get_or_init(|| async {
            let inner = Arc::clone(&self.0);
            let built = match inner.route {
                Route::Loopback => inner.build(),
                Route::Outside { .. } => tokio::task::spawn_blocking(move || inner.build())
                    .await
                    .unwrap_or_else(|_| Err("the thread that reads certificates stopped".to_owned())),
            };
            built.map_err(|reason| not_sent(&reason))
        });
        built.await.as_ref().map_err(Clone::clone)
    }
}

fn not_sent(reason: &str) -> StepError {
    StepError::new(ErrorKind::Local, format!("no request can be sent: {reason}"))
}

impl Inner {
    fn trial(&self, url: &Url) -> Result<Trial, String> {
        let (roots, proxy) = match &self.route {
            Route::Loopback => (RootCertStore::empty(), None),
            Route::Outside { trust, environment } => {
                (trust::roots(trust, environment)?, Proxy::find(environment)?)
            }
        };
        let proxy = proxy.filter(|proxy| proxy.is_for(url));
        Ok(Trial { roots: Arc::new(roots), proxy, limit: self.limits.connect })
    }

    fn build(&self) -> Result<Ways, String> {
        let (tls, proxy) = match &self.route {
            Route::Loopback => (trust::none()?, None),
            Route::Outside { trust, environment } => {
                (trust::tls(trust, environment)?, Proxy::find(environment)?)
            }
        };
        let terms = Terms { tls, proxy: proxy.map(Arc::new), limit: self.limits.connect };
        Ok(Ways { plain: Plain::new(&terms)?, upload: Upload::new(terms) })
    }
}

impl Ways {
    async fn send(
        &self,
        request: &Request,
        body: Option<&Payload>,
        limit: usize,
    ) -> Result<HttpResponse, Failure> {
        match body {
            None => HttpResponse::read(self.plain.send(request).await?, limit).await,
            Some(body) => self.upload.send(request, body, limit).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use arcbook_engine::step::Method;
    use bytes::Bytes;

    use super::*;

    /// Returns the failures of a request to `url` without a body, and of one with a body.
    async fn failures(url: &str) -> [String; 2] {
        let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let trust = Trust::Only(certified.cert.pem());
        let client = Client::azure(trust, Environment::default(), Limits::AZURE);
        client.ready().await.unwrap();
        let request = Request::new(Method::Put, Url::parse(url).unwrap());
        let failure =
            async |body| format!("{:?}", client.send(&request.clone().body(body)).await.unwrap_err());
        [failure(None).await, failure(Some(Bytes::from_static(b"x").into())).await]
    }

    fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    #[tokio::test]
    async fn either_way_out_tells_a_refused_connection() {
        // The port stays bound without a listener, so nobody else gets it.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let port = socket.local_addr().unwrap().port();
        for scheme in ["http", "https"] {
            for failure in failures(&format!("{scheme}://a.localhost:{port}/")).await {
                assert!(failure.starts_with("Unreachable") && failure.contains("refused: true"), "{failure}");
            }
        }
    }

    #[tokio::test]
    async fn either_way_out_tells_a_host_that_is_not_known() {
        for failure in failures("https://arcbook.invalid/").await {
            assert!(failure.starts_with(r#"UnknownHost { host: "arcbook.invalid""#), "{failure}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn either_way_out_gives_a_connection_so_much_time() {
        let (_silent, port) = listener();
        for failure in failures(&format!("https://a.localhost:{port}/")).await {
            let expected = r#"Unreachable { reason: "no connection within 10s", refused: false }"#;
            assert_eq!(failure, expected);
        }
    }
}
