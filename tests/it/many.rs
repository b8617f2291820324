//! Many objects at once, against services that throttle.

use std::fmt::Write as _;
use std::io::Write as _;

use arcbook_lab::Service;

use crate::cloud::Cloud;
use crate::support::Place;

/// The number of secrets.
const SECRETS: usize = 1000;

/// The most requests that may be sent for them.
const MOST: usize = 1100;

/// The numbers of role assignments and of members.
const HOLDERS: usize = 500;

const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"
resource_group "rg" { location = "westeurope" }
machine "operator" { resource_group = "rg" }
role_assignment { role = "Owner" }
"#;

/// Returns a world with a vault of many secrets, which serves 100 at once and 100 in each second.
fn vault() -> String {
    let mut world = WORLD.to_owned();
    world.push_str("throttle \"keyvault\" {\n  burst      = 100\n  per_second = 100\n}\n");
    world.push_str(
        "key_vault \"kv-1\" {\n  resource_group = \"rg\"\n  access_policy { secrets = [\"get\"] }\n",
    );
    for number in 0..SECRETS {
        let _ = writeln!(world, "  secret \"s-{number}\" {{ value = \"value of {number}\" }}");
    }
    world + "}\n"
}

/// Tells a figure. It is written directly, since the test harness captures the output of `eprintln!`.
fn told(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[test]
fn a_thousand_secrets_are_read_from_a_vault_that_throttles() {
    let cloud = Cloud::of_world(&vault());
    let place = Place::with(&format!(
        "step \"keyvault_secret\" \"all\" {{\n  for_each = toset([for n in range({SECRETS}) : \"s-${{n}}\"])\n  vault    = \"{}\"\n  name     = each.key\n}}\n",
        cloud.lab.azure().vault("kv-1"),
    ));
    let ran = cloud.run(&place, &["run", "-auto-approve", "-quiet"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let sent = cloud.lab.requests().into_iter().filter(|request| request.service == Service::KeyVault);
    let sent: Vec<_> = sent.collect();
    assert_eq!(sent.iter().filter(|request| request.status == Some(200)).count(), SECRETS);
    assert!(sent.iter().any(|request| request.status == Some(429)), "the vault throttles");
    told(&format!("{SECRETS} secrets: {} requests to the vault", sent.len()));
    assert!(sent.len() <= MOST, "{} requests", sent.len());
}

/// Roles and memberships of a fleet converge: each is made once, against an ARM that throttles, and found by a second run.
#[test]
fn five_hundred_assignments_and_members_converge() {
    let mut world = WORLD.to_owned();
    world.push_str("throttle \"arm\" {\n  burst      = 400\n  per_second = 800\n}\n");
    world.push_str("group \"servers\" {\n  id     = \"30000000-0000-4000-8000-000000000001\"\n  owners = [\"operator\"]\n}\n");
    for number in 0..HOLDERS {
        let id = format!("20000000-0000-4000-8000-{number:012}");
        let _ = writeln!(world, "service_principal \"app-{number}\" {{ object_id = \"{id}\" }}");
    }
    let cloud = Cloud::of_world(&world);
    let place = Place::with(&format!(
        r#"
locals {{
  ids = toset([for n in range({HOLDERS}) : format("20000000-0000-4000-8000-%012d", n)])
}}

step "role_assignment" "each" {{
  for_each     = local.ids
  scope        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
  role         = "Reader"
  principal_id = each.key
}}

step "entra_group_member" "each" {{
  for_each  = local.ids
  group_id  = "30000000-0000-4000-8000-000000000001"
  member_id = each.key
}}
"#
    ));
    let mut changes = Vec::new();
    for _ in 0..2 {
        let ran = cloud.run(&place, &["run", "-auto-approve", "-quiet"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let requests = cloud.lab.requests();
        changes.push(requests.iter().filter(|request| request.changed).count());
        told(&format!("{HOLDERS} assignments and members: {} requests so far", requests.len()));
    }
    assert_eq!(changes, [2 * HOLDERS, 2 * HOLDERS], "each change is made once, and none by the second run");
}
