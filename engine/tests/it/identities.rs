//! Tests of the identities that a runbook declares.

use std::collections::BTreeSet;

use arcbook_engine::journal::{History, Of};
use arcbook_engine::plan::{show, to_json};
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::UndoIdentities;
use insta::assert_snapshot;
use serde_json::json;

use crate::disk::Disk;
use crate::resume::{journals, run_on};
use crate::support::{Events, Stage, Tokens, full, notes, stage, stage_files, stage_with};

const OPERATOR: &str = r#"
    variable "pin" {
      type      = string
      sensitive = true
      default   = "hunter2"
    }
    step "read" "vault" { host = "vault.test" }
    identity "actor" "operator" {
      description = "Works for the site."
      name        = "operator"
      secret      = "${step.read.vault.secret}${var.pin}"
    }
"#;

fn with(text: &str) -> String {
    format!("{OPERATOR}{text}")
}

/// Returns the lines of the log about identities, in order.
async fn acted(stage: &Stage) -> Vec<String> {
    stage.run(1, &Events::default()).await;
    let mut lines = stage.log.lines();
    lines.retain(|line| line.contains("token of") || line.contains("acts as"));
    lines
}

#[tokio::test(start_paused = true)]
async fn a_step_acts_as_the_identity_that_is_closest() {
    let inner = |head: &str| {
        [head, "identity \"actor\" \"inner\" { name = \"inner\" }\nstep \"read\" \"x\" { host = \"x.test\" }"]
            .concat()
    };
    let own = "runbook { identity = identity.actor.inner }\n";
    // The runbook, its module, and who acts in the module and in the step `y` of the runbook.
    let cases = [
        ("", "", inner(""), "nobody", "nobody"),
        ("", "", inner(own), "the actor inner", "nobody"),
        ("", "identity = identity.actor.a", inner(own), "the actor a", "nobody"),
        ("runbook { identity = identity.actor.a }", "", inner(""), "the actor a", "the actor a"),
        ("runbook { identity = identity.actor.a }", "", inner(own), "the actor inner", "the actor a"),
        (
            "runbook { identity = identity.actor.a }",
            "identity = identity.actor.b",
            inner(""),
            "the actor b",
            "the actor a",
        ),
    ];
    for (head, given, inner, in_module, in_runbook) in cases {
        let text = format!(
            r#"{head}
            identity "actor" "a" {{ name = "a" }}
            identity "actor" "b" {{ name = "b" }}
            module "m" {{
              source = "./m"
              {given}
            }}
            step "read" "y" {{ host = "y.test" }}
            "#
        );
        let stage = stage_files(&[("main.runbook.hcl", &text), ("m/main.runbook.hcl", &inner)], &[]).unwrap();
        let lines = acted(&stage).await;
        for (step, who) in [("module.m.step.read.x", in_module), ("step.read.y", in_runbook)] {
            let line = format!("{step} acts as {who}");
            let is_machine =
                who == "nobody" && !lines.iter().any(|line| line.starts_with(&format!("{step} acts")));
            assert!(is_machine || lines.contains(&line), "{text}{inner}{lines:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_an_identity_and_an_audience_is_fetched_once() {
    let text = with(
        r#"
        step "read" "one" {
          count    = 3
          host     = "a.test"
          identity = identity.actor.operator
        }
        step "read" "many" {
          for_each = toset([step.read.vault.value])
          host     = "a.test"
          identity = identity.actor.operator
        }
        step "read" "machine" { host = "a.test" }
        step "read" "computes" { identity = identity.actor.operator }
        "#,
    );
    let stage = stage(&text).unwrap();
    let events = Events::default();
    stage.run(10, &events).await;
    let tokens = stage.log.lines().into_iter().filter(|line| line.contains("token of"));
    assert_eq!(tokens.count(), 1);
    let requested: Vec<_> =
        events.of("token_requested").iter().map(|event| event["acts_as"].clone()).collect();
    assert_eq!(requested, ["machine", "identity.actor.operator"]);
    let acts_as = |step: &str| {
        let started = events.of("step_started");
        started.iter().find(|event| event["step"] == step).unwrap().get("acts_as").cloned()
    };
    for (step, who) in [
        ("step.read.one[2]", Some("identity.actor.operator")),
        ("step.read.many[\"nothing\"]", Some("identity.actor.operator")),
        ("step.read.machine", Some("machine")),
        ("step.read.computes", None),
    ] {
        assert_eq!(acts_as(step).as_ref().and_then(|who| who.as_str()), who, "{step}");
    }
    let evaluated = events.of("identity_evaluated");
    assert_eq!(evaluated[0]["source"], "the actor operator");
    let text = events.all().iter().map(ToString::to_string).collect::<String>();
    assert!(!text.contains("hunter2") && !text.contains("operator-token"), "{text}");
}

#[test]
fn a_plan_shows_who_acts_and_how_they_get_their_tokens() {
    let text = with(
        r#"
        step "change" "site" {
          host     = "a.test"
          value    = "x"
          identity = identity.actor.operator
        }
        "#,
    );
    let stage = stage(&text).unwrap();
    let text = show(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new(), &full());
    assert_snapshot!(text.replacen(&stage.runbook.name, "site", 1));
    let json = to_json(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new());
    assert_eq!(json["steps"][1]["acts_as"], "identity.actor.operator");
    assert_eq!(
        json["tokens"][1]["actions"][0]["url"],
        "https://login.test/operator?for=https://example.test"
    );
    assert_eq!(json["identities"][0]["secrets"]["secret"], json!(["step.read.vault.secret", "var.pin"]));
    assert!(!json.to_string().contains("hunter2"));
}

#[test]
fn identities_are_read_with_care() {
    let cases = [
        "identity \"actro\" \"a\" { name = \"x\" }",
        "identity \"actor\" \"a\" { nam = \"x\" }",
        "identity \"actor\" { name = \"x\" }",
        "identity \"actor\" \"a\" { name = \"x\" }\nidentity \"actor\" \"a\" { name = \"y\" }",
        "identity \"actor\" \"a\" { name = [1] }\nstep \"read\" \"x\" { identity = identity.actor.a }",
        "step \"read\" \"x\" { identity = identity.actor.a }",
        "identity \"actor\" \"a\" { name = \"x\" }\nstep \"read\" \"x\" { identity = identity.a }",
        "identity \"actor\" \"a\" { name = \"x\" }\nstep \"read\" \"x\" { identity = identity.actor.b }",
        "identity \"actor\" \"a\" { name = \"x\" }\nstep \"read\" \"x\" { identity = \"identity.actor.a\" }",
        "identity \"actor\" \"a\" { name = \"x\" }\nstep \"read\" \"x\" { identity = true ? identity.actor.a : null }",
        "step \"read\" \"x\" {}\nstep \"read\" \"y\" { identity = step.read.x }",
        "identity \"actor\" \"a\" { name = \"x\" }\noutput \"o\" { value = identity.actor.a.name }\nstep \"read\" \"y\" { identity = identity.actor.a }",
        "actor \"a\" { name = \"x\" }",
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|text| format!("{text}\n\n{}", stage(text).err().unwrap_or_else(|| "(no error)".to_owned())))
        .collect();
    assert_snapshot!(told.join("\n────\n"));
}

#[test]
fn an_unused_identity_is_a_warning() {
    let stage =
        stage("identity \"actor\" \"a\" { name = \"x\" }\nidentity \"actor\" \"_b\" { name = \"x\" }")
            .unwrap();
    assert_snapshot!(notes(&stage));
}

#[test]
fn an_identity_cannot_read_its_own_secret() {
    let text = r#"
        step "read" "vault" {
          host     = "vault.test"
          identity = identity.actor.operator
        }
        identity "actor" "operator" {
          name   = "operator"
          secret = step.read.vault.secret
        }
    "#;
    assert_snapshot!(stage(text).err().unwrap());
    // A step that needs no token may give it.
    let text = text.replace("host     = \"vault.test\"", "");
    assert!(stage(&text).is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_needs_a_token_that_fails_does_not_run() {
    let text = r#"
        identity "actor" "operator" {
          name   = "operator"
          secret = "wrong"
        }
        step "read" "a" {
          host     = "a.test"
          identity = identity.actor.operator
        }
        step "read" "b" { host = "b.test" }
    "#;
    let stage = stage(text).unwrap();
    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!((report.summary.done, report.summary.skipped), (1, 1));
    let failed = &events.of("token_failed")[0];
    assert_eq!(failed["acts_as"], "identity.actor.operator");
    assert!(failed["error"]["range"].is_object(), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn identities_of_modules_known_only_while_running_act() {
    let inner = "identity \"actor\" \"me\" { name = \"me\" }\nstep \"read\" \"x\" {\n  host = \"x.test\"\n  identity = identity.actor.me\n}";
    for (repetition, tokens) in [
        ("for_each = toset([step.read.first.value])", 1),
        ("for_each = toset([step.read.first.value, \"two\"])", 2),
        ("for_each = step.read.first.value == \"nothing\" ? [] : [\"a\"]", 0),
        ("count = length(step.read.first.value)", 7),
        ("when = step.read.first.value == \"something\"", 0),
        ("when = step.read.first.value == \"nothing\"", 1),
    ] {
        let text = format!(
            "step \"read\" \"first\" {{}}\nmodule \"m\" {{\n  source = \"./m\"\n  {}\n}}\n",
            repetition.replace("[] :", "toset([]) :").replace(": [\"a\"]", ": toset([\"a\"])")
        );
        let stage = stage_files(&[("main.runbook.hcl", &text), ("m/main.runbook.hcl", inner)], &[]).unwrap();
        let events = Events::default();
        let report = stage.run(10, &events).await;
        let failed = events.of("token_failed");
        assert!(failed.is_empty() && report.summary.failed == 0, "{repetition}: {failed:?}");
        assert_eq!(events.of("token_acquired").len(), tokens, "{repetition}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_identity_with_a_null_argument_fails_only_those_who_act_as_it() {
    let text = |secret: &str, acts: &str| {
        format!(
            r#"
            variable "off" {{ default = false }}
            step "read" "decides" {{}}
            step "read" "secret" {{ when = {secret} }}
            identity "actor" "operator" {{
              name   = step.read.secret.value
            }}
            step "read" "_acts" {{
              when     = {acts}
              host     = "a.test"
              identity = identity.actor.operator
            }}
            "#
        )
    };
    let later = "step.read.decides.value == \"something\"";
    assert!(stage(&text("var.off", "true")).err().unwrap().contains("must not be null"));
    for (secret, acts, failures) in [("var.off", "var.off", 0), (later, later, 0), (later, "true", 1)] {
        let stage = stage(&text(secret, acts)).unwrap();
        let report = stage.run(10, &Events::default()).await;
        assert_eq!(report.summary.failed, failures, "{secret} {acts}: {:?}", report.ends);
    }
}

/// Returns the history of the run whose journal is on this disk.
fn history(disk: &Disk) -> History {
    let (_temporary, directory) = journals(&[("test", &disk.content())]);
    History::read(&directory, "test", Of::Any).expect("read")
}

/// A runbook that makes something as an identity with that name and secret.
fn making(name: &str) -> String {
    format!(
        r#"
        variable "secret" {{
          type      = string
          sensitive = true
        }}
        identity "actor" "operator" {{
          name   = "{name}"
          secret = var.secret
        }}
        step "make" "thing" {{
          host     = "a.test"
          value    = "thing"
          identity = identity.actor.operator
        }}
        step "read" "fails" {{
          fails      = true
          depends_on = [step.make.thing]
        }}
        "#
    )
}

#[tokio::test(start_paused = true)]
async fn a_resumed_run_acts_as_the_same_principals() {
    for (name, is_refused) in [("operator", false), ("another", true)] {
        let disk = Disk::default();
        let first = stage_with(&making("operator"), &[("secret", "s")]).unwrap();
        run_on(&first, &disk).await;
        let mut second = stage_with(&making(name), &[("secret", "t")]).unwrap();
        second.prior_run = Some(history(&disk).prior_run);
        let events = Events::default();
        second.run(10, &events).await;
        let failed = events.of("token_failed");
        assert_eq!(!failed.is_empty(), is_refused, "{name}: {failed:?}");
        if is_refused {
            let summary = failed[0]["error"]["summary"].as_str().unwrap();
            assert_eq!(
                summary,
                "the identity is another one than in the resumed run: `name` was operator, is another"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_another_identity_is_made_again() {
    let text = |who: &str| {
        format!(
            r#"
            identity "actor" "_a" {{ name = "same" }}
            identity "actor" "_b" {{ name = "same" }}
            step "change" "thing" {{
              host     = "a.test"
              value    = "thing"
              identity = identity.actor.{who}
            }}
            step "read" "fails" {{
              fails      = true
              depends_on = [step.change.thing]
            }}
            "#
        )
    };
    for (who, is_again) in [("_a", false), ("_b", true)] {
        let disk = Disk::default();
        run_on(&stage(&text("_a")).unwrap(), &disk).await;
        let mut second = stage(&text(who)).unwrap();
        second.prior_run = Some(history(&disk).prior_run);
        second.run(10, &Events::default()).await;
        let began = second.log.lines().contains(&"step.change.thing began".to_owned());
        assert_eq!(began, is_again, "{who}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_restores_the_identities_and_asks_for_their_secrets() {
    let disk = Disk::default();
    let stage = stage_with(&making("operator"), &[("secret", "s3cret-of-it")]).unwrap();
    run_on(&stage, &disk).await;
    let history = history(&disk);
    let actors = BTreeSet::from(["identity.actor.operator"]);
    let mut identities = UndoIdentities::default();
    let refused = identities.restore(&actors, &history.prior_run, &stage.registry, &|_| None);
    let told: Vec<String> = refused
        .unwrap_err()
        .iter()
        .map(|error| format!("{}\n{}", error.summary, error.help.join("\n")))
        .collect();
    assert_snapshot!(told.join("\n"), @r"
    the record does not have the secret `secret` of identity.actor.operator
    set the environment variable `ARCBOOK_IDENTITY_ACTOR_OPERATOR_SECRET` to it
    ");
    let given =
        |name: &str| (name == "ARCBOOK_IDENTITY_ACTOR_OPERATOR_SECRET").then(|| "s3cret-of-it".to_owned());
    identities.restore(&actors, &history.prior_run, &stage.registry, &given).unwrap();
    let restored = identities.get("identity.actor.operator").unwrap();
    assert_eq!(restored.describe(), "the actor operator");
}
