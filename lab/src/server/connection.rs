//! Accepts connections and serves HTTP/1.1 on them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::respond::Connection;
use super::socket::{ResetSwitch, Socket};
use super::{Port, Server};

/// Timeout of a TLS handshake, and of the next request's headers on an idle connection.
const CLIENT_TIMEOUT: Duration = Duration::from_mins(2);

/// Pause of the accept loop when the system has no file descriptor left.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

/// A listening port, and how connections to it are served.
pub(super) struct Acceptor {
    pub tls: Option<TlsAcceptor>,
    pub server: Arc<Server>,
    pub port: Port,
}

impl Acceptor {
    /// Accepts connections until dropped; dropping it also closes every connection.
    pub(super) async fn accept(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => { connections.spawn(self.connection(stream)); }
                    Err(_) => tokio::time::sleep(ACCEPT_BACKOFF).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    fn connection(&self, stream: TcpStream) -> impl Future<Output = ()> + Send + use<> {
        let switch = ResetSwitch::default();
        let connection =
            Connection { server: Arc::clone(&self.server), port: self.port, switch: switch.clone() };
        let tls = self.tls.clone();
        async move {
            // Responses are small; Nagle's algorithm would only delay them.
            let _ = stream.set_nodelay(true);
            let socket = Socket::new(stream, switch);
            match tls {
                None => serve_http(socket, connection).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(CLIENT_TIMEOUT, tls.accept(socket)).await {
                        serve_http(stream, connection).await;
                    }
                }
            }
        }
    }
}

async fn serve_http(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, connection: Connection) {
    // Microsoft's documented commands look for the agent's `Www-Authenticate` in this spelling. Other
    // services' names stay unchanged, since title case would change a blob's metadata names.
    let title_case = connection.port == Port::Himds;
    let connection = Arc::new(connection);
    let service = service_fn(move |request| {
        let connection = Arc::clone(&connection);
        async move { Ok::<_, Infallible>(connection.respond(request).await) }
    });
    // Connection errors concern only the client; hyper has already answered what it can.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(CLIENT_TIMEOUT)
        .title_case_headers(title_case)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
