//! A cloud, the machine's identity in it, and the HTTP clients for both.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arcbook_engine::source::slashed;
use arcbook_engine::step::{
    Action, ActionFacts, BoxFuture, HttpRequest, Identity, Permission, Platform, PlatformScript, Right,
    Setting, StepError,
};
use url::Url;

use crate::cloud::Cloud;
use crate::environment::Environment;
use crate::http::{Client, Lag, Limits, Peer, Policy, SystemTls, Trust, firewall};
use crate::identity::{
    AGENT_SCRIPT, Agent, AgentAt, Holder, Issuer, Managed, Platform as System, Tools, is_azure_vm,
    metadata_service,
};
use crate::local;
use crate::process::Reaper;
use crate::roles;
use crate::transfer::{TransferSizes, Transfers};

/// The key under which a [`Setting`] records a lab that runs inside this process and ends with it.
pub const EMBEDDED_LAB: &str = Setting::LAB;

/// The key under which the principal of a token records the resource id of the machine.
pub const MACHINE: &str = "machine";

/// The options of an [`Azure`].
#[derive(Clone, Debug)]
pub struct AzureOptions {
    /// The cloud.
    pub cloud: Cloud,
    /// True if the cloud is a lab inside this process, which ends with it.
    pub embedded_lab: bool,
    /// An Arc agent other than this machine's own.
    pub agent: Option<AgentAt>,
    /// True if this machine is an Azure virtual machine; none to find it out.
    pub virtual_machine: Option<bool>,
    /// The trusted certificates.
    pub trust: Trust,
    /// The environment variables that name proxies, certificates and the agent.
    pub environment: Environment,
    /// The environment variables that name proxies and certificates for hosts outside of the cloud, if other ones do.
    pub outside: Option<Environment>,
    /// The environment variables of arcbook that programs may get, if they are other ones.
    pub programs: Option<Environment>,
    /// The retry policy of requests to Azure.
    pub policy: Policy,
    /// The retry policy of requests to the Arc agent.
    pub agent_policy: Policy,
    /// The time limits of requests to Azure.
    pub limits: Limits,
    /// The sizes of large transfers.
    pub transfers: TransferSizes,
}

impl AzureOptions {
    /// Returns options for the public cloud, with proxies and certificates from `environment`.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self {
            cloud: Cloud::public(),
            embedded_lab: false,
            agent: None,
            virtual_machine: None,
            trust: Trust::System,
            environment,
            outside: None,
            programs: None,
            policy: Policy::AZURE,
            agent_policy: Policy::AGENT,
            limits: Limits::AZURE,
            transfers: TransferSizes::AZURE,
        }
    }

    /// Lets requests wait up to `time` for an agent that does not listen yet.
    pub fn wait_for_agent(&mut self, time: Duration) {
        self.agent_policy.absent = Some(time);
    }
}

/// A cloud, the machine's identity in it, and the HTTP clients for both.
///
/// Creating one is cheap: it sends nothing, and reads no certificate before the first request.
#[derive(Clone)]
pub struct Azure {
    embedded_lab: bool,
    tools: Arc<Tools>,
    machine: Arc<Holder<Managed>>,
    transfers: Transfers,
    lag: Arc<Lag>,
    outside_client: Client,
    outside_tls: SystemTls,
    programs: Environment,
    /// The base URL of the metadata service of an Azure virtual machine, whether or not this machine is one.
    metadata_service: Result<Url, StepError>,
}

impl Azure {
    /// Creates the clients and the identity that `options` describe.
    #[must_use]
    pub fn new(options: AzureOptions) -> Self {
        let AzureOptions { cloud, embedded_lab, agent, virtual_machine, trust, environment, .. } = options;
        let client = Client::azure(trust, environment.clone(), options.limits);
        let (outside, outside_client) = match options.outside {
            Some(outside) => (outside.clone(), Client::azure(Trust::System, outside, options.limits)),
            None => (environment.clone(), client.clone()),
        };
        let found = Agent::find(agent.as_ref(), &environment, &System::here(&environment));
        let metadata_service = metadata_service(&environment);
        let tools = Arc::new(Tools {
            cloud: Arc::new(cloud),
            agent: found,
            is_vm: virtual_machine.unwrap_or_else(is_azure_vm),
            client,
            local_client: Client::agent(Limits::AGENT),
            policy: options.policy,
            agent_policy: options.agent_policy,
            environment,
            reaper: Arc::default(),
            now,
        });
        let machine = Arc::new(Holder::new(Managed::OWN, Arc::clone(&tools)));
        Self {
            embedded_lab,
            programs: options.programs.unwrap_or_else(|| tools.environment.clone()),
            tools,
            machine,
            transfers: Transfers::new(options.transfers),
            lag: Arc::default(),
            outside_tls: SystemTls::new(outside),
            outside_client,
            metadata_service,
        }
    }

    /// Returns the environment variables of arcbook.
    pub(crate) fn environment(&self) -> &Environment {
        &self.tools.environment
    }

    /// Returns the environment variables of arcbook that programs may get.
    pub(crate) fn programs(&self) -> &Environment {
        &self.programs
    }

    /// Returns true if the cloud is a lab inside this process.
    pub(crate) fn is_lab(&self) -> bool {
        self.embedded_lab
    }

    /// Returns the TLS configuration of connections to hosts outside of the cloud.
    pub(crate) fn outside_tls(&self) -> &SystemTls {
        &self.outside_tls
    }

    /// Waits until the programs of aborted steps have ended, and kills those that have not after a short time.
    pub fn end_programs(&self) {
        self.tools.reaper.finish();
    }

    /// Returns the surroundings of identities.
    pub(crate) fn tools(&self) -> &Arc<Tools> {
        &self.tools
    }

    /// Returns the reaper of the programs that steps start.
    pub(crate) fn reaper(&self) -> &Arc<Reaper> {
        &self.tools.reaper
    }

    /// Returns the changes of this run that services may not show everywhere yet.
    pub(crate) fn lag(&self) -> &Lag {
        &self.lag
    }

    /// Returns the limit of the transfers of all steps.
    pub(crate) fn transfers(&self) -> &Transfers {
        &self.transfers
    }

    /// Returns the cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.tools.cloud
    }

    /// Returns the base URL of the agent's metadata endpoint, even if the agent is not installed.
    pub(crate) fn agent_url(&self) -> Option<&Url> {
        self.tools.agent.as_ref().ok().map(|agent| &agent.base)
    }

    /// Returns the base URL of the metadata service of an Azure virtual machine; an error if the environment names one
    /// elsewhere.
    pub(crate) fn metadata_service(&self) -> Result<&Url, StepError> {
        self.metadata_service.as_ref().map_err(Clone::clone)
    }

    /// Returns the words that run the Arc agent's command line, whether or not it is installed, and true if it is that of
    /// the embedded lab.
    pub(crate) fn agent_command(&self) -> (Vec<String>, bool) {
        match &self.tools.agent {
            Ok(agent) => (agent.command.clone(), self.embedded_lab),
            Err(_) => (vec![slashed(&System::here(self.environment()).command)], false),
        }
    }

    /// Returns the service that knows the machine: the Arc agent if it is installed.
    pub(crate) fn machine_service(&self) -> Issuer {
        Managed::OWN.issuer(&self.tools)
    }

    /// Returns an error if there is no agent to ask.
    pub(crate) fn require_agent(&self) -> Result<(), StepError> {
        self.tools.agent.as_ref().map_err(Clone::clone)?.require()
    }

    /// Fails if no agent is installed on this machine and it is needed: for the tokens of the machine, if `acts`, or by one
    /// of `actions`. An agent that is installed and does not answer is not noticed here.
    pub fn check_agent<'a>(
        &self,
        acts: bool,
        actions: impl IntoIterator<Item = &'a Action>,
    ) -> Result<(), StepError> {
        let absent = self.require_agent();
        let issues = acts && Managed::OWN.issuer(&self.tools) == Issuer::Arc;
        let is_of_agent = |request: &HttpRequest| {
            let url = request.url.to_string();
            self.agent_url().is_some_and(|agent| url.starts_with(agent.as_str()))
        };
        let is_asked = |action: &Action| action.request().is_some_and(is_of_agent);
        if absent.is_err() && (issues || actions.into_iter().any(is_asked)) { absent } else { Ok(()) }
    }

    /// Returns the client for `url`: the agent is reached without a proxy, everything else as the environment
    /// says.
    pub(crate) fn client(&self, url: &Url) -> &Client {
        match self.peer(url) {
            Peer::Agent | Peer::Vm => &self.tools.local_client,
            Peer::Other => &self.outside_client,
            Peer::Azure(_) | Peer::Entra => &self.tools.client,
        }
    }

    /// Returns the peer that serves `url`.
    pub(crate) fn peer(&self, url: &Url) -> Peer {
        match self.cloud().service(url) {
            _ if self.is_agent(url) => Peer::Agent,
            _ if self.is_metadata_service(url) => Peer::Vm,
            Some(service) => Peer::Azure(service),
            None if self.cloud().logs_in_at(url) => Peer::Entra,
            None => Peer::Other,
        }
    }

    /// Returns the retry policy of requests to `url`.
    pub(crate) fn policy(&self, url: &Url) -> Policy {
        let is_own = self.is_agent(url) || self.is_metadata_service(url);
        if is_own { self.tools.agent_policy } else { self.tools.policy }
    }

    /// Returns the policy of requests to the services of the cloud.
    pub(crate) fn arm_policy(&self) -> Policy {
        self.tools.policy
    }

    fn is_metadata_service(&self, url: &Url) -> bool {
        self.metadata_service.as_ref().is_ok_and(|service| service.origin() == url.origin())
    }

    fn is_agent(&self, url: &Url) -> bool {
        self.agent_url().is_some_and(|agent| agent.origin() == url.origin())
    }
}

impl Platform for Azure {
    fn machine(&self) -> Arc<dyn Identity> {
        Arc::<Holder<Managed>>::clone(&self.machine)
    }

    fn warm<'a>(&'a self, url: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Ok(url) = firewall::allow(url, None, self.cloud()) {
                self.client(&url).warm(&url).await;
            }
        })
    }

    fn rights(&self, needs: &[Permission]) -> Vec<Right> {
        roles::rights(roles::built_in(), needs)
    }

    fn local_right(&self, action: &ActionFacts) -> Option<&'static str> {
        local::right(action, self.agent_url())
    }

    fn script(&self) -> PlatformScript {
        AGENT_SCRIPT
    }

    fn serves(&self, host: &str) -> bool {
        self.cloud().serves(host)
    }

    fn keeps_objects(&self, host: &str) -> bool {
        self.cloud().keeps_objects(host)
    }

    fn setting(&self) -> Setting {
        let setting = Setting::default().with(Setting::CLOUD, &self.cloud().name);
        let setting = setting.with("resource_manager", self.cloud().arm());
        if self.embedded_lab { setting.with(EMBEDDED_LAB, "embedded") } else { setting }
    }
}

impl fmt::Debug for Azure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Azure")
            .field("cloud", self.cloud())
            .field("identity", &self.machine.describe())
            .finish_non_exhaustive()
    }
}

/// Returns the current Unix time, in seconds.
fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
