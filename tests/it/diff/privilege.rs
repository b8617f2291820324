//! What makes a runbook more powerful, and what does not.

use super::support::difference;
use crate::support::Place;

/// A step that assigns a role, with these attributes.
const SCOPE: &str = "/subscriptions/11111111-1111-4111-8111-111111111111";

/// The steps before and after an edit, and the kind of the growth; none for no growth.
const EDITS: [(&str, &str, &str, Option<&str>); 26] = [
    ("role", "role = \"Reader\"", "role = \"Owner\"", Some("rights")),
    (
        "role",
        "principal_id = \"22222222-2222-4222-8222-222222222222\"",
        "principal_id = \"33333333-2222-4222-8222-222222222222\"",
        Some("rights"),
    ),
    ("role", "description = \"a\"", "description = \"b\"", None),
    ("policy", "secrets = [\"Get\"]", "secrets = [\"Get\", \"Set\"]", Some("rights")),
    (
        "member",
        "member_id = \"22222222-2222-4222-8222-222222222222\"",
        "member_id = \"33333333-2222-4222-8222-222222222222\"",
        Some("rights"),
    ),
    ("exec", "stdin = \"echo a\"", "stdin = \"echo b\"", Some("code")),
    ("exec", "LD_PRELOAD = \"a\"", "LD_PRELOAD = \"b\"", Some("code")),
    ("exec", "timeout = \"1m\"", "timeout = \"2m\"", None),
    ("sudoers", "content = \"a\"", "content = \"b\"", Some("content")),
    ("sudoers", "owner = \"root\"", "owner = \"ann\"", Some("content")),
    ("notes", "content = \"a\"", "content = \"b\"", None),
    ("notes", "mode = \"0644\"", "mode = \"0755\"", Some("file")),
    ("script", "script = \"id\"", "script = \"id; id\"", Some("code")),
    ("get", "/me\"", "/users\"", Some("request")),
    ("get", "method = \"GET\"", "method = \"DELETE\"", Some("request")),
    ("get", "X-A = \"a\"", "X-HTTP-Method-Override = \"DELETE\"", Some("request")),
    ("post", "text = \"a\"", "text = file(\"own.txt\")", Some("file")),
    ("post", "https://a.example.com/", "https://b.example.com/", Some("host")),
    ("post", "https://a.example.com/x", "https://a.example.com/y", None),
    ("resource", "allowBlobPublicAccess = false", "allowBlobPublicAccess = true", Some("rights")),
    ("action", "body = { a = 1 }", "body = { a = 2 }", Some("rights")),
    ("deployment", "mode = \"incremental\"", "mode = \"complete\"", Some("rights")),
    ("deployment", "type = \"A.B/c\"", "type = \"A.B/d\"", Some("rights")),
    ("extension", "commandToExecute = \"a\"", "commandToExecute = \"b\"", Some("code")),
    ("echo", "input = 1", "input = 2", None),
    (
        "acting",
        "default = \"44444444-1111-4111-8111-111111111111\"",
        "default = \"55555555-1111-4111-8111-111111111111\"",
        Some("identity"),
    ),
];

fn runbook() -> String {
    format!(
        r#"
variable "cid" {{ default = "44444444-1111-4111-8111-111111111111" }}
identity "managed" "acting" {{ client_id = var.cid }}
step "role_assignment" "role" {{
  description = "a"
  scope        = "{SCOPE}"
  role = "Reader"
  principal_id = "22222222-2222-4222-8222-222222222222"
}}
step "keyvault_access_policy" "policy" {{
  vault_id = "{SCOPE}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
  principal_id = "22222222-2222-4222-8222-222222222222"
  secrets = ["Get"]
}}
step "entra_group_member" "member" {{
  group_id  = "66666666-2222-4222-8222-222222222222"
  member_id = "22222222-2222-4222-8222-222222222222"
}}
step "exec" "exec" {{
  argv        = ["bash"]
  stdin = "echo a"
  environment = {{ LD_PRELOAD = "a" }}
  timeout = "1m"
}}
step "file" "sudoers" {{
  path    = "/etc/sudoers.d/x"
  content = "a"
  owner = "root"
}}
step "file" "notes" {{
  path    = "notes.txt"
  content = "a"
  mode = "0644"
}}
step "arc_run_command" "script" {{
  machine = "{SCOPE}/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m"
  script = "id"
}}
step "http" "get" {{
  method = "GET"
  url      = "https://graph.microsoft.com/v1.0/me"
  audience = "https://graph.microsoft.com"
  headers  = {{ X-A = "a" }}
  identity = identity.managed.acting
}}
step "http" "post" {{
  method = "POST"
  url    = "https://a.example.com/x"
  text = "a"
}}
step "arm_resource" "resource" {{
  id          = "{SCOPE}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s"
  api_version = "2023-05-01"
  body        = {{ location = "west", properties = {{ allowBlobPublicAccess = false }} }}
}}
step "arm_action" "action" {{
  path        = "{SCOPE}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v/start"
  api_version = "2024-07-01"
  body = {{ a = 1 }}
}}
step "arm_deployment" "deployment" {{
  name     = "d"
  scope    = "{SCOPE}/resourceGroups/g"
  mode = "incremental"
  template = {{
    contentVersion = "1.0.0.0"
    resources      = [{{ type = "A.B/c", apiVersion = "2020-01-01", name = "x" }}]
  }}
}}
step "arc_extension" "extension" {{
  machine   = "{SCOPE}/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m"
  publisher = "Microsoft.Azure.Extensions"
  type      = "CustomScript"
  location  = "westeurope"
  settings  = {{ commandToExecute = "a" }}
}}
step "echo" "echo" {{
  input = 1
}}
output "o" {{ value = step.echo.echo.output }}
"#
    )
}

#[test]
fn whatever_may_give_more_power_counts() {
    let place = Place::new();
    let before = runbook();
    for side in ["old", "new"] {
        place.write(&format!("{side}/own.txt"), "own");
        place.write(&format!("{side}/main.runbook.hcl"), &before);
    }
    let none = place.run(&["diff", "old", "new", "-fail-on", "privilege"]);
    assert_eq!(none.code, Some(0), "{}", none.seen());
    for (name, old, new, kind) in EDITS {
        // The edit is in the block of that name.
        let start = before.find(&format!("\"{name}\" {{")).unwrap_or_default();
        let start = if kind == Some("identity") { 0 } else { start };
        let after = format!("{}{}", &before[..start], before[start..].replacen(old, new, 1));
        assert_ne!(after, before, "{name}: nothing is {old}");
        place.write("new/main.runbook.hcl", &after);
        let told = difference(&place, "old", "new");
        let kinds: Vec<&str> = told["privilege"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one["kind"].as_str())
            .collect();
        match kind {
            Some(kind) => assert!(kinds.contains(&kind), "{name}: {new}: {kinds:?}"),
            None => assert!(kinds.is_empty(), "{name}: {new}: {kinds:?}"),
        }
        let code = place.run(&["diff", "old", "new", "-fail-on", "privilege"]).code;
        assert_eq!(code, Some(if kind.is_some() { 2 } else { 0 }), "{name}: {new}");
    }
}

#[test]
fn the_code_beside_a_runbook_counts() {
    let place = Place::new();
    let runbook = r#"
step "exec" "a" { argv = ["./go.sh"] }
step "exec" "b" { argv = ["bash", "-e", "two.sh", "data.txt"] }
step "template" "c" {
  source = "cron.j2"
  path   = "/etc/cron.d/x"
}
step "exec" "d" { argv = ["sh", "-c", "cat notes.txt", "notes.txt"] }
"#;
    let files = ["go.sh", "two.sh", "cron.j2", "notes.txt", "data.txt"];
    for side in ["old", "new"] {
        place.write(&format!("{side}/main.runbook.hcl"), runbook);
        files.iter().for_each(|file| place.write(&format!("{side}/{file}"), "a\n"));
    }
    for (file, is_code) in files.into_iter().zip([true, true, true, false, false]) {
        place.write(&format!("new/{file}"), "b\n");
        let told = difference(&place, "old", "new");
        let growth = told["privilege"].as_array().expect("a list");
        assert_eq!(growth.iter().any(|one| one["kind"] == "code"), is_code, "{file}: {told:#}");
        place.write(&format!("new/{file}"), "a\n");
    }
    // The file of a plan holds the digests, so that a script is the reviewed one when it runs.
    place.write("book/two.sh", "echo reviewed\n");
    place.write("book/main.runbook.hcl", "step \"exec\" \"b\" { argv = [\"bash\", \"two.sh\"] }\n");
    assert_eq!(place.run(&["plan", "-out", "b.plan", "book"]).code, Some(0));
    place.write("book/two.sh", "echo other > made.txt\n");
    let ran = place.run(&["run", "b.plan"]);
    assert!(ran.code == Some(3) && ran.err.contains("two.sh"), "{}", ran.seen());
    assert!(!place.path().join("book/made.txt").exists(), "{}", ran.seen());
}

#[test]
fn what_a_plan_file_hides_may_differ() {
    let place = Place::new();
    let runbook = |script: &str| {
        format!(
            "locals {{ s = sensitive(\"{script}\") }}\nstep \"exec\" \"a\" {{\n  argv  = [\"bash\"]\n  stdin = local.s\n}}\n"
        )
    };
    for (plan, script) in [("a.plan", "touch good"), ("b.plan", "touch evil")] {
        place.write("main.runbook.hcl", runbook(script));
        assert_eq!(place.run(&["plan", "-out", plan]).code, Some(0));
    }
    assert_eq!(place.run(&["diff", "a.plan", "b.plan", "-fail-on", "privilege"]).code, Some(2));
}
