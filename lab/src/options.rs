//! How a lab is served.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::fault::Fault;
use crate::log::Request;

/// How a lab is served; the default is free ports, plain HTTP, a private token directory, no delay and no fault.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Port of HIMDS; the agent's own is 40342. 0 takes a free one.
    pub himds_port: u16,
    /// Port of ARM, Key Vault and Blob. 0 takes a free one.
    pub azure_port: u16,
    /// Whether ARM, Key Vault and Blob speak TLS, with a certificate made for this lab. HIMDS never does.
    pub https: bool,
    /// Where challenge keys are laid; made if it is not there. `None` takes a private directory that goes with the lab.
    pub token_dir: Option<PathBuf>,
    /// How long every request waits before it is looked at.
    pub latency: Duration,
    /// Failures from the start.
    pub faults: Vec<Fault>,
    /// Called after each answer.
    pub observer: Option<Observer>,
}

/// A function that is told of each request once it is answered.
#[derive(Clone)]
pub struct Observer(pub(crate) Arc<dyn Fn(&Request) + Send + Sync>);

impl Observer {
    /// Calls `observe` after each answer, on the task that answers; it must not block.
    pub fn new(observe: impl Fn(&Request) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Observer")
    }
}
