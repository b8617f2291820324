//! The Azure that steps speak to, as the environment of this process says.

use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_steps::{Azure, AzureOptions, Cloud, Environment};

use crate::failure;

/// The variable that names the cloud.
const CLOUD: &str = "ARCBOOK_CLOUD";

/// The public cloud, for commands that only ask what step types there are.
pub fn public() -> Arc<Azure> {
    Arc::new(Azure::new(AzureOptions::default()))
}

/// The cloud of `ARCBOOK_CLOUD`: a name, or the URL of a resource manager that tells of its endpoints.
///
/// Only a URL asks the network.
pub async fn of_environment() -> Result<Arc<Azure>, Diagnostic> {
    let environment = Environment::of_process();
    let cloud = match environment.get(CLOUD) {
        None => Cloud::public(),
        Some(url) if url.contains("://") => {
            Cloud::discover(url, &environment).await.map_err(|error| failure::of(&error).about(CLOUD))?
        }
        Some(name) => Cloud::named(name).ok_or_else(|| unknown(name))?,
    };
    Ok(Arc::new(Azure::new(AzureOptions { cloud, environment, ..AzureOptions::default() })))
}

fn unknown(name: &str) -> Diagnostic {
    Diagnostic::error("cloud", format!("{CLOUD} names an unknown cloud: `{name}`"))
        .help("it is AzureCloud, AzureUSGovernment or AzureChinaCloud, or the URL of a resource manager")
}
