//! The operator's half of the PostgreSQL lab: a vault, its secrets, and a group that may read them.

use super::life::{self, Stage};
use super::postgres::{database, machines};
use super::scene::Scene;
use crate::postgres::server::Postgres;
use crate::support::{copy, repository};

const MACHINE: &str = "ArcBox-Ubuntu-01";
const SECRET: &str = "ARCBOOK_IDENTITY_CLIENT_SECRET_OPERATOR_SECRET";

struct Prepare(Scene);

impl Prepare {
    /// Reads a secret of the vault as the machine.
    fn secret(&self, name: &str) -> Option<String> {
        let vault = self.0.cloud.lab.azure().vault("arcpg00000000");
        let url = format!("{vault}/secrets/{name}?api-version=7.4");
        let body = self.0.read(MACHINE, "https://vault.azure.net", &url)?;
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        body["value"].as_str().map(str::to_owned)
    }

    /// Returns the number of objects in a list of the lab, as the operator sees it.
    fn count(&self, audience: &str, url: &str) -> usize {
        let body = self.0.read("operator", audience, url).expect("a list");
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        body["value"].as_array().map(Vec::len).expect("a list")
    }

    fn members(&self) -> usize {
        let azure = self.0.cloud.lab.azure();
        let graph = format!("http://graph.localhost:{}", azure.port);
        let group = "30000000-0000-4000-8000-000000000001";
        self.count(&graph, &format!("{graph}/v1.0/groups/{group}/members"))
    }

    fn assignments(&self) -> usize {
        let azure = self.0.cloud.lab.azure();
        let subscription = "subscriptions/00000000-0000-0000-0000-000000000000";
        let list = "providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01";
        self.count("https://management.azure.com", &format!("{}/{subscription}/{list}", azure.arm))
    }
}

impl Stage for Prepare {
    fn set_up() -> Self {
        Self(Scene::of("postgres/prepare").environment(SECRET, "the operator of the lab"))
    }

    fn scene(&self) -> &Scene {
        &self.0
    }

    fn check_done(&self) {
        let expected = "psql --host=localhost --port=5432 --username=visitor --dbname=site";
        assert_eq!(self.secret("psql-cmd").as_deref(), Some(expected));
        assert_eq!(self.secret("psql-pgpass").as_deref(), Some("localhost:*:*:visitor:visits"));
        // Beside the assignment of the operator, which the world declares.
        assert_eq!((self.members(), self.assignments()), (1, 4));
    }

    fn check_undone(&self) {
        assert_eq!(self.secret("psql-cmd"), None);
        assert_eq!((self.members(), self.assignments()), (0, 1));
    }
}

#[test]
fn runs_again_and_undoes() {
    life::runs_again_and_undoes::<Prepare>();
}

#[test]
fn survives_kills() {
    life::survives_kills::<Prepare>();
}

/// The machine's half finds what the operator's half made, with the rights that it gave, and nothing else.
#[test]
fn the_machine_logs_in_with_what_the_operator_prepared() {
    let server = Postgres::shared();
    let database = database(server, "visitor");
    let scene = Prepare::set_up().0.environment("SSL_CERT_FILE", server.authority());
    let scene = scene.options([format!(
        "-var=database={{ host = \"localhost\", port = {}, name = \"{database}\", user = \"visitor\" }}",
        server.port
    )]);
    let prepared = scene.ran_runbook(&["run", "-auto-approve"]);
    assert_eq!(prepared.code, Some(0), "{}", prepared.seen());
    copy(&repository().join("runbooks/postgres"), &scene.place.path().join("machine"));
    let ran = scene.ran(&["run", "-auto-approve", "machine"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(machines(server, &database), "ArcBox-Ubuntu-01 in Azure Citadel");
}
