//! The Azure clients of a command, configured by the environment of this process.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::diagnostic::{Diagnostic, visible_line};
use arcbook_engine::graph::Acting;
use arcbook_engine::plan::{Plan, PlannedStep, When};
use arcbook_engine::run::described;
use arcbook_engine::runbook::{OnError, RunOn};
use arcbook_engine::source::read_plain;
use arcbook_engine::step::{ErrorKind, StepError};
use arcbook_steps::{Azure, AzureOptions, Cloud, Environment};
use serde_json::json;

use crate::progress::Phase;
use crate::screen::Screen;

/// The variable that names the cloud.
const CLOUD: &str = "ARCBOOK_CLOUD";

/// The variable that names a file with services of the user's own.
const SERVICES: &str = "ARCBOOK_SERVICES";

/// Returns the public cloud, for commands that only list step types.
pub fn public() -> Arc<Azure> {
    Arc::new(Azure::new(AzureOptions::new(Environment::default())))
}

/// Returns the cloud of `ARCBOOK_CLOUD`: a name, the URL of a resource manager that publishes its endpoints,
/// or a file with its response.
///
/// Only a URL needs the network. `wait_for_agent` is the time to wait for an agent that does not listen yet.
pub async fn of_environment(
    screen: &Screen,
    wait_for_agent: Option<Duration>,
) -> Result<Arc<Azure>, Box<Diagnostic>> {
    match as_far_as_known(screen, wait_for_agent).await? {
        (azure, None) => Ok(azure),
        (_, Some(error)) => Err(described(&error).into()),
    }
}

/// Returns the cloud as [`of_environment`] does; if its endpoint does not answer as one, only that endpoint is known, and
/// the error says why.
pub async fn as_far_as_known(
    screen: &Screen,
    wait_for_agent: Option<Duration>,
) -> Result<(Arc<Azure>, Option<StepError>), Box<Diagnostic>> {
    let mut undiscovered = None;
    let environment = Environment::of_process();
    let mut options = AzureOptions::new(environment.clone());
    match environment.get(CLOUD) {
        None => {}
        Some(url) if url.contains("://") => {
            let _phase = Phase::begin(screen, || format!("discovering the cloud of {CLOUD}"));
            options.cloud = match (Cloud::discover(url, &options).await, Cloud::undiscovered(url)) {
                (Ok(cloud), _) => cloud,
                (Err(error), Some(cloud)) if error.kind() != ErrorKind::Forbidden => {
                    undiscovered = Some(error);
                    cloud
                }
                (Err(error), _) => return Err(described(&error).into()),
            };
        }
        // An existing path of any kind selects a file; only a regular file is then read.
        Some(path) if Path::new(path).exists() => options.cloud = saved(path)?,
        Some(name) => options.cloud = Cloud::named(name).ok_or_else(|| unknown(name))?,
    }
    if let Some(path) = environment.get(SERVICES) {
        options.cloud = with_services(&options.cloud, path)?;
    }
    if let Some(time) = wait_for_agent {
        options.wait_for_agent(time);
    }
    #[cfg(debug_assertions)]
    agent_of_a_test(&mut options);
    Ok((Arc::new(Azure::new(options)), undiscovered))
}

/// Fails if this machine has no Arc agent and a step of the plan that certainly runs needs one.
pub fn check_agent(azure: &Azure, plan: &Plan) -> Result<(), Box<Diagnostic>> {
    let is_certain = |step: &&PlannedStep| {
        step.when == When::Yes && step.run_on != RunOn::Failure && step.on_error == OnError::Stop
    };
    let certain = || plan.certain().filter(is_certain);
    let acts = certain().any(|step| plan.acts_as(step).as_deref() == Some(Acting::MACHINE));
    azure
        .check_agent(acts, certain().flat_map(|step| &step.actions))
        .map_err(|error| described(&error).into())
}

/// Announces a cloud that is not built in, or that has services of the user's own, before any other output. With `with_output` it goes to standard
/// output, otherwise to standard error.
pub fn announce(azure: &Azure, screen: &Screen, with_output: bool) {
    let cloud = azure.cloud();
    // The record names it too.
    let (name, own) = (&cloud.name, cloud.own_hosts());
    if screen.quiet || (cloud.is_built_in() && own.is_empty()) {
        return;
    }
    let (reason, hosts) = if cloud.is_built_in() {
        (format!("with the services of {SERVICES}"), own)
    } else {
        (format!("of {CLOUD}, which is not built in"), cloud.all_hosts())
    };
    let object = json!({ "cloud": { "name": name, "hosts": hosts } });
    let line = visible_line(&format!("Using the cloud `{name}` {reason}: {}", hosts.join(", ")));
    match (screen.json, with_output) {
        (true, true) => screen.object(&object),
        (true, false) => screen.note_object(&object),
        (false, true) => screen.line(&line),
        (false, false) => screen.note(&line),
    }
}

/// Reads the agent's keys from the directory of a test's own lab, and takes its command line from the test, so that the
/// test needs no privilege and no agent.
#[cfg(debug_assertions)]
fn agent_of_a_test(options: &mut AzureOptions) {
    // Tests run on virtual machines too.
    options.virtual_machine = options.environment.get("ARCBOOK_TEST_ACTOR").map(|_| false);
    let named = |name| options.environment.get(name).map(ToOwned::to_owned);
    if let (Some(endpoint), Some(keys)) = (named("IMDS_ENDPOINT"), named("ARCBOOK_TEST_KEYS")) {
        let command = named("ARCBOOK_TEST_AGENT").map(|path| vec![path]);
        options.agent = Some(arcbook_steps::AgentAt { endpoint, token_dir: keys.into(), command });
    }
}

/// The maximum size of a cloud's document, in bytes: a thousand times the usual size.
const LONGEST_DOCUMENT: u64 = 4 << 20;

/// Adds the services of the user's own in the file at `path`.
fn with_services(cloud: &Cloud, path: &str) -> Result<Cloud, Box<Diagnostic>> {
    let document = read_document(path)?;
    cloud.clone().with_described_services(&document).map_err(|error| {
        let summary = format!("the services of {SERVICES} cannot be used");
        Diagnostic::error("cloud", summary).detail(format!("In {path}, {error}."))
            .help("write a JSON list such as [{\"audience\": \"api://orders\", \"hosts\": [\"orders.example.com\"]}]").into()
    })
}

/// Reads the cloud that the file at `path` describes.
fn saved(path: &str) -> Result<Cloud, Box<Diagnostic>> {
    Cloud::described(&read_document(path)?).map_err(|error| described(&error).into())
}

fn read_document(path: &str) -> Result<Vec<u8>, Box<Diagnostic>> {
    let read = read_plain(Path::new(path), LONGEST_DOCUMENT);
    read.map_err(|error| {
        Diagnostic::error("cloud", format!("cannot read {path}: {error}")).help("check the path").into()
    })
}

fn unknown(name: &str) -> Diagnostic {
    Diagnostic::error("cloud", format!("{CLOUD} names an unknown cloud: `{name}`"))
        .help("use AzureCloud, AzureUSGovernment or AzureChinaCloud, the URL of a resource manager, or a file with its endpoints")
}
