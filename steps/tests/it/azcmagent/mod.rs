//! Steps that run `azcmagent`: a stand-in for the program, and helpers.

mod agent;
mod connect;
mod disconnect;

use std::fs;

use arcbook_engine::step::{
    ActionFacts, Change, Context, Existing, Outcome, PriorState, Receipt, StepError, Work,
};
use arcbook_engine::value::{Entries, Value};
use arcbook_steps::registry;
use tempfile::TempDir;

use crate::executable::executable;
use crate::world::{Bench, RUN, text};

pub type Given = Vec<(&'static str, Value)>;

pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

/// The rights to connect and to disconnect machines in a group of their own.
const WORLD: &str = r#"
resource_group "edge" {
  location = "westeurope"
  role_assignment { role = "Azure Connected Machine Onboarding" }
  role_assignment { role = "Azure Connected Machine Resource Administrator" }
}

resource_group "closed" { location = "westeurope" }

resource_type "Microsoft.HybridCompute/machines" {}
"#;

/// A machine with the stand-in.
pub struct Machine {
    pub bench: Bench,
    directory: TempDir,
}

impl Machine {
    pub async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("azcmagent");
        executable(&program, include_str!("azcmagent.sh"));
        Self { bench: Bench::of(WORLD).await, directory }
    }

    /// Lets the stand-in talk to the lab.
    pub fn with_azure(self) -> Self {
        let arm = self.bench.lab.azure().arm.clone();
        let host = arm.strip_prefix("http://").unwrap().trim_end_matches('/');
        let (_, port) = host.rsplit_once(':').unwrap();
        self.write("arm", &format!("127.0.0.1 {port} {host}\n"));
        self
    }

    pub fn program(&self) -> Value {
        self.directory.path().join("azcmagent").to_str().unwrap().into()
    }

    pub fn write(&self, name: &str, content: &str) {
        fs::write(self.directory.path().join(name), content).unwrap();
    }

    /// Returns the content of a file of the stand-in; empty if there is none.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.path().join(name)).unwrap_or_default()
    }

    /// Returns how often the stand-in was called with this command.
    pub fn count(&self, command: &str) -> usize {
        self.read("argv").lines().filter(|line| *line == command).count()
    }

    pub fn context(&self, before: Option<PriorState>) -> Context {
        self.bench.context().in_runs([RUN.to_owned()]).after(before)
    }

    pub fn work(&self, ty: &str, given: &Given) -> Box<dyn Work> {
        let mut arguments: Entries =
            given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        arguments.entry("program".into()).or_insert_with(|| self.program());
        let registry = registry(&self.bench.azure);
        registry.get(ty).unwrap().prepare(&arguments).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    /// Does what a run does: asks, then makes the change, if one is needed.
    pub async fn apply(
        &self,
        ty: &str,
        given: &Given,
        before: Option<PriorState>,
    ) -> Result<Outcome, StepError> {
        let work = self.work(ty, given);
        match work.find(self.context(before)).await? {
            Existing::AsWanted(outcome) => Ok(outcome),
            found => work.run(self.context(before.or(Some(found.before())))).await,
        }
    }

    pub fn lines(&self, ty: &str, given: &Given) -> Vec<String> {
        let actions = self.work(ty, given).actions();
        let program = self.program();
        let line = |action| ActionFacts::from(action).line().replace(program.as_str().unwrap(), "azcmagent");
        actions.iter().map(line).collect()
    }

    /// Checks that nothing of `secret` is where others could see it, and that no file with it is left.
    pub fn keeps(&self, secret: &str) {
        for name in ["argv", "environment"] {
            assert!(!self.read(name).is_empty() && !self.read(name).contains(secret), "{name}");
        }
        let configs = self.read("configs");
        assert!(!configs.is_empty());
        for config in configs.lines() {
            assert!(!fs::exists(config).unwrap(), "{config}");
            assert!(!fs::exists(std::path::Path::new(config).parent().unwrap()).unwrap(), "{config}");
        }
    }

    /// Undoes a connection that a run made.
    pub async fn undo(&self, outcome: &Outcome, change: Option<Change>) -> Result<Change, String> {
        let receipt = Receipt {
            target: vec!["azcmagent connect".to_owned()],
            change,
            arguments: Entries::new(),
            outputs: outcome.outputs.clone(),
            before: PriorState::Absent,
            prior: None,
            kept: None,
            proof: outcome.receipt.clone(),
            is_accepted: false,
        };
        let Some(work) = registry(&self.bench.azure).get("arc_connect").unwrap().undo(&receipt) else {
            return Err("no undo".to_owned());
        };
        let undone = work.run(self.context(None)).await;
        undone.map(|outcome| outcome.change).map_err(|error| error.summary().to_owned())
    }

    /// Returns true if the machine has its resource in the lab.
    pub async fn is_in_azure(&self, outcome: &Outcome) -> bool {
        let path = [("path", text(outcome, "resource_id").into()), ("api_version", "2024-07-10".into())];
        match self.bench.run("arm_get", &path).await {
            Ok(_) => true,
            Err(error) if error.status() == Some(404) => false,
            Err(error) => panic!("{error:?}"),
        }
    }
}

pub fn place(more: Given) -> Given {
    let place = [
        ("subscription_id", SUBSCRIPTION.into()),
        ("resource_group", "edge".into()),
        ("location", "westeurope".into()),
        ("resource_name", "web-01".into()),
    ];
    // A later argument replaces an earlier one of the same name.
    let names: Vec<&'static str> = more.iter().map(|(name, _)| *name).collect();
    let kept: Given = place.into_iter().filter(|(name, _)| !names.contains(name)).collect();
    [kept, more].concat()
}

pub fn principal(secret: &str) -> Given {
    let principal = Value::object([("client_id", Value::from("c-1")), ("secret", Value::from(secret))]);
    vec![("tenant_id", "t-1".into()), ("service_principal", principal)]
}

pub fn connected(id: &str) -> String {
    format!(r#"{{"status":"Connected","resourceId":"{id}","tenantId":"t-1"}}"#)
}

pub fn id(group: &str, name: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.HybridCompute/machines/{name}"
    )
}
