//! A lab in the test's process, for the programs that the test runs.

use std::ffi::OsString;
use std::process::Command;
use std::sync::mpsc;
use std::thread::JoinHandle;

use arcbook_lab::{Lab, LabError, Observer, Options, Request, Service, World};
use tokio::sync::oneshot;

use crate::support::{OWN_SECRET, Place, Ran, finished, repository, with_secret};

/// A world with a storage account that has one container with one blob.
pub const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "vm-1" { resource_group = "rg" }

key_vault "kv01" {
  resource_group = "rg"
  access_policy { secrets = ["get"] }
  secret "word" { value = "canary-5e1f" }
}

storage_account "acc01" {
  resource_group = "rg"
  role_assignment { role = "Storage Blob Data Contributor" }
  container "old" {
    blob "kept.txt" {
      content      = "as it was"
      content_type = "text/plain"
    }
  }
}
"#;

/// A lab that runs until it is dropped.
pub struct Cloud {
    pub lab: Lab,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Cloud {
    pub fn start() -> Self {
        Self::watched(|_| {})
    }

    /// Starts a lab with that world.
    pub fn of_world(world: &str) -> Self {
        Self::of(world.to_owned(), |_| {})
    }

    /// Starts the Jumpstart lab.
    pub fn jumpstart() -> Self {
        Self::of(jumpstart(), |_| {})
    }

    /// Starts the Jumpstart lab with a secret that no tag has as its value.
    pub fn jumpstart_with_own_secret() -> Self {
        Self::of_world(&with_secret(&jumpstart(), OWN_SECRET))
    }

    /// Starts a lab with the Reader role and one item per page.
    pub fn paged() -> Self {
        Self::of(format!("page_size = 1\n{WORLD}\nrole_assignment {{ role = \"Reader\" }}\n"), |_| {})
    }

    /// Starts a lab that calls `watch` after it executed a request and before it responds.
    pub fn watched(watch: impl Fn(&Request) + Send + Sync + 'static) -> Self {
        Self::of(WORLD.to_owned(), watch)
    }

    pub fn of(world: String, watch: impl Fn(&Request) + Send + Sync + 'static) -> Self {
        let options = Options { observer: Some(Observer::new(watch)), ..Options::default() };
        Self::with(world, options).expect("a lab")
    }

    /// Starts a lab with a world and options; the error is that of its start.
    pub fn with(world: String, options: Options) -> Result<Self, LabError> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (up, ready) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let world = World::parse(&world, "world.lab.hcl").expect("a world");
                assert!(up.send(Lab::start(world, options).await).is_ok(), "somebody waits");
                let _ = stopped.await;
            });
        });
        let lab = ready.recv().expect("a lab or an error")?;
        Ok(Self { lab, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the changes to blob storage, sorted.
    pub fn changes(&self) -> Vec<String> {
        let changes = self.lab.requests().into_iter().filter(|request| request.changed);
        let mut changes: Vec<String> = changes
            .filter(|request| request.service == Service::Blob)
            .map(|request| format!("{} {}", request.method, request.target))
            .collect();
        changes.sort();
        changes
    }

    /// Builds a command of the program in a place, with this lab as its Azure.
    pub fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = place.command(arguments);
        command.envs(self.environment());
        command
    }

    /// Returns the variables by which the program finds this lab.
    pub fn environment(&self) -> [(&'static str, OsString); 4] {
        [
            ("IMDS_ENDPOINT", self.lab.himds().url.as_str().into()),
            ("IDENTITY_ENDPOINT", self.lab.himds().identity.as_str().into()),
            ("ARCBOOK_TEST_KEYS", self.lab.token_dir().into()),
            ("ARCBOOK_CLOUD", self.lab.azure().arm.as_str().into()),
        ]
    }

    pub fn run(&self, place: &Place, arguments: &[&str]) -> Ran {
        Ran::of(finished(&mut self.command(place, arguments)))
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Returns the world file of the Jumpstart lab.
fn jumpstart() -> String {
    std::fs::read_to_string(repository().join("runbooks/jumpstart/jumpstart.lab.hcl")).expect("the world")
}
