//! The Azure that steps speak to, as the environment of this process says.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::diagnostic::{Diagnostic, visible_line};
use arcbook_engine::run::described;
use arcbook_engine::source::read_plain;
use arcbook_steps::{Azure, AzureOptions, Cloud, Environment};
use serde_json::json;

use crate::progress::Phase;
use crate::screen::Screen;

/// The variable that names the cloud.
const CLOUD: &str = "ARCBOOK_CLOUD";

/// The public cloud, for commands that only ask what step types there are.
pub fn public() -> Arc<Azure> {
    Arc::new(Azure::new(AzureOptions::new(Environment::default())))
}

/// The cloud of `ARCBOOK_CLOUD`: a name, the URL of a resource manager that tells of its endpoints, or a file with what
/// it told.
///
/// Only a URL asks the network. `wait_for_agent` says how long an agent that does not listen yet is waited for.
pub async fn of_environment(
    screen: &Screen,
    wait_for_agent: Option<Duration>,
) -> Result<Arc<Azure>, Box<Diagnostic>> {
    let environment = Environment::of_process();
    let mut options = AzureOptions::new(environment.clone());
    match environment.get(CLOUD) {
        None => {}
        Some(url) if url.contains("://") => {
            let _phase = Phase::begin(screen, || format!("asking what cloud {CLOUD} names"));
            options.cloud = discover(url, &options).await?;
        }
        // Whatever is there is meant; only a regular file is read.
        Some(path) if Path::new(path).exists() => options.cloud = saved(path)?,
        Some(name) => options.cloud = Cloud::named(name).ok_or_else(|| unknown(name))?,
    }
    if let Some(time) = wait_for_agent {
        options.wait_for_agent(time);
    }
    #[cfg(debug_assertions)]
    agent_of_a_test(&mut options);
    Ok(Arc::new(Azure::new(options)))
}

/// Tells of a cloud that is not built in, before anything is said of what is done there: to standard error where standard
/// output is for something else, `with_output` being whether it is not.
pub fn announce(azure: &Azure, screen: &Screen, with_output: bool) {
    let cloud = azure.cloud();
    // The record names it too.
    if cloud.is_built_in() || screen.quiet {
        return;
    }
    let (name, hosts) = (&cloud.name, cloud.all_hosts());
    let object = json!({ "cloud": { "name": name, "hosts": hosts } });
    let line = format!("In the cloud `{name}` of {CLOUD}, which is not built in: {}", hosts.join(", "));
    let line = visible_line(&line);
    match (screen.json, with_output) {
        (true, true) => screen.object(&object),
        (true, false) => screen.note_object(&object),
        (false, true) => screen.line(&line),
        (false, false) => screen.note(&line),
    }
}

/// Takes the agent's keys from the directory of a test's own lab, so that the test needs no privilege.
#[cfg(debug_assertions)]
fn agent_of_a_test(options: &mut AzureOptions) {
    let named = |name| options.environment.get(name).map(ToOwned::to_owned);
    if let (Some(endpoint), Some(keys)) = (named("IMDS_ENDPOINT"), named("ARCBOOK_TEST_KEYS")) {
        options.agent = Some(arcbook_steps::AgentAt { endpoint, token_dir: keys.into() });
    }
}

/// The cloud that the resource manager at `url` belongs to.
pub async fn discover(url: &str, options: &AzureOptions) -> Result<Cloud, Box<Diagnostic>> {
    Cloud::discover(url, options).await.map_err(|error| described(&error).into())
}

/// A document that describes a cloud is a thousandth of this.
const LONGEST_DOCUMENT: u64 = 4 << 20;

/// The cloud that the file at `path` describes.
fn saved(path: &str) -> Result<Cloud, Box<Diagnostic>> {
    let document = read_plain(Path::new(path), LONGEST_DOCUMENT).map_err(|error| {
        Diagnostic::error("cloud", format!("cannot read {path}: {error}")).help("check the path")
    })?;
    Cloud::described(&document).map_err(|error| described(&error).into())
}

fn unknown(name: &str) -> Diagnostic {
    Diagnostic::error("cloud", format!("{CLOUD} names an unknown cloud: `{name}`"))
        .help("it is AzureCloud, AzureUSGovernment or AzureChinaCloud, the URL of a resource manager, or a file with its endpoints")
}
