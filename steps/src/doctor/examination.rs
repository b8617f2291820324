//! The state of an examination: the findings so far, and the facts that later checks need.

use std::path::PathBuf;
use std::sync::Arc;

use arcbook_engine::redact::Secrets;
use arcbook_engine::step::{Action, Context, Platform as _, Token};
use url::Url;

use super::checks;
use super::{Case, Finding};
use crate::azure::Azure;
use crate::cloud::Service;
use crate::identity::{Found, Platform as System};
use crate::session::Session;

/// The state of an examination.
pub(super) struct Examination<'a> {
    pub azure: &'a Arc<Azure>,
    pub case: &'a Case,
    secrets: &'a Secrets,
    findings: Vec<Finding>,
    /// The machine's resource, once the agent told it.
    pub machine: Option<Machine>,
    /// The token for Azure Resource Manager, once there is one.
    pub token: Option<Token>,
    /// True if the identity may not read the resource of the machine.
    pub is_refused_at_machine: bool,
    /// Hosts that told the time, each with the seconds by which the clock of this machine is ahead of its own.
    pub skews: Vec<(String, i64)>,
}

/// The resource of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Machine {
    pub id: String,
    pub subscription: String,
}

impl<'a> Examination<'a> {
    pub fn new(azure: &'a Arc<Azure>, case: &'a Case, secrets: &'a Secrets) -> Self {
        Self {
            azure,
            case,
            secrets,
            findings: Vec::new(),
            machine: None,
            token: None,
            is_refused_at_machine: false,
            skews: Vec::new(),
        }
    }

    /// Returns true if nothing prevents a check; otherwise adds the finding that it was skipped.
    pub fn begin(&mut self, id: &'static str, subject: Option<&str>) -> bool {
        let Some(because) = self.preventing(id, subject) else { return true };
        let finding = Finding::prevented(id, because);
        self.add(match subject {
            Some(subject) => finding.about(subject),
            None => finding,
        });
        false
    }

    /// Returns the failed check that prevents the check `id` of `subject`, directly or through others.
    fn preventing(&self, id: &str, subject: Option<&str>) -> Option<&'static str> {
        let after = checks::named(id).map(|check| check.after).unwrap_or_default();
        let arm = [self.arm_host(), self.arm_audience()];
        let concerns = |finding: &&Finding| match finding.subject.as_deref() {
            None => true,
            // What concerns one host concerns the checks of that host, and those that ask Azure Resource Manager.
            Some(other) => Some(other) == subject || arm.iter().any(|own| own == other),
        };
        let mut found =
            self.findings.iter().filter(|finding| after.contains(&finding.id) && finding.prevents());
        found.find(concerns).map(|finding| finding.because.unwrap_or(finding.id))
    }

    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds a finding in place of those of the same check about the same subject.
    pub fn replace(&mut self, finding: Finding) {
        self.findings.retain(|other| (other.id, &other.subject) != (finding.id, &finding.subject));
        self.add(finding);
    }

    /// Returns the check that failed first, if one of these failed.
    pub fn cause(&self, ids: &[&str]) -> Option<&'static str> {
        let mut found =
            self.findings.iter().filter(|finding| ids.contains(&finding.id) && finding.prevents());
        found.next().map(|finding| finding.because.unwrap_or(finding.id))
    }

    /// Returns true if the check `id` failed.
    pub fn has_failed(&self, id: &str) -> bool {
        self.findings.iter().any(|finding| finding.id == id && finding.prevents())
    }

    /// Returns the findings in the order of the checks.
    pub fn finish(mut self) -> Vec<Finding> {
        if let Some(step) = &self.case.connects {
            // Before a machine is connected, it has no identity, and may have no agent.
            let of_agent =
                |finding: &&mut Finding| finding.id.starts_with("agent.") || finding.id == "identity.token";
            self.findings.iter_mut().filter(of_agent).for_each(|finding| finding.expect_before(step));
        }
        self.findings.sort_by_key(|finding| checks::position(finding.id));
        self.findings
    }

    /// Returns the program of the agent if it is installed here, whatever the environment says: an agent sets the variables for
    /// every login. None in a lab, and if the options of the clients name an agent.
    pub fn program(&self) -> Option<PathBuf> {
        let found = self.azure.tools().agent.as_ref().ok()?.found();
        let program = System::here(self.azure.environment()).program;
        let is_own = !self.azure.is_lab() && *found != Found::Given;
        (is_own && program.exists()).then_some(program)
    }

    /// Returns the host of Azure Resource Manager, with its port if that is not the usual one.
    pub fn arm_host(&self) -> String {
        Url::parse(&self.azure.cloud().arm()).map(|url| authority(&url)).unwrap_or_default()
    }

    /// Returns the host of Microsoft Entra, as [`Self::arm_host`] does; none if the cloud names none.
    pub fn login_host(&self) -> Option<String> {
        self.azure.cloud().login().and_then(|login| Url::parse(login).ok()).map(|url| authority(&url))
    }

    pub fn arm_audience(&self) -> String {
        self.azure.cloud().audience(Service::Arm).to_string()
    }

    /// Returns a context that acts as the identity of this machine and sends each request once.
    pub fn context(&self) -> Context {
        let context = Context::new("doctor", ".", self.secrets.clone(), |_| {});
        context.acting_as(self.azure.machine()).sending_once()
    }

    /// Returns a session for these reading actions.
    pub fn session(&self, actions: &[Action]) -> Session {
        let reads = actions.iter().filter(|action| action.is_read()).cloned().collect();
        Session::new(Arc::clone(self.azure), self.context(), reads)
    }
}

/// Returns the host of a URL, with its port if that is not the usual one.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
