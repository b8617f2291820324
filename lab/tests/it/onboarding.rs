//! A machine that exists in Azure once `azcmagent` connects it.

use arcbook_lab::{Ended, Lab, Options, Service, World, azcmagent};
use serde_json::{Value, json};

use crate::SUBSCRIPTION;
use crate::client::{Request, challenge_path, token, token_target};

const ARM: &str = "https://management.azure.com";

const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"
resource_group "edge" { location = "westeurope" }
resource_group "closed" { location = "westeurope" }
machine "web-01" { connected = false }
service_principal "onboarding" {
  client_id = "20000000-0000-4000-8000-000000000001"
  secret "current" { value = "open-sesame" }
  role_assignment {
    role  = "Azure Connected Machine Resource Administrator"
    scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/edge"
  }
  role_assignment { role = "Registrar" }
}
role "Registrar" { actions = ["Microsoft.HybridCompute/register/action"] }
group "servers" {
  id     = "30000000-0000-4000-8000-000000000001"
  owners = ["onboarding"]
  role_assignment { role = "Reader" }
}
resource_type "Microsoft.HybridCompute/machines" { registered = false }
"#;

struct Machine {
    lab: Lab,
    directory: tempfile::TempDir,
}

impl Machine {
    async fn new() -> Self {
        let lab = Lab::start(World::parse(WORLD, "test.lab.hcl").unwrap(), Options::default()).await.unwrap();
        Self { lab, directory: tempfile::tempdir().unwrap() }
    }

    async fn run(&self, words: &[&str]) -> Ended {
        let (port, words) =
            (self.lab.himds().port, words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        tokio::task::spawn_blocking(move || azcmagent(port, &words)).await.unwrap()
    }

    /// Runs a command with this configuration file.
    async fn configured(&self, command: &str, settings: &Value) -> Ended {
        let path = self.directory.path().join("config.json");
        std::fs::write(&path, settings.to_string()).unwrap();
        self.run(&[command, "--config", path.to_str().unwrap()]).await
    }

    async fn connect(&self, more: &[(&str, &str)]) -> Ended {
        let mut settings = json!({
            "subscription-id": "00000000-0000-0000-0000-000000000000",
            "resource-group": "EDGE",
            "location": "West Europe",
            "tags": "City='Den Haag',Site=a",
            "tenant-id": "10000000-0000-4000-8000-000000000001",
            "service-principal-id": "20000000-0000-4000-8000-000000000001",
            "service-principal-secret": "open-sesame",
        });
        for (name, value) in more {
            settings[name] = json!(value);
        }
        self.configured("connect", &settings).await
    }

    async fn register(&self) {
        let url = format!("{SUBSCRIPTION}/providers/Microsoft.HybridCompute/register?api-version=2021-04-01");
        assert_eq!(self.ask("POST", &url).await.0, 200);
    }

    /// Sends a request to ARM as the service principal.
    async fn ask(&self, method: &str, target: &str) -> (u16, Value) {
        let token = self.lab.token("onboarding", ARM).unwrap();
        let url = format!("{}{target}", self.lab.azure().arm);
        let answer = Request::to_azure(&self.lab, method, &url).bearer(&token).send().await;
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    async fn resource(&self) -> (u16, Value) {
        self.ask("GET", &format!("{ID}?api-version=2024-07-10")).await
    }

    async fn shown(&self) -> Value {
        let ended = self.run(&["show", "-j"]).await;
        assert_eq!(ended.code, 0);
        serde_json::from_str(&ended.output).unwrap()
    }

    /// Adds the identity of the machine to the group; returns its object id.
    async fn join(&self) -> String {
        let id = self.resource().await.1["identity"]["principalId"].as_str().unwrap().to_owned();
        let graph = self.lab.token("onboarding", "https://graph.microsoft.com").unwrap();
        let url = "https://graph.microsoft.com/v1.0/groups/30000000-0000-4000-8000-000000000001/members/$ref";
        let body = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}") });
        let request = Request::to_azure(&self.lab, "POST", url).bearer(&graph).body(body.to_string());
        assert_eq!(request.header("Content-Type", "application/json").send().await.status, 204);
        id
    }
}

const ID: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/edge/providers/Microsoft.HybridCompute/machines/web-01";

#[tokio::test]
async fn a_machine_that_is_not_connected_has_no_resource_and_no_identity() {
    let machine = Machine::new().await;
    assert_eq!(machine.shown().await["status"], "Disconnected");
    machine.register().await;
    assert_eq!(machine.resource().await.0, 404);
    let answer =
        Request::to_himds(&machine.lab, "/metadata/instance/compute?api-version=2020-06-01").send().await;
    let compute = answer.json();
    for member in ["resourceId", "name", "subscriptionId", "resourceGroupName", "location"] {
        assert_eq!(compute[member], "", "{member}");
    }
    assert_eq!(token(&machine.lab, ARM).await, "");
}

#[tokio::test]
async fn a_connected_machine_has_a_resource_and_acts_as_its_identity() {
    let machine = Machine::new().await;
    machine.register().await;
    let ended = machine.connect(&[]).await;
    assert_eq!(ended.code, 0, "{}", ended.output);
    let (status, resource) = machine.resource().await;
    assert_eq!(
        (status, &resource["id"], &resource["properties"]["status"]),
        (200, &json!(ID), &json!("Connected"))
    );
    assert_eq!(
        (&resource["location"], &resource["tags"]["City"]),
        (&json!("westeurope"), &json!("Den Haag"))
    );
    let shown = machine.shown().await;
    assert_eq!((&shown["status"], &shown["resourceId"]), (&json!("Connected"), &json!(ID)));
    let answer =
        Request::to_himds(&machine.lab, "/metadata/instance/compute?api-version=2020-06-01").send().await;
    assert_eq!(
        (&answer.json()["resourceId"], &answer.json()["tags"]),
        (&json!(ID), &json!("City:Den Haag;Site:a"))
    );
    // Its own token opens nothing before it joins the group.
    let own = token(&machine.lab, ARM).await;
    let url = format!("{}{ID}?api-version=2024-07-10", machine.lab.azure().arm);
    let read = async || Request::to_azure(&machine.lab, "GET", &url).bearer(&own).send().await.status;
    assert_eq!(read().await, 403);
    let id = machine.join().await;
    assert_eq!(read().await, 200);
    let known: Vec<_> = machine.lab.principals().filter(|known| known.name == "web-01").collect();
    assert_eq!(known[0].object_id.to_string(), id);
    assert!(machine.lab.token("web-01", ARM).is_some());
    let requests = machine.lab.requests();
    let put = requests.iter().find(|request| request.method == "PUT").unwrap();
    assert_eq!((put.service, put.principal.as_deref()), (Service::Arm, Some("onboarding")));
    assert!(requests.iter().any(|request| request.principal.as_deref() == Some("web-01")));
    assert!(!format!("{requests:?}").contains("open-sesame"));
    assert_eq!(machine.connect(&[]).await.code, 67);
}

#[tokio::test]
async fn a_connection_that_azure_refuses_ends_with_the_documented_code() {
    let machine = Machine::new().await;
    let unregistered = machine.connect(&[]).await;
    assert_eq!(unregistered.code, 42, "{}", unregistered.output);
    assert!(unregistered.output.contains("MissingSubscriptionRegistration"), "{}", unregistered.output);
    machine.register().await;
    for (more, code, says) in [
        (("service-principal-secret", "wrong"), 41, "AADSTS7000215"),
        (("service-principal-id", ""), 41, "Neither a token nor a service principal"),
        (("access-token", "stale"), 12, "not valid"),
        (("resource-group", "closed"), 42, "AuthorizationFailed"),
        (("resource-group", "none"), 42, "AuthorizationFailed"),
        (("location", ""), 16, "--location"),
        (("resource-name", "a b"), 42, ""),
    ] {
        let ended = machine.connect(&[more]).await;
        assert_eq!(ended.code, code, "{more:?}: {}", ended.output);
        assert!(ended.output.contains(says), "{more:?}: {}", ended.output);
        assert_eq!(machine.shown().await["status"], "Disconnected", "{more:?}");
    }
    let body = r#"{"location":"westeurope"}"#;
    let url = format!("{}{ID}?api-version=2024-07-10", machine.lab.azure().arm);
    let other = machine.lab.token("onboarding", ARM).unwrap();
    let made = Request::to_azure(&machine.lab, "PUT", &url).bearer(&other).body(body);
    assert_eq!(made.header("Content-Type", "application/json").send().await.status, 201);
    assert_eq!(machine.connect(&[]).await.code, 44, "another machine has the name");
}

#[tokio::test]
async fn a_disconnection_ends_the_resource_and_the_identity() {
    let machine = Machine::new().await;
    machine.register().await;
    let given = json!({ "access-token": machine.lab.token("onboarding", ARM) });
    assert_eq!(machine.configured("disconnect", &given).await.code, 63, "it is not connected");
    machine.connect(&[]).await;
    let first = machine.join().await;
    assert_eq!(machine.configured("disconnect", &json!({ "access-token": "stale" })).await.code, 12);
    // The agent knows the tenant of its connection, so a service principal need not name it.
    let principal = json!({
        "service-principal-id": "20000000-0000-4000-8000-000000000001",
        "service-principal-secret": "open-sesame",
    });
    assert_eq!(machine.configured("disconnect", &principal).await.code, 0);
    assert_eq!((machine.resource().await.0, &machine.shown().await["status"]), (404, &json!("Disconnected")));
    assert_eq!(token(&machine.lab, ARM).await, "");
    machine.connect(&[]).await;
    let second = machine.resource().await.1["identity"]["principalId"].clone();
    assert_ne!(second, first, "each connection makes another identity");
    assert_eq!(machine.run(&["disconnect", "--force-local-only"]).await.code, 0);
    let (status, resource) = machine.resource().await;
    assert_eq!(
        (status, &resource["properties"]["status"]),
        (200, &json!("Disconnected")),
        "it stays in Azure"
    );
}

#[tokio::test]
async fn a_connected_machine_of_the_world_can_be_disconnected() {
    let world = crate::world(
        "role_assignment { role = \"Owner\" }\nresource_type \"Microsoft.HybridCompute/machines\" {}",
    );
    let lab = crate::started(world).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    std::fs::write(&path, json!({ "access-token": token(&lab, ARM).await }).to_string()).unwrap();
    let words = ["disconnect", "--config", path.to_str().unwrap()].map(str::to_owned);
    let port = lab.himds().port;
    let ended = tokio::task::spawn_blocking(move || azcmagent(port, &words)).await.unwrap();
    assert_eq!(ended.code, 0, "{}", ended.output);
    assert_eq!(token(&lab, ARM).await, "");
    assert!(lab.requests().iter().any(|request| request.method == "DELETE" && request.changed));
}

#[tokio::test]
async fn the_connection_is_a_part_of_the_state() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lab.json");
    let start = async || {
        let options = Options { state: Some(path.clone()), ..Options::default() };
        let lab = Lab::start(World::parse(WORLD, "test.lab.hcl").unwrap(), options).await.unwrap();
        Machine { lab, directory: tempfile::tempdir().unwrap() }
    };
    let machine = start().await;
    machine.register().await;
    machine.connect(&[]).await;
    let (id, shown) = (machine.join().await, machine.resource().await.1);
    machine.lab.save().unwrap();
    machine.lab.shutdown().await;
    let again = start().await;
    let resource = again.resource().await.1;
    assert_eq!(resource["identity"], shown["identity"]);
    assert_eq!(resource["properties"]["status"], "Connected");
    let known = again.lab.principals().find(|known| known.name == "web-01").unwrap();
    assert_eq!(known.object_id.to_string(), id);
    let own = token(&again.lab, ARM).await;
    let url = format!("{}{ID}?api-version=2024-07-10", again.lab.azure().arm);
    assert_eq!(Request::to_azure(&again.lab, "GET", &url).bearer(&own).send().await.status, 200);
}

#[tokio::test]
async fn only_the_program_reaches_the_commands() {
    let machine = Machine::new().await;
    let get = Request::to_himds(&machine.lab, "/azcmagent/show").send().await;
    assert_eq!(get.status, 403);
    let challenge = Request::to_himds(&machine.lab, &token_target(ARM)).send().await;
    let path = std::path::Path::new(&challenge_path(&challenge)).to_owned();
    assert!(path.extension().is_some_and(|ending| ending == "key"));
    let nobody = tokio::task::spawn_blocking(|| azcmagent(1, &["show".to_owned(), "-j".to_owned()])).await;
    assert_eq!(nobody.unwrap().code, 64);
}

#[test]
fn a_machine_that_is_not_connected_has_nothing_of_azure() {
    let base = "tenant_id = \"10000000-0000-4000-8000-000000000001\"\nsubscription = \"00000000-0000-0000-0000-000000000000\"\n";
    for (block, says) in [
        (
            "machine \"m\" {\n connected = false\n tags = { a = \"b\" }\n}",
            "machine.m.tags: a machine that is not connected",
        ),
        (
            "machine \"m\" {\n connected = false\n role_assignment { role = \"Reader\" }\n}",
            "grant roles to a group",
        ),
        ("machine \"m\" {}", "missing field `resource_group`"),
        ("machine \"m\" { connected = false }\nrole_assignment { role = \"Reader\" }", "role_assignment"),
    ] {
        let error = World::parse(&format!("{base}{block}"), "test.lab.hcl").unwrap_err().to_string();
        assert!(error.contains(says), "{block}: {error}");
    }
}
