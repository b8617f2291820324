//! `arcbook permissions`: the page, explanations, roles of a file, custom roles, the check, and `run -preflight`.

use serde_json::Value as Json;

use crate::support::{Place, Ran, repository, settings};

/// A world in which the machine reads everything, and holds one custom role under a condition.
const WORLD: &str = r#"
tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "vm-1" { resource_group = "rg" }

role_assignment { role = "Reader" }

key_vault "open00000000" {
  resource_group = "rg"
  rbac           = true
  secret "scenario" { value = "x" }
}

key_vault "policies00000" {
  resource_group = "rg"
  access_policy { secrets = ["get"] }
  secret "scenario" { value = "x" }
}

storage_account "files00000000" {
  resource_group = "rg"
  ROLES
}
"#;

/// Steps whose permissions the machine holds in part.
const RUNBOOK: &str = r#"
step "keyvault_secret" "open" {
  vault = "open00000000"
  name  = "scenario"
}

step "keyvault_secret" "policies" {
  vault = "policies00000"
  name  = "scenario"
}

step "blob_container" "files" {
  account = "files00000000"
  name    = "files"
}

step "arm_get" "group" {
  path        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
  api_version = "2021-04-01"
}

step "entra_group_member" "team" {
  group_id  = "30000000-0000-4000-8000-000000000001"
  member_id = "20000000-0000-4000-8000-000000000002"
}
"#;

fn page(place: &Place, arguments: &[&str]) -> Ran {
    Ran::of(place.command(arguments).env("COLUMNS", "100").output().expect("the program"))
}

fn runbook(name: &str) -> String {
    repository().join("runbooks").join(name).to_string_lossy().into_owned()
}

/// Creates a place with the runbook, and the world with these roles at the account.
fn checked(roles: &str) -> Place {
    let place = Place::with(RUNBOOK);
    place.write("main.lab.hcl", WORLD.replace("ROLES", roles));
    place
}

fn json(ran: &Ran) -> Vec<Json> {
    ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Returns the verdict on the permission whose name has this end, at a scope with this part.
fn verdict<'a>(all: &'a [Json], action: &str, scope: &str) -> &'a str {
    let text = |value: &'a Json| value.as_str().unwrap_or_default();
    let is_it = |checked: &&&'a Json| {
        text(&checked["action"]).ends_with(action) && text(&checked["scope"]).contains(scope)
    };
    let permissions: Vec<&Json> = all.iter().filter_map(|line| line.get("permission")).collect();
    let found = permissions.iter().find(is_it);
    text(&found.unwrap_or_else(|| panic!("no {action} at {scope} in {all:#?}"))["verdict"])
}

#[test]
fn the_page_of_each_runbook() {
    let place = Place::new();
    for name in ["jumpstart", "fleet", "onboard", "postgres"] {
        let ran = page(&place, &["permissions", &runbook(name)]);
        settings().bind(|| insta::assert_snapshot!(format!("permissions_{name}"), ran.seen()));
    }
}

#[test]
fn a_plan_file_has_the_report_of_its_runbook() {
    let place = Place::jumpstart();
    let saved = place.run(&["plan", "-out", "x.plan", "-var", "file=hosts", "jumpstart"]);
    assert_eq!(saved.code, Some(0), "{}", saved.seen());
    let [of_file, of_runbook] =
        ["x.plan", "jumpstart"].map(|path| place.run(&["permissions", "-json", path]));
    let scopes = |ran: &Ran| {
        let mut report = json(ran).remove(0);
        for identity in report["identities"].as_array_mut().expect("identities") {
            for scope in identity["scopes"].as_array_mut().expect("scopes") {
                for permission in scope["permissions"].as_array_mut().expect("permissions") {
                    for request in permission["needed_by"].as_array_mut().expect("requests") {
                        // A plan file does not say where a step is.
                        request.as_object_mut().expect("an object").retain(|name, _| name == "step");
                    }
                }
            }
        }
        report["identities"][0]["scopes"].clone()
    };
    assert_eq!(scopes(&of_file), scopes(&of_runbook));
}

#[test]
fn markdown_is_a_document() {
    let ran = Place::new().run(&["permissions", "-markdown", &runbook("jumpstart")]);
    assert!(ran.out.starts_with("# jumpstart · permissions · AzureCloud\n"), "{}", ran.seen());
    assert!(ran.out.contains("role: Key Vault Secrets User"), "{}", ran.seen());
}

#[test]
fn an_explanation_names_steps_and_places() {
    let place = Place::jumpstart();
    let ran = page(&place, &["permissions", "-explain", "*/getsecret/action", "jumpstart"]);
    settings().bind(|| insta::assert_snapshot!("permissions_explain", ran.seen()));
    for (action, step) in [
        ("microsoft.storage/storageaccounts/blobservices/containers/WRITE", "step.blob_container.uploads"),
        // A permission whose type is not known may be this one.
        ("Microsoft.KeyVault/vaults/resources/read", "step.arm_list.resources"),
    ] {
        let ran = place.run(&["permissions", "-explain", action, "-json", "jumpstart"]);
        let found = json(&ran).remove(0);
        assert_eq!(found["explanations"][0]["needed_by"][0]["step"], step, "{}", ran.seen());
    }
    let unknown = "Microsoft.KeyVault/vaults/secrets/getSecrets/action";
    let ran = place.run(&["permissions", "-explain", unknown, "jumpstart"]);
    assert_eq!(ran.code, Some(3));
    let hint = "did you mean `Microsoft.KeyVault/vaults/secrets/getSecret/action`?";
    assert!(ran.err.contains("unknown-permission") && ran.err.contains(hint), "{}", ran.seen());
}

#[test]
fn the_roles_of_a_file_replace_the_table() {
    let place = Place::jumpstart();
    place.write(
        "roles.json",
        r#"[{"name":"00000000-0000-4000-8000-000000000001","roleName":"Secret Keeper","roleType":"CustomRole","assignableScopes":["/"],
            "permissions":[{"actions":[],"dataActions":["Microsoft.KeyVault/vaults/secrets/getSecret/action"]}]}]"#,
    );
    let ran = place.run(&["permissions", "-roles", "roles.json", "jumpstart"]);
    assert!(ran.out.contains("role: Secret Keeper (00000000-0000-4000-8000-000000000001)"), "{}", ran.seen());
    assert!(ran.out.contains("role: none that is known grants"), "{}", ran.seen());
    assert!(ran.out.contains("Roles: roles.json (1 role)."), "{}", ran.seen());
    place.write("roles.json", "[\n  {\"name\": 7}\n]");
    let ran = place.run(&["permissions", "-roles", "roles.json", "jumpstart"]);
    assert_eq!(ran.code, Some(3));
    for part in ["invalid-roles", "roles.json:2:", "invalid type: integer `7`", "az role definition list"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.seen());
    }
}

#[test]
fn a_custom_role_has_exactly_the_permissions() {
    let place = Place::jumpstart();
    let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot";
    let role = ["permissions", "-custom-role", "arcbook jumpstart", "jumpstart"];
    let ran = place.run(&role);
    assert_eq!(ran.code, Some(3));
    for part in ["no-custom-role", "(known after step.metadata.machine)", "-assignable-scope"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.seen());
    }
    let ran = place.run(&[&role[..], &["-assignable-scope", group]].concat());
    settings().bind(|| insta::assert_snapshot!("permissions_custom_role", ran.seen()));
    let ran = place.run(&["permissions", "-custom-role", "x", &runbook("onboard")]);
    let help = "name one with `-identity`: ";
    assert!(ran.code == Some(3) && ran.err.contains(help), "{}", ran.seen());
}

#[test]
fn the_check_asks_as_the_identity_itself() {
    let ran = checked("").run(&["permissions", "-check", "-lab", "-json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let all = json(&ran);
    for (action, scope, expected) in [
        ("getSecret/action", "open00000000", "no"),
        ("getSecret/action", "policies00000", "yes"),
        ("containers/read", "files00000000", "yes"),
        ("containers/write", "files00000000", "no"),
        ("resourceGroups/read", "/resourceGroups/rg", "yes"),
        ("GroupMember.ReadWrite.All", "groups", "not_rbac"),
    ] {
        assert_eq!(verdict(&all, action, scope), expected, "{action} {scope}");
    }
    assert_eq!(all.last().expect("a line")["verdicts"]["no"], 2, "{}", ran.seen());
    assert!(!ran.seen().contains("eyJ0"), "a token is shown: {}", ran.seen());
}

/// The agent keeps a token for a day, so nobody may ask for the first one too early.
#[test]
fn an_identity_that_waits_for_a_step_is_not_asked() {
    let place = checked("");
    let late = "identity \"managed\" \"late\" {\n  from       = \"arc\"\n  depends_on = [step.entra_group_member.team]\n}\n";
    let runbook = RUNBOOK.replacen(
        "  name  = \"scenario\"",
        "  name  = \"scenario\"\n  identity = identity.managed.late",
        1,
    );
    place.write("main.runbook.hcl", format!("{late}{runbook}"));
    let ran = place.run(&["permissions", "-check", "-lab", "-json"]);
    let all = json(&ran);
    assert_eq!(verdict(&all, "getSecret/action", "open00000000"), "cannot_tell", "{}", ran.seen());
    assert!(ran.out.contains("gets its first token after step.entra_group_member.team"), "{}", ran.seen());
    // The machine itself acts in other steps, so its token is the same in the run.
    assert_eq!(verdict(&all, "getSecret/action", "policies00000"), "yes", "{}", ran.seen());
}

/// A deny assignment and a condition take a permission back; without the right to ask, Azure does not tell.
#[test]
fn a_check_sees_denials_and_conditions() {
    let reader = "role_assignment { role = \"Reader\" }";
    let contributor = "role_assignment {\n role = \"Storage Blob Data Contributor\"\n condition = \"@Resource[x] StringEquals 'y'\"\n}";
    let denial =
        "deny_assignment \"no storage\" { actions = [\"Microsoft.Storage/storageAccounts/blobServices/*\"] }";
    let elsewhere = "role_assignment { role = \"Storage Blob Data Reader\" }";
    for (roles, more, [read, write, group]) in [
        ("", reader.to_owned(), ["yes", "no", "yes"]),
        (contributor, reader.to_owned(), ["yes", "conditional", "yes"]),
        ("", format!("{reader}\n{denial}"), ["no", "no", "yes"]),
        ("", elsewhere.to_owned(), ["cannot_tell", "cannot_tell", "cannot_tell"]),
    ] {
        let place = Place::with(RUNBOOK);
        place.write("main.lab.hcl", WORLD.replace("ROLES", roles).replace(reader, &more));
        let ran = place.run(&["permissions", "-check", "-lab", "-json"]);
        let all = json(&ran);
        let found = [
            verdict(&all, "containers/read", "files00000000"),
            verdict(&all, "containers/write", "files00000000"),
            verdict(&all, "resourceGroups/read", "/resourceGroups/rg"),
        ];
        assert_eq!(found, [read, write, group], "{roles} {more}: {}", ran.seen());
        if more == elsewhere {
            // A check that learned nothing does not pass.
            let path = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg";
            place.write(
                "main.runbook.hcl",
                format!("step \"arm_get\" \"g\" {{\n  path        = \"{path}\"\n  api_version = \"2022-12-01\"\n}}\n"),
            );
            let ran = place.run(&["permissions", "-check", "-lab", "-json"]);
            let all = json(&ran);
            assert_eq!(verdict(&all, "resourceGroups/read", "/resourceGroups/rg"), "cannot_tell");
            assert_eq!(ran.code, Some(1), "{}", ran.seen());
        }
    }
}

#[test]
fn a_secret_in_a_scope_is_shown_nowhere() {
    let place = checked("");
    place.write(
        "main.runbook.hcl",
        r#"
variable "secret" {
  type      = string
  sensitive = true
}

step "arm_get" "group" {
  path        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/${var.secret}"
  api_version = "2021-04-01"
}

step "keyvault_secret" "open" {
  vault = var.secret
  name  = var.secret
}
"#,
    );
    for arguments in [
        &["-json"][..],
        &["-markdown"],
        &["-explain", "*"],
        &["-custom-role", "x"],
        &["-check", "-lab"],
        &["-check", "-lab", "-json"],
    ] {
        let ran = place.run(&[&["permissions", "-var", "secret=canary7canary"], arguments].concat());
        assert!(!ran.seen().contains("canary7"), "{arguments:?}: {}", ran.seen());
        assert!(ran.seen().contains("(sensitive)"), "{arguments:?}: {}", ran.seen());
    }
}

#[test]
fn the_page_of_a_check() {
    let ran = page(&checked(""), &["permissions", "-check", "-lab"]);
    settings().bind(|| insta::assert_snapshot!("permissions_check", ran.seen()));
}

#[test]
fn scopes_that_steps_find_are_known_after_they_have_run() {
    let place = Place::jumpstart();
    let arguments = ["permissions", "-check", "-lab", "-json", "-var", "file=hosts", "jumpstart"];
    let ran = place.run(&arguments);
    assert_eq!(verdict(&json(&ran), "blobs/write", ""), "cannot_tell", "{}", ran.seen());
    let seen = place.run(&["permissions", "-check", "-lab", "-var", "file=hosts", "jumpstart"]);
    assert!(seen.out.ends_with("so that the scopes that they find are known.\n"), "{}", seen.seen());
    let ran = place.run(&[&arguments[..], &["-live"]].concat());
    let all: Vec<Json> = json(&ran).into_iter().filter(|line| line.get("permission").is_some()).collect();
    for action in ["blobs/write", "containers/write", "getSecret/action", "tagNames/read"] {
        assert_eq!(verdict(&all, action, ""), "yes", "{}", ran.seen());
    }
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

#[test]
fn a_preflight_stops_a_run_that_lacks_a_permission() {
    let arguments = ["run", "-lab", "-auto-approve", "-preflight"];
    let place = checked("");
    let ran = place.run(&arguments);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    for part in ["missing-permission", "getSecret/action at secret scenario", "step.keyvault_secret.open"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.seen());
    }
    // Nothing began, so there is no record.
    assert!(!place.path().join(".arcbook").exists());
    let place = checked("role_assignment { role = \"Storage Blob Data Contributor\" }");
    place.write(
        "main.runbook.hcl",
        "step \"blob_container\" \"files\" {\n  account = \"files00000000\"\n  name = \"files\"\n}\n",
    );
    let ran = place.run(&arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(!ran.err.contains("unchecked"), "{}", ran.seen());
}

#[test]
fn a_token_that_may_be_used_for_anything_is_named() {
    let place = Place::with(
        r#"
step "token" "arm" { resource = "https://management.azure.com" }
step "exec" "get" {
  argv        = ["./get.sh"]
  environment = { TOKEN = step.token.arm.access_token }
}
step "http" "graph" {
  url      = "https://graph.microsoft.com/v1.0/directoryRoles"
  method   = "POST"
  text     = "{}"
  audience = "https://graph.microsoft.com"
}
step "http" "arm" {
  url      = "https://management.azure.com/subscriptions/s?api-version=2022-12-01"
  audience = "https://management.azure.com"
}
"#,
    );
    let ran = place.run(&["permissions"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    for words in [
        "Not listed: whoever has these tokens may use every right",
        "step.token.arm",
        "sent to graph.microsoft.com, with a request",
    ] {
        assert!(ran.out.contains(words), "{words}: {}", ran.seen());
    }
    let json: Json = serde_json::from_str(&place.run(&["permissions", "-json"]).out).expect("JSON");
    let open = json["identities"][0]["open"].as_array().expect("a list").clone();
    let steps: Vec<&str> = open.iter().filter_map(|one| one["steps"][0].as_str()).collect();
    assert_eq!(steps, ["step.token.arm", "step.http.graph"], "{json:#}");
}
