//! The step type `arc_agent`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Effect, Outputs, Response, StepError, Title,
};
use arcbook_engine::value::Value;

use super::arc_program::check_program;
use crate::azcmagent::{Agent, Shown};
use crate::azure::Azure;
use crate::session::Session;
use crate::step::{Done, TypedStep};

/// Reads the state of the Azure Arc agent on this machine.
///
/// It runs `azcmagent show -j`, which needs no privilege and no network. A machine without the agent is no error: `installed`
/// is false then, and the other outputs are null. With a block `until` the step waits, such as for `self.connected`.
///
/// `body` is the answer of the agent as it is. Its members differ between versions; the outputs are those that Microsoft
/// documents, found in any case, and null if the agent leaves them out.
#[derive(Arguments, Debug)]
pub struct ArcAgent {
    /// Path of `azcmagent`, or its name, which is searched in `PATH`; defaults to the path of its installation.
    program: Option<Arg<String>>,
}

/// The outputs of `arc_agent`.
#[derive(Outputs, Debug)]
pub struct AgentState {
    /// True if the agent is installed.
    #[output(answer)]
    installed: bool,
    /// True if the machine is connected to Azure Arc, and in contact with it.
    #[output(answer)]
    connected: bool,
    /// Status of the agent, such as `Connected`, `Disconnected` or `Expired`.
    #[output(answer)]
    status: Option<String>,
    /// Name of the machine's resource.
    #[output(answer)]
    resource_name: Option<String>,
    /// Name of the resource's resource group.
    #[output(answer)]
    resource_group: Option<String>,
    /// Id of the resource.
    #[output(answer, arm_id)]
    resource_id: Option<String>,
    /// Id of the resource's subscription: a GUID.
    #[output(answer)]
    subscription_id: Option<String>,
    /// Id of the tenant: a GUID.
    #[output(answer)]
    tenant_id: Option<String>,
    /// Azure region of the resource, such as `westeurope`.
    #[output(answer)]
    location: Option<String>,
    /// Time of the last contact with Azure, as the agent writes it.
    #[output(answer)]
    last_heartbeat: Option<String>,
}

impl From<Option<&Shown>> for AgentState {
    fn from(shown: Option<&Shown>) -> Self {
        let own = shown.cloned().unwrap_or_default();
        Self {
            installed: shown.is_some(),
            connected: own.is_connected(),
            status: own.status,
            resource_name: own.resource_name,
            resource_group: own.resource_group,
            resource_id: own.resource_id,
            subscription_id: own.subscription_id,
            tenant_id: own.tenant_id,
            location: own.location,
            last_heartbeat: own.last_heartbeat,
        }
    }
}

impl TypedStep for ArcAgent {
    const TYPE: &'static str = "arc_agent";
    const EXAMPLE: &'static str = r#"step "arc_agent" "here" {}

output "connected" {
  value = step.arc_agent.here.connected
}
"#;
    const EFFECT: Effect = Effect::Reads;
    const RESPONSE: Response = Response::Plain;
    type Output = AgentState;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        check_program(self.program.as_ref())
    }

    fn title(&self) -> Title {
        Title::new("Azure Arc agent").placed("of this machine")
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        vec![Agent::at(self.program.as_ref(), azure).show()]
    }

    async fn run(&self, session: &Session) -> Result<Done<AgentState>, StepError> {
        let shown = Agent::at(self.program.as_ref(), session.azure()).ask(session).await?;
        let body = shown.as_ref().map_or(Value::NULL, |shown| shown.body.clone());
        Ok(Done::unchanged(AgentState::from(shown.as_ref())).body(body))
    }
}
