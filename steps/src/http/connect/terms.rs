//! The settings of a connection.

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};

use super::super::proxy::Proxy;

/// The settings of a connection.
#[derive(Clone)]
pub(in crate::http) struct Terms {
    pub tls: ClientConfig,
    pub proxy: Option<Arc<Proxy>>,
    /// The maximum time until the connection is ready, TLS included.
    pub limit: Duration,
}

/// The settings of a connection that is only tried.
pub(crate) struct Trial {
    /// The trusted certificates.
    pub roots: Arc<RootCertStore>,
    /// The proxy to connect through.
    pub proxy: Option<Proxy>,
    /// The maximum time of each stage.
    pub limit: Duration,
}
