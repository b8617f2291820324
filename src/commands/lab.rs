//! `arcbook lab`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use arcbook_engine::diagnostic::{Diagnostic, visible_line};
use arcbook_lab::{Fault, Lab, LabError, Observer, OperationStep, Options, PrincipalIds, Request, World};
use arcbook_os::path::canonicalize;
use serde_json::{Value, json};

use super::{block_on, failed};
use crate::embedded;
use crate::exit::Exit;
use crate::screen::Screen;
use crate::shell::{Shell, quoted};
use crate::signals;

#[derive(clap::Args)]
pub struct Arguments {
    /// The lab: a `*.lab.hcl` file, or a directory with one.
    #[arg(default_value = ".")]
    world: PathBuf,
    /// Serve ARM, Key Vault, Blob and Entra over TLS, with a certificate authority created for this lab.
    #[arg(long)]
    https: bool,
    /// The port of ARM, Key Vault, Blob and Entra; 0 selects a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The port of the metadata service of the world's virtual machine; 0 selects a free one.
    #[arg(long, default_value_t = 0)]
    imds_port: u16,
    /// The port of HIMDS; defaults to the agent's own for root and administrators, and to a free one for others.
    #[arg(long)]
    himds_port: Option<u16>,
    /// The directory of challenge keys; defaults to the agent's own for root and administrators, and to a
    /// private one for others.
    #[arg(long, value_name = "DIR")]
    token_dir: Option<PathBuf>,
    /// Write the certificate of the authority to this file.
    #[arg(long, value_name = "FILE", requires = "https")]
    ca_file: Option<PathBuf>,
    /// Delay every request by this many milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Inject a fault, such as `keyvault:429:retry-after=1:times=2`; may be repeated.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
    /// Keep the state in this file, and start with the state that it has. The file holds the secrets of the vaults.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Run the scripts of run commands in processes of this machine.
    #[arg(long)]
    run_commands: bool,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let world = match embedded::world(&arguments.world) {
        Ok((world, _)) => world,
        Err(bad) => {
            bad.tell(screen);
            return Exit::Failed;
        }
    };
    match block_on(serve(arguments, screen, world)).flatten() {
        Ok(()) => Exit::Done,
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn serve(arguments: &Arguments, screen: &Screen, world: World) -> Result<(), Box<Diagnostic>> {
    let has_machine = world.has_machine();
    let world = if arguments.run_commands { world.running_commands() } else { world };
    let lab = Lab::start(world, options(arguments, screen)).await.map_err(|error| {
        let help = match &error {
            LabError::State(_) => "name another file with -state, or remove it to start anew",
            _ => "choose other ports with -port, -himds-port and -imds-port",
        };
        Diagnostic::error("lab", error.to_string()).help(help)
    })?;
    if let (Some(path), Some(pem)) = (&arguments.ca_file, lab.ca_pem()) {
        std::fs::write(path, pem).map_err(|error| {
            Diagnostic::error("lab", format!("cannot write {}: {error}", path.display()))
                .help("name a file you may write with -ca-file")
        })?;
    }
    if screen.json {
        screen.object(&described(&lab));
    } else {
        announce(&lab, has_machine, screen);
    }
    // Serves until the user stops it.
    let _ = signals::interrupts().recv().await;
    let saved = lab.save();
    lab.shutdown().await;
    saved.map_err(|error| {
        Box::new(Diagnostic::error("lab", error.to_string()).help("name a file you may write with -state"))
    })
}

fn options(arguments: &Arguments, screen: &Screen) -> Options {
    let usual = if is_administrator() { Options::in_place_of_the_agent() } else { Options::default() };
    let screen = screen.clone();
    Options {
        himds_port: arguments.himds_port.unwrap_or(usual.himds_port),
        imds_port: arguments.imds_port,
        azure_port: arguments.port,
        https: arguments.https,
        token_dir: arguments.token_dir.clone().or(usual.token_dir),
        latency: Duration::from_millis(arguments.latency),
        faults: arguments.fault.clone(),
        state: arguments.state.clone(),
        observer: Some(Observer::new(move |request| tell(&screen, request))),
    }
}

/// Returns the addresses and the principals of a lab.
fn described(lab: &Lab) -> Value {
    let (himds, azure) = (lab.himds(), lab.azure());
    let principals = lab.principals().map(|principal| {
        json!({
            "name": principal.name,
            "client_id": principal.client_id.to_string(),
            "object_id": principal.object_id.to_string(),
            "service_principal": principal.is_application,
        })
    });
    let tokens = lab.federated_tokens().iter().map(
        |token| json!({ "principal": token.principal, "credential": token.credential, "path": token.path }),
    );
    json!({
        "identity_endpoint": himds.identity,
        "imds_endpoint": himds.url,
        "token_dir": lab.token_dir(),
        "azcmagent": embedded::command(himds.port).ok(),
        "pod_identity_authority_host": lab.imds().map(|imds| &imds.url),
        "authority_host": azure.login,
        "tenant_id": lab.tenant_id().to_string(),
        "principals": principals.collect::<Vec<_>>(),
        "federated_tokens": tokens.collect::<Vec<_>>(),
        "arm": azure.arm,
        "vault_suffix": azure.vault_suffix,
        "blob_suffix": azure.blob_suffix,
    })
}

fn announce(lab: &Lab, has_machine: bool, screen: &Screen) {
    let (himds, azure) = (lab.himds(), lab.azure());
    screen.line("The local Azure is running; press Ctrl-C to stop it. To use it from another shell:");
    if has_machine {
        set("IMDS_ENDPOINT", &himds.url, None, screen);
        set("IDENTITY_ENDPOINT", &himds.identity, None, screen);
    }
    if let Some(Ok(command)) = lab.awaits_connection().then(|| embedded::command(himds.port)) {
        let command: Vec<String> = command.iter().map(|word| quoted(word)).collect();
        screen.line(&format!(
            "Its machine is not connected yet. In place of azcmagent, run: {}",
            command.join(" ")
        ));
    }
    if let Some(imds) = lab.imds() {
        set("AZURE_POD_IDENTITY_AUTHORITY_HOST", &imds.url, None, screen);
    }
    set("ARCBOOK_CLOUD", &azure.arm, None, screen);
    announce_applications(lab, screen);
    if !has_machine {
        return;
    }
    screen.line(&format!("Challenge keys are written to {}.", lab.token_dir().display()));
    let agents = Options::in_place_of_the_agent().token_dir.unwrap_or_default();
    if !is_same_directory(lab.token_dir(), &agents) {
        screen.line("arcbook reads keys from the agent's own directory only: to run runbooks against this lab, start it");
        screen.line(if cfg!(windows) {
            "as an administrator; `arcbook run -lab` needs no privilege."
        } else {
            "as root; `arcbook run -lab` needs no privilege."
        });
    }
}

/// Prints the line that sets a variable, with a remark.
fn set(name: &str, value: &str, remark: Option<&str>, screen: &Screen) {
    let remark = remark.map(|remark| format!("  # {remark}")).unwrap_or_default();
    screen.line(&format!("  {}{remark}", Shell::here().assign(name, value)));
}

/// Returns true if both paths exist and name the same directory.
fn is_same_directory(one: &Path, other: &Path) -> bool {
    matches!((canonicalize(one), canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Says how to sign in as a principal with credentials of its own, without any secret.
fn announce_applications(lab: &Lab, screen: &Screen) {
    let tokens_of = |principal: &PrincipalIds| {
        let name = principal.name.clone();
        lab.federated_tokens().iter().filter(move |token| token.principal == name)
    };
    let has_credentials =
        |principal: &PrincipalIds| principal.is_application || tokens_of(principal).next().is_some();
    let applications: Vec<_> = lab.principals().filter(has_credentials).collect();
    if applications.is_empty() {
        return;
    }
    screen.line("To sign in as a principal with credentials of its own, which are in the world file:");
    set("AZURE_AUTHORITY_HOST", &lab.azure().login, None, screen);
    set("AZURE_TENANT_ID", &lab.tenant_id().to_string(), None, screen);
    for principal in applications {
        let name = visible_line(&principal.name);
        set("AZURE_CLIENT_ID", &principal.client_id.to_string(), Some(&name), screen);
        for token in tokens_of(&principal) {
            let remark = format!("{name}: {}", visible_line(&token.credential));
            set("AZURE_FEDERATED_TOKEN_FILE", &token.path.to_string_lossy(), Some(&remark), screen);
        }
    }
}

fn tell(screen: &Screen, request: &Request) {
    if screen.json {
        screen.object(&json!({
            "milliseconds": u64::try_from(request.at.as_millis()).unwrap_or(u64::MAX),
            "service": request.service.name(),
            "method": request.method,
            "host": request.host,
            "target": request.target,
            "status": request.status,
            "changed": request.changed,
            "operation": request.operation.map(OperationStep::id),
            "principal": request.principal,
            "form": request.form.iter().cloned().collect::<BTreeMap<_, _>>(),
        }));
        return;
    }
    let status = request.status.map_or_else(|| "no response".to_owned(), |status| status.to_string());
    let operation = match request.operation {
        Some(OperationStep::Started(id)) => format!(" (starts operation {id})"),
        Some(OperationStep::Polled(_)) | None => String::new(),
    };
    let principal = request.principal.as_ref().map(|name| format!(" as {}", visible_line(name)));
    let principal = principal.unwrap_or_default();
    let Request { service, method, host, target, .. } = request;
    screen.line(&format!("{service:<8} {method} {host}{target} {status}{principal}{operation}"));
}

/// Returns true if this process may use the agent's port and directory.
fn is_administrator() -> bool {
    arcbook_os::account::of_process(|_| None).is_administrator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_the_same_in_any_spelling() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(one.path().join("sub")).unwrap();
        for (path, same) in [
            (one.path().to_owned(), true),
            (one.path().join("sub").join(".."), true),
            (other.path().to_owned(), false),
            (one.path().join("none"), false),
        ] {
            assert_eq!(is_same_directory(one.path(), &path), same, "{}", path.display());
        }
        assert!(!is_same_directory(&one.path().join("none"), &one.path().join("none")));
    }
}
