//! Connects to a server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::step::Tls;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio_postgres::config::SslMode;
use tokio_postgres::{CancelToken, Config};

use super::tls::{Connector, Secured, trust_all};
use super::{Failure, SslMode as Asked};
use crate::http::addresses;
use crate::process::Reaper;

/// The maximum time until a connection is ready, with TLS and login.
const LIMIT: Duration = Duration::from_secs(10);

/// The maximum time of a request to cancel a statement.
const CANCEL_LIMIT: Duration = Duration::from_secs(2);

/// A server with a database, and the user who logs in.
#[derive(Clone)]
pub(crate) struct Server {
    pub host: String,
    pub port: u16,
    pub database: String,
    pub user: String,
    pub tls: Tls,
    /// The `sslmode` that the description of the connection asks for; it weakens nothing.
    pub asks: Option<Asked>,
    /// The password, or the token that serves as one.
    pub password: Option<String>,
}

/// Omits the password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {} at {}:{}", self.database, self.user, self.host, self.port)
    }
}

/// The driver of a connection.
pub(super) type Driver = tokio_postgres::Connection<TcpStream, Secured>;

impl Server {
    /// Connects and logs in; `config` has the trusted certificates.
    pub(super) async fn connect(
        &self,
        config: ClientConfig,
    ) -> Result<(tokio_postgres::Client, Driver, Connector), Failure> {
        let connector = self.connector(config);
        let login = async {
            let stream = self.stream().await?;
            let connected = self.login().connect_raw(stream, connector.clone()).await;
            connected.map_err(|error| Failure::of(error, true))
        };
        let (client, driver) =
            tokio::time::timeout(LIMIT, login).await.unwrap_or(Err(Failure::Slow(LIMIT)))?;
        Ok((client, driver, connector))
    }

    fn connector(&self, mut config: ClientConfig) -> Connector {
        if self.tls == Tls::Require {
            trust_all(&mut config);
        }
        Connector::new(config, &self.host)
    }

    fn login(&self) -> Config {
        let mut config = Config::new();
        config.user(&self.user).dbname(&self.database).application_name("arcbook");
        config.ssl_mode(if self.tls == Tls::Disable { SslMode::Disable } else { SslMode::Require });
        if let Some(password) = &self.password {
            config.password(password);
        }
        config
    }

    async fn stream(&self) -> Result<TcpStream, Failure> {
        let mut last = Failure::UnknownHost { temporary: false };
        let found = addresses(&self.host)
            .await
            .map_err(|error| Failure::UnknownHost { temporary: error.temporary })?;
        for mut address in found {
            address.set_port(self.port);
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // Small messages are not delayed; a socket that cannot do that works all the same.
                    drop(stream.set_nodelay(true));
                    return Ok(stream);
                }
                Err(error) => last = Failure::Unreachable(error.to_string()),
            }
        }
        Err(last)
    }
}

/// Cancels a statement if it is dropped before it ended.
///
/// The step is dropped then and cannot wait, so a thread asks the server, and a command waits for it.
pub(super) struct CancelOnDrop {
    request: Option<(CancelToken, Server, Connector)>,
    reaper: Arc<Reaper>,
}

impl CancelOnDrop {
    pub fn new(token: CancelToken, server: &Server, connector: Connector, reaper: &Arc<Reaper>) -> Self {
        Self { request: Some((token, server.clone(), connector)), reaper: Arc::clone(reaper) }
    }

    /// Keeps the statement, which has ended.
    pub fn ended(mut self) {
        self.request = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let Some((token, server, connector)) = self.request.take() else { return };
        self.reaper.call("cancel", move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            let cancel = async {
                let stream = server.stream().await.ok()?;
                token.cancel_query_raw(stream, connector).await.ok()
            };
            // Without an answer, the server notices the closed connection.
            drop(runtime.block_on(async { tokio::time::timeout(CANCEL_LIMIT, cancel).await }));
        });
    }
}
