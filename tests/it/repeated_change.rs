//! `until`, and the `condition` of `retry`, in steps of every type.

use std::collections::BTreeSet;

use crate::support::Place;

/// The arguments of a step of each type, and whether its change may be repeated.
const STEPS: &[(&str, &str, bool)] = &[
    ("arc_agent", "", true),
    (
        "arc_connect",
        "subscription_id = local.id\n  tenant_id = local.id\n  resource_group = \"a\"\n  location = \"l\"",
        true,
    ),
    ("arc_disconnect", "", true),
    (
        "arc_extension",
        "machine = local.machine\n  publisher = \"P\"\n  type = \"T\"\n  location = \"l\"",
        true,
    ),
    ("arc_machine", "id = local.machine", true),
    ("arc_run_command", "machine = local.machine\n  script = \"true\"", false),
    ("arm_action", "path = \"${local.machine}/upgradeExtensions\"", false),
    ("arm_action", "path = \"${local.machine}/upgradeExtensions\"\n  idempotent = true", true),
    ("arm_action", "path = \"${local.machine}/listKeys\"\n  effect = \"reads\"", true),
    ("arm_delete", "id = local.machine", true),
    ("arm_deployment", "scope = local.machine\n  name = \"a\"\n  template = { resources = [] }", true),
    ("arm_get", "path = \"/subscriptions\"\n  api_version = \"2022-12-01\"", true),
    ("arm_list", "scope = \"/subscriptions/00000000-0000-0000-0000-000000000000\"", true),
    (
        "arm_resource",
        "id = \"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/a/providers/Microsoft.HybridCompute/machines/a\"\n  api_version = \"2024-07-10\"\n  body = {}",
        true,
    ),
    ("assert", "condition = true\n  message = \"m\"", true),
    ("blob_container", "account = \"acc01\"\n  name = \"a00\"", true),
    ("blob_delete", "account = \"acc01\"\n  container = \"a00\"\n  name = \"a\"", true),
    ("blob_download", "account = \"acc01\"\n  container = \"a00\"\n  name = \"a\"\n  path = \"a\"", true),
    ("blob_list", "account = \"acc01\"\n  container = \"a00\"", true),
    ("blob_upload", "account = \"acc01\"\n  container = \"a00\"\n  name = \"a\"\n  content = \"a\"", true),
    ("directory", "path = \"a\"", true),
    ("echo", "input = 1", true),
    ("endpoint", "host = \"localhost\"", true),
    ("entra_group_member", "group_id = local.id\n  member_id = local.id", true),
    ("exec", "argv = [\"true\"]", false),
    ("exec", "argv = [\"true\"]\n  creates = \"a\"", false),
    ("exec", "argv = [\"true\"]\n  effect = \"changes\"", false),
    ("exec", "argv = [\"true\"]\n  idempotent = true", true),
    ("exec", "argv = [\"true\"]\n  effect = \"reads\"", true),
    // The run decides.
    ("exec", "argv = [\"true\"]\n  effect = var.effect", true),
    ("file", "path = \"a\"\n  content = \"a\"", true),
    ("host", "", true),
    ("http", "url = \"https://a.test/\"", true),
    ("http", "url = \"https://a.test/\"\n  method = \"PUT\"", true),
    ("http", "url = \"https://a.test/\"\n  method = \"POST\"", false),
    ("http", "url = \"https://a.test/\"\n  method = \"POST\"\n  effect = \"reads\"", true),
    ("http", "url = \"https://a.test/\"\n  method = \"POST\"\n  idempotent = true", true),
    ("http", "url = \"https://a.test/\"\n  effect = var.effect", true),
    (
        "keyvault_access_policy",
        "vault_id = \"/subscriptions/s/resourceGroups/a/providers/Microsoft.KeyVault/vaults/vault\"\n  principal_id = local.id\n  secrets = [\"get\"]",
        true,
    ),
    ("keyvault_certificate", "vault = \"vault\"\n  name = \"a\"", true),
    ("keyvault_secret_delete", "vault = \"vault\"\n  name = \"a\"", true),
    ("keyvault_secret_set", "vault = \"vault\"\n  name = \"a\"\n  value = \"a\"", false),
    ("keyvault_secrets", "vault = \"vault\"", true),
    ("keyvault_secret", "vault = \"vault\"\n  name = \"a\"", true),
    ("metadata", "", true),
    ("postgres_query", "host = \"h\"\n  database = \"d\"\n  user = \"u\"\n  statement = \"SELECT 1\"", true),
    (
        "postgres_query",
        "host = \"h\"\n  database = \"d\"\n  user = \"u\"\n  statement = \"SELECT 1\"\n  effect = \"changes\"",
        false,
    ),
    (
        "postgres_query",
        "host = \"h\"\n  database = \"d\"\n  user = \"u\"\n  statement = \"SELECT 1\"\n  effect = \"changes\"\n  idempotent = true",
        true,
    ),
    (
        "postgres_query",
        "host = \"h\"\n  database = \"d\"\n  user = \"u\"\n  statement = \"SELECT 1\"\n  effect = var.effect",
        true,
    ),
    ("provider_registration", "subscription_id = local.id\n  namespace = \"Microsoft.HybridCompute\"", true),
    ("random", "", true),
    ("resource_graph", "query = \"resources\"", true),
    ("resource_group", "subscription_id = local.id\n  name = \"a\"\n  location = \"l\"", true),
    ("resource_tags", "id = local.machine\n  tags = { a = \"b\" }", true),
    ("role_assignment", "scope = local.machine\n  role = \"Reader\"\n  principal_id = local.id", true),
    ("template", "content = \"a\"\n  path = \"b\"\n  engine = \"jinja\"", true),
    ("token", "resource = \"https://management.azure.com/\"", true),
    ("wait", "duration = \"1s\"", true),
];

/// Ids that the arguments name.
const LOCALS: &str = r#"
locals {
  id      = "00000000-0000-0000-0000-000000000000"
  machine = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/a/providers/Microsoft.HybridCompute/machines/a"
}

"#;

#[test]
fn only_what_may_be_repeated_takes_a_condition() {
    let explained = Place::new().run(&["explain", "-json"]).out;
    let topics = explained.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let types: BTreeSet<String> =
        topics.filter_map(|topic| Some(topic["type"].as_str()?.to_owned())).collect();
    assert_eq!(STEPS.iter().map(|(name, ..)| (*name).to_owned()).collect::<BTreeSet<_>>(), types);
    for (name, arguments, allowed) in STEPS {
        let place = Place::new();
        let text = place.run(&["explain", &format!("step {name}")]).out;
        assert!(text.contains("until { … }"), "{text}");
        for condition in ["until { condition = self != null }", "retry { condition = self == null }"] {
            place.write(
                "main.runbook.hcl",
                format!(
                    "{LOCALS}variable \"effect\" {{\n  type = string\n}}\n\nstep \"{name}\" \"a\" {{\n  {arguments}\n  {condition}\n}}\n"
                ),
            );
            let ran = place.run(&["validate"]);
            assert_eq!(ran.err.contains("repeated-change"), !allowed, "{name} {arguments}: {}", ran.seen());
            assert_eq!(ran.code, Some(if *allowed { 0 } else { 3 }), "{name} {arguments}: {}", ran.seen());
        }
    }
}

/// A program that reads is polled until its output says enough.
#[cfg(unix)]
#[test]
fn a_program_that_reads_is_repeated_until_its_condition_is_true() {
    for effect in ["effect = \"reads\"", "idempotent = true"] {
        let place = Place::with(&format!(
            r#"
step "exec" "a" {{
  argv = ["sh", "-c", "echo x >> log; wc -l < log"]
  {effect}

  until {{
    condition = tonumber(trimspace(self.stdout)) == 3
    delay     = "1ms"
  }}
}}
"#
        ));
        let ran = place.run(&["run", "-auto-approve"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_eq!(std::fs::read_to_string(place.path().join("log")).expect("a log"), "x\nx\nx\n");
    }
    let place = Place::with(
        "variable \"effect\" {\n  type = string\n}\n\nstep \"exec\" \"a\" {\n  argv   = [\"touch\", \"made\"]\n  effect = var.effect\n\n  until {\n    condition = true\n  }\n}\n",
    );
    let ran = place.run(&["run", "-auto-approve", "-var", "effect=changes"]);
    assert!(ran.code == Some(3) && ran.err.contains("repeated-change"), "{}", ran.seen());
    assert!(!place.path().join("made").exists());
}
