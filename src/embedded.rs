//! The lab inside this process, for `run -lab`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::step::Audience;
use arcbook_lab::{Fault, Lab, Options, World};
use arcbook_steps::{AgentAt, Azure, AzureOptions, Cloud, Environment, Trust};

/// The suffix of files that define a lab.
const WORLD: &str = ".lab.hcl";

/// Starts a lab on free ports with these `faults`, and returns it with its Azure.
pub async fn start(world: World, faults: Vec<Fault>) -> Result<(Lab, Arc<Azure>), Box<Diagnostic>> {
    let lab = Lab::start(world, Options { https: true, faults, ..Options::default() })
        .await
        .map_err(|error| Diagnostic::error("lab", error.to_string()))?;
    let (himds, azure) = (lab.himds(), lab.azure());
    let mut options = AzureOptions::new(Environment::default());
    options.embedded_lab = true;
    options.agent = Some(AgentAt { endpoint: himds.url.clone(), token_dir: lab.token_dir().to_owned() });
    options.trust = lab.ca_pem().map_or(Trust::System, |pem| Trust::Only(pem.to_owned()));
    options.cloud = Cloud {
        name: "Lab".to_owned(),
        arm: azure.arm.clone(),
        arm_audience: Audience::new(azure.arm_audience),
        vault_suffix: azure.vault_suffix.clone(),
        vault_audience: Audience::new(azure.vault_audience),
        blob_suffix: azure.blob_suffix.clone(),
        storage_audience: Audience::new(azure.storage_audience),
    };
    Ok((lab, Arc::new(Azure::new(options))))
}

/// Loads the lab at `path`: a `*.lab.hcl` file, or the only one beside a runbook.
pub fn world(path: &Path) -> Result<World, Box<Diagnostic>> {
    let kind = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let file = if kind.is_dir() { only_world(path)? } else { beside(path)? };
    World::load(&file).map_err(|error| Diagnostic::error("lab", error.to_string()).into())
}

/// Returns the lab file beside a runbook that is a single file.
fn beside(path: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    if path.to_string_lossy().ends_with(WORLD) {
        return Ok(path.to_owned());
    }
    only_world(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

fn only_world(directory: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    let entries = std::fs::read_dir(directory).map_err(|error| unreadable(directory, &error))?;
    let mut worlds: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(WORLD)))
        .collect();
    worlds.sort();
    match worlds.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let help =
                format!("a lab is a file whose name ends in `{WORLD}`; name one (`run` takes `-world PATH`)");
            let summary = format!("there is no lab in {}", directory.display());
            Err(Diagnostic::error("no-lab", summary).help(help).into())
        }
        _ => {
            let summary = format!("there are several labs in {}", directory.display());
            Err(Diagnostic::error("no-lab", summary).help("name one of them").into())
        }
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("unreadable", format!("cannot read {}: {error}", path.display())).help("check the path")
}
