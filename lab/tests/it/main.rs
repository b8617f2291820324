//! Tests of the lab through its clients' interface: HTTP over TCP.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail as the test does")]

mod arm;
mod blob;
mod changes;
mod client;
mod commands;
mod credentials;
mod deployments;
mod entra;
mod faults;
#[path = "../../../tests/helpers/free_port.rs"]
mod free_port;
mod himds;
mod hostile;
mod imds;
mod keyvault;
mod lifecycle;
mod needs;
mod onboarding;
mod operations;
#[path = "../../../steps/tests/it/permissions/table.rs"]
mod permission_table;
mod permissions;
mod restrictions;
mod rights;
mod run_commands;
mod sdks;
mod subscription;
mod vaults;

use arcbook_lab::{Lab, Options, World};

const JUMPSTART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../runbooks/jumpstart/jumpstart.lab.hcl");

/// Resource id of the subscription in the Jumpstart world.
const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";

/// Starts the Jumpstart lab on free ports, over plain HTTP.
async fn jumpstart() -> Lab {
    started(World::load(JUMPSTART).unwrap()).await
}

async fn started(world: World) -> Lab {
    Lab::start(world, Options::default()).await.unwrap()
}

/// Parses a world of one group and one machine, plus `more`.
fn world(more: &str) -> World {
    let base = r#"
        tenant_id    = "10000000-0000-4000-8000-000000000001"
        subscription = "00000000-0000-0000-0000-000000000000"
        resource_group "rg" { location = "westeurope" }
        machine "vm-1" { resource_group = "rg" }
    "#;
    World::parse(&format!("{base}{more}"), "test.lab.hcl").unwrap()
}
