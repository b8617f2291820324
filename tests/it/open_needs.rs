//! Needs that `arcbook permissions` cannot list as a whole, and how it says so.

use serde_json::Value as Json;

use crate::support::{Place, Ran};

const PATH: &str = "subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/listKeys";

/// Returns a step that sends a request to this host.
fn request(origin: &str) -> String {
    format!(
        "step \"http\" \"keys\" {{\n  url = \"{origin}/{PATH}?api-version=2023-01-01\"\n  method = \"POST\"\n  effect = \"reads\"\n  audience = \"https://management.azure.com\"\n}}\n"
    )
}

fn report(place: &Place) -> Json {
    let ran = place.run(&["permissions", "-json"]);
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("no report: {}", ran.seen()))
}

#[test]
fn a_host_is_the_same_in_any_spelling() {
    for origin in [
        "https://management.azure.com",
        "https://MANAGEMENT.azure.com",
        "https://management.azure.com:443",
        "HTTPS://Management.Azure.Com:443",
    ] {
        let place = Place::with(&request(origin));
        let machine = &report(&place)["identities"][0];
        let action = &machine["scopes"][0]["permissions"][0]["action"];
        let is_listed = action == "Microsoft.Storage/storageAccounts/listKeys/action";
        assert!(is_listed && machine["open"].is_null(), "{origin}: {machine:#}");
        let plan = place.run(&["plan", "-json"]);
        assert!(plan.out.contains(",\"management.azure.com\"]"), "{origin}: {}", plan.seen());
    }
}

#[test]
fn two_spellings_of_a_host_are_no_difference_of_hosts() {
    let place = Place::new();
    place.write("old/m.runbook.hcl", request("https://management.azure.com"));
    place.write("new/m.runbook.hcl", request("https://MANAGEMENT.azure.com:443"));
    let ran = place.run(&["diff", "old", "new", "-json"]);
    let found: Json = serde_json::from_str(&ran.out).expect("JSON");
    for part in ["permissions", "hosts"] {
        assert_eq!(found[part]["added"].as_array().map_or(0, Vec::len), 0, "{part}: {found:#}");
    }
}

/// Steps, and the sentence about programs.
const PROGRAMS: [(&str, Option<&str>, bool); 5] = [
    ("step \"echo\" \"_a\" { input = 1 }\n", None, false),
    (
        "step \"exec\" \"az\" { argv = [\"az\", \"role\", \"assignment\", \"create\"] }\n",
        Some("step.exec.az"),
        false,
    ),
    (
        "step \"exec\" \"all\" {\n  for_each = toset([\"a\", \"b\"])\n  argv = [\"az\", each.key]\n}\n",
        Some("step.exec.all[…] (2)"),
        false,
    ),
    (
        "step \"exec\" \"az\" { argv = [\"az\"] }\nstep \"arm_get\" \"_g\" { path = \"/subscriptions/s\" }\n",
        Some("step.exec.az"),
        true,
    ),
    ("step \"exec\" \"az\" {\n  argv = [\"az\"]\n  when = false\n}\n", None, false),
];

#[test]
fn programs_may_act_with_rights_of_their_own() {
    for (runbook, expected, needs) in PROGRAMS {
        let place = Place::with(runbook);
        let page = place.run(&["permissions"]).out;
        let markdown = place.run(&["permissions", "-markdown"]).out;
        for page in [&page, &markdown] {
            let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
            let says = page.contains("Programs may act with rights of their own");
            assert_eq!(says, expected.is_some(), "{runbook}: {page}");
            let plain = page.replace(['`', '\\'], "");
            assert!(plain.contains(expected.unwrap_or_default()), "{runbook}: {page}");
            let is_nothing = page.contains("No step needs a permission.");
            assert_eq!(is_nothing, expected.is_none() && !needs, "{runbook}: {page}");
        }
        let programs = report(&place)["programs"].as_array().map_or(0, Vec::len);
        assert_eq!(programs > 0, expected.is_some(), "{runbook}");
        let saved =
            place.run(&["plan", "-out", "a.plan", "-for-machine", "10000000-0000-4000-8000-000000000000"]);
        if saved.code == Some(0) {
            let ran = place.run(&["permissions", "a.plan"]);
            assert_eq!(ran.out.contains("rights of their own"), expected.is_some(), "{}", ran.seen());
        }
    }
}

/// Returns the warning of a custom role.
fn custom_role(runbook: &str, more: &[&str]) -> Ran {
    let place = Place::with(runbook);
    place
        .run(&[&["permissions", "-custom-role", "r", "-assignable-scope", "/subscriptions/s"], more].concat())
}

#[test]
fn a_custom_role_that_is_not_the_whole_need_says_so() {
    let listed = request("https://management.azure.com");
    for (runbook, expected) in [
        (listed.clone(), None),
        (
            format!("{listed}step \"token\" \"t\" {{ resource = \"https://management.azure.com\" }}\n"),
            Some("step.token.t"),
        ),
        (
            format!(
                "{listed}{}",
                request("https://graph.microsoft.com")
                    .replace("keys\"", "other\"")
                    .replace("\"https://management.azure.com\"", "\"https://graph.microsoft.com\"")
            ),
            Some("step.http.other"),
        ),
        (format!("{listed}step \"exec\" \"az\" {{ argv = [\"az\"] }}\n"), Some("step.exec.az")),
    ] {
        let ran = custom_role(&runbook, &[]);
        assert_eq!(ran.code, Some(0), "{runbook}: {}", ran.seen());
        assert!(serde_json::from_str::<Json>(&ran.out).is_ok(), "{}", ran.seen());
        assert_eq!(
            ran.err.contains("warning[role-not-whole]"),
            expected.is_some(),
            "{runbook}: {}",
            ran.seen()
        );
        assert!(ran.err.contains(expected.unwrap_or_default()), "{runbook}: {}", ran.seen());
        let ran = custom_role(&runbook, &["-json"]);
        assert_eq!(ran.out.contains("role-not-whole"), expected.is_some(), "{runbook}: {}", ran.seen());
    }
}

#[test]
fn a_list_with_nothing_but_roles_for_everything_says_so() {
    let read = "step \"arm_get\" \"g\" { path = \"/subscriptions/s/resourceGroups/g\" }\n";
    let role = |kind: &str, id: u8, permissions: &str| {
        format!(
            "{{\"name\":\"00000000-0000-4000-8000-00000000000{id}\",\"roleName\":\"R{id}\",\"roleType\":\"{kind}\",\"assignableScopes\":[\"/\"],\"permissions\":[{permissions}]}}"
        )
    };
    let all = "{\"actions\":[\"*\"],\"dataActions\":[\"*\"]}";
    let none = "{\"actions\":[\"Microsoft.Sql/servers/read\"]}";
    for (roles, expected) in [
        (role("BuiltInRole", 1, all), Some("or: R1 (")),
        (role("CustomRole", 1, all), Some("or: R1 (")),
        (format!("{},{}", role("BuiltInRole", 1, none), role("BuiltInRole", 2, all)), Some("or: R2 (")),
        (role("BuiltInRole", 1, none), None),
        (role("BuiltInRole", 1, "{\"actions\":[\"*\"],\"notActions\":[\"Microsoft.Resources/*\"]}"), None),
    ] {
        let place = Place::with(read);
        place.write("roles.json", format!("[{roles}]"));
        let ran = place.run(&["permissions", "-roles", "roles.json"]);
        let is_none = ran.out.contains("role: none that is known grants");
        assert_eq!(is_none, expected.is_none(), "{roles}: {}", ran.seen());
        if let Some(or) = expected {
            assert!(
                ran.out.contains("role: one of your own") && ran.out.contains(or),
                "{roles}: {}",
                ran.seen()
            );
        }
    }
}

const GROUP: &str = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g";

/// A step, the action that it needs, and the only role that is suggested for it at its scope.
const ROLES: [(&str, &str, &str); 7] = [
    ("arm_deployment mode=complete", "*/delete", "Contributor"),
    ("arm_deployment mode=incremental", "Microsoft.Resources/deployments/write", "Contributor"),
    ("arm_resource locks", "Microsoft.Authorization/locks/write", "Locks Contributor"),
    ("arm_resource %6Cocks", "Microsoft.Authorization/locks/write", "Locks Contributor"),
    (
        "arm_resource policyAssignments",
        "Microsoft.Authorization/policyAssignments/write",
        "Resource Policy Contributor",
    ),
    (
        "arm_resource roleDefinitions",
        "Microsoft.Authorization/roleDefinitions/write",
        "User Access Administrator",
    ),
    (
        "arm_resource roleAssignments",
        "Microsoft.Authorization/roleAssignments/write",
        "Role Based Access Control Administrator",
    ),
];

/// Returns a step of a type: a deployment with a mode, or a resource of a type.
fn step(words: &str) -> String {
    if let Some((_, mode)) = words.split_once(" mode=") {
        return format!(
            "step \"arm_deployment\" \"_x\" {{\n  name = \"n\"\n  scope = \"{GROUP}\"\n  template = {{ resources = [] }}\n  mode = \"{mode}\"\n}}\n"
        );
    }
    let ty = words.rsplit(' ').next().unwrap_or_default();
    let id = format!("{GROUP}/providers/Microsoft.Authorization/{ty}/x");
    format!(
        "step \"arm_resource\" \"_x\" {{\n  id = \"{id}\"\n  api_version = \"2022-04-01\"\n  body = {{}}\n}}\n"
    )
}

#[test]
fn a_role_that_gives_rights_is_suggested_only_for_that() {
    for (words, action, role) in ROLES {
        let place = Place::with(&step(words));
        let scopes = &report(&place)["identities"][0]["scopes"];
        let of = |key: &str, member: &str| -> Vec<&str> {
            let scopes = scopes.as_array().expect("a list").iter();
            let all = scopes.flat_map(|scope| scope[key].as_array().expect("a list"));
            all.filter_map(|one| one[member].as_str()).collect()
        };
        assert!(of("permissions", "action").contains(&action), "{words}: {scopes:#}");
        assert_eq!(of("roles", "name"), [role], "{words}: {scopes:#}");
    }
}

#[test]
fn a_deployment_that_deletes_whatever_is_there_needs_the_right_to() {
    let place = Place::with(&step("arm_deployment mode=complete"));
    let page = place.run(&["permissions"]);
    assert!(
        page.out.contains("- */delete") && page.out.contains("! it deletes every resource"),
        "{}",
        page.seen()
    );
    let role = place.run(&["permissions", "-custom-role", "x"]);
    assert!(role.out.contains("\"*/delete\"") && role.err.contains("*/delete"), "{}", role.seen());
    let place = Place::with(&step("arm_deployment mode=incremental"));
    assert!(!place.run(&["permissions", "-custom-role", "x"]).out.contains("*/delete"));
}

#[test]
fn a_deployment_that_another_step_sends_needs_more_than_is_listed() {
    let id = |ty: &str| format!("{GROUP}/providers/Microsoft.Resources/{ty}/x");
    let resource = |ty: &str| {
        format!(
            "step \"arm_resource\" \"_x\" {{\n  id = \"{}\"\n  api_version = \"2022-04-01\"\n  body = {{}}\n}}\n",
            id(ty)
        )
    };
    let http = format!(
        "step \"http\" \"_x\" {{\n  url = \"https://management.azure.com{}?a=b\"\n  method = \"PUT\"\n  audience = \"https://management.azure.com\"\n  json = {{}}\n}}\n",
        id("deployments")
    );
    for (step, expected) in [
        (resource("deployments"), true),
        (resource("deploymentStacks"), true),
        (resource("tags"), false),
        (http, true),
    ] {
        let found = report(&Place::with(&step));
        assert_eq!(!found["identities"][0]["open"].is_null(), expected, "{step}: {found:#}");
    }
}
