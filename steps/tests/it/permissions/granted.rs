//! A world in which the machine has certain rights alone.

use std::fmt::Write as _;

use arcbook_engine::step::{Permission, Plane};
use arcbook_steps::roles;

use super::comparison::{place_of, service_of};
use super::table::scope_id;

pub const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";
pub const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot";
/// The id of the security group.
pub const SERVERS: &str = "30000000-0000-4000-8000-000000000001";
/// The object id of a service principal.
pub const OPERATOR: &str = "20000000-0000-4000-8000-000000000002";

const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"
run_commands = true

resource_group "arc_pilot" {
  location = "westeurope"
  tags     = { Env = "test" }
}

service_principal "operator" {
  client_id = "20000000-0000-4000-8000-000000000001"
  object_id = "20000000-0000-4000-8000-000000000002"
}

group "servers" { id = "30000000-0000-4000-8000-000000000001" }

key_vault "roles01" {
  resource_group = "arc_pilot"
  rbac           = true
  secret "scenario" { value = "x" }
  secret "retired" { value = "x" }
}

key_vault "certificates01" {
  resource_group = "arc_pilot"
  rbac           = true
  CERTIFICATES
}

key_vault "policies01" { resource_group = "arc_pilot" }

storage_account "files01" {
  resource_group = "arc_pilot"
  container "files" {
    blob "a.txt" { content = "a" }
    blob "b.txt" { content = "b" }
  }
}

resource "Microsoft.Network/networkSecurityGroups" "old" { resource_group = "arc_pilot" }

resource "Microsoft.HybridCompute/machines/extensions" "ArcBox-01/one" { resource_group = "arc_pilot" }

resource_type "Microsoft.Network/networkSecurityGroups" {}

resource_type "Lab.New/things" { registered = false }

resource_type "Microsoft.Storage/storageAccounts" {
  action "listKeys" { result = { keys = [] } }
}

resource_type "Microsoft.HybridCompute/machines/extensions" {
  operation { kind = "azure-async-operation" }
}

resource_type "Microsoft.HybridCompute/machines/runCommands" {}
"#;

/// The rights of the machine.
pub enum Granted {
    Everything,
    /// Custom roles with these permissions, at their scopes.
    Exactly(Vec<Permission>),
    /// The built-in roles that a plan suggests for these permissions.
    Suggested(Vec<Permission>),
}

/// Returns the text of the world, with a certificate if it is asked for: making one takes long.
pub fn world(granted: &Granted, has_certificate: bool) -> String {
    let (blocks, graph) = match granted {
        Granted::Everything => (
            "role \"everything\" {\n actions = [\"*\"]\n data_actions = [\"*\"]\n}\n\
             role_assignment { role = \"everything\" }\n"
                .to_owned(),
            vec!["GroupMember.ReadWrite.All".to_owned()],
        ),
        Granted::Exactly(needs) => exactly(needs),
        Granted::Suggested(needs) => suggested(needs),
    };
    let world = WORLD.replace("CERTIFICATES", if has_certificate { "certificate \"web\" {}" } else { "" });
    format!(
        "{world}\nmachine \"ArcBox-01\" {{\n resource_group = \"arc_pilot\"\n graph_permissions = {graph:?}\n}}\n{blocks}"
    )
}

fn exactly(needs: &[Permission]) -> (String, Vec<String>) {
    let (directory, azure): (Vec<_>, Vec<_>) = needs.iter().partition(|need| need.plane == Plane::Directory);
    let mut blocks = String::new();
    for (number, need) in azure.into_iter().enumerate() {
        let list = if need.plane == Plane::Data { "data_actions" } else { "actions" };
        let scope = assigned_at(&need.scope.reveal().unwrap());
        let _ = write!(
            blocks,
            "role \"role-{number}\" {{ {list} = [\"{}\"] }}\n\
             role_assignment {{\n role = \"role-{number}\"\n scope = \"{scope}\"\n}}\n",
            need.action
        );
    }
    (blocks, directory.iter().map(|need| need.action.to_string()).collect())
}

fn suggested(needs: &[Permission]) -> (String, Vec<String>) {
    let (mut blocks, mut graph) = (String::new(), Vec::new());
    for right in roles::rights(roles::built_in(), needs) {
        for role in &right.roles {
            if let Some(permission) = role.strip_suffix(" of Microsoft Graph") {
                graph.push(permission.to_owned());
                continue;
            }
            let scope = assigned_at(&right.scope);
            let _ = writeln!(blocks, "role_assignment {{\n role = \"{role}\"\n scope = \"{scope}\"\n}}");
        }
    }
    (blocks, graph)
}

/// Returns the id at which a role is assigned for a scope: an id, or the URL of an object of Key Vault or Blob storage.
fn assigned_at(scope: &str) -> String {
    match scope {
        // This world has one subscription.
        "/" => SUBSCRIPTION.to_owned(),
        _ if scope.starts_with('/') => scope.to_owned(),
        url => {
            let (host, path) = place_of(url);
            let name = host.split('.').next().unwrap_or_default();
            scope_id(service_of(host).unwrap_or_else(|| panic!("{url} is no scope")), GROUP, name, path)
        }
    }
}
