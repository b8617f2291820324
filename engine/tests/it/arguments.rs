//! Arguments of every kind: in messages, plans, runs and explanations.

use arcbook_engine::explain::find;
use arcbook_engine::plan::{register_plan_secrets, show, to_json};
use arcbook_engine::run::Status;

use crate::support::{Events, Log, Tokens, notes, registry, stage, stage_with};

/// Returns the messages for steps `every` with these arguments; `content` is added unless they have it.
fn said(bodies: &[&str]) -> String {
    let one = |body: &&str| {
        let content = if body.contains("content =") || body.contains("source") || body.contains('#') {
            ""
        } else {
            "content = \"x\"\n  "
        };
        let text = format!(
            "step \"every\" \"a\" {{\n  {content}{}\n}}\n\noutput \"text\" {{\n  value = step.every.a.text\n}}\n",
            body.replace('\n', "\n  ")
        );
        let seen = match stage(&text) {
            Ok(stage) => notes(&stage),
            Err(seen) => seen,
        };
        format!("{body}\n=====\n{}", seen.trim_end().replace("DIR/", ""))
    };
    bodies.iter().map(one).collect::<Vec<_>>().join("\n\n\n")
}

#[test]
fn bad_values_say_what_is_accepted() {
    insta::assert_snapshot!(said(&[
        "argv = \"ls\"",
        "argv = [\"ls\", [1]]",
        "argv = [\"ls\", null]",
        "environment = { PATH = [] }",
        "environment = { PATH = null }",
        "port = 0",
        "port = 1.5",
        "port = \"https\"",
        "port = 1e30",
        "codes = [0, 256, -1]",
        "share = \"much\"",
        "user = \"u\"\npassword = \"p\"\nwait = \"30\"",
        "user = \"u\"\npassword = \"p\"\nwait = \"30\u{a0}s\"",
        "mode = \"0800\"",
        "mode = \"600 \"",
        "kind = \"apend\"",
        "kind = \"nothing of the kind\"",
    ]));
}

#[test]
fn rules_about_several_arguments() {
    insta::assert_snapshot!(said(&[
        "source = null",
        "# no content",
        "content = \"x\"\nsource = \"y\"",
        "port = 1\ncodes = [1]",
        "user = \"u\"",
        "password = \"p\"",
        "wait = \"1s\"",
    ]));
}

#[test]
fn nested_blocks_are_checked_like_the_step() {
    insta::assert_snapshot!(said(&[
        "rule {\n  nam = \"a\"\n  port = 1\n}",
        "rule {\n  name = \"a\"\n  port = 1\n}\nrule {\n}",
        "rule {\n  name = \"a\"\n  port = 1\n}\nrule {\n  name = \"b\"\n  port = 0\n}",
        "rule {\n  name = \"a\"\n  ports = [1, 0]\n}",
        "rule {\n  name = \"a\"\n  ports = [[]]\n}",
        "rule {\n  name = null\n  port = 1\n}",
        "rule {\n  name = \"a\"\n  port = 1\n  ports = [1]\n}",
        "rule = [{ name = \"a\", port = 1 }]",
        "rule {\n  name = \"a\"\n  port = 1\n  header {\n  }\n}",
        "rules {\n  name = \"a\"\n}",
        "auth {\n  token = \"t\"\n}\nauth {\n  token = \"t\"\n}",
        "auth {\n  token = \"t\"\n  header {\n    name = \"a\"\n    valeu = \"b\"\n  }\n}",
        "auth {\n  token = \"t\"\n  headers {\n    name = \"a\"\n  }\n}",
        "auth {\n  token = [\"t\"]\n}",
        "auth \"x\" {\n  token = \"t\"\n}",
        "dynamic \"rule\" {\n  for_each = [1, 0]\n  content {\n    name = \"a\"\n    port = rule.value\n  }\n}",
        "dynamic \"rule\" {\n  for_each = [1]\n  content {\n    naem = \"a\"\n    port = rule.value\n  }\n}",
        "dynamic \"auth\" {\n  for_each = [1, 2]\n  content {\n    token = \"t\"\n  }\n}",
    ]));
}

/// A step with every argument.
const WHOLE: &str = r#"
    step "every" "a" {
      content     = "hello"
      argv        = ["kubectl", "get", 7]
      environment = { PATH = "/bin" }
      names       = ["x", "y"]
      port        = "443"
      share       = 0.1
      wait        = "1m30s"
      mode        = "0600"
      kind        = "append"
      user        = "ada"
      password    = "swordfish"
      rule {
        name = "web"
        port = 443
      }
      dynamic "rule" {
        for_each = [1, 2]
        content {
          name  = "more"
          ports = [rule.value]
        }
      }
      auth {
        token = "opensesame"
        header {
          name  = "x-a"
          value = "abracadabra"
        }
      }
    }
    output "seen" { value = step.every.a.seen }
    output "text" { value = step.every.a.text }
    output "base64" { value = step.every.a.base64 }
"#;

#[tokio::test]
async fn good_values_reach_the_step() {
    let stage = stage(WHOLE).expect("planned");
    let report = stage.run(10, &Events::default()).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    let outputs: Vec<_> = report.outputs.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    insta::assert_snapshot!(outputs.join("\n"));
}

#[test]
fn known_elements_are_kept_in_a_plan() {
    let stage = stage(
        r#"
        variable "key" {
          default   = "opensesame"
          sensitive = true
        }
        step "read" "a" {}
        step "every" "a" {
          content     = step.read.a.value
          source      = step.read.a.value
          argv        = ["kubectl", "get", step.read.a.value, var.key]
          environment = { PATH = "/bin", NAME = step.read.a.value, KEY = var.key }
          names       = ["x", step.read.a.value]
          rule {
            name = "web"
            port = step.read.a.value
          }
        }
        step "every" "b" {
          content = "x"
          argv    = step.read.a.value
          dynamic "rule" {
            for_each = step.read.a.value
            content {
              name = rule.value
              port = 1
            }
          }
        }
        "#,
    )
    .expect("planned");
    register_plan_secrets(&stage.secrets, &stage.plan);
    let text = show(&stage.plan, &stage.runbook, &Tokens::default(), &stage.secrets, &crate::support::full());
    insta::assert_snapshot!(text.replace(&stage.runbook.name, "NAME"));
}

/// The secrets of [`WHOLE`] and of [`MISTAKES`].
const SECRETS: [&str; 3] = ["swordfish", "opensesame", "abracadabra"];

#[tokio::test]
async fn an_argument_that_is_declared_sensitive_is_hidden_wherever_its_value_comes_from() {
    let stage = stage(WHOLE).expect("planned");
    register_plan_secrets(&stage.secrets, &stage.plan);
    let text = show(&stage.plan, &stage.runbook, &Tokens::default(), &stage.secrets, &crate::support::full());
    let json = to_json(&stage.plan, &stage.runbook, &Tokens::default(), &stage.secrets).to_string();
    let events = Events::default();
    let report = stage.run(10, &events).await;
    for secret in SECRETS {
        assert!(!text.contains(secret), "{text}");
        assert!(!json.contains(secret), "{json}");
        assert!(!events.text().contains(secret) && !format!("{:?}", report.outputs).contains(secret));
        assert_ne!(stage.secrets.redact(secret), secret, "{secret} is registered");
    }
    assert!(text.contains("(sensitive value)"), "{text}");
}

/// Mistakes in steps with secrets, which no message may quote.
const MISTAKES: &[&str] = &[
    "password = [var.secret]",
    "password = { (var.secret) = 1 }",
    "password = upper(var.secret, 1)",
    "user = \"u\"\npassword = jsondecode(var.secret)",
    "auth {\n  token = [var.secret]\n}",
    "auth {\n  token = \"t\"\n  header {\n    name = \"a\"\n    value = { (var.secret) = 1 }\n  }\n}",
    "kind = var.secret",
    "mode = var.secret",
    "wait = var.secret",
    "port = var.secret",
    "rule {\n  name = \"a\"\n  port = var.secret\n}",
    "environment = { (var.secret) = null }",
    "environment = { (var.secret) = [] }",
    "dynamic \"rule\" {\n  for_each = { (var.secret) = 1 }\n  content {\n    name = rule.key\n    port = rule.key\n  }\n}",
];

#[test]
fn no_message_quotes_a_value_from_outside_or_one_declared_sensitive() {
    for body in MISTAKES {
        let is_declared = body.contains("password") || body.contains("token");
        for from_outside in [true, false] {
            if !from_outside && !is_declared {
                continue;
            }
            let default = if from_outside { "" } else { "default = \"apend-swordfish\"" };
            let text = format!(
                "variable \"outer\" {{\n{default}\n}}\nlocals {{\n  secret = var.outer\n}}\nstep \"every\" \"a\" {{\n  content = \"x\"\n{}\n}}\n",
                body.replace("var.secret", "local.secret")
            );
            let given = [("outer", "apend-swordfish")];
            let refused = stage_with(&text, if from_outside { &given } else { &[] }).err();
            let message = refused.unwrap_or_else(|| panic!("{text} is refused"));
            let shown = message.replace(default, "");
            assert!(!shown.contains("swordfish") && !shown.contains("did you mean"), "{message}");
        }
    }
}

#[test]
fn a_step_type_is_explained_with_its_blocks_words_and_rules() {
    let registry = registry(&Log::default(), &Log::default());
    let topics = find("every", &registry).expect("found");
    let topic = topics.first().expect("a topic");
    insta::assert_snapshot!(topic.text());
    insta::assert_snapshot!(serde_json::to_string_pretty(&topic.json()).expect("JSON"));
}
