//! The Azure Arc agent: where it is, whether it is installed, listens, and knows its machine.

use std::sync::Arc;

use arcbook_engine::step::{ArgumentValues, StepType as _};
use arcbook_engine::value::{Data, Value};

use super::Finding;
use super::examination::{Examination, Machine};
use crate::identity::{Found, Issuer};
use crate::probe::{self, Target};
use crate::step::Adapter;
use crate::types::Metadata;

/// The variables that name the agent.
const VARIABLES: [&str; 2] = ["IMDS_ENDPOINT", "IDENTITY_ENDPOINT"];

/// The reason why nothing is asked about an agent that runs inside this process.
pub(super) const LAB: &str = "the lab stands for the agent";

/// The reason why nothing is asked about the program of an agent that is not here.
pub(super) const ELSEWHERE: &str = "no agent is installed here";

/// The reason why nothing is asked about an agent on an Azure virtual machine.
const VM: &str = "this is an Azure virtual machine, whose metadata service issues its tokens";

/// Checks the variables that name the agent.
pub(super) fn address(it: &mut Examination<'_>) {
    let id = "agent.address";
    let environment = it.azure.environment();
    let set: Vec<&str> = VARIABLES.into_iter().filter(|name| environment.get(name).is_some()).collect();
    let is_app_service = environment.get("IDENTITY_HEADER").is_some();
    let finding = match (&it.azure.tools().agent, set.as_slice()) {
        (Err(error), _) => Finding::failed(id, error),
        _ if it.azure.is_lab() => Finding::skipped(id, LAB),
        (Ok(_), [_, _]) if is_app_service => {
            Finding::warning(id, "IDENTITY_HEADER is set, so the variables count as those of App Service")
                .detail(format!("arcbook ignores {} then.", VARIABLES.join(" and ")))
                .remedy("unset IDENTITY_HEADER, unless this is App Service")
        }
        (Ok(_), [only]) => Finding::warning(id, format!("{only} is set alone, so arcbook ignores it"))
            .remedy(format!("set {} both, as the agent does, or neither", VARIABLES.join(" and "))),
        (Ok(agent), _) => {
            let at = agent.base.origin().ascii_serialization();
            let found = match agent.found() {
                Found::Given | Found::Environment => "as the environment says",
                Found::Program(_) => "its usual address",
            };
            Finding::ok(id, format!("{at}, {found}"))
        }
    };
    it.add(finding);
}

/// Checks that the agent is installed.
pub(super) fn installed(it: &mut Examination<'_>) {
    let id = "agent.installed";
    if !it.begin(id, None) {
        return;
    }
    let Ok(agent) = &it.azure.tools().agent else { return };
    let finding = match (it.program(), agent.found()) {
        _ if it.azure.is_lab() => Finding::skipped(id, LAB),
        (Some(program), _) => Finding::ok(id, program.display().to_string()),
        (None, Found::Program(_)) if it.azure.machine_service() == Issuer::Vm => Finding::skipped(id, VM),
        (None, Found::Program(program)) => {
            Finding::error(id, format!("the agent is not installed as {}", program.display()))
                .remedy("install the agent")
                .remedy(agent.os.agent_help().connect)
                .remedy("to try a runbook without Azure, use the embedded lab: arcbook run -lab")
        }
        (None, _) => Finding::skipped(id, "not installed here: the environment names another agent"),
    };
    it.add(finding);
}

/// Checks that the agent takes connections. Nothing is sent.
pub(super) async fn port(it: &mut Examination<'_>) {
    let id = "agent.port";
    if !it.begin(id, None) {
        return;
    }
    if it.azure.machine_service() == Issuer::Vm {
        return it.add(Finding::skipped(id, VM));
    }
    let Ok(agent) = &it.azure.tools().agent else { return };
    let reached = match it.azure.client(&agent.base).trial(&agent.base).await {
        Ok(trial) => probe::connect(&trial, &agent.base).await.map(drop).map_err(|unreached| {
            let target = Target { host: "the agent", port: 0, proxy: None };
            unreached.error(&target).why().unwrap_or_default().to_owned()
        }),
        Err(error) => Err(format!("{error}.")),
    };
    let at = agent.base.origin().ascii_serialization();
    let finding = match reached {
        Ok(()) => Finding::ok(id, format!("{at} takes connections")),
        Err(reason) => Finding::error(id, format!("nothing takes connections at {at}"))
            .detail(reason)
            .remedy(agent.os.agent_help().start),
    };
    it.add(finding);
}

/// Asks the agent, or the metadata service of a virtual machine, for the machine's resource.
pub(super) async fn machine(it: &mut Examination<'_>) {
    let id = "agent.machine";
    if !it.begin(id, None) {
        return;
    }
    let metadata = Adapter::<Metadata>::new(Arc::clone(it.azure));
    let Ok(work) = metadata.prepare(&ArgumentValues::new()) else { return };
    let outcome = match work.run(it.context()).await {
        Ok(outcome) => outcome,
        Err(error) => return it.add(Finding::failed(id, &error)),
    };
    let text = |name: &str| match outcome.outputs.get(name).map(Value::data) {
        Some(Data::String(text)) => text.to_string(),
        _ => String::new(),
    };
    let (name, group) = (text("name"), text("resource_group"));
    it.machine = Some(Machine { id: text("resource_id"), subscription: text("subscription_id") });
    it.add(Finding::ok(id, format!("{name}, in the resource group {group}")));
}
