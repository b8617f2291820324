//! The settings of a connection.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::super::proxy::Proxy;

/// The settings of a connection.
#[derive(Clone)]
pub(in crate::http) struct Terms {
    pub tls: ClientConfig,
    pub proxy: Option<Arc<Proxy>>,
    /// The maximum time until the connection is ready, TLS included.
    pub limit: Duration,
}
