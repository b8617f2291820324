//! The terms on which a connection comes about.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::super::proxy::Proxy;

/// The terms on which a connection comes about.
#[derive(Clone)]
pub(in crate::http) struct Terms {
    pub tls: ClientConfig,
    pub proxy: Option<Arc<Proxy>>,
    /// Until the connection stands, TLS included.
    pub limit: Duration,
}
