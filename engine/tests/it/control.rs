//! When steps are done, how often they are tried, and what follows when they fail; under a clock that does not wait.

use arcbook_engine::plan;
use arcbook_engine::run::{Observer, Observers, Record, Report, Status};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::support::{Events, Stage, Tokens, stage, stage_with};

fn staged(text: &str) -> Stage {
    stage(text).unwrap_or_else(|error| panic!("{error}"))
}

async fn ran(text: &str) -> (Stage, Report, Events) {
    let stage = staged(text);
    let events = Events::default();
    let report = stage.run(10, &events).await;
    (stage, report, events)
}

fn refused(text: &str) -> String {
    stage(text).err().expect("refused")
}

fn shown(stage: &Stage) -> String {
    plan::show(&stage.plan, &stage.runbook, &Tokens::default())
}

/// Why steps were not run.
fn skipped(events: &Events) -> Vec<(String, String)> {
    let text = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap().to_owned();
    events.of("step_skipped").iter().map(|event| (text(event, "step"), text(event, "because"))).collect()
}

fn outputs(report: &Report) -> String {
    let output = |(name, value): &(String, _)| format!("{name} = {value:?}");
    report.outputs.iter().map(output).collect::<Vec<_>>().join(", ")
}

mod when {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_step_whose_when_is_false_is_not_run_and_gives_nulls() {
        let (stage, report, events) = ran(r#"
            variable "wanted" { default = false }
            step "read" "a" {
              when    = var.wanted
              value   = { name = "x" }
              extract = { name = "name" }
            }
            step "read" "b" { value = coalesce(step.read.a.value, "nothing there") }
            output "a" { value = [step.read.a.value, step.read.a.body, step.read.a.extract.name] }
            output "b" { value = step.read.b.value }
        "#)
        .await;
        assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
        assert_eq!(stage.log.lines(), ["step.read.b began", "step.read.b ended"]);
        assert_eq!(skipped(&events), [("step.read.a".to_owned(), "its `when` is false".to_owned())]);
        assert_eq!(outputs(&report), r#"a = [null, null, null], b = "nothing there""#);
        assert!(shown(&stage).contains("not run: `when` is false"), "{}", shown(&stage));
    }

    #[tokio::test(start_paused = true)]
    async fn a_when_may_be_known_only_while_running() {
        let text = r#"
            step "read" "a" { value = ["x"] }
            step "read" "b" {
              for_each = { x = 1, y = 2 }
              when     = contains(step.read.a.value, each.key)
              value    = each.value
            }
            output "b" { value = step.read.b["x"].value }
            output "all" { value = [for one in step.read.b : one.value] }
        "#;
        let (stage, report, events) = ran(text).await;
        assert!(shown(&stage).contains("only when (known after step.read.a)"), "{}", shown(&stage));
        assert_eq!(skipped(&events), [("step.read.b[\"y\"]".to_owned(), "its `when` is false".to_owned())]);
        assert_eq!(outputs(&report), "b = 1, all = [1, null]");
    }

    #[test]
    fn a_when_is_true_or_false_and_not_secret() {
        let value = |value: &str| format!("step \"read\" \"a\" {{ when = {value} }}");
        for (when, wrong) in [
            ("\"maybe\"", "a condition must be true or false"),
            ("null", "this is null"),
            ("1", "this is number"),
            ("sensitive(true)", "`when` must not be sensitive"),
        ] {
            let text = refused(&value(when));
            assert!(text.contains(wrong), "{when}: {text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_in_a_module_whose_when_is_false_is_run() {
        let stage = crate::support::stage_files(
            &[
                (
                    "main.runbook.hcl",
                    r#"
                    step "read" "first" { value = ["a"] }
                    module "site" {
                      source   = "./site"
                      for_each = { a = 1, b = 2 }
                      when     = contains(step.read.first.value, each.key)
                      name     = each.key
                    }
                    output "sites" { value = [for site in module.site : site.name] }
                "#,
                ),
                (
                    "site/main.runbook.hcl",
                    r#"
                    variable "name" { type = string }
                    locals { upper = upper(var.name) }
                    step "read" "one" { value = local.upper }
                    step "read" "many" {
                      for_each = toset([local.upper])
                      value    = step.read.one.value
                    }
                    check "named" {
                      assert {
                        condition     = step.read.one.value != null
                        error_message = "no name"
                      }
                    }
                    output "name" { value = [for one in step.read.many : one.value] }
                "#,
                ),
            ],
            &[],
        )
        .unwrap_or_else(|error| panic!("{error}"));
        let events = Events::default();
        let report = stage.run(10, &events).await;
        assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
        assert_eq!(events.of("check_failed").len(), 0);
        assert_eq!(outputs(&report), r#"sites = [["A"], null]"#);
        let because = "the `when` of its module is false".to_owned();
        let off = |step: &str| (format!("module.site[\"b\"].step.read.{step}"), because.clone());
        assert_eq!(skipped(&events), [off("one"), off("many[\"B\"]")]);
    }
}

mod retry {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_may_pass_is_tried_again_after_growing_waits() {
        let began = Instant::now();
        let (stage, report, events) = ran(r#"
            step "read" "a" {
              turns = [503, "wait", 503, "there"]
              retry {
                attempts = 4
                delay    = "2s"
                factor   = 3
                jitter   = 0
              }
            }
            output "a" { value = step.read.a.value }
        "#)
        .await;
        assert_eq!(outputs(&report), r#"a = "there""#);
        assert_eq!(stage.log.lines().len(), 5);
        let told: Vec<_> = events
            .of("step_retried")
            .iter()
            .map(|event| (event["attempt"].as_u64(), event["after_milliseconds"].as_u64()))
            .collect();
        // The service asked for 7 s after the second attempt.
        assert_eq!(told, [(Some(2), Some(2000)), (Some(3), Some(7000)), (Some(4), Some(18000))]);
        assert_eq!(began.elapsed().as_secs(), 27);
        assert_eq!(events.of("step_started").len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_end_with_the_last_failure() {
        let (_, report, events) = ran(r#"
            step "read" "a" {
              turns = [500, 502, 503]
              retry { attempts = 3 }
            }
            step "read" "b" { value = step.read.a.value }
        "#)
        .await;
        assert_eq!(report.status, Status::Failed);
        assert_eq!(events.of("step_retried").len(), 2);
        assert_eq!(report.ends.failed, [("step.read.a".to_owned(), "told to answer 503".to_owned())]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_is_listed_is_tried_again() {
        let attempts = async |step: &str| {
            let (stage, ..) = ran(step).await;
            stage.log.lines().iter().filter(|line| line.ends_with("began")).count()
        };
        for (turns, retry, expected) in [
            ("[409, 1]", "", 1),
            ("[409, 1]", "on = [409]", 2),
            ("[503, 1]", "on = [409]", 1),
            ("[503, 1]", "on = [\"transport\"]", 1),
            ("[\"busy\", \"ready\"]", "condition = self.value == \"busy\"", 2),
        ] {
            let step = format!("step \"read\" \"a\" {{\n turns = {turns}\n retry {{\n {retry}\n }}\n}}");
            assert_eq!(attempts(&step).await, expected, "{turns} {retry}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_may_have_been_made_is_repeated_only_when_that_is_harmless() {
        for (kind, began, status) in [("change", 1, Status::Failed), ("safe_change", 2, Status::Done)] {
            let (stage, report, events) = ran(&format!(
                "step \"{kind}\" \"a\" {{\n turns = [\"lost\", 1]\n retry {{ attempts = 9 }}\n}}"
            ))
            .await;
            assert_eq!(report.status, status);
            let lines = stage.log.lines();
            assert_eq!(lines.iter().filter(|line| line.ends_with("began")).count(), began, "{kind}");
            let uncertain = events.of("step_failed").iter().all(|event| event["uncertain"] == true);
            assert!(uncertain, "{kind}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_and_the_step_have_limits_of_their_own() {
        let began = Instant::now();
        let (stage, report, _) = ran(r#"
            step "read" "a" {
              takes   = 60000
              timeout = "10s"
              retry {
                attempts = 9
                timeout  = "3s"
                delay    = "1s"
                factor   = 1
                jitter   = 0
              }
            }
        "#)
        .await;
        assert_eq!(report.status, Status::Failed);
        assert_eq!(stage.log.lines().len(), 3, "after 0, 4 and 8 s");
        assert_eq!(began.elapsed().as_secs(), 10);
        assert_eq!(report.ends.failed[0].1, "the step was not done after 10s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_that_waits_leaves_its_place_to_others() {
        let stage = staged(
            r#"
            step "read" "a" {
              turns = [503, 1]
              retry { delay = "60s" }
            }
            step "read" "b" { takes = 10 }
        "#,
        );
        stage.run(1, &Events::default()).await;
        let lines = stage.log.lines();
        assert_eq!(lines.last().unwrap(), "step.read.a ended", "{lines:?}");
        assert_eq!(lines[1], "step.read.b began");
    }

    #[test]
    fn what_is_wrong_with_a_retry_is_said_before_the_run() {
        for (retry, wrong) in [
            ("attempts = 0", "`attempts` is not a number of attempts"),
            ("delay = \"soon\"", "`delay` is not a length of time"),
            ("factor = 0.5", "`factor` is out of range"),
            ("jitter = 2", "`jitter` is out of range"),
            ("on = [true]", "`on` does not list failures"),
            ("attemps = 3", "did you mean `attempts`"),
            ("condition = self.nothing", "gives no `nothing`"),
            ("condition = true", "does not look at what the step gives"),
        ] {
            let text = refused(&format!("step \"read\" \"a\" {{\n retry {{\n {retry}\n }}\n}}"));
            assert!(text.contains(wrong), "{retry}: {text}");
        }
        let text = refused("step \"change\" \"a\" {\n retry {\n condition = self.value == 1\n }\n}");
        assert!(text.contains("cannot have a `condition`"), "{text}");
        let text = refused("step \"read\" \"a\" {\n retry {}\n retry {}\n}");
        assert!(text.contains("two `retry` blocks"), "{text}");
    }
}

mod until {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_reading_step_is_repeated_until_its_condition_holds() {
        let began = Instant::now();
        let (_, report, events) = ran(r#"
            step "read" "a" {
              turns = ["creating", "creating", 503, "ready"]
              until {
                condition = self.value == "ready"
                delay     = "10s"
              }
              retry { delay = "1s" }
            }
            output "a" { value = step.read.a.value }
        "#)
        .await;
        assert_eq!(outputs(&report), r#"a = "ready""#);
        let reasons: Vec<_> =
            events.of("step_retried").iter().map(|event| event["reason"].to_string()).collect();
        let not_yet = r#""not yet: self.value is \"creating\"""#;
        assert_eq!(reasons, [not_yet, not_yet, "\"told to answer 503\""]);
        assert_eq!(began.elapsed().as_secs(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn a_condition_that_never_holds_fails_with_what_was_seen() {
        let (_, report, _) = ran(r#"
            step "read" "a" {
              turns = ["creating", "creating", "failed"]
              until {
                condition = self.value == "ready"
                timeout   = "1m"
              }
            }
        "#)
        .await;
        let error = report.diagnostics.iter().next().unwrap();
        assert_eq!(error.summary, "what the step waits for did not come about, after 13 attempts in 60s");
        let seen = r#"It was seen that self.value is "creating", then self.value is "failed"."#;
        assert_eq!(error.detail.as_deref(), Some(seen));
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_can_be_counted_and_secrets_are_not_told() {
        let (_, report, events) = ran(r#"
            step "read" "a" {
              until {
                condition = self.secret == "x"
                attempts  = 3
                delay     = "1s"
              }
            }
        "#)
        .await;
        assert_eq!(events.of("step_retried").len(), 2);
        assert!(
            !events.text().contains(crate::support::CANARY)
                && !format!("{report:?}").contains(crate::support::CANARY)
        );
        assert_eq!(report.status, Status::Failed);
    }

    #[test]
    fn a_change_is_not_made_again_and_again() {
        let text = refused("step \"change\" \"a\" {\n until {\n condition = self.value == 1\n }\n}");
        assert!(
            text.contains("cannot have an `until`") && text.contains("put a step that reads after it"),
            "{text}"
        );
    }
}

mod failure {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_tolerated_failure_gives_nulls_and_a_warning() {
        let (stage, report, events) = ran(r#"
            step "read" "a" {
              fails    = true
              on_error = "continue"
            }
            step "read" "b" { value = step.read.a.value == null ? "went on" : "no" }
            output "b" { value = step.read.b.value }
        "#)
        .await;
        assert_eq!(report.status, Status::Done);
        assert_eq!((report.summary.done, report.summary.failed, report.summary.tolerated), (1, 0, 1));
        assert!(!report.diagnostics.has_errors() && !report.diagnostics.is_empty());
        assert_eq!(events.of("step_failed")[0]["tolerated"], true);
        assert_eq!(outputs(&report), r#"b = "went on""#);
        assert!(shown(&stage).contains("when it fails, the run goes on"), "{}", shown(&stage));
    }

    /// A step that is cleaned up whatever happens, and one that is cleaned up when it fails.
    fn cleaned(fails: bool) -> String {
        format!(
            r#"
            step "change" "a" {{ fails = {fails} }}
            step "read" "b" {{ value = step.change.a.value }}
            step "change" "always" {{
              run_on = "always"
              value  = step.read.b.value == null ? "without b" : "with b"
            }}
            step "change" "failure" {{
              run_on     = "failure"
              depends_on = [step.read.b]
            }}
            step "read" "after" {{ depends_on = [step.change.always, step.change.failure] }}
            output "always" {{ value = step.change.always.value }}
            "#
        )
    }

    #[tokio::test(start_paused = true)]
    async fn cleanup_is_done_after_a_failure_and_what_comes_after_it_is_not() {
        let (stage, report, events) = ran(&cleaned(true)).await;
        assert_eq!(report.status, Status::Failed);
        assert_eq!((report.summary.done, report.summary.failed, report.summary.skipped), (2, 1, 2));
        let because = "step.change.a failed".to_owned();
        let after = ("step.read.after".to_owned(), because.clone());
        assert_eq!(skipped(&events), [("step.read.b".to_owned(), because.clone()), after]);
        let steps = vec!["step.read.b".to_owned(), "step.read.after".to_owned()];
        assert_eq!(report.ends.skipped.get(&because), Some(&steps));
        assert!(stage.log.lines().contains(&"step.change.failure ended".to_owned()));
        let finished = events.of("step_finished");
        let always = finished.iter().find(|event| event["step"] == "step.change.always").unwrap();
        assert_eq!(always["outputs"]["value"], "without b");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_failure_there_is_nothing_to_clean_up() {
        let (stage, report, events) = ran(&cleaned(false)).await;
        assert_eq!(report.status, Status::Done);
        let spared = events.of("step_skipped");
        assert_eq!((spared.len(), &spared[0]["cause"]), (1, &"unneeded".into()));
        assert!(report.ends.skipped.is_empty());
        assert!(stage.log.lines().contains(&"step.read.after ended".to_owned()));
        assert_eq!(outputs(&report), r#"always = "with b""#);
        let plan = shown(&stage);
        assert!(plan.contains("whatever becomes of what it comes after"), "{plan}");
        assert!(plan.contains("only when something that it comes after fails"), "{plan}");
    }

    #[tokio::test(start_paused = true)]
    async fn cleanup_waits_for_every_instance_of_what_it_cleans_up() {
        for (fails, failed) in [("false", 0), ("each.key == \"a\"", 1), ("true", 3)] {
            let (stage, report, _) = ran(&format!(
                r#"
                step "read" "many" {{
                  for_each = {{ a = 1, b = 100, c = 200 }}
                  takes    = each.value
                  fails    = {fails}
                }}
                step "read" "each" {{
                  for_each = step.read.many
                  value    = each.key
                }}
                step "read" "cleanup" {{
                  run_on     = "always"
                  depends_on = [step.read.many]
                }}
                "#
            ))
            .await;
            assert_eq!(report.summary.failed, failed);
            let lines = stage.log.lines();
            let cleanup = lines.iter().position(|line| line == "step.read.cleanup began").unwrap();
            let began =
                lines.iter().filter(|line| line.starts_with("step.read.many") && line.ends_with("began"));
            let last = lines.iter().rposition(|line| line.starts_with("step.read.many")).unwrap();
            assert_eq!((began.count(), last < cleanup), (3, true), "{lines:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_instances_are_no_failure() {
        let (stage, report, _) = ran(r#"
            step "read" "none" { count = 0 }
            step "read" "after" { depends_on = [step.read.none] }
            step "read" "cleanup" {
              run_on     = "failure"
              depends_on = [step.read.none]
            }
        "#)
        .await;
        assert_eq!(report.status, Status::Done);
        assert_eq!(stage.log.lines(), ["step.read.after began", "step.read.after ended"]);
    }

    #[tokio::test(start_paused = true)]
    async fn instances_that_cannot_be_had_are_told_of() {
        let (stage, report, events) = ran(r#"
            step "read" "bad" { fails = true }
            step "read" "many" { for_each = toset(step.read.bad.value) }
            step "read" "cleanup" {
              run_on = "always"
              value  = length(step.read.many)
            }
        "#)
        .await;
        assert_eq!(report.status, Status::Failed);
        assert_eq!(skipped(&events), [("step.read.many".to_owned(), "step.read.bad failed".to_owned())]);
        assert!(
            stage.log.lines().contains(&"step.read.cleanup ended".to_owned()),
            "{:?}",
            report.diagnostics
        );
    }

    #[test]
    fn words_that_mean_nothing_are_refused() {
        for (argument, help) in [
            ("run_on = \"failures\"", "did you mean `failure`"),
            ("on_error = \"ignore\"", "`stop`, `continue`"),
        ] {
            let text = refused(&format!("step \"read\" \"a\" {{ {argument} }}"));
            assert!(text.contains(help), "{text}");
        }
        let text = refused("step \"read\" \"a\" { run_on = \"failure\" }");
        assert!(text.contains("cleans up after nothing"), "{text}");
    }
}

mod stopping {
    use super::*;

    const LONG: &str = r#"
        runbook { timeout = "10s" }
        step "change" "quick" {}
        step "change" "slow" {
          takes      = 60000
          depends_on = [step.change.quick]
        }
        step "read" "polls" {
          until { condition = self.value == "never" }
        }
        step "read" "later" { depends_on = [step.change.slow] }
        step "change" "cleanup" {
          run_on     = "always"
          takes      = 1000
          depends_on = [step.read.later]
        }
        step "change" "rollback" {
          run_on     = "failure"
          depends_on = [step.change.slow]
        }
    "#;

    #[tokio::test(start_paused = true)]
    async fn when_the_time_is_over_what_is_in_flight_is_given_up_and_cleaned_up() {
        let began = Instant::now();
        let (stage, report, events) = ran(LONG).await;
        assert_eq!(began.elapsed().as_secs(), 11);
        assert_eq!(report.status, Status::Failed);
        assert_eq!(events.of("deadline_passed").len(), 1);
        let failed: Vec<_> = report.ends.failed.iter().map(|(step, _)| step.as_str()).collect();
        assert!(failed.contains(&"step.change.slow") && failed.contains(&"step.read.polls"), "{failed:?}");
        let because = "the time of the run was over".to_owned();
        assert_eq!(report.ends.skipped.len(), 1);
        assert!(skipped(&events).iter().all(|(step, _)| step == "step.read.later"), "{because}");
        let lines = stage.log.lines();
        for step in ["cleanup", "rollback"] {
            assert!(lines.contains(&format!("step.change.{step} ended")), "{lines:?}");
        }
        let slow =
            &events.of("step_failed").into_iter().find(|event| event["step"] == "step.change.slow").unwrap();
        assert_eq!(slow["uncertain"], true);
        let deadline = report.diagnostics.iter().find(|error| error.code == "deadline").unwrap();
        assert_eq!(deadline.summary, "the run was not done after 10s");
    }

    /// Interrupts a run at its n-th event, once or twice.
    struct Impatient {
        at: u64,
        times: usize,
        sender: mpsc::Sender<()>,
        events: Events,
    }

    impl Observer for Impatient {
        fn observe(&mut self, record: &Record) {
            self.events.observe(record);
            if record.seq == self.at {
                for _ in 0..self.times {
                    self.sender.try_send(()).expect("there is room");
                }
            }
        }
    }

    /// One of everything.
    const ALL: &str = r#"
        step "read" "list" {
          value = ["a", "b"]
          host  = "a.example.test"
        }
        step "change" "each" {
          for_each = toset(step.read.list.value)
          takes    = 10
          value    = each.key
        }
        step "read" "busy" {
          turns = [503, 1]
          retry { delay = "1s" }
        }
        step "read" "polled" {
          turns = [1, 2]
          until { condition = self.value == 2 }
        }
        step "change" "tolerated" {
          fails      = true
          on_error   = "continue"
          depends_on = [step.read.busy]
        }
        step "change" "bad" {
          fails      = true
          depends_on = [step.read.polled]
        }
        step "read" "never" { value = [step.change.bad.value, step.change.tolerated.value] }
        step "change" "cleanup" {
          run_on     = "always"
          takes      = 20
          host       = "b.example.test"
          depends_on = [step.change.each, step.read.never]
        }
        step "change" "rollback" {
          run_on     = "failure"
          depends_on = [step.change.each]
        }
        output "each" { value = [for one in step.change.each : one.value] }
    "#;

    /// Interrupted at any event: every step that began ends, cleanup is done after a first interrupt, nothing else
    /// begins, and the numbers are right.
    #[tokio::test(start_paused = true)]
    async fn a_run_can_be_interrupted_at_every_event() {
        for times in [1, 2] {
            for at in 1.. {
                let stage = staged(ALL);
                let (sender, interrupts) = mpsc::channel(2);
                let events = Events::default();
                let mut observers = Observers::new();
                observers.add(Impatient { at, times, sender, events: events.clone() });
                let report = stage.run_with(2, &mut observers, interrupts).await;
                let all = events.all();
                let interrupted = all.iter().position(|event| event["event"] == "interrupted");
                let Some(interrupted) = interrupted else {
                    // The last event that can be interrupted was.
                    assert_eq!(report.status, Status::Failed);
                    assert!(at > 20 && usize::try_from(at).unwrap() + 4 > all.len(), "{at} of {}", all.len());
                    break;
                };
                invariants(&all, interrupted, times, &report, &format!("{times} times at {at}"));
            }
        }
    }

    fn invariants(all: &[serde_json::Value], at: usize, times: usize, report: &Report, which: &str) {
        assert_eq!(report.status, Status::Interrupted, "{which}");
        let steps = |event: &str, from: usize| -> Vec<String> {
            let of = all[from..].iter().filter(|found| found["event"] == event);
            of.map(|found| found["step"].as_str().unwrap().to_owned()).collect()
        };
        let mut ended = steps("step_finished", 0);
        ended.extend(steps("step_failed", 0));
        let begun = steps("step_started", 0);
        assert!(begun.iter().all(|step| ended.contains(step)), "{which}: begun {begun:?}, ended {ended:?}");
        let after = steps("step_started", at);
        let cleanup = ["step.change.cleanup", "step.change.rollback"];
        assert!(after.iter().all(|step| cleanup.contains(&step.as_str())), "{which}: {after:?} began");
        if times == 1 {
            assert!(begun.contains(&cleanup[0].to_owned()), "{which}: no cleanup");
        } else {
            assert_eq!(after, [""; 0], "{which}");
        }
        ended.extend(steps("step_skipped", 0));
        let count = ended.len();
        ended.sort();
        ended.dedup();
        assert_eq!(count, ended.len(), "{which}: something ended twice: {ended:?}");
        let summary = report.summary;
        let failed = steps("step_failed", 0).len()
            + all.iter().filter(|event| event["event"] == "token_failed").count();
        assert_eq!(summary.failed + summary.tolerated, failed, "{which}");
        assert_eq!(summary.skipped, steps("step_skipped", 0).len(), "{which}");
        assert_eq!(all.last().unwrap()["event"], "run_finished");
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_for_its_next_attempt_is_not_waited_for() {
        let stage = staged("step \"change\" \"a\" {\n turns = [503, 1]\n retry { delay = \"1h\" }\n}");
        let (sender, interrupts) = mpsc::channel(2);
        let events = Events::default();
        let mut observers = Observers::new();
        observers.add(Impatient { at: 3, times: 1, sender, events: events.clone() });
        let began = Instant::now();
        stage.run_with(1, &mut observers, interrupts).await;
        assert_eq!(began.elapsed().as_secs(), 0);
        let failed = events.of("step_failed");
        assert_eq!(failed[0]["error"]["summary"], "told to answer 503");
        assert_eq!(failed[0]["uncertain"], false);
    }
}

/// What comes of a run does not depend on what ends first.
#[tokio::test(start_paused = true)]
async fn the_result_never_depends_on_the_interleaving() {
    let names: Vec<String> = (0..12).map(|at| format!("s{at}")).collect();
    let text = |seed: usize| -> String {
        let step = |(at, name): (usize, &String)| {
            let takes = (seed.wrapping_mul(7919) ^ at.wrapping_mul(104_729)) % 97;
            let before: Vec<_> = (0..at)
                .filter(|other| (at * 31 + other * 17) % 4 == 0)
                .map(|other| format!("step.read.s{other}"))
                .collect();
            let run_on = ["success", "success", "always", "success", "failure"][at % 5];
            format!(
                "step \"read\" \"{name}\" {{\n takes = {takes}\n fails = {}\n run_on = \"{run_on}\"\n depends_on = [{}]\n value = {at}\n}}\n",
                at % 6 == 1,
                before.join(", ")
            )
        };
        names.iter().enumerate().map(step).collect()
    };
    let mut first = None;
    for seed in 0..40 {
        for parallelism in [1, 3, 100] {
            let stage = staged(&text(seed));
            let events = Events::default();
            let report = stage.run(parallelism, &events).await;
            let mut ends: Vec<String> = ["step_finished", "step_failed", "step_skipped"]
                .iter()
                .flat_map(|kind| events.of(kind))
                .map(|event| format!("{} {} {}", event["event"], event["step"], event["because"]))
                .collect();
            ends.sort();
            let result = format!("{:?} {ends:?}", report.status);
            assert_eq!(
                *first.get_or_insert_with(|| result.clone()),
                result,
                "seed {seed}, {parallelism} at once"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_variable_stays_secret_where_nothing_came_of_a_step() {
    let stage = stage_with(
        r#"
        variable "password" {
          type      = string
          sensitive = true
        }
        step "read" "a" {
          value = var.password
          when  = false
        }
        output "a" { value = step.read.a.value }
        "#,
        &[("password", "hunter2")],
    );
    assert!(stage.is_ok(), "null is no secret");
}
