//! Everything that identities need of their surroundings.

use std::sync::Arc;

use arcbook_engine::step::{Arg, StepError};

use super::agent::Agent;
use super::source::Source;
use crate::cloud::Cloud;
use crate::entra::{Application, ClientId, Proof, Tenant};
use crate::environment::Environment;
use crate::http::{Client, Policy};
use crate::process::Reaper;

/// Everything that identities need of their surroundings.
pub(crate) struct Tools {
    pub cloud: Arc<Cloud>,
    /// The Arc agent, whether or not it is installed; an error if the environment names one elsewhere.
    pub agent: Result<Agent, StepError>,
    /// True if this machine is an Azure virtual machine.
    pub is_vm: bool,
    /// The client for services, through a proxy if there is one.
    pub client: Client,
    /// The client for services of this machine.
    pub local_client: Client,
    pub policy: Policy,
    pub agent_policy: Policy,
    pub environment: Environment,
    pub reaper: Arc<Reaper>,
    /// Returns the current Unix time, in seconds.
    pub now: fn() -> i64,
}

impl Tools {
    /// Returns the source of an application's tokens.
    pub fn application(
        &self,
        tenant: &Arg<Tenant>,
        client_id: &Arg<ClientId>,
        proof: Proof,
    ) -> Result<Source, StepError> {
        Ok(Source::Application(Box::new(Application {
            cloud: Arc::clone(&self.cloud),
            tenant: tenant.get()?.clone(),
            client_id: client_id.get()?.clone(),
            proof,
            client: self.client.clone(),
            policy: self.policy,
            now: self.now,
        })))
    }
}
