//! The ways of secrets, from their sources to the places where they end.

use serde_json::{Value as Json, json};

use crate::support::Place;

/// Returns the ways in the plan of a runbook: source, values between, end.
fn paths(runbook: &str, options: &[&str]) -> Vec<Json> {
    let place = Place::with(runbook);
    place.write("inner/inner.runbook.hcl", MODULE);
    let ran = place.run(&[&["plan", "-json"], options].concat());
    let paths = ran.plan()["secret_paths"].as_array().cloned().unwrap_or_default();
    let line = |path: &Json| {
        let end = &path["end"];
        let origin = [&path["source"]["kind"], &path["source"]["origin"]];
        json!([origin, path["through"], end["address"], end["argument"], end["place"]])
    };
    paths.iter().map(line).collect()
}

/// A module that passes a secret on.
const MODULE: &str = r#"
variable "key" {}
locals { header = "Bearer ${var.key}" }
output "header" { value = local.header }
"#;

const VAULT: &str = r#"
step "keyvault_secret" "db" {
  vault = "v01"
  name  = "db"
}
"#;

/// The runbook after the vault, and the ways of its secrets.
type Case = (&'static str, Vec<Json>);

/// Secrets that end on the machine.
fn on_the_machine() -> Vec<Case> {
    let read = json!(["read", "step.keyvault_secret.db.value"]);
    vec![
        ("", vec![]),
        // Another output of the step is no secret.
        (
            r#"step "file" "f" {
  path    = "/tmp/x"
  content = step.keyvault_secret.db.version
}"#,
            vec![],
        ),
        (
            r#"locals { text = "password=${step.keyvault_secret.db.value}" }
step "file" "f" {
  path    = "/tmp/x"
  content = local.text
  mode    = "0600"
}"#,
            vec![json!([
                read, ["local.text"], "step.file.f", "content",
                { "kind": "file", "path": "/tmp/x", "mode": "0600" }
            ])],
        ),
        (
            r#"step "exec" "e" {
  argv        = ["deploy"]
  environment = { PLAIN = "x", TOKEN = step.keyvault_secret.db.value }
  stdin       = step.keyvault_secret.db.value
}
output "o" {
  sensitive = true
  value     = step.exec.e.stdout
}"#,
            vec![
                json!([read, null, "step.exec.e", "environment", { "kind": "environment", "program": "deploy", "names": ["TOKEN"] }]),
                json!([read, null, "step.exec.e", "stdin", { "kind": "input", "program": "deploy" }]),
                json!([read, ["step.exec.e"], "output.o", null, { "kind": "output" }]),
            ],
        ),
    ]
}

/// Secrets that end in requests.
fn in_requests() -> Vec<Case> {
    let read = json!(["read", "step.keyvault_secret.db.value"]);
    let body = json!({ "kind": "body", "method": "POST", "host": "a.test", "plain_http": false });
    vec![(
        r#"module "m" {
  source = "./inner"
  key    = step.keyvault_secret.db.value
}
step "http" "h" {
  method  = "POST"
  url     = "https://a.test/x"
  headers = { Authorization = module.m.header, Accept = "text/plain" }
  json    = { key = step.keyvault_secret.db.value }
}"#,
        vec![
            json!([
                read, ["module.m.var.key", "module.m.local.header", "module.m.output.header"],
                "step.http.h", "headers",
                { "kind": "header", "method": "POST", "host": "a.test", "plain_http": false, "names": ["Authorization"] }
            ]),
            json!([read, null, "step.http.h", "json", body]),
        ],
    )]
}

/// Secrets that are made and given.
fn made_and_given() -> Vec<Case> {
    // Every request of the step that has a body counts.
    let vault = |method| json!({ "kind": "body", "method": method, "host": "v01.vault.azure.net", "plain_http": false });
    vec![(
        r#"step "random" "r" {}
variable "pin" {
  sensitive = true
  default   = "1234"
}
step "keyvault_secret_set" "s" {
  vault = "v01"
  name  = "new"
  value = "${step.random.r.value}${var.pin}"
}
step "postgres_query" "q" {
  host       = "db.test"
  database   = "site"
  user       = "me"
  password   = "literally"
  statement  = "select $1"
  parameters = [step.random.r.value]
}"#,
        vec![
            json!([
                ["made", "step.random.r.value"],
                null,
                "step.keyvault_secret_set.s",
                "value",
                vault("PUT")
            ]),
            json!([
                ["made", "step.random.r.value"],
                null,
                "step.keyvault_secret_set.s",
                "value",
                vault("PATCH")
            ]),
            json!([["given", "var.pin"], null, "step.keyvault_secret_set.s", "value", vault("PUT")]),
            json!([["given", "var.pin"], null, "step.keyvault_secret_set.s", "value", vault("PATCH")]),
            json!([["written", "the runbook itself"], null, "step.postgres_query.q", "password",
                    { "kind": "login", "host": "db.test:5432", "database": "site" }]),
            json!([["made", "step.random.r.value"], null, "step.postgres_query.q", "parameters",
                    { "kind": "parameter", "host": "db.test:5432", "database": "site" }]),
        ],
    )]
}

/// Secrets of identities and outputs.
fn of_identities() -> Vec<Case> {
    let read = json!(["read", "step.keyvault_secret.db.value"]);
    vec![(
        r#"identity "client_secret" "app" {
  tenant    = "10000000-0000-4000-8000-000000000000"
  client_id = "20000000-0000-4000-8000-000000000000"
  secret    = step.keyvault_secret.db.value
}
step "arm_get" "g" {
  path     = "/subscriptions"
  identity = identity.client_secret.app
}
step "token" "t" { resource = "https://vault.azure.net" }
step "echo" "kept" { input = sensitive("x") }
output "token" {
  sensitive = true
  value     = step.token.t.access_token
}
output "kept" {
  sensitive = true
  value     = step.echo.kept.output
}"#,
        vec![
            json!([["written", "the runbook itself"], null, "step.echo.kept", "input", { "kind": "memory" }]),
            json!([read, null, "identity.client_secret.app", "secret",
                    { "kind": "credential", "receivers": ["login.microsoftonline.com"] }]),
            json!([["token", "step.token.t.access_token"], null, "output.token", null, { "kind": "output" }]),
            json!([["written", "the runbook itself"], ["step.echo.kept"], "output.kept", null, { "kind": "output" }]),
        ],
    )]
}

#[test]
fn each_secret_is_followed_to_its_ends() {
    let cases = [on_the_machine(), in_requests(), made_and_given(), of_identities()];
    for (runbook, expected) in cases.into_iter().flatten() {
        let found = paths(&format!("{VAULT}{runbook}"), &[]);
        assert_eq!(found, expected, "{runbook}\n{}", serde_json::to_string_pretty(&found).expect("JSON"));
    }
}

/// A secret that passes a local value, a module and a program.
const FLOW: &str = r#"
step "keyvault_secret" "db" {
  vault = "v01"
  name  = "db"
}
step "metadata" "m" {}
module "m" {
  source = "./inner"
  key    = step.keyvault_secret.db.value
}
step "exec" "e" {
  for_each    = toset(["a", "b"])
  argv        = ["deploy", each.key, step.metadata.m.name]
  environment = { TOKEN = module.m.header }
}
step "file" "f" {
  path    = "/etc/app/token"
  content = step.exec.e["a"].stdout
}
"#;

#[test]
fn a_plan_and_a_graph_show_the_ways() {
    let place = Place::with(FLOW);
    place.write("inner/inner.runbook.hcl", MODULE);
    let page = place.run(&["plan", "-verbose"]).out;
    let begin = page.find("\nFlow ").expect("the table");
    let table: String =
        page[begin..].trim_start().lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("secret_paths_plan", table);
    let dot = place.run(&["graph"]).out;
    insta::assert_snapshot!("secret_paths_dot", dot);
    insta::assert_snapshot!("secret_paths_mermaid", place.run(&["graph", "-format", "mermaid"]).out);
    // An arrow without a secret is drawn as before.
    let secret = dot.lines().filter(|line| line.contains("->") && line.contains("dashed")).count();
    let plain = dot.lines().filter(|line| line.contains("->") && !line.contains("dashed")).count();
    assert!(secret >= 3 && plain >= 1, "{dot}");
}

#[test]
fn a_flow_that_nothing_keeps_is_an_error() {
    let argument = "a secret would become an argument of a program";
    let plain = "a secret would be sent without TLS";
    for (runbook, expected) in [
        (r#"step "exec" "x" { argv = ["login", step.keyvault_secret.db.value] }"#, Some(argument)),
        (
            r#"step "exec" "x" {
  argv   = ["login"]
  unless = ["check", step.keyvault_secret.db.value]
}"#,
            Some(argument),
        ),
        (
            r#"locals { words = ["login", step.keyvault_secret.db.value] }
step "exec" "x" { argv = local.words }"#,
            Some(argument),
        ),
        // It is no secret any more.
        (r#"step "exec" "x" { argv = ["login", nonsensitive(step.keyvault_secret.db.value)] }"#, None),
        (r#"step "exec" "x" { argv = ["login", step.keyvault_secret.db.version] }"#, None),
        (
            r#"step "http" "x" {
  url              = "http://web.test/"
  allow_plain_http = true
  method           = "POST"
  json             = { password = step.keyvault_secret.db.value }
}"#,
            Some(plain),
        ),
        (
            r#"step "http" "x" {
  url     = "http://localhost:8080/"
  method  = "POST"
  json    = { password = step.keyvault_secret.db.value }
}"#,
            None,
        ),
    ] {
        let place = Place::with(&format!("{VAULT}{runbook}"));
        for command in ["validate", "plan"] {
            let ran = place.run(&[command]);
            assert_eq!(ran.code, Some(if expected.is_some() { 3 } else { 0 }), "{runbook}: {}", ran.seen());
            let Some(summary) = expected else { continue };
            for part in [summary, "error[secret-flow]", "`step.keyvault_secret.db.value`", "nonsensitive"] {
                assert!(ran.err.contains(part), "{part}: {}", ran.seen());
            }
        }
    }
}
