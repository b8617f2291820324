//! The lab inside this process, for `run -lab` and `plan -live -lab`.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, visible_line};
use arcbook_engine::source::{SourceFile, Sources, Span, read_plain, slashed};
use arcbook_engine::step::Audience;
use arcbook_lab::{Fault, Lab, Options, World, WorldError};
use arcbook_os::certificates;
use arcbook_steps::{AgentAt, Azure, AzureOptions, Cloud, Environment, Host, Service, Trust};
use serde_json::json;

use crate::exit::Exit;
use crate::loaded::RunbookArguments;
use crate::progress::Phase;
use crate::screen::Screen;
use crate::values::GivenValue;

/// The name of the command that is the command line of the lab's agent.
pub const AZCMAGENT: &str = "__azcmagent";

/// The suffix of files that define a lab.
const WORLD: &str = ".lab.hcl";

/// The suffix of the files beside them, with values of variables that go with the world.
const VALUES: &str = ".lab.vars.hcl";

/// The name of the world that is used where no file defines one, and its definition.
const DEFAULT: (&str, &str) = ("the Jumpstart lab", include_str!("../runbooks/jumpstart/jumpstart.lab.hcl"));

/// The variable that names a file with the certificates that programs trust.
const CERTIFICATES: &str = "SSL_CERT_FILE";

/// The variables that name an application and its proof, as Microsoft's clients read them.
const APPLICATION: [&str; 7] = [
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_FEDERATED_TOKEN_FILE",
];

/// The options of commands that may use the lab inside this process.
#[derive(clap::Args)]
pub struct LabArguments {
    /// Use a local Azure inside this process, defined by the `*.lab.hcl` file beside the runbook, or else by
    /// the built-in Jumpstart lab. It does not stand for this machine: programs and files are real.
    #[arg(long)]
    pub lab: bool,
    /// The definition of the local Azure, if it is not beside the runbook.
    #[arg(long, value_name = "PATH", requires = "lab")]
    world: Option<PathBuf>,
    /// Inject a fault into the local Azure, such as `keyvault:429:retry-after=1:times=2`; may be repeated.
    #[arg(long, value_name = "FAULT", requires = "lab")]
    fault: Vec<Fault>,
}

impl LabArguments {
    /// Starts the lab of the runbook at `runbook`, says which world it serves, and returns it with its Azure.
    pub async fn start(
        &self,
        runbook: &Path,
        screen: &Screen,
    ) -> Result<(Lab, Arc<Azure>), (Exit, BadWorld)> {
        let named = match &self.world {
            Some(path) => world(path),
            None => world_beside(runbook),
        };
        let (world, name) = named.map_err(|bad| (Exit::Wrong, bad))?;
        announce(&name, self.values(runbook).as_deref(), screen);
        let _phase = Phase::begin(screen, || "starting the lab".to_owned());
        start(world, self.fault.clone()).await.map_err(|diagnostic| (Exit::Failed, diagnostic.into()))
    }

    /// Adds the values of variables that go with the world, if a lab is used; values on the command line come after them.
    pub fn with_values<'a>(&self, runbook: &'a RunbookArguments) -> Cow<'a, RunbookArguments> {
        let Some(path) = self.values(&runbook.path) else { return Cow::Borrowed(runbook) };
        let mut runbook = runbook.clone();
        runbook.values.given.insert(0, GivenValue::File(path));
        Cow::Owned(runbook)
    }

    /// Returns the file with values that lies beside that of the world and has its name.
    fn values(&self, runbook: &Path) -> Option<PathBuf> {
        if !self.lab {
            return None;
        }
        let world = match &self.world {
            Some(path) => file_of(path),
            None => file_of(runbook),
        };
        let world = world.ok()??;
        let name = world.file_name()?.to_str()?.strip_suffix(WORLD)?;
        Some(world.with_file_name(format!("{name}{VALUES}"))).filter(|path| path.is_file())
    }
}

/// Says which world the lab serves, and which file gives it values, before any other output.
fn announce(name: &str, values: Option<&Path>, screen: &Screen) {
    if screen.quiet {
        return;
    }
    let values = values.map(slashed);
    if screen.json {
        let lab = match values {
            Some(values) => json!({ "world": name, "values": values }),
            None => json!({ "world": name }),
        };
        screen.object(&json!({ "lab": lab }));
    } else {
        let values = values.map(|values| format!(" and the values of {values}")).unwrap_or_default();
        screen.flow(&visible_line(&format!("Using the embedded lab with the world of {name}{values}.")));
    }
}

/// Starts a lab on free ports with these `faults`, and returns it with its Azure.
async fn start(world: World, faults: Vec<Fault>) -> Result<(Lab, Arc<Azure>), Box<Diagnostic>> {
    let lab = Lab::start(world, Options { https: true, faults, ..Options::default() })
        .await
        .map_err(|error| Diagnostic::error("lab", error.to_string()))?;
    let (himds, azure) = (lab.himds(), lab.azure());
    let mut options = AzureOptions::new(environment(&lab));
    options.embedded_lab = true;
    options.virtual_machine = Some(lab.imds().is_some());
    options.outside = Some(Environment::of_process());
    options.programs = Some(for_programs(&lab)?);
    options.agent = Some(AgentAt {
        endpoint: himds.url.clone(),
        token_dir: lab.token_dir().to_owned(),
        command: Some(command(himds.port)?),
    });
    options.trust = lab.ca_pem().map_or(Trust::System, |pem| Trust::Only(pem.to_owned()));
    let graph = Host::Exact(azure.graph.clone());
    let (vaults, blobs) = (Host::Below(azure.vault_suffix.clone()), Host::Below(azure.blob_suffix.clone()));
    options.cloud = Cloud::new("Lab", &azure.arm, Audience::new(azure.arm_audience))
        .logging_in_at(&azure.login)
        .serving(Service::KeyVault, Audience::new(azure.vault_audience), [vaults])
        .serving(Service::Blob, Audience::new(azure.storage_audience), [blobs])
        .serving(Service::Graph, Audience::new(azure.graph_audience), [graph]);
    Ok((lab, Arc::new(Azure::new(options))))
}

/// Returns the variables that programs may get: those of this process, which trusts the lab beside everyone else, so that a
/// program can use a token of the lab.
fn for_programs(lab: &Lab) -> Result<Environment, Box<Diagnostic>> {
    let own = Environment::of_process();
    // Programs of Windows trust what the system does, whatever a variable says.
    let Some(pem) = lab.ca_pem().filter(|_| cfg!(unix)) else { return Ok(own) };
    let trusted = own.get(CERTIFICATES).map(PathBuf::from).or_else(certificates::bundle);
    // A program that finds nothing to trust says so itself.
    let mut all = trusted.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    all.extend_from_slice(b"\n");
    all.extend_from_slice(pem.as_bytes());
    // The directory ends with the lab.
    let path = lab.token_dir().join("certificates.pem");
    std::fs::write(&path, all).map_err(|error| {
        Diagnostic::error("lab", format!("cannot write the certificates for programs: {error}"))
            .help("check the directory for temporary files, which TMPDIR names")
    })?;
    // curl looks into no file if a directory is named.
    Ok(own.with(CERTIFICATES, path.to_string_lossy()).without("SSL_CERT_DIR"))
}

/// Returns the words that run the command line of the lab's agent, in place of this machine's.
pub fn command(himds_port: u16) -> Result<Vec<String>, Box<Diagnostic>> {
    let program = std::env::current_exe().map_err(|error| {
        Diagnostic::error("lab", format!("the path of arcbook itself cannot be found out: {error}"))
            .help("run arcbook by its full path")
    })?;
    let words = [AZCMAGENT, &himds_port.to_string(), "--"].map(str::to_owned);
    Ok([slashed(&program)].into_iter().chain(words).collect())
}

/// Returns the variables that identities read: those of this process that name an application, and the address of the
/// lab's metadata service. Its proxies, login host and agent are not the lab's.
fn environment(lab: &Lab) -> Environment {
    let given = APPLICATION.into_iter().filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)));
    let imds = lab.imds().map(|imds| ("AZURE_POD_IDENTITY_AUTHORITY_HOST".to_owned(), imds.url.clone()));
    given.chain(imds).collect()
}

/// The most bytes of a world file that messages quote from.
const LONGEST: u64 = 4 << 20;

/// A world that cannot be used, with the text of its file.
pub struct BadWorld {
    found: Diagnostics,
    sources: Sources,
}

impl From<Box<Diagnostic>> for BadWorld {
    fn from(diagnostic: Box<Diagnostic>) -> Self {
        Self { found: diagnostic.into(), sources: Sources::new() }
    }
}

/// Parts of a world file that may stand beside a secret, so that messages do not quote the line.
const PRIVATE: [&str; 4] = ["secret", "value", "pem", "content"];

impl BadWorld {
    /// Returns the mistakes of the file at `path`, each at its place.
    fn of(error: &WorldError, path: &Path) -> Self {
        let mut sources = Sources::new();
        // A file that is not regular may never end.
        let text = read_plain(path, LONGEST).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.unwrap_or_default();
        let shown = sources.add(SourceFile::new(path, text.clone()));
        let hidden = sources.add(SourceFile::new(path, text.clone()).confidential());
        let found = error.each().into_iter().map(|error| {
            let WorldError::Meaning { line: Some(line), place, message, remedy, .. } = error else {
                return Diagnostic::error("lab", error.to_string());
            };
            let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
            let written = text[start..].lines().next().unwrap_or_default();
            let indent = written.len() - written.trim_start().len();
            let is_private = PRIVATE.iter().any(|word| place.contains(word) || written.contains(word));
            let span = Span::new(
                if is_private { hidden } else { shown },
                start + indent..start + written.trim_end().len(),
            );
            Diagnostic::error("lab", format!("{place}{message}")).at(span, "").help(remedy)
        });
        Self { found: found.collect(), sources }
    }

    /// Prints what is wrong.
    pub fn tell(&self, screen: &Screen) {
        screen.diagnostics(&self.found, &self.sources);
    }
}

/// Loads the world at `path`, a `*.lab.hcl` file or the only one beside a runbook, and returns its name too.
pub fn world(path: &Path) -> Result<(World, String), BadWorld> {
    load(&file_of(path)?.ok_or_else(|| Box::new(none_in(path)))?)
}

/// Returns the file of the world at `path`: a `*.lab.hcl` file, or the only one beside a runbook.
fn file_of(path: &Path) -> Result<Option<PathBuf>, Box<Diagnostic>> {
    let kind = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if kind.is_dir() { only_world(path) } else { beside(path) }
}

/// Loads the only world beside a runbook, or else the built-in one.
fn world_beside(runbook: &Path) -> Result<(World, String), BadWorld> {
    // The error of a path that does not exist is about the runbook.
    let Some(file) = file_of(runbook)? else {
        let (name, text) = DEFAULT;
        let world = World::parse(text, name)
            .map_err(|error| Box::new(Diagnostic::error("lab", error.to_string())))?;
        return Ok((world, format!("{name}, which is built in")));
    };
    load(&file)
}

fn load(file: &Path) -> Result<(World, String), BadWorld> {
    let world = World::load(file).map_err(|error| BadWorld::of(&error, file))?;
    Ok((world, slashed(file)))
}

/// Returns the lab file beside a runbook that is a single file.
fn beside(path: &Path) -> Result<Option<PathBuf>, Box<Diagnostic>> {
    if path.to_string_lossy().ends_with(WORLD) {
        return Ok(Some(path.to_owned()));
    }
    only_world(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

/// Returns the only lab file of a directory, if there is one.
fn only_world(directory: &Path) -> Result<Option<PathBuf>, Box<Diagnostic>> {
    let entries = std::fs::read_dir(directory).map_err(|error| unreadable(directory, &error))?;
    let mut worlds: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(WORLD)))
        .collect();
    worlds.sort();
    if worlds.len() > 1 {
        let summary = format!("there are several labs in {}", directory.display());
        let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let names: Vec<String> = worlds.iter().filter_map(name).collect();
        let help =
            format!("name one of them: `-world {}` (`arcbook lab` takes its path)", slashed(&worlds[0]));
        return Err(Diagnostic::error("no-lab", summary)
            .detail(format!("They are {}.", names.join(", ")))
            .help(help)
            .into());
    }
    Ok(worlds.pop())
}

fn none_in(path: &Path) -> Diagnostic {
    let help = format!("a lab is a file whose name ends in `{WORLD}`; name one (`run` takes `-world PATH`)");
    Diagnostic::error("no-lab", format!("there is no lab in {}", path.display())).help(help)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read {}: {error}", path.display())).help("check the path")
}
