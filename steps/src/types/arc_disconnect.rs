//! The step type `arc_disconnect`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Change, Deletion, Effect, ErrorKind, Existing, Outputs, Power,
    PriorState, Response, StepError, Text, Title,
};

use super::arc_credential::{Credential, ServicePrincipal};
use super::arc_program::check_program;
use super::arc_undo::disconnect;
use crate::arm::ResourcePath;
use crate::azcmagent::{Agent, MachinePlace, Match, Settings, Shown, absent, failed};
use crate::azure::Azure;
use crate::process::End;
use crate::session::Session;
use crate::step::{Done, TypedStep};

/// Disconnects this machine from Azure Arc.
///
/// It runs `azcmagent disconnect`, as root or administrator, unless `azcmagent show` says that the machine has no resource.
/// The disconnection deletes the machine's resource in Azure, and with it the machine's identity, its role assignments and its extensions'
/// resources. The agent stays installed.
///
/// The agent gets the credential in a private file, as in `arc_connect`. Without `service_principal`, `access_token` and
/// `force_local_only`, it gets a token of the step's `identity` for Azure Resource Manager.
#[derive(Arguments)]
#[arguments(at_most_one(access_token, service_principal))]
pub struct ArcDisconnect {
    /// Resource id that the machine must have; a machine that is connected to another resource is an error.
    resource_id: Option<Arg<ResourcePath>>,
    /// Service principal that disconnects the machine.
    service_principal: Option<Arg<ServicePrincipal>>,
    /// Id of the tenant of the service principal: a GUID.
    tenant_id: Option<Arg<String>>,
    /// Token for Azure Resource Manager of an identity that may delete the machine's resource.
    #[argument(sensitive)]
    access_token: Option<Arg<String>>,
    /// If true, the agent forgets its connection, needs no credential, and the resource stays in Azure; defaults to false.
    force_local_only: Option<Arg<bool>>,
    /// Path of `azcmagent`, or its name, which is searched in `PATH`; defaults to the path of its installation.
    program: Option<Arg<String>>,
}

/// The outputs of `arc_disconnect`.
#[derive(Outputs, Debug)]
pub struct Disconnected {
    /// Id of the resource that the machine had; null if it had none.
    #[output(answer, arm_id)]
    resource_id: Option<String>,
    /// True if the step disconnected the machine.
    #[output(fact)]
    changed: bool,
}

impl ArcDisconnect {
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

    /// Returns true if only the agent forgets the connection; none if that is not known yet.
    fn is_local(&self) -> Option<bool> {
        self.force_local_only.as_ref().map_or(Some(false), |local| local.value().copied())
    }

    fn disconnect(&self, azure: &Azure) -> Action {
        let agent = self.agent(azure);
        if !self.credential().is_identity() {
            return agent.configured("disconnect");
        }
        let scope = match &self.resource_id {
            Some(id) => Text::new().then_arg(id, |id| id.as_str().to_owned()),
            None => Text::from("the resource of this machine"),
        };
        disconnect(&agent, scope)
    }

    fn forget(&self, azure: &Azure) -> Action {
        self.agent(azure).plain(&["disconnect", "--force-local-only"])
    }

    /// Returns the state of a machine that has a resource, which must be the wanted one; none without a resource.
    async fn registered(&self, session: &Session) -> Result<Option<Shown>, StepError> {
        let shown = self.agent(session.azure()).ask(session).await?.filter(Shown::is_registered);
        let (Some(shown), Some(id)) = (&shown, &self.resource_id) else { return Ok(shown) };
        let place = MachinePlace::of_id(id.get()?.as_str());
        match place.map(|place| place.compare(shown)) {
            Some(Match::Same) => Ok(Some(shown.clone())),
            _ => Err(StepError::new(
                ErrorKind::Refused,
                "this machine is connected to another resource, and stays so",
            )
            .argument("resource_id")
            .help("show the present resource: azcmagent show")),
        }
    }

    /// Returns the result for a machine without a resource.
    fn disconnected(session: &Session) -> Done<Disconnected> {
        let is_own = session.before() == Some(PriorState::Present);
        let change = if is_own { Change::Removed } else { Change::None };
        Done::changed(Disconnected { resource_id: None, changed: is_own }, change)
    }
}

impl TypedStep for ArcDisconnect {
    const TYPE: &'static str = "arc_disconnect";
    const EXAMPLE: &'static str = r#"step "arc_disconnect" "here" {
  resource_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot/providers/Microsoft.HybridCompute/machines/ArcBox-Ubuntu-01"
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Rights;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    const LASTING: Option<&'static str> = Some(
        "a machine that is connected again has a new identity, without the role assignments of the old one",
    );
    type Output = Disconnected;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let mut errors = check_program(self.program.as_ref());
        errors.extend(self.credential().check());
        if self.is_local() == Some(true) && (self.access_token.is_some() || self.service_principal.is_some())
        {
            let error = ArgumentError::new("force_local_only", "must be false if a credential is given");
            errors.push(error.help("leave out the credential, which the agent does not use then"));
        }
        let id = self.resource_id.as_ref().and_then(Arg::value);
        if id.is_some_and(|id| MachinePlace::of_id(id.as_str()).is_none()) {
            let error = ArgumentError::new("resource_id", "must be the id of an Azure Arc machine");
            errors.push(error.help(
                "write `/subscriptions/…/resourceGroups/…/providers/Microsoft.HybridCompute/machines/NAME`",
            ));
        }
        errors
    }

    fn title(&self) -> Title {
        if self.is_local() == Some(true) {
            let place = "in Azure Arc, on this side only: its resource stays";
            return Title::new("this machine").placed(place);
        }
        let place = "in Azure Arc, with the machine's identity and its role assignments";
        Title::new("resource of this machine").placed(place)
    }

    fn deletion(&self) -> Deletion {
        match self.is_local() {
            Some(true) => Deletion::ByActions,
            Some(false) => Deletion::Certain,
            None => Deletion::Maybe,
        }
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let show = self.agent(azure).show();
        let forget = (self.is_local() != Some(false)).then(|| self.forget(azure));
        let token = self.credential().action(azure).filter(|_| self.is_local() != Some(true));
        let disconnect = (self.is_local() != Some(true)).then(|| self.disconnect(azure));
        [show].into_iter().chain(forget).chain(token).chain(disconnect).collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Disconnected>>, StepError> {
        Ok(match self.registered(session).await? {
            None => Existing::AsWanted(Self::disconnected(session)),
            Some(_) => Existing::Unwanted(None),
        })
    }

    async fn run(&self, session: &Session) -> Result<Done<Disconnected>, StepError> {
        let azure = session.azure();
        let Some(shown) = self.registered(session).await? else { return Ok(Self::disconnected(session)) };
        let agent = self.agent(azure);
        let finished = if self.is_local() == Some(true) {
            agent.run(session, &self.forget(azure), None).await?
        } else {
            let settings = self.credential().add(session, Settings::default()).await?;
            agent.run(session, &self.disconnect(azure), Some(&settings)).await?
        };
        if finished.end != End::Code(0) {
            return Err(failed("disconnect", &finished, |text| session.redacted(text)));
        }
        let left = agent.ask(session).await.map_err(StepError::uncertain)?.ok_or_else(absent)?;
        if left.is_registered() {
            let summary = "azcmagent disconnected the machine, but shows it as connected";
            return Err(StepError::new(ErrorKind::Answer, summary)
                .help("look at it: azcmagent show")
                .uncertain());
        }
        Ok(Done::changed(Disconnected { resource_id: shown.resource_id, changed: true }, Change::Removed))
    }
}
