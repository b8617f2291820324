//! The kind of identity `managed`.

use arcbook_engine::step::{Action, Arg, Arguments, Audience, Choice, HttpRequest, Method, StepError, Text};
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::super::exchange::Exchange;
use super::super::kind::Kind;
use super::super::selector::Selector;
use super::super::source::Source;
use super::super::tools::Tools;
use super::super::vm::{self, Vm};
use crate::arm::ResourcePath;
use crate::entra::ClientId;

/// Acts as a managed identity of this machine, which needs no secret.
///
/// The machine is an Azure Arc-enabled server or an Azure virtual machine. Without arguments it is the identity as
/// which steps act that name no other: the machine's own.
#[derive(Arguments)]
#[arguments(at_most_one(client_id, object_id, resource_id))]
pub(crate) struct Managed {
    /// Client id of a user-assigned identity.
    client_id: Option<Arg<ClientId>>,
    /// Object id of a user-assigned identity.
    object_id: Option<Arg<ClientId>>,
    /// Resource id of a user-assigned identity.
    resource_id: Option<Arg<ResourcePath>>,
    /// Service that issues the tokens; without it, the Arc agent if it is on this machine.
    from: Option<Arg<Issuer>>,
}

/// The service of a machine that issues tokens.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// The Azure Arc agent.
    Arc,
    /// The metadata service of an Azure virtual machine.
    Vm,
}

impl Managed {
    /// The machine's own identity.
    pub const OWN: Self = Self { client_id: None, object_id: None, resource_id: None, from: None };

    /// Returns the service that issues the tokens; nothing is sent to find it.
    pub fn issuer(&self, tools: &Tools) -> Issuer {
        if let Some(chosen) = self.from.as_ref().and_then(Arg::value) {
            return *chosen;
        }
        let has_agent = tools.agent.as_ref().is_ok_and(|agent| agent.require().is_ok());
        let is_vm = tools.is_vm || tools.environment.get(vm::VARIABLE).is_some();
        // A wrong address of an agent is an error, not a reason to act as somebody else.
        if !has_agent && tools.agent.is_ok() && is_vm { Issuer::Vm } else { Issuer::Arc }
    }

    /// Returns the parameter that selects the identity, and its value in the form of a query.
    fn chosen(&self) -> Option<(&'static str, Text)> {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let id = |arg: &Arg<ClientId>| Text::new().then_arg(arg, |ClientId(id)| encoded(id));
        let resource = |arg: &Arg<ResourcePath>| Text::new().then_arg(arg, |path| encoded(path.as_str()));
        let client = self.client_id.as_ref().map(|arg| ("client_id", id(arg)));
        let object = || self.object_id.as_ref().map(|arg| ("object_id", id(arg)));
        client.or_else(object).or_else(|| self.resource_id.as_ref().map(|arg| ("msi_res_id", resource(arg))))
    }

    fn selector(&self) -> Result<Selector, StepError> {
        let chosen = |name, id: &str| Selector::new(name, id.to_owned());
        Ok(match self {
            Self { client_id: Some(id), .. } => chosen("client_id", &id.get()?.0),
            Self { object_id: Some(id), .. } => chosen("object_id", &id.get()?.0),
            Self { resource_id: Some(path), .. } => chosen("msi_res_id", path.get()?.as_str()),
            _ => Selector::default(),
        })
    }

    fn agent(tools: &Tools, selector: Selector) -> Result<Exchange, StepError> {
        let agent = tools.agent.clone()?;
        let (client, policy) = (tools.local_client.clone(), tools.agent_policy);
        Ok(Exchange { agent, selector, client, policy, now: tools.now })
    }

    fn vm(tools: &Tools, selector: Selector) -> Result<Vm, StepError> {
        let endpoint = vm::endpoint(&tools.environment)?;
        let (client, policy) = (tools.local_client.clone(), tools.agent_policy);
        Ok(Vm { endpoint, selector, client, policy, now: tools.now })
    }

    /// Returns the URL of the machine's own token for `audience`; none if there is nobody to ask.
    fn url(&self, tools: &Tools, audience: &Audience) -> Option<Url> {
        let own = Selector::default();
        match self.issuer(tools) {
            Issuer::Arc => Self::agent(tools, own).ok().map(|exchange| exchange.url(audience)),
            Issuer::Vm => Self::vm(tools, own).ok().map(|vm| vm.url(audience)),
        }
    }
}

impl Kind for Managed {
    const KIND: &'static str = "managed";
    const EXAMPLE: &'static str = r#"identity "managed" "reader" {
  client_id = "00000000-0000-0000-0000-000000000000"
}

step "arm_get" "subscriptions" {
  path     = "/subscriptions"
  identity = identity.managed.reader
}

output "subscriptions" {
  value = length(step.arm_get.subscriptions.body.value)
}
"#;

    fn actions(&self, tools: &Tools, audience: &Audience) -> Vec<Action> {
        let Some(url) = self.url(tools, audience) else { return Vec::new() };
        let url = Text::from(url.to_string());
        let url = match self.chosen() {
            Some((name, id)) => url.then("&").then(name).then("=").then_text(&id),
            None => url,
        };
        vec![HttpRequest::new(Method::Get, url).action()]
    }

    fn describe(&self, tools: &Tools) -> String {
        let found = match (self.issuer(tools), &tools.agent) {
            // A plan for any machine is the same wherever it is made.
            (Issuer::Arc, _) if self.from.is_some() => {
                "the machine's managed identity (from its Arc agent, as `from` says)".to_owned()
            }
            (Issuer::Arc, Ok(agent)) => agent.to_string(),
            (Issuer::Arc, Err(error)) => format!("none: {error}"),
            (Issuer::Vm, _) => {
                let reason = if self.from.is_some() {
                    "`from` says so"
                } else {
                    "this machine is an Azure virtual machine"
                };
                format!("the machine's managed identity (from its metadata service: {reason})")
            }
        };
        match self.chosen() {
            Some((name, id)) => format!("the user-assigned identity with the {name} {id}, of {found}"),
            None => found,
        }
    }

    fn source(&self, tools: &Tools) -> Result<Source, StepError> {
        let selector = self.selector()?;
        match self.issuer(tools) {
            Issuer::Arc => Self::agent(tools, selector).map(Source::Agent),
            Issuer::Vm => Self::vm(tools, selector).map(Source::Vm),
        }
    }
}
