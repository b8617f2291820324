//! Options of a lab.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::fault::Fault;
use crate::log::Request;

/// Ports, transport and faults of a lab. The default is free ports, plain HTTP, a private token directory, no
/// delay and no fault.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Port of HIMDS; the agent's own is 40342. 0 selects a free one.
    pub himds_port: u16,
    /// Port of the metadata service, if the world has a virtual machine. 0 selects a free one.
    pub imds_port: u16,
    /// Port of ARM, Key Vault, Blob and Entra. 0 selects a free one.
    pub azure_port: u16,
    /// Serves that port over TLS, with a certificate made for this lab. HIMDS and IMDS use plain HTTP.
    pub https: bool,
    /// Directory of the challenge's key files, created if absent. `None` selects a private directory that the
    /// lab removes.
    pub token_dir: Option<PathBuf>,
    /// Delay before each request is processed.
    pub latency: Duration,
    /// Faults from the start.
    pub faults: Vec<Fault>,
    /// File that keeps the state between runs, created if absent. It holds the secrets of the vaults.
    pub state: Option<PathBuf>,
    /// Called after each response.
    pub observer: Option<Observer>,
}

/// The port that the Arc agent listens on.
const AGENT_PORT: u16 = 40342;

/// The Arc agent's key directory on Linux; Microsoft's clients accept no other.
const LINUX_TOKEN_DIR: &str = "/var/opt/azcmagent/tokens";

/// Returns the Arc agent's key directory on Windows, with the value of the variable `ProgramData`.
fn windows_token_dir(program_data: Option<&str>) -> String {
    let program_data = program_data.filter(|directory| !directory.is_empty()).unwrap_or(r"C:\ProgramData");
    format!(r"{}\AzureConnectedMachineAgent\Tokens", program_data.trim_end_matches('\\'))
}

impl Options {
    /// Returns options that serve HIMDS at the Arc agent's own port and directory, for clients without a
    /// setting for these; requires root, or an administrator on Windows.
    ///
    /// ```no_run
    /// let options = arcbook_lab::Options { https: true, ..arcbook_lab::Options::in_place_of_the_agent() };
    /// ```
    #[must_use]
    pub fn in_place_of_the_agent() -> Self {
        let token_dir = if cfg!(windows) {
            windows_token_dir(std::env::var("ProgramData").ok().as_deref()).into()
        } else {
            LINUX_TOKEN_DIR.into()
        };
        Self { himds_port: AGENT_PORT, token_dir: Some(token_dir), ..Self::default() }
    }
}

/// A function that is called with each request once it is answered.
#[derive(Clone)]
pub struct Observer(pub(crate) Arc<dyn Fn(&Request) + Send + Sync>);

impl Observer {
    /// Calls `observe` after each response, on the task that answers; it must not block.
    pub fn new(observe: impl Fn(&Request) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Observer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_windows_are_below_program_data() {
        for (program_data, expected) in [
            (None, r"C:\ProgramData\AzureConnectedMachineAgent\Tokens"),
            (Some(""), r"C:\ProgramData\AzureConnectedMachineAgent\Tokens"),
            (Some(r"D:\Data"), r"D:\Data\AzureConnectedMachineAgent\Tokens"),
            (Some(r"D:\"), r"D:\AzureConnectedMachineAgent\Tokens"),
        ] {
            assert_eq!(windows_token_dir(program_data), expected, "{program_data:?}");
        }
    }
}
