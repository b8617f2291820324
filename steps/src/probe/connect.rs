//! Connects to a host stage by stage: name, connection, proxy, TLS.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ProtocolVersion, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::exchange::{Stream, exchange};
use super::recorder::Recorder;
use super::{Obstacle, PeerCertificate, Unreached};
use crate::http::{Proxy, Request, Trial, addresses, clean, clock_skew, wire_headers};

/// A connection to a host.
pub(crate) struct Reached {
    /// The addresses of its name; none if a proxy resolved it.
    pub addresses: Vec<IpAddr>,
    /// The facts of TLS; none without it, on this machine.
    pub tls: Option<Secured>,
    stream: Box<dyn Stream>,
    limit: Duration,
}

/// The facts of a TLS connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secured {
    /// The version, such as `1.3`.
    pub version: Option<&'static str>,
    /// The certificate of the peer.
    pub certificate: Option<PeerCertificate>,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub status: u16,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// The seconds by which this machine's clock is ahead of the service's; none if the answer has no date.
    pub clock_skew: Option<i64>,
}

/// Connects to the host of `url`, as a request there would. Sends nothing but the request for a tunnel to a proxy.
pub(crate) async fn connect(trial: &Trial, url: &Url) -> Result<Reached, Unreached> {
    let limit = trial.limit;
    let (addresses, stream) = match &trial.proxy {
        Some(proxy) => (Vec::new(), tunnel(proxy, trial, url).await?),
        None => reach(url, limit).await.map_err(Unreached::host)?,
    };
    let (stream, tls) = if url.scheme() == "https" {
        let secured = secure(stream, url, &trial.roots, limit).await;
        let (stream, tls) = secured.map_err(Unreached::host)?;
        (stream, Some(tls))
    } else {
        (stream, None)
    };
    Ok(Reached { addresses, tls, stream, limit })
}

impl Reached {
    /// Sends `request` and returns the answer; none if there is no complete one in time.
    pub async fn ask(self, request: &Request) -> Option<Answer> {
        let mut wire = http::Request::head("/").body(Empty::<Bytes>::new()).ok()?;
        *wire.headers_mut() = wire_headers(request);
        wire.headers_mut().insert(HOST, authority(&request.url, false).parse().ok()?);
        let (response, _sender) = timeout(self.limit, exchange(self.stream, wire)).await.ok()?.ok()?;
        let headers = response.headers();
        let request_id = headers.get("x-ms-request-id").and_then(|id| id.to_str().ok()).map(clean);
        Some(Answer {
            status: response.status().as_u16(),
            request_id,
            clock_skew: clock_skew(headers, SystemTime::now()),
        })
    }
}

/// Resolves the host of `url` and connects to it.
async fn reach(url: &Url, limit: Duration) -> Result<(Vec<IpAddr>, Box<dyn Stream>), Obstacle> {
    let found = match timeout(limit, addresses(&host(url))).await {
        Ok(Ok(found)) => found.map(|address| address.ip()).collect::<Vec<_>>(),
        Ok(Err(unknown)) => return Err(Obstacle::Name { temporary: unknown.temporary }),
        Err(_) => return Err(Obstacle::Name { temporary: true }),
    };
    let mut unique = found.clone();
    unique.sort_unstable();
    unique.dedup();
    let each = limit / u32::try_from(found.len().max(1)).unwrap_or(u32::MAX);
    let mut obstacle = Obstacle::Name { temporary: false };
    for address in found {
        let address = SocketAddr::new(address, port(url));
        let reason = match timeout(each, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok((unique, Box::new(stream))),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {each:?}"),
        };
        obstacle = Obstacle::Connection { address, reason };
    }
    Err(obstacle)
}

/// Connects to the host of `url` through a proxy.
async fn tunnel(proxy: &Proxy, trial: &Trial, url: &Url) -> Result<Box<dyn Stream>, Unreached> {
    let limit = trial.limit;
    let address = proxy.address();
    let (_, mut stream) = reach(address, limit).await.map_err(Unreached::proxy)?;
    if address.scheme() == "https" {
        (stream, _) = secure(stream, address, &trial.roots, limit).await.map_err(Unreached::proxy)?;
    }
    let broken = |reason: String| Unreached::proxy(Obstacle::Tunnel { reason });
    let target = authority(url, true);
    let request = http::Request::connect(target.as_str()).header(HOST, target.as_str());
    let request = match proxy.authorization() {
        Some(authorization) => request.header(PROXY_AUTHORIZATION, authorization),
        None => request,
    };
    let request = request.body(Empty::new()).map_err(|error| broken(error.to_string()))?;
    let late = || broken(format!("no answer within {limit:?}"));
    let answered = timeout(limit, exchange(stream, request)).await.map_err(|_| late())?;
    let (response, _sender) = answered.map_err(|error| broken(error.to_string()))?;
    if !response.status().is_success() {
        let status = response.status().as_u16();
        return Err(Unreached::proxy(Obstacle::Refused { status }));
    }
    let upgraded = timeout(limit, hyper::upgrade::on(response)).await.map_err(|_| late())?;
    let upgraded = upgraded.map_err(|error| broken(error.to_string()))?;
    Ok(Box::new(TokioIo::new(upgraded)))
}

/// Makes a TLS connection over `stream` to the host of `url`.
async fn secure(
    stream: Box<dyn Stream>,
    url: &Url,
    roots: &Arc<RootCertStore>,
    limit: Duration,
) -> Result<(Box<dyn Stream>, Secured), Obstacle> {
    let failed = |reason: String| Obstacle::Tls { reason };
    let (config, recorder) = Recorder::configure(roots).map_err(failed)?;
    let name = ServerName::try_from(host(url)).map_err(|error| failed(error.to_string()))?;
    let connecting = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let secured =
        timeout(limit, connecting).await.map_err(|_| failed(format!("no answer within {limit:?}")))?;
    let secured = secured.map_err(|error| Obstacle::of_tls(&error, recorder.certificate()))?;
    let version = match secured.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => Some("1.2"),
        Some(ProtocolVersion::TLSv1_3) => Some("1.3"),
        _ => None,
    };
    Ok((Box::new(secured), Secured { version, certificate: recorder.certificate() }))
}

/// Returns the name or the address that `url` leads to.
fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or(443)
}

/// Returns the host of `url` with its port, which is left out if it is the usual one and not `explicit`.
fn authority(url: &Url, explicit: bool) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None if explicit => format!("{host}:{}", port(url)),
        None => host.to_owned(),
    }
}
