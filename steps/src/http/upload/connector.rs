//! Opens the connection for a URL: directly or through a proxy, with or without TLS.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::Url;

use super::super::connect::{BoxError, Resolver};
use super::super::proxy::Proxy;
use super::{Connection, Stream};

/// Opens connections.
#[derive(Clone)]
pub(super) struct Connector {
    tcp: HttpConnector<Resolver>,
    tls: TlsConnector,
    proxy: Option<Arc<Proxy>>,
}

impl Connector {
    pub fn new(tls: ClientConfig, proxy: Option<Arc<Proxy>>) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Self { tcp, tls: TlsConnector::from(Arc::new(tls)), proxy }
    }

    /// Connects to `target`, through a proxy if one applies.
    async fn connect(self, target: Uri) -> Result<Connection, BoxError> {
        let is_for =
            |proxy: &&Arc<Proxy>| Url::parse(&target.to_string()).is_ok_and(|url| proxy.is_for(&url));
        let Some(proxy) = self.proxy.as_ref().filter(is_for) else {
            return Ok(Connection::new(self.reach(target).await?));
        };
        let tunnel = Tunnel::new(proxy.origin().parse()?, Reach(self.clone()));
        let mut tunnel = match proxy.authorization() {
            Some(authorization) => tunnel.with_auth(authorization),
            None => tunnel,
        };
        let stream = tunnel.call(target.clone()).await?;
        Ok(Connection::new(self.secured(stream, &target).await?))
    }

    /// Connects directly to the host of `target`.
    async fn reach(mut self, target: Uri) -> Result<Box<dyn Stream>, BoxError> {
        let stream = self.tcp.call(target.clone()).await?;
        self.secured(Box::new(stream), &target).await
    }

    /// Wraps the stream in TLS if `target` uses https.
    async fn secured(&self, stream: Box<dyn Stream>, target: &Uri) -> Result<Box<dyn Stream>, BoxError> {
        if target.scheme_str() != Some("https") {
            return Ok(stream);
        }
        let host = target.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let secured = self.tls.connect(ServerName::try_from(host)?, TokioIo::new(stream)).await?;
        Ok(Box::new(TokioIo::new(secured)))
    }
}

/// Connects to a proxy.
struct Reach(Connector);

impl Service<Uri> for Reach {
    type Response = Box<dyn Stream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Box<dyn Stream>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, proxy: Uri) -> Self::Future {
        Box::pin(self.0.clone().reach(proxy))
    }
}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        Box::pin(self.clone().connect(target))
    }
}
