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

/// The port that the Arc agent listens on.
const AGENT_PORT: u16 = 40342;

/// Where the Arc agent lays its keys on Linux; Microsoft's clients look nowhere else.
const AGENT_TOKEN_DIR: &str = "/var/opt/azcmagent/tokens";

impl Options {
    /// HIMDS where the Arc agent has it, so that clients that cannot be told otherwise find it; takes root.
    ///
    /// ```no_run
    /// let options = arcbook_lab::Options { https: true, ..arcbook_lab::Options::in_place_of_the_agent() };
    /// ```
    #[must_use]
    pub fn in_place_of_the_agent() -> Self {
        Self { himds_port: AGENT_PORT, token_dir: Some(AGENT_TOKEN_DIR.into()), ..Self::default() }
    }
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
