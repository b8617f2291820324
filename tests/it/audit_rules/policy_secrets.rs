//! Secrets that a runbook writes out, which no policy sees.

use super::Place;

/// The beginning of each secret; no word that is shown begins so.
const SECRET: &str = "canary-";

/// The fixed phrase in place of a text that may be a secret.
const HIDDEN: &str = "(sensitive value)";

/// A module with a secret variable, and one that becomes the secret of an argument.
const MODULE: &str = r#"
variable "word" { sensitive = true }
variable "lasting" { ephemeral = true }
variable "used" {}
step "keyvault_secret_set" "used" {
  vault = "kv01"
  name  = "used"
  value = var.used
}
step "echo" "_word" { input = var.word }
step "http" "_lasting" {
  url     = "https://a.test/"
  headers = { Authorization = var.lasting }
}
"#;

/// Blocks that write a secret out, and the texts of them that a policy sees.
const CASES: [(&str, &str, &[&str]); 15] = [
    (
        "an argument",
        r#"step "keyvault_secret_set" "_s" {
  vault = "kv01"
  name  = "shown-name"
  value = "canary-value"
}"#,
        &["\"\\\"shown-name\\\"\"", HIDDEN],
    ),
    (
        "a part of a text",
        r#"step "keyvault_secret_set" "_s" {
  vault = "kv01"
  name  = "a"
  value = "canary-part ${runbook.name} ${upper("canary-call")}"
}"#,
        &[HIDDEN],
    ),
    (
        "a heredoc",
        "step \"keyvault_secret_set\" \"_s\" {\n  vault = \"kv01\"\n  name = \"a\"\n  value = <<-E\n    canary-line\n    E\n}",
        &[HIDDEN],
    ),
    (
        "an object",
        r#"step "arc_extension" "_s" {
  machine            = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m"
  publisher          = "A.B"
  type               = "C"
  settings           = { shown = "shown-setting" }
  protected_settings = { password = "canary-setting", list = ["canary-element"] }
}"#,
        &["shown-setting", HIDDEN],
    ),
    (
        "a nested block",
        r#"step "arc_connect" "_s" {
  subscription_id = "10000000-0000-4000-8000-000000000000"
  tenant_id       = "10000000-0000-4000-8000-000000000001"
  resource_group  = "g"
  location        = "westeurope"
  service_principal {
    client_id = "shown-client"
    secret    = "canary-nested"
  }
}"#,
        &[],
    ),
    (
        "an identity",
        r#"identity "client_secret" "app" {
  tenant    = "shown.test"
  client_id = "10000000-0000-4000-8000-000000000002"
  secret    = "canary-identity"
}
step "arm_get" "_g" {
  path     = "/subscriptions"
  identity = identity.client_secret.app
}"#,
        &["shown.test", HIDDEN],
    ),
    (
        "a call",
        r#"step "echo" "_s" { input = sensitive("canary-called") }"#,
        &["sensitive((sensitive value))"],
    ),
    (
        "a call in an object",
        r#"step "echo" "_s" { input = { a = "shown-part", b = sensitive("canary-inner") } }"#,
        &["shown-part", "sensitive((sensitive value))"],
    ),
    (
        "a local value",
        r#"locals { l = sensitive("canary-local") }
step "echo" "_s" { input = local.l }"#,
        &["\"local.l\""],
    ),
    (
        "a local value of which a part is used",
        r#"locals { l = { user = "shown-user", word = "canary-word" } }
step "keyvault_secret_set" "_s" {
  vault = "kv01"
  name  = local.l.user
  value = local.l.word
}"#,
        &["shown-user", "\"local.l.word\""],
    ),
    (
        "a condition",
        r#"step "echo" "_s" {
  input = 1
  when  = nonsensitive(sensitive("canary-when") == "x")
}"#,
        &["sensitive((sensitive value))"],
    ),
    (
        "the element of a repetition",
        r#"step "keyvault_secret_set" "_s" {
  for_each = { a = "canary-each" }
  vault    = "kv01"
  name     = each.key
  value    = each.value
}"#,
        &["\"each.value\""],
    ),
    ("an output", "output \"o\" {\n  sensitive = true\n  value     = \"canary-output\"\n}", &[HIDDEN]),
    (
        "values of the variables of a module",
        r#"module "m" {
  source  = "./secret"
  word    = "canary-module"
  lasting = "canary-lasting"
  used    = "canary-used"
}"#,
        &[HIDDEN, "\"var.used\""],
    ),
    (
        "a reference",
        r#"step "keyvault_secret" "s" {
  vault = "kv01"
  name  = "a"
}
step "keyvault_secret_set" "_s" {
  vault = "kv02"
  name  = "a"
  value = step.keyvault_secret.s.value
}"#,
        &["\"step.keyvault_secret.s.value\""],
    ),
];

fn place(runbook: &str) -> Place {
    let place = Place::new();
    place.write("place/main.runbook.hcl", runbook);
    place.write("place/secret/m.runbook.hcl", MODULE);
    let policy = "package site\n\nwarn contains sprintf(\"%v\", [input.runbook]) if true\n\nwarn contains json.marshal(input) if true\n";
    place.write("policies/site.rego", policy);
    place
}

#[test]
fn the_input_of_policies_has_no_secret_that_is_written_out() {
    for (name, runbook, shown) in CASES {
        let place = place(runbook);
        let ran = place.run(&["audit", "-format", "input", "place"]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.seen());
        assert!(!ran.seen().contains(SECRET), "{name}: {}", ran.seen());
        for text in shown {
            assert!(ran.out.contains(text), "{name}: {text}: {}", ran.seen());
        }
        for command in [&["audit"][..], &["audit", "-json"], &["plan"], &["plan", "-json"]] {
            let ran = place.run(&[command, &["-policy", "policies", "place"]].concat());
            assert!(!ran.seen().contains(SECRET), "{name}: {command:?}: {}", ran.seen());
        }
    }
}

/// A digest of a block would tell a short secret in it.
#[test]
fn no_fingerprint_depends_on_a_secret_that_is_written_out() {
    for (name, runbook, _) in CASES {
        let contents = |runbook: &str| {
            let place = place(runbook);
            let found = super::report(&place.run(&["audit", "-json", "-fail-on", "error", "place"]));
            let findings = found["findings"].as_array().expect("findings").iter();
            findings.map(|finding| finding["content"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(contents(runbook), contents(&runbook.replace(SECRET, "other-")), "{name}");
    }
}
