//! The step type `arc_connect`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Choice, Effect, ErrorKind, Existing, Outputs, Permission,
    Power, PriorState, Receipt, Response, StepError, Text, Title,
};

use super::arc_credential::{Credential, ServicePrincipal};
use super::arc_program::check_program;
use super::arc_undo::{ArcUndo, proof};
use crate::arm::ResourcePath;
use crate::azcmagent::{
    Agent, CONNECTED_ALREADY, MachinePlace, Match, Settings, Shown, Tags, absent, failed, machine_name,
};
use crate::azure::Azure;
use crate::permission;
use crate::process::{End, reveals_password};
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::undo::Undo;

/// Connects this machine to Azure Arc.
///
/// It runs `azcmagent connect`, as root or administrator, unless `azcmagent show` says that the machine is connected as
/// configured. Only the tenant, the subscription, the resource group and the name count for that: tags, location and
/// everything else of an existing resource are not compared, since its owner may have changed them in Azure. A machine that
/// is connected elsewhere is an error; a step `arc_disconnect` before this one moves it.
///
/// The agent gets all settings, and the credential among them, in a file that only this user may read. The file is in a
/// private directory for temporary files and is removed with the end of the program; nothing secret is in the arguments or
/// in the environment of the program. Without `service_principal` and `access_token`, the agent gets a token of the
/// step's `identity` for Azure Resource Manager.
///
/// `arcbook undo` disconnects a machine that the step connected, which deletes its resource in Azure, with a token of the
/// identity as which the step acts.
#[derive(Arguments)]
#[arguments(at_most_one(access_token, service_principal))]
pub struct ArcConnect {
    /// Id of the subscription: a GUID.
    subscription_id: Arg<String>,
    /// Name of the resource group for the machine's resource.
    resource_group: Arg<String>,
    /// Azure region of the resource, such as `westeurope`.
    #[argument(sink = "setting")]
    location: Arg<String>,
    /// Id of the tenant: a GUID.
    tenant_id: Option<Arg<String>>,
    /// Name of the resource: up to 54 letters, digits, `-`, `_` and `.`; defaults to the name of the host.
    resource_name: Option<Arg<String>>,
    /// Tags of a new resource.
    #[argument(sink = "setting")]
    tags: Option<Arg<Tags>>,
    /// Cloud; defaults to that of arcbook.
    cloud: Option<Arg<ArcCloud>>,
    /// URL of the proxy that the agent uses from now on, without a password; it is set before the connection is made.
    proxy: Option<Arg<String>>,
    /// Resource id of the Arc gateway through which the agent reaches Azure.
    gateway_id: Option<Arg<ResourcePath>>,
    /// Resource id of the private link scope of the machine.
    private_link_scope: Option<Arg<ResourcePath>>,
    /// GUID that Azure's logs show for the connection.
    #[argument(sink = "setting")]
    correlation_id: Option<Arg<String>>,
    /// Service principal that connects the machine.
    service_principal: Option<Arg<ServicePrincipal>>,
    /// Token for Azure Resource Manager of an identity that may connect the machine.
    #[argument(sensitive)]
    access_token: Option<Arg<String>>,
    /// Path of `azcmagent`, or its name, which is searched in `PATH`; defaults to the path of its installation.
    program: Option<Arg<String>>,
}

/// The name of a cloud.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArcCloud {
    /// The public cloud.
    #[choice(name = "AzureCloud")]
    Public,
    /// The cloud of the government of the United States.
    #[choice(name = "AzureUSGovernment")]
    Government,
    /// The cloud in China.
    #[choice(name = "AzureChinaCloud")]
    China,
}

/// The outputs of `arc_connect`.
#[derive(Outputs, Debug)]
pub struct Connected {
    /// Id of the machine's resource.
    #[output(from(subscription_id, resource_group, resource_name), arm_id)]
    resource_id: Option<String>,
    /// Name of the resource.
    #[output(from(resource_name))]
    resource_name: Option<String>,
    /// Id of the tenant: a GUID.
    #[output(from(tenant_id))]
    tenant_id: Option<String>,
    /// Azure region of the resource.
    #[output(from(location))]
    location: Option<String>,
    /// True if the step connected the machine.
    #[output(fact)]
    changed: bool,
}

/// The number of looks at an agent that has just connected.
const LOOKS: u32 = 6;

impl ArcConnect {
    fn agent(&self, azure: &Azure) -> Agent {
        Agent::at(self.program.as_ref(), azure)
    }

    fn credential(&self) -> Credential<'_> {
        Credential {
            access_token: self.access_token.as_ref(),
            service_principal: self.service_principal.as_ref(),
            tenant_id: self.tenant_id.as_ref(),
        }
    }

    fn set_proxy(&self, azure: &Azure) -> Option<Action> {
        let proxy = Text::new().then_parts(self.proxy.as_ref()?, Clone::clone);
        Some(self.agent(azure).set("proxy.url", proxy))
    }

    fn connect(&self, azure: &Azure) -> Action {
        let action = self.agent(azure).configured("connect");
        if !self.credential().is_identity() {
            return action;
        }
        let scope = Text::from("/subscriptions/")
            .then_arg(&self.subscription_id, Clone::clone)
            .then("/resourceGroups/")
            .then_arg(&self.resource_group, Clone::clone);
        let needs = ["read", "write"].map(|verb| {
            Permission::control(format!("Microsoft.HybridCompute/machines/{verb}"), scope.clone())
        });
        let link = self.private_link_scope.as_ref().map(|link| {
            let link = Text::new().then_parts(link, ResourcePath::encoded);
            Permission::control("Microsoft.HybridCompute/privateLinkScopes/read", permission::scope(&link))
        });
        needs.into_iter().chain(link).fold(action, Action::needs)
    }

    /// Returns the place that the machine is to have.
    fn place(&self) -> Result<MachinePlace, StepError> {
        let text = |arg: Option<&Arg<String>>| arg.map(Arg::get).transpose().map(Option::<&String>::cloned);
        Ok(MachinePlace {
            subscription_id: text(Some(&self.subscription_id))?,
            resource_group: text(Some(&self.resource_group))?,
            resource_name: text(self.resource_name.as_ref())?,
            tenant_id: text(self.tenant_id.as_ref())?,
        })
    }

    async fn settings(&self, session: &Session) -> Result<Settings, StepError> {
        let text = |arg: Option<&Arg<String>>| arg.map(Arg::get).transpose().map(Option::<&String>::cloned);
        let path = |arg: Option<&Arg<ResourcePath>>| {
            arg.map(Arg::get).transpose().map(|path| path.map(|path| path.as_str().to_owned()))
        };
        let own = &session.azure().cloud().name;
        let cloud = match self.cloud.as_ref().map(Arg::get).transpose()? {
            Some(cloud) => Some(cloud.word()),
            None => ArcCloud::from_word(own).map(|cloud| cloud.word()),
        };
        let tags = self.tags.as_ref().map(Arg::get).transpose()?.map(Tags::text);
        let settings = Settings::default()
            .with("subscription-id", Some(self.subscription_id.get()?))
            .with("resource-group", Some(self.resource_group.get()?))
            .with("location", Some(self.location.get()?))
            .with("tenant-id", text(self.tenant_id.as_ref())?.as_deref())
            .with("resource-name", text(self.resource_name.as_ref())?.as_deref())
            .with("cloud", cloud)
            .with("tags", tags.as_deref())
            .with("gateway-id", path(self.gateway_id.as_ref())?.as_deref())
            .with("private-link-scope", path(self.private_link_scope.as_ref())?.as_deref())
            .with("correlation-id", text(self.correlation_id.as_ref())?.as_deref());
        self.credential().add(session, settings).await
    }

    fn done(&self, session: &Session, shown: &Shown, change: Change) -> Done<Connected> {
        let output = Connected {
            resource_id: shown.resource_id.clone(),
            resource_name: shown.resource_name.clone(),
            tenant_id: shown.tenant_id.clone(),
            location: shown.location.clone(),
            changed: change != Change::None,
        };
        let done = Done::changed(output, change);
        match proof(&self.agent(session.azure()), shown).filter(|_| !session.is_sensitive()) {
            Some(proof) => done.receipt(proof),
            None => done,
        }
    }

    /// Returns the result for a machine that is connected as configured, although this attempt did not connect it.
    fn connected_before(&self, session: &Session, shown: &Shown) -> Done<Connected> {
        let is_own = session.before() == Some(PriorState::Absent);
        self.done(session, shown, if is_own { Change::Created } else { Change::None })
    }

    /// Waits until the agent shows the connection that it has just made.
    async fn await_connection(&self, session: &Session) -> Result<Done<Connected>, StepError> {
        let (agent, place) = (self.agent(session.azure()), self.place()?);
        for number in 1..=LOOKS {
            let shown = agent.ask(session).await.map_err(StepError::uncertain)?;
            if let Some(shown) =
                shown.filter(|shown| shown.is_connected() && place.compare(shown) == Match::Same)
            {
                return Ok(self.done(session, &shown, Change::Created));
            }
            if number < LOOKS {
                session.pause_as("not connected yet", number).await;
            }
        }
        Err(StepError::new(
            ErrorKind::Answer,
            "azcmagent connected the machine, but does not show it as connected",
        )
        .help("look at the agent: azcmagent show")
        .uncertain())
    }
}

/// Returns the error of a machine that is not as configured, and not without a resource either.
fn misplaced(shown: &Shown, found: &Match) -> StepError {
    let error = match found {
        Match::Other(parts) => {
            let differ = if parts.len() == 1 { "differs" } else { "differ" };
            let summary = "this machine is connected to Azure Arc elsewhere, and is left as it is";
            StepError::new(ErrorKind::Refused, summary).detail(format!("Its {} {differ}.", parts.join(", ")))
        }
        Match::Untold => StepError::new(
            ErrorKind::Answer,
            "the agent does not say as which resource this machine is connected",
        ),
        Match::Same => {
            let status = shown
                .status
                .as_deref()
                .filter(|status| status.bytes().all(|byte| byte.is_ascii_alphabetic()));
            let summary = match status {
                Some(status) => {
                    format!("this machine has its resource, but the status of its agent is {status}")
                }
                None => "this machine has its resource, but its agent is not connected".to_owned(),
            };
            return StepError::new(ErrorKind::Refused, summary)
                .help("find out why the agent is not in contact with Azure: azcmagent check")
                .help("an agent whose certificate has expired must be disconnected first: step \"arc_disconnect\"");
        }
    };
    error.help("show the present resource: azcmagent show").help(
        "disconnect the machine in an earlier step `arc_disconnect`, or configure the resource that it has",
    )
}

impl TypedStep for ArcConnect {
    const TYPE: &'static str = "arc_connect";
    const EXAMPLE: &'static str = r#"variable "onboarding_secret" {
  type      = string
  default   = "only-an-example"
  sensitive = true
}

step "arc_connect" "here" {
  tenant_id       = "00000000-0000-0000-0000-000000000000"
  subscription_id = "00000000-0000-0000-0000-000000000000"
  resource_group  = "arc_pilot"
  location        = "westeurope"
  tags            = { Datacenter = "West", City = "Amsterdam" }

  service_principal {
    client_id = "00000000-0000-0000-0000-000000000000"
    secret    = var.onboarding_secret
  }
}

output "machine" {
  value = step.arc_connect.here.resource_id
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Rights;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = Connected;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let mut errors = check_program(self.program.as_ref());
        errors.extend(self.credential().check());
        let texts = [
            ("subscription_id", Some(&self.subscription_id)),
            ("resource_group", Some(&self.resource_group)),
            ("location", Some(&self.location)),
            ("tenant_id", self.tenant_id.as_ref()),
            ("correlation_id", self.correlation_id.as_ref()),
        ];
        let is_blank = |arg: &Arg<String>| {
            arg.value().is_some_and(|text| text.trim().is_empty() || text.contains(char::is_control))
        };
        let blank = texts.into_iter().filter(|(_, arg)| arg.is_some_and(is_blank));
        errors.extend(blank.map(|(name, _)| ArgumentError::new(name, "must not be empty")));
        if self.resource_name.as_ref().and_then(Arg::value).is_some_and(|name| !machine_name(name)) {
            let message = "must be 1 to 54 letters, digits, hyphens, underscores and full stops";
            errors.push(ArgumentError::new("resource_name", message));
        }
        let proxy = self.proxy.as_ref();
        let is_secret = proxy.is_some_and(Arg::is_sensitive);
        if is_secret || proxy.and_then(Arg::value).is_some_and(|url| reveals_password("HTTPS_PROXY", url)) {
            let error =
                ArgumentError::new("proxy", "must not be sensitive or contain a user name or a password");
            let error = error.help(
                "every user of the machine can see it: use a proxy that lets this machine pass without a password",
            );
            errors.push(if is_secret { error.secret() } else { error });
        }
        errors
    }

    fn title(&self) -> Title {
        let title = Title::new("machine");
        let title = match &self.resource_name {
            Some(name) => title.named(&Text::new().then_parts(name, Clone::clone)),
            None => Title::new("this machine"),
        };
        let group = Text::new().then_parts(&self.resource_group, Clone::clone);
        title.placed(format!("in Azure Arc, resource group {group}"))
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let show = self.agent(azure).show();
        let token = self.credential().action(azure);
        [show].into_iter().chain(self.set_proxy(azure)).chain(token).chain([self.connect(azure)]).collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Connected>>, StepError> {
        let Some(shown) = self.agent(session.azure()).ask(session).await? else {
            // An earlier step may install it.
            return Ok(Existing::unknown("the agent is not installed"));
        };
        if !shown.is_registered() {
            return Ok(Existing::Absent);
        }
        match self.place()?.compare(&shown) {
            Match::Same if shown.is_connected() => {
                Ok(Existing::AsWanted(self.connected_before(session, &shown)))
            }
            found => Err(misplaced(&shown, &found)),
        }
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        ArcUndo::of(azure, receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Connected>, StepError> {
        let azure = session.azure();
        let agent = self.agent(azure);
        if let Some(set) = self.set_proxy(azure) {
            let finished = agent.run(session, &set, None).await?;
            if finished.end != End::Code(0) {
                return Err(failed("config set", &finished, |text| session.redacted(text)).argument("proxy"));
            }
        }
        let settings = self.settings(session).await?;
        let finished = agent.run(session, &self.connect(azure), Some(&settings)).await?;
        match finished.end {
            End::Code(0) => self.await_connection(session).await,
            // Only the agent tells whether it is connected as configured.
            End::Code(CONNECTED_ALREADY) => {
                let shown = agent.ask(session).await?.ok_or_else(absent)?;
                match self.place()?.compare(&shown) {
                    Match::Same if shown.is_connected() => Ok(self.connected_before(session, &shown)),
                    found => Err(misplaced(&shown, &found)),
                }
            }
            _ => Err(failed("connect", &finished, |text| session.redacted(text))),
        }
    }
}
