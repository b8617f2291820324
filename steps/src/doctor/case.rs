//! The needs that an examination compares with what is there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use arcbook_engine::graph::Acting;
use arcbook_engine::plan::{Plan, PlannedStep, When, host};
use arcbook_engine::step::{Action, ActionKind, Audience, Permission, Plane, StepError};
use url::Url;

use crate::azure::Azure;
use crate::cloud::Service;
use crate::http::Peer;
use crate::step::TypedStep as _;
use crate::types::{ArcConnect, Metadata};

/// The providers that every Arc-enabled server needs.
const PROVIDERS: [&str; 3] =
    ["Microsoft.HybridCompute", "Microsoft.GuestConfiguration", "Microsoft.HybridConnectivity"];

/// The providers for which every subscription is registered.
const ALWAYS: [&str; 3] = ["Microsoft.Authorization", "Microsoft.ResourceGraph", "Microsoft.Resources"];

/// The needs of runs on this machine: those of every run, or those of one runbook.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The origins of the hosts to reach, such as `https://management.azure.com`.
    pub(super) origins: BTreeSet<String>,
    /// The hosts that are known only during the run, as the plan shows them.
    pub(super) later: BTreeSet<String>,
    /// The databases, each as `host:port`.
    pub(super) databases: BTreeSet<String>,
    /// The audiences for which the identity of this machine needs tokens; that of Azure Resource Manager comes first.
    pub(super) audiences: Vec<Audience>,
    /// The addresses of the other identities that act.
    pub(super) others: BTreeSet<String>,
    /// The permissions that the identity of this machine needs.
    pub(super) needs: Vec<Permission>,
    /// The resource providers.
    pub(super) providers: BTreeSet<String>,
    /// The directories into which runs write.
    pub(super) directories: Vec<PathBuf>,
    /// True if the needs are those of a runbook.
    pub(super) is_of_runbook: bool,
    /// The address of the step that connects this machine to Azure, if the runbook has one: before it, the agent and the
    /// identity may be missing.
    pub(super) connects: Option<String>,
    /// The reason why the cloud has not told its endpoints, if it has not: then nothing is asked of it.
    pub(super) undiscovered: Option<StepError>,
}

/// Returns the steps of a type that may run.
fn steps_of<'a>(plan: &'a Plan, ty: &str) -> impl Iterator<Item = &'a PlannedStep> {
    let (start, inner) = (format!("step.{ty}."), format!(".step.{ty}."));
    let is_one = move |step: &&PlannedStep| {
        let is_of_type = step.address.starts_with(&start) || step.address.contains(&inner);
        is_of_type && step.when != When::No
    };
    plan.steps.iter().filter(is_one)
}

impl Case {
    /// Returns the needs of every run in the cloud of `azure`.
    #[must_use]
    pub fn of_cloud(azure: &Azure) -> Self {
        let cloud = azure.cloud();
        let origins = [Some(cloud.arm()), cloud.login().map(ToOwned::to_owned)].into_iter().flatten();
        Self {
            origins: origins.filter_map(|url| origin(&url)).collect(),
            audiences: vec![cloud.audience(Service::Arm)],
            providers: PROVIDERS.into_iter().map(ToOwned::to_owned).collect(),
            ..Self::default()
        }
    }

    /// Returns the case of a cloud of which only the endpoint is known, because it was not told the others for this reason.
    #[must_use]
    pub fn of_endpoint(azure: &Azure, undiscovered: StepError) -> Self {
        let origins = origin(&azure.cloud().arm()).into_iter().collect();
        Self { origins, undiscovered: Some(undiscovered), ..Self::default() }
    }

    /// Returns the needs of a planned runbook.
    #[must_use]
    pub fn of_plan(plan: &Plan, azure: &Azure) -> Self {
        let connects = steps_of(plan, ArcConnect::TYPE).next().map(|step| step.address.clone());
        let mut case = Self { is_of_runbook: true, connects, ..Self::default() };
        let arm = azure.cloud().audience(Service::Arm);
        case.audiences.push(arm);
        case.origins.extend(origin(&azure.cloud().arm()));
        for step in plan.steps.iter().filter(|step| step.when != When::No) {
            let acts_as = plan.acts_as(step).unwrap_or_else(|| Acting::MACHINE.to_owned());
            let is_own = acts_as == Acting::MACHINE;
            if !is_own {
                case.others.insert(acts_as);
            }
            for action in &step.actions {
                case.perform(action, is_own, azure);
            }
        }
        for action in plan.record_actions() {
            case.perform(&action, true, azure);
        }
        case.audiences = case.audiences.into_iter().fold(Vec::new(), |mut kept, audience| {
            if !kept.iter().any(|other| azure.cloud().is_same_audience(other, &audience)) {
                kept.push(audience);
            }
            kept
        });
        case.providers = case.needs.iter().filter_map(provider).collect();
        case
    }

    /// Returns the addresses of the steps that ask this machine alone who it is, and wait for no other step.
    #[must_use]
    pub fn steps_about_machine(plan: &Plan) -> Vec<String> {
        let can_run = |step: &&PlannedStep| step.when == When::Yes && plan.waits(step).is_empty();
        steps_of(plan, Metadata::TYPE).filter(can_run).map(|step| step.address.clone()).collect()
    }

    /// Adds directories into which runs write.
    #[must_use]
    pub fn writing_to(mut self, directories: impl IntoIterator<Item = PathBuf>) -> Self {
        self.directories.extend(directories);
        self
    }

    /// Adds the host of an action, and what the identity of this machine needs for it if that `is_own`.
    fn perform(&mut self, action: &Action, is_own: bool, azure: &Azure) {
        self.reach(&action.kind, azure);
        if is_own {
            self.needs.extend(action.needs.iter().cloned());
            self.audiences.extend(action.audience().cloned());
        }
    }

    /// Adds the host of an action.
    fn reach(&mut self, kind: &ActionKind, azure: &Azure) {
        // A phrase stands for an unknown or a sensitive part, and braces for alternatives.
        let is_later = |shown: &str| shown.contains(['(', '{']);
        match kind {
            ActionKind::Http(request) => {
                let shown = request.url.to_string();
                let authority = host(&shown);
                let known = shown.split_once("://").filter(|_| !is_later(&authority));
                let url = known.and_then(|(scheme, _)| Url::parse(&format!("{scheme}://{authority}")).ok());
                match url {
                    Some(url) if matches!(azure.peer(&url), Peer::Agent | Peer::Vm) => {}
                    Some(url) => self.origins.extend(origin(url.as_str())),
                    None => drop(self.later.insert(authority)),
                }
            }
            ActionKind::Sql(statement) => {
                let shown = statement.host.to_string();
                let set = if is_later(&shown) { &mut self.later } else { &mut self.databases };
                set.insert(shown);
            }
            _ => {}
        }
    }
}

/// Returns the scheme, host and port of a URL.
fn origin(url: &str) -> Option<String> {
    Url::parse(url).ok().map(|url| url.origin().ascii_serialization())
}

/// Returns the provider of a permission of the control plane; none if every subscription has it.
fn provider(need: &Permission) -> Option<String> {
    let (namespace, _) = need.action.split_once('/')?;
    let is_always = ALWAYS.iter().any(|always| always.eq_ignore_ascii_case(namespace));
    let counts = need.plane == Plane::Control && !is_always && namespace.contains('.');
    // The permissions of Blob storage are checked at its own host.
    let is_at_arm = need.scope.to_string().starts_with('/');
    (counts && is_at_arm).then(|| namespace.to_owned())
}
