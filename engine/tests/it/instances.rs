//! Steps and modules with `count` or `for_each`.

use std::collections::BTreeMap;

use arcbook_engine::run::{Report, Status};
use arcbook_engine::value::Value;

use crate::support::{Events, Stage, stage, stage_with};

pub fn outputs(report: &Report) -> BTreeMap<&str, String> {
    let text = |value: &Value| value.to_json_text().unwrap_or_else(|_| "unknown".to_owned());
    report.outputs.iter().map(|(name, value)| (name.as_str(), text(value))).collect()
}

pub async fn done(stage: &Stage) -> Report {
    let report = stage.run(10, &Events::default()).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    report
}

pub fn addresses(stage: &Stage) -> Vec<&str> {
    stage.plan.steps.iter().map(|step| step.address.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn each_instance_has_its_key_and_its_address() {
    let stage = stage(
        r#"
        step "read" "counted" {
          count = 2
          value = "n${count.index}"
        }
        step "read" "keyed" {
          for_each = { b = 2, a = 1 }
          value    = "${each.key}=${each.value}"
        }
        step "read" "of_set" {
          for_each = toset(["x"])
          value    = each.value
        }
        output "counted" { value = step.read.counted[*].value }
        output "keyed" { value = { for key, step in step.read.keyed : key => step.value } }
        output "one" { value = step.read.keyed["b"].value }
        output "last" { value = step.read.counted[length(step.read.counted) - 1].value }
        output "of_set" { value = step.read.of_set["x"].value }
        "#,
    )
    .expect("planned");
    assert_eq!(
        addresses(&stage),
        [
            "step.read.counted[0]",
            "step.read.counted[1]",
            "step.read.keyed[\"a\"]",
            "step.read.keyed[\"b\"]",
            "step.read.of_set[\"x\"]",
        ]
    );
    let report = done(&stage).await;
    assert_eq!(report.steps, 5);
    let outputs = outputs(&report);
    assert_eq!(outputs["counted"], r#"["n0","n1"]"#);
    assert_eq!(outputs["keyed"], r#"{"a":"a=1","b":"b=2"}"#);
    assert_eq!((&*outputs["one"], &*outputs["last"], &*outputs["of_set"]), (r#""b=2""#, r#""n1""#, r#""x""#));
}

/// The quick instance does not wait for the slow instance's predecessor.
#[tokio::test(start_paused = true)]
async fn chained_for_each_runs_item_by_item() {
    let stage = stage(
        r#"
        locals { takes = { quick = 10, slow = 1000 } }
        step "read" "first" {
          for_each = local.takes
          takes    = each.value
        }
        step "read" "second" {
          for_each = local.takes
          value    = step.read.first[each.key].value
        }
        step "read" "all" { value = length(step.read.first) }
        "#,
    )
    .expect("planned");
    done(&stage).await;
    let lines = stage.log.lines();
    let at = |line: &str| lines.iter().position(|other| other == line).expect(line);
    assert!(at("step.read.second[\"quick\"] ended") < at("step.read.first[\"slow\"] ended"), "{lines:#?}");
    assert!(at("step.read.first[\"slow\"] ended") < at("step.read.all began"), "{lines:#?}");
}

/// With `for_each = step.type.name`, each instance depends only on the instance with the same key.
#[tokio::test(start_paused = true)]
async fn each_instance_depends_on_the_instance_with_its_key() {
    for names in ["[\"quick\", \"slow\", \"wrong\"]", "step.read.names.value"] {
        let stage = stage(&format!(
            r#"
            step "read" "names" {{ value = ["quick", "slow", "wrong"] }}
            step "read" "first" {{
              for_each = toset({names})
              value    = each.key
              takes    = {{ quick = 10, slow = 1000, wrong = 20 }}[each.key]
              fails    = each.key == "wrong"
            }}
            step "read" "second" {{
              for_each = step.read.first
              value    = "after ${{each.value.value}}"
            }}
            step "read" "third" {{
              for_each = step.read.second
              value    = "${{each.key}}: ${{each.value.value}}"
            }}
            "#,
        ))
        .expect("planned");
        let events = Events::default();
        stage.run(10, &events).await;
        let lines = stage.log.lines();
        let at = |line: &str| lines.iter().position(|other| other == line).expect(line);
        assert!(at("step.read.third[\"quick\"] ended") < at("step.read.first[\"slow\"] ended"), "{lines:#?}");
        assert!(lines.contains(&"step.read.third[\"slow\"] ended".to_owned()), "{lines:#?}");
        let skipped: Vec<_> = events
            .of("step_skipped")
            .iter()
            .map(|event| event["step"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(skipped, ["step.read.second[\"wrong\"]", "step.read.third[\"wrong\"]"]);
        let finished = events.of("step_finished");
        let slow = finished.iter().find(|event| event["step"] == "step.read.third[\"slow\"]");
        assert_eq!(slow.expect("it is done")["outputs"]["value"]["value"], "slow: after slow");
    }
}

#[tokio::test(start_paused = true)]
async fn instances_known_only_at_run_time_are_expanded_then() {
    let stage = stage(
        r#"
        step "read" "names" { value = ["a", "b"] }
        step "read" "each" {
          for_each = toset(step.read.names.value)
          host     = "${each.key}.example.test"
          value    = each.value
        }
        step "read" "after" { value = [for step in step.read.each : step.value] }
        step "read" "many" {
          count = length(step.read.names.value)
          value = count.index
        }
        output "after" { value = step.read.after.value }
        output "many" { value = step.read.many[*].value }
        "#,
    )
    .expect("planned");
    assert!(addresses(&stage).contains(&"step.read.each[*]"));
    let each = stage.plan.steps.iter().find(|step| step.address == "step.read.each[*]").expect("planned");
    assert_eq!(each.each_of.as_deref(), Some("known after step.read.names"));
    assert_eq!(
        each.actions[0].request().expect("a request").url.to_string(),
        "https://(known after step.read.names)/x"
    );
    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert_eq!(report.steps, 6);
    assert_eq!(outputs(&report)["after"], r#"["a","b"]"#);
    assert_eq!(outputs(&report)["many"], "[0,1]");
    assert_eq!(events.of("token_acquired").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn zero_instances_are_valid_and_a_failure_skips_only_its_dependents() {
    let stage = stage(
        r#"
        step "read" "none" {
          count = 0
          value = "never"
        }
        step "read" "some" {
          for_each = { bad = true, good = false }
          fails    = each.value
        }
        step "read" "next" {
          for_each = { bad = true, good = false }
          value    = step.read.some[each.key].value
        }
        step "read" "all" { value = length(step.read.some) }
        output "none" { value = step.read.none }
        "#,
    )
    .expect("planned");
    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!(report.status, Status::Failed);
    let summary = report.summary;
    assert_eq!((summary.done, summary.failed, summary.skipped), (2, 1, 2));
    let mut skipped: Vec<_> =
        events.of("step_skipped").iter().map(|event| event["step"].as_str().unwrap().to_owned()).collect();
    skipped.sort();
    assert_eq!(skipped, ["step.read.all", "step.read.next[\"bad\"]"]);
    assert_eq!(outputs(&report)["none"], "[]");
}

/// A failure before the instances are known skips only instances that refer to the failed step.
#[tokio::test(start_paused = true)]
async fn instances_expanded_later_see_earlier_failures() {
    let stage = stage(
        r#"
        step "read" "broken" { fails = true }
        step "read" "names" {
          value = ["a"]
          takes = 100
        }
        step "read" "each" {
          for_each = toset(step.read.names.value)
          value    = step.read.broken.value
        }
        step "read" "end" { depends_on = [step.read.each] }
        "#,
    )
    .expect("planned");
    let events = Events::default();
    let report = stage.run(10, &events).await;
    let summary = report.summary;
    assert_eq!((summary.done, summary.failed, summary.skipped), (1, 1, 2), "{}", events.text());
}

#[tokio::test(start_paused = true)]
async fn conditions_before_and_after_a_step_fail_it() {
    let stage = stage(
        r#"
        step "read" "a" { value = 5 }
        step "read" "before" {
          precondition {
            condition     = step.read.a.value > 5
            error_message = "a is ${step.read.a.value}"
          }
        }
        step "read" "after" {
          value = 7
          postcondition {
            condition     = self.value == step.read.a.value
            error_message = "it is ${self.value}"
          }
        }
        check "fine" {
          assert {
            condition     = step.read.a.value == 5
            error_message = "never"
          }
        }
        check "not_fine" {
          assert {
            condition     = step.read.a.value == 6
            error_message = "a is not 6"
          }
        }
        output "a" {
          value = 1
          precondition {
            condition     = step.read.a.value == 6
            error_message = "no a"
          }
        }
        "#,
    )
    .expect("planned");
    let events = Events::default();
    let report = stage.run(10, &events).await;
    let found: Vec<_> =
        report.diagnostics.iter().map(|found| (found.code, found.reason().unwrap_or_default())).collect();
    for expected in [
        ("failed-precondition", "a is 5"),
        ("failed-postcondition", "it is 7"),
        ("failed-check", "a is not 6"),
        ("failed-precondition", "no a"),
    ] {
        let expected = (expected.0, expected.1.to_owned());
        assert!(found.contains(&expected), "{expected:?} is not among {found:#?}");
    }
    assert_eq!(found.len(), 4);
    assert!(!stage.log.lines().contains(&"step.read.before began".to_owned()));
    assert_eq!(events.of("check_failed").len(), 1);
}

#[test]
fn valid_names_depend_on_the_block() {
    let cases = [
        (r#"step "read" "a" { value = each.key }"#, "`each` is not available here"),
        (r#"step "read" "a" { value = count.index }"#, "`count` is not available here"),
        (r#"step "read" "a" { value = self.value }"#, "`self` is not available here"),
        ("step \"read\" \"a\" {\n for_each = {}\n value = count.index\n}", "`count` is not available here"),
        ("step \"read\" \"a\" {\n for_each = { a = each.key }\n}", "`each` is not available here"),
        (
            "step \"read\" \"a\" {\n count = 1\n}\noutput \"o\" { value = step.read.a.value }",
            "`step.read.a[0].value`, or all with `step.read.a[*].value`",
        ),
        ("step \"read\" \"a\" {\n count = 1\n for_each = {}\n}", "exclude each other"),
        ("step \"read\" \"a\" { count = -1 }", "must be a whole number, not below 0"),
        ("step \"read\" \"a\" { count = 1.5 }", "this is a number"),
        ("step \"read\" \"a\" { count = null }", "this is null"),
        ("step \"read\" \"a\" { count = 1e9 }", "more than a million"),
        ("step \"read\" \"a\" { for_each = [\"x\"] }", "toset("),
        ("step \"read\" \"a\" { for_each = toset([1]) }", "must be a set of strings"),
        ("step \"read\" \"a\" { for_each = null }", "must not be null"),
        ("step \"read\" \"a\" { for_each = sensitive({ a = 1 }) }", "must not be sensitive"),
        ("step \"read\" \"a\" { value = step.read.a.value }", "dependency cycle"),
        ("check \"c\" {\n}", "has no assertion"),
        ("check \"c\" {\n assert {\n condition = true\n error_message = \"x\"\n }\n}", "always the same"),
        ("module \"m\" { source = \"registry/x\" }", "must begin with `./` or `../`"),
        ("module \"m\" { source = \"./none\" }", "./none"),
        ("module \"m\" { source = \"./.\" }", "contains itself"),
        ("output \"o\" { value = module.nope.x }", "there is no module named `nope`"),
    ];
    for (text, expected) in cases {
        let found = crate::support::stage(text).err().unwrap_or_default();
        assert!(found.contains(expected), "{text}\nshould say {expected}, says\n{found}");
    }
}

#[tokio::test(start_paused = true)]
async fn nested_blocks_are_objects_and_dynamic_blocks_lists_of_them() {
    let stage = stage_with(
        r#"
        variable "ports" { type = list(number) }
        step "read" "a" {
          value { port = 22 }
          dynamic "value" {
            for_each = var.ports
            content {
              port  = value.value
              index = value.key
              dynamic "deep" {
                for_each = { x = "y" }
                iterator = it
                content {
                  both = "${value.key}${it.key}${it.value}"
                }
              }
            }
          }
        }
        output "a" { value = step.read.a.value }
        "#,
        &[("ports", "[80, 443]")],
    )
    .expect("planned");
    let report = done(&stage).await;
    assert_eq!(
        outputs(&report)["a"],
        r#"[{"port":22},{"deep":[{"both":"0xy"}],"index":0,"port":80},{"deep":[{"both":"1xy"}],"index":1,"port":443}]"#
    );
    for (text, expected) in [
        (
            "step \"read\" \"a\" {\n dynamic \"nope\" {\n for_each = []\n content {}\n }\n}",
            "no block `nope` here",
        ),
        ("step \"read\" \"a\" {\n dynamic \"value\" {\n for_each = []\n }\n}", "one `content` block"),
        ("step \"read\" \"a\" {\n value {}\n value = 1\n}", "as an argument and as a block"),
        ("step \"read\" \"a\" {\n valeu {}\n}", "did you mean `value`"),
    ] {
        let found = crate::support::stage(text).err().unwrap_or_default();
        assert!(found.contains(expected), "{text}\nshould say {expected}, says\n{found}");
    }
}

/// The results of a step are kept until instances that are expanded later have used them.
#[tokio::test(start_paused = true)]
async fn instances_expanded_later_use_earlier_results() {
    let stage = stage(
        r#"
        step "read" "base" { value = "b" }
        step "read" "soon" { value = step.read.base.value }
        step "read" "names" {
          takes = 5000
          value = ["x", "y"]
        }
        step "read" "late" {
          for_each = toset(step.read.names.value)
          value    = "${each.key}${step.read.base.value}"
        }
        output "late" { value = [for late in step.read.late : late.value] }
        "#,
    )
    .expect("planned");
    assert_eq!(outputs(&done(&stage).await)["late"], r#"["xb","yb"]"#);
}
