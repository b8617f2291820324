//! A lab, a runbook and a directory of records, in which a cell of the table is run.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::journal::{Directory, History, Journal, NewFile, Of, Storage};
use arcbook_engine::plan::{self, KnownResults, Plan};
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{self, Approval, Job, Observers, Origin, PriorRun, Status, Versions};
use arcbook_engine::runbook::{self, Files, Inputs, Missing, Runbook};
use arcbook_engine::source::Sources;
use arcbook_engine::step::Actor;
use arcbook_lab::{Lab, Options, Service, World};
use arcbook_steps::{AgentAt, Azure, AzureOptions, Cloud, Environment, Limits, Policy, Trust, registry};
use tempfile::TempDir;

use super::cases::Case;
use crate::world::{QUICK, QUICK_AGENT};

/// The world of every cell.
static WORLD: LazyLock<World> =
    LazyLock::new(|| World::parse(include_str!("world.lab.hcl"), "world.lab.hcl").unwrap());

/// The only certificate that the runs trust, and need not: those of the system take longer to read than a run takes.
static CERTIFICATE: LazyLock<String> = LazyLock::new(|| {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    certified.cert.pem()
});

/// The folder of the runbooks and of the tables.
pub fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "it", "fault_table"].iter().collect()
}

/// A run that has ended.
pub struct Ran {
    pub name: String,
    pub status: Status,
    pub journal: Journal,
    /// The record as it is on the disk.
    pub text: String,
}

impl Ran {
    /// Returns the exit code of the program.
    pub fn exit(&self) -> u8 {
        u8::from(self.status != Status::Done)
    }
}

/// A lab, and a directory with a runbook and the records of its runs.
pub struct Place {
    pub lab: Lab,
    options: AzureOptions,
    pub directory: TempDir,
    runbook: PathBuf,
}

impl Place {
    /// Starts a lab for the runbook of `case`; with `limit`, requests take at most that long.
    pub async fn start(case: &Case, limit: Option<Duration>) -> Self {
        let lab = Lab::start(WORLD.clone(), Options::default()).await.unwrap();
        let agent = AgentAt {
            endpoint: lab.himds().url.clone(),
            token_dir: lab.token_dir().to_owned(),
            command: None,
        };
        // Whether a wait ends by its time or by its number of attempts must not depend on the machine.
        let lag = Duration::from_mins(1);
        let bounded = |policy: Policy| Policy { settling: Duration::ZERO, lag, ..policy };
        let mut options = AzureOptions {
            policy: bounded(QUICK),
            agent_policy: bounded(QUICK_AGENT),
            agent: Some(agent),
            limits: limit.map_or(Limits::AZURE, |total| Limits { total, ..Limits::AZURE }),
            virtual_machine: Some(false),
            trust: Trust::Only(CERTIFICATE.clone()),
            ..AzureOptions::new(Environment::default())
        };
        options.cloud = Cloud::discover(&lab.azure().arm, &options).await.unwrap();
        let directory = TempDir::new().unwrap();
        let file = format!("{}.runbook.hcl", case.name);
        let text = std::fs::read_to_string(folder().join("runbooks").join(&file)).unwrap();
        let runbook = directory.path().join(file);
        std::fs::write(&runbook, text.replace("LAB", &lab.azure().arm)).unwrap();
        Self { lab, options, directory, runbook }
    }

    /// Returns the number of requests that changed something.
    pub fn changes(&self) -> usize {
        self.lab
            .requests()
            .iter()
            .filter(|request| request.changed && request.service != Service::Himds)
            .count()
    }

    /// Runs the runbook as a new process would; `earlier` is the run that it resumes.
    pub async fn run(&self, earlier: Option<&str>) -> Ran {
        let azure = Arc::new(Azure::new(self.options.clone()));
        let secrets = Secrets::new();
        let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
        let files = Files::find(&self.runbook).unwrap();
        let runbook = runbook::load(&files, &registry(&azure), &mut sources, &mut found);
        let variables = Inputs::new().resolve(&runbook, &mut sources, Missing::Refuse, &mut found);
        let plan = plan::make(&runbook, variables, &KnownResults::default(), &mut found);
        let plan = plan.unwrap_or_else(|| panic!("{found:?}"));
        plan::register_plan_secrets(&secrets, &plan);
        let directory = Directory::new(self.directory.path().join("runs"));
        let history = earlier.map(|earlier| History::read(&directory, earlier, Of::Any).unwrap());
        let prior_run = history.as_ref().map(|history| &history.prior_run);
        if let Some(prior_run) = prior_run {
            assert!(!run::check_resume(prior_run, &runbook, &plan, &secrets).has_errors());
        }
        let (id, writer) = directory.begin_through(&secrets, Unsynced).unwrap();
        let mut observers = Observers::new();
        observers.add(writer.recorder());
        let (_running, interrupts) = tokio::sync::mpsc::channel(1);
        let job = job((&runbook, &sources, &plan), &azure, secrets, prior_run, id.clone());
        let report = run::run(job, &mut observers, interrupts).await;
        drop(observers);
        let _ = writer.finish();
        let path = directory.file(&id);
        let text = std::fs::read_to_string(&path).unwrap();
        Ran { name: id, status: report.status, journal: Journal::read(&path).unwrap(), text }
    }
}

fn job<'a>(
    (runbook, sources, plan): (&'a Runbook, &'a Sources, &'a Plan),
    azure: &Arc<Azure>,
    secrets: Secrets,
    prior_run: Option<&'a PriorRun>,
    id: String,
) -> Job<'a> {
    let (by, command, versions) = (Actor::default(), Vec::new(), Versions::default());
    Job {
        id,
        origin: Origin { by, command, versions, approval: Approval::AutoApprove },
        runbook,
        sources,
        plan,
        platform: Arc::<Azure>::clone(azure),
        secrets,
        parallelism: 10,
        timeout: None,
        audited: false,
        prior_run,
        held: None,
        policies: Vec::new(),
    }
}

/// The file of a record that nobody needs after a loss of power.
struct Unsynced(NewFile);

impl std::io::Write for Unsynced {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Storage for Unsynced {
    fn sync(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
