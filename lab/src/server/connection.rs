//! Accepting connections and speaking HTTP/1.1 on them.

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
use super::{Front, Server};

/// How long a client may take over its TLS handshake, and from one request's end to the next one's headers.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long the accept loop rests when the system has no file descriptor left.
const REST: Duration = Duration::from_millis(50);

/// One port, and how connections to it are served.
pub(super) struct Door {
    pub tls: Option<TlsAcceptor>,
    pub server: Arc<Server>,
    pub front: Front,
}

impl Door {
    /// Serves until it is dropped, and every connection with it.
    pub(super) async fn accept(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => { connections.spawn(self.connection(stream)); }
                    Err(_) => tokio::time::sleep(REST).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    fn connection(&self, stream: TcpStream) -> impl Future<Output = ()> + Send + use<> {
        let switch = ResetSwitch::default();
        let connection =
            Connection { server: Arc::clone(&self.server), front: self.front, switch: switch.clone() };
        let tls = self.tls.clone();
        async move {
            // Answers are small; to wait for more would only add delay.
            let _ = stream.set_nodelay(true);
            let socket = Socket::new(stream, switch);
            match tls {
                None => speak(socket, connection).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(socket)).await {
                        speak(stream, connection).await;
                    }
                }
            }
        }
    }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, connection: Connection) {
    // The documented commands look for the agent's `Www-Authenticate`, spelt so. Elsewhere names stay as they are, or a
    // blob's metadata would come back by other names.
    let title_case = connection.front == Front::Himds;
    let connection = Arc::new(connection);
    let service = service_fn(move |request| {
        let connection = Arc::clone(&connection);
        async move { Ok::<_, Infallible>(connection.respond(request).await) }
    });
    // How a connection ends is its client's affair; hyper has answered what can be answered.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .title_case_headers(title_case)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
