//! A lab, and helpers that run steps against it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use arcbook_engine::redact::Secrets;
use arcbook_engine::step::{
    ArgumentError, Backoff, Change, Context, Existing, Outcome, Platform as _, PriorState, Progress, Receipt,
    Signal, StepError, Work,
};
use arcbook_engine::value::{Entries, Value};
use arcbook_lab::{Fault, Lab, Options, Service, World};
use arcbook_steps::{AgentAt, Azure, AzureOptions, Cloud, Environment, Host, Policy, Trust, registry};

/// The run to which the steps belong.
pub const RUN: &str = "20261122-101500.123-1a2b3c";

pub const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"
page_size    = 2

resource_group "arc_pilot" { location = "westeurope" }

machine "ArcBox-01" {
  resource_group = "arc_pilot"
  os             = "linux"
  tags           = { scenario = "Managed Identity", "a:b" = "c;d" }
}

role_assignment { role = "Reader" }

key_vault "arcmi01" {
  resource_group = "arc_pilot"
  access_policy { secrets = ["get", "list"] }
  secret "scenario" {
    value        = "canary-secret-value"
    content_type = "text/plain"
  }
}

key_vault "closed01" {
  resource_group = "arc_pilot"
  secret "scenario" { value = "x" }
}

storage_account "arcmi01" {
  resource_group = "arc_pilot"
  role_assignment { role = "Storage Blob Data Contributor" }
}

storage_account "closed01" { resource_group = "arc_pilot" }

resource "Microsoft.Network/networkSecurityGroups" "nsg" { resource_group = "arc_pilot" }
"#;

const POLLING: Backoff =
    Backoff { delay: Duration::from_millis(1), factor: 1.0, longest: Duration::from_millis(2), jitter: 0.0 };

/// The retry policy of these tests: several attempts with negligible waits.
pub const QUICK: Policy = Policy {
    attempts: 3,
    backoff: Backoff {
        delay: Duration::from_millis(1),
        factor: 2.0,
        longest: Duration::from_millis(2),
        jitter: 0.5,
    },
    polling: POLLING,
    longest_asked: Duration::from_millis(5),
    settling: Duration::from_millis(100),
    lag: Duration::from_millis(200),
    ..Policy::AZURE
};

/// The retry policy of tests that wait for what takes effect late: its time is never used up.
pub const PATIENT: Policy = Policy { settling: Duration::from_mins(1), lag: Duration::from_mins(1), ..QUICK };

/// The retry policy of these tests for the agent.
pub const QUICK_AGENT: Policy =
    Policy { absent: Policy::AGENT.absent, starts: Policy::AGENT.starts, ..QUICK };

/// Returns the receipt of a change.
pub fn receipt(change: Option<Change>, outputs: &Entries, target: &[&str]) -> Receipt {
    Receipt {
        target: target.iter().map(|&target| target.to_owned()).collect(),
        change,
        arguments: Entries::new(),
        outputs: outputs.clone(),
        before: PriorState::Absent,
        prior: None,
        kept: None,
        proof: None,
        is_accepted: false,
    }
}

/// The arguments of a step.
pub type Given = Vec<(&'static str, Value)>;

/// The result of a step that ran as the engine runs it.
pub struct Kept {
    pub outcome: Outcome,
    /// The receipt of the change; none if there was nothing to do.
    pub receipt: Option<Receipt>,
}

pub fn json(text: &str) -> Value {
    Value::parse_json(text).unwrap()
}

/// Describes the result of a lookup.
pub fn told(found: Result<Existing, StepError>) -> String {
    match found {
        Ok(Existing::Different(differences, prior)) => {
            let names: Vec<&str> = differences.iter().map(|found| found.attribute.as_str()).collect();
            let prior = if prior.is_some() { "" } else { ", not to be put back" };
            format!("differs: {}{prior}", names.join(" "))
        }
        Ok(Existing::AsWanted(outcome)) => format!("as wanted, {}", outcome.change.as_str()),
        Ok(Existing::Absent) => "absent".to_owned(),
        Ok(Existing::Unwanted(_)) => "unwanted".to_owned(),
        Ok(Existing::Unknown(_)) => "unknown".to_owned(),
        Ok(Existing::Altered(_)) => "altered".to_owned(),
        Err(error) => format!("{error}: {}", error.why().unwrap_or_default()),
    }
}

/// A lab, and an `Azure` that is configured for it.
pub struct Bench {
    pub lab: Lab,
    pub azure: Arc<Azure>,
    options: AzureOptions,
    pub secrets: Secrets,
    pub progress: Arc<Mutex<Vec<Progress>>>,
}

impl Bench {
    pub async fn start() -> Self {
        Self::with(Options::default(), |_| ()).await
    }

    /// Starts a lab with these options; `change` adjusts the client's options.
    pub async fn with(options: Options, change: impl FnOnce(&mut AzureOptions)) -> Self {
        Self::in_world(WORLD, options, change).await
    }

    /// Starts a lab whose world has these blocks too.
    pub async fn of(blocks: &str) -> Self {
        Self::in_world(&format!("{WORLD}\n{blocks}"), Options::default(), |_| ()).await
    }

    /// Starts a lab whose world has these blocks too, with a client that waits for what takes effect late.
    pub async fn patient(blocks: &str) -> Self {
        Self::of(blocks).await.again(|options| options.policy = PATIENT)
    }

    /// Starts a lab with this world alone.
    pub async fn in_world(world: &str, options: Options, change: impl FnOnce(&mut AzureOptions)) -> Self {
        let lab = Lab::start(World::parse(world, "world.lab.hcl").unwrap(), options).await.unwrap();
        let agent = AgentAt {
            endpoint: lab.himds().url.clone(),
            token_dir: lab.token_dir().to_owned(),
            command: None,
        };
        let mut options = AzureOptions {
            policy: QUICK,
            agent_policy: QUICK_AGENT,
            agent: Some(agent),
            ..AzureOptions::new(Environment::default())
        };
        if let Some(pem) = lab.ca_pem() {
            options.trust = Trust::Only(pem.to_owned());
        }
        options.cloud = Cloud::discover(&lab.azure().arm, &options).await.unwrap();
        change(&mut options);
        let azure = Arc::new(Azure::new(options.clone()));
        Self { lab, azure, options, secrets: Secrets::default(), progress: Arc::default() }
    }

    /// Replaces the client, with options adjusted by `change`.
    pub fn again(mut self, change: impl FnOnce(&mut AzureOptions)) -> Self {
        change(&mut self.options);
        self.azure = Arc::new(Azure::new(self.options.clone()));
        self
    }

    pub fn context(&self) -> Context {
        let progress = Arc::clone(&self.progress);
        let context = Context::new("step.x.y", ".", self.secrets.clone(), move |signal| {
            if let Signal::Progress(told) = signal {
                progress.lock().unwrap().push(told);
            }
        });
        context.in_runs([RUN.to_owned()]).acting_as(self.azure.machine())
    }

    pub fn fault(&self, fault: &str) {
        self.lab.inject(fault.parse::<Fault>().unwrap());
    }

    /// Runs a step of type `ty`.
    pub async fn run(&self, ty: &str, arguments: &[(&'static str, Value)]) -> Result<Outcome, StepError> {
        let arguments = arguments.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let work = registry(&self.azure).get(ty).unwrap().prepare(&arguments).unwrap();
        work.run(self.context()).await
    }

    /// Runs a step of type `ty` as the engine does; returns its outcome and the receipt of its change.
    pub async fn keep(
        &self,
        ty: &str,
        given: &[(&'static str, Value)],
        context: Context,
    ) -> Result<(Outcome, Option<Receipt>), StepError> {
        self.keep_step(ty, given, context).await.map(|kept| (kept.outcome, kept.receipt))
    }

    /// Undoes the change of a step of type `ty`, which can be undone.
    pub async fn undo_kept(&self, ty: &str, receipt: &Receipt) -> Result<Change, StepError> {
        self.undo_step(ty, receipt).await.expect("can be undone")
    }

    /// Queries the object of a step of type `ty`; `before` is its state before the first attempt.
    pub async fn find(
        &self,
        ty: &str,
        arguments: &[(&'static str, Value)],
        before: Option<PriorState>,
    ) -> Result<Existing, StepError> {
        let arguments = arguments.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let work = registry(&self.azure).get(ty).unwrap().prepare(&arguments).unwrap();
        work.find(self.context().after(before)).await
    }

    /// Runs a step of type `ty` as the engine does, in a context of its own.
    pub async fn converge(&self, ty: &str, given: &[(&'static str, Value)]) -> Result<Kept, StepError> {
        self.keep_step(ty, given, self.context()).await
    }

    /// Undoes a step of type `ty` that had these outputs.
    pub async fn undo(&self, ty: &str, outputs: &Entries) -> Result<Change, StepError> {
        let work = registry(&self.azure)
            .get(ty)
            .unwrap()
            .undo(&receipt(Some(Change::Created), outputs, &[]))
            .unwrap();
        work.run(self.context()).await.map(|outcome| outcome.change)
    }

    /// Runs a step as the engine does: it looks, and makes the change with the state before it.
    pub async fn keep_step(
        &self,
        ty: &str,
        given: &[(&'static str, Value)],
        context: Context,
    ) -> Result<Kept, StepError> {
        let arguments = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let work = registry(&self.azure).get(ty).unwrap().prepare(&arguments).unwrap();
        let found = work.find(context.clone()).await?;
        Self::keep_found(work, found, context).await
    }

    /// Makes the change of a step that has looked, unless there is nothing to do.
    pub async fn keep_found(
        work: Box<dyn Work>,
        found: Existing,
        context: Context,
    ) -> Result<Kept, StepError> {
        if let Existing::AsWanted(outcome) = found {
            return Ok(Kept { outcome, receipt: None });
        }
        let (before, prior) = (found.before(), found.prior().cloned());
        let outcome = work.run(context.after(Some(before))).await?;
        let receipt = Receipt {
            before,
            prior: prior.map(|prior| prior.state),
            proof: outcome.receipt.clone(),
            ..receipt(Some(outcome.change), &outcome.outputs, &[])
        };
        Ok(Kept { outcome, receipt: Some(receipt) })
    }

    /// Undoes the change of a step of type `ty`; none if the type cannot undo it.
    pub async fn undo_step(&self, ty: &str, receipt: &Receipt) -> Option<Result<Change, StepError>> {
        let work = registry(&self.azure).get(ty).unwrap().undo(receipt)?;
        Some(work.run(self.context()).await.map(|outcome| outcome.change))
    }

    /// Runs a step until it asks for the state of its operation, and drops it then; returns the URL that it asked.
    pub async fn until_poll<T: std::fmt::Debug>(&self, step: impl Future<Output = T>) -> String {
        let is_poll = |request: &arcbook_lab::Request| request.target.contains("/operationStatuses/");
        let polls = || self.lab.requests().into_iter().filter(is_poll);
        let before = polls().count();
        tokio::pin!(step);
        loop {
            if let Some(poll) = polls().nth(before) {
                return format!("{}{}", self.lab.azure().arm, poll.target);
            }
            tokio::select! {
                ended = &mut step => panic!("it ended: {ended:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
    }

    /// Returns the number of requests that changed something.
    pub fn changes(&self) -> usize {
        self.lab.requests().iter().filter(|request| request.changed).count()
    }

    /// Returns the errors in these arguments.
    pub fn refused(&self, ty: &str, arguments: &[(&'static str, Value)]) -> Vec<ArgumentError> {
        let arguments = arguments.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        match registry(&self.azure).get(ty).unwrap().prepare(&arguments) {
            Ok(work) => work.refused(),
            Err(errors) => errors,
        }
    }

    /// Returns the number of requests to `service`.
    pub fn count(&self, service: Service) -> usize {
        self.lab.requests().iter().filter(|request| request.service == service).count()
    }

    pub async fn read_secret(&self) -> Result<Outcome, StepError> {
        self.run("keyvault_secret", &[("vault", "arcmi01".into()), ("name", "scenario".into())]).await
    }

    pub async fn upload(&self, more: &[(&'static str, Value)]) -> Result<Outcome, StepError> {
        let mut arguments = vec![
            ("account", "arcmi01".into()),
            ("container", "uploads".into()),
            ("name", "a b/hosts.txt".into()),
        ];
        arguments.extend_from_slice(more);
        self.run("blob_upload", &arguments).await
    }

    pub async fn container(&self) -> Result<Outcome, StepError> {
        self.run("blob_container", &[("account", "arcmi01".into()), ("name", "uploads".into())]).await
    }

    pub async fn warm(&self, url: &str) {
        self.azure.warm(url).await;
    }
}

/// Returns the output `name` as text.
pub fn text<'a>(outcome: &'a Outcome, name: &str) -> &'a str {
    outcome.outputs[name].as_str().unwrap()
}

/// Returns `cloud` with a service whose hosts are below `suffix`.
pub fn below(cloud: &Cloud, service: arcbook_steps::Service, suffix: &str) -> Cloud {
    let hosts = [Host::Below(suffix.to_owned())];
    cloud.clone().serving(service, cloud.audience(service), hosts)
}
