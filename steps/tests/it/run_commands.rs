//! Scripts on Arc-enabled servers, which the lab really runs.

use std::path::Path;

use arcbook_engine::step::{
    Change, Context, ErrorKind, Outcome, Platform as _, PriorState, Signal, StepError,
};
use arcbook_engine::value::{Marks, Value};
use arcbook_steps::registry;

use crate::world::{Bench, Given, RUN, json, text, told};

const TYPE: &str = r#"
role_assignment { role = "Contributor" }

resource_type "Microsoft.HybridCompute/machines/runCommands" {
  write_only = ["properties.protectedParameters"]
}
"#;

const MACHINE: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot/providers/Microsoft.HybridCompute/machines/ArcBox-01";

async fn bench() -> Bench {
    Bench::of(&format!("run_commands = true\n{TYPE}")).await
}

fn given(script: &str, more: &[(&'static str, Value)]) -> Given {
    [&[("machine", MACHINE.into()), ("script", script.into())], more].concat()
}

/// Runs the step as the engine does.
async fn run(bench: &Bench, given: &Given) -> Result<Outcome, StepError> {
    bench.keep_step("arc_run_command", given, bench.context()).await.map(|kept| kept.outcome)
}

/// Returns the targets of the requests with this method about run commands.
fn sent(bench: &Bench, method: &str) -> Vec<String> {
    let requests = bench.lab.requests().into_iter();
    let of_method = requests.filter(|request| request.method == method && request.changed);
    of_method.map(|request| request.target).collect()
}

#[tokio::test]
async fn a_script_runs_and_its_run_command_is_removed() {
    let bench = bench().await;
    let parameters = Value::string_map([("name", "web"), ("port", "8080")]);
    let secret = Value::string_map([("key", "canary-4410")]).with_marks(&Marks::sensitive("var.key"));
    let script = r#"echo "{\"name\":\"$name\",\"port\":$port,\"key\":${#key}}"; echo note >&2"#;
    let given = given(script, &[("parameters", parameters), ("protected_parameters", secret)]);
    let outcome = run(&bench, &given).await.expect("ran");
    assert_eq!(outcome.change, Change::Updated);
    assert_eq!(outcome.body, Some(json(r#"{"name":"web","port":8080,"key":11}"#)));
    assert_eq!((text(&outcome, "stderr"), &outcome.outputs["exit_code"]), ("note\n", &0_i64.into()));
    assert_eq!(outcome.outputs["truncated"], false.into());
    assert!(text(&outcome, "started") <= text(&outcome, "ended"));
    let (puts, deletes) = (sent(&bench, "PUT"), sent(&bench, "DELETE"));
    assert_eq!((puts.len(), &puts), (1, &deletes), "it is made and removed");
    let name = puts[0].split(['/', '?']).rev().nth(1).expect("a name").to_owned();
    assert!(name.starts_with("arcbook-") && name.len() <= 36, "{name}");
}

#[tokio::test]
async fn the_exit_code_decides() {
    let accepts =
        |codes: &[i64]| ("accept_exit_codes", Value::tuple(codes.iter().map(|&code| Value::from(code))));
    let secret = Value::string_map([("key", "canary-4411")]).with_marks(&Marks::sensitive("var.key"));
    for (script, more, expected) in [
        ("exit 0", vec![], "0"),
        ("exit 3", vec![accepts(&[0, 3])], "3"),
        ("echo no room >&2; exit 3", vec![], "uncertain: the script ended with exit code 3: no room"),
        ("exit 0", vec![accepts(&[3])], "uncertain: the script ended with exit code 0"),
        (
            "echo no room >&2; exit 3",
            vec![("effect", "reads".into())],
            "the script ended with exit code 3: no room",
        ),
        (
            "echo $key >&2; exit 1",
            vec![("protected_parameters", secret)],
            "uncertain: the script ended with exit code 1: withheld",
        ),
        (
            "sleep 600",
            vec![("timeout_seconds", 1_i64.into())],
            "uncertain: the script ended in the state TimedOut",
        ),
    ] {
        let bench = bench().await;
        let told = match run(&bench, &given(script, &more)).await {
            Ok(outcome) => format!("{:?}", outcome.outputs["exit_code"]),
            Err(error) => {
                let why = error.why().unwrap_or_default();
                assert!(!why.contains("canary"), "{why}");
                let why = ["no room", "withheld"].into_iter().find(|word| why.contains(word));
                let why = why.map(|word| format!(": {word}")).unwrap_or_default();
                let uncertain = if error.is_uncertain() { "uncertain: " } else { "" };
                format!("{uncertain}{error}{why}")
            }
        };
        assert_eq!(told, expected, "{script} {more:?}");
        assert_eq!(sent(&bench, "DELETE").len(), 1, "{script}: it is removed in any case");
    }
}

#[tokio::test]
async fn a_reading_script_changes_nothing_and_has_a_new_name_each_time() {
    let bench = bench().await;
    let given = given("echo 5", &[("effect", "reads".into())]);
    for _ in 0..2 {
        let outcome = bench.run("arc_run_command", &given).await.expect("ran");
        assert_eq!((outcome.change, outcome.body), (Change::None, Some(5_i64.into())));
    }
    let puts = sent(&bench, "PUT");
    assert!(puts.len() == 2 && puts[0] != puts[1], "{puts:?}");
}

/// A script that counts its runs, and ends once the file `go` exists.
fn counting(place: &Path) -> String {
    let place = place.display();
    format!("echo run >> {place}/runs; while [ ! -e {place}/go ]; do sleep 0.01; done; echo done")
}

fn runs(place: &Path) -> usize {
    std::fs::read_to_string(place.join("runs")).unwrap_or_default().lines().count()
}

/// Starts the step, and drops it once the script runs; returns the recorded place of the run command.
async fn killed(bench: &Bench, given: &Given, place: &Path) -> String {
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let context = Context::new("step.x.y", ".", bench.secrets.clone(), move |signal| {
        if let Signal::Accepted { operation, stored } = signal {
            drop(sender.send(operation));
            drop(stored.send(Ok(())));
        }
    });
    let context = context.in_runs([RUN.to_owned()]).acting_as(bench.azure.machine());
    let step = bench.keep_step("arc_run_command", given, context);
    tokio::pin!(step);
    let mut recorded = String::new();
    while runs(place) == 0 || recorded.is_empty() {
        tokio::select! {
            Some(operation) = seen.recv() => recorded = operation,
            ended = &mut step => panic!("it ended: {:?}", ended.map(|kept| kept.outcome.change)),
            () = tokio::task::yield_now() => {}
        }
    }
    recorded
}

/// Runs the step again, as a run that resumes the killed one.
async fn resume(bench: &Bench, given: &Given, operation: Option<&str>) -> Result<Outcome, StepError> {
    let arguments = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let work =
        registry(&bench.azure).get("arc_run_command").expect("known").prepare(&arguments).expect("valid");
    let context = bench.context().in_runs(["20261123-1.1-2".to_owned(), RUN.to_owned()]);
    work.run(context.after(Some(PriorState::Unknown)).continuing(operation)).await
}

#[tokio::test]
async fn a_resumed_run_waits_for_the_script_and_never_runs_it_twice() {
    let bench = bench().await;
    let place = tempfile::tempdir().unwrap();
    let given = given(&counting(place.path()), &[]);
    let recorded = killed(&bench, &given, place.path()).await;
    let found = bench.find("arc_run_command", &given, Some(PriorState::Unknown)).await;
    assert_eq!(told(found), "differs: executionState, not to be put back");
    let other = crate::world::Given::from([given[0].clone(), ("script", "echo other".into())]);
    let refused = resume(&bench, &other, Some(&recorded)).await.map(drop).expect_err("another script");
    assert!(refused.summary().contains("another script"), "{refused}");
    std::fs::write(place.path().join("go"), "").unwrap();
    let outcome = resume(&bench, &given, Some(&recorded)).await.expect("resumed");
    assert_eq!((text(&outcome, "stdout"), outcome.change), ("done\n", Change::Updated));
    // The run was killed again before it recorded the end.
    let gone = resume(&bench, &given, Some(&recorded)).await.map(drop).expect_err("it has run");
    assert!(gone.is_uncertain() && gone.summary().contains("is gone"), "{gone}");
    assert_eq!((runs(place.path()), sent(&bench, "PUT").len()), (1, 1));
    let idempotent = [given.clone(), vec![("idempotent", Value::from(true))]].concat();
    assert!(resume(&bench, &idempotent, Some(&recorded)).await.is_ok());
    assert_eq!(runs(place.path()), 2, "a harmless script may be repeated");
}

#[tokio::test]
async fn a_script_that_was_never_sent_runs_in_the_resumed_run() {
    let bench = bench().await;
    let given = given("echo 1", &[]);
    assert_eq!(told(bench.find("arc_run_command", &given, None).await), "unknown");
    assert_eq!(told(bench.find("arc_run_command", &given, Some(PriorState::Unknown)).await), "absent");
    assert!(resume(&bench, &given, None).await.is_ok());
    assert_eq!(sent(&bench, "PUT").len(), 1);
}

#[tokio::test]
async fn a_lost_answer_does_not_run_the_script_again() {
    for fault in ["arm:lost-answer:method=PUT", "arm:503:method=PUT", "arm:another-operation:method=PUT"] {
        let bench = Bench::patient(&format!("run_commands = true\n{TYPE}")).await;
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("go"), "").unwrap();
        bench.fault(fault);
        let outcome = run(&bench, &given(&counting(place.path()), &[])).await.expect(fault);
        assert_eq!((text(&outcome, "stdout"), runs(place.path())), ("done\n", 1), "{fault}");
    }
}

#[tokio::test]
async fn a_script_that_never_starts_is_named_and_removed() {
    let slow = TYPE.replace("write_only", "operation { kind = \"azure-async-operation\" }\n  write_only");
    let bench = Bench::of(&format!("run_commands = true\n{slow}")).await;
    bench.fault("arm:operation-never-ends:method=PUT");
    let given = given("echo 1", &[("start_timeout", "100ms".into())]);
    let error = run(&bench, &given).await.map(drop).expect_err("stuck");
    assert_eq!((error.kind(), error.about()), (ErrorKind::Timeout, Some("start_timeout")), "{error:?}");
    assert!(error.summary().contains("has not started after 100ms: the run command is Creating"), "{error}");
    assert!(error.is_uncertain());
}

#[tokio::test]
async fn a_lab_or_a_server_that_runs_no_scripts_says_why() {
    let bench = Bench::of(TYPE).await;
    let error = run(&bench, &given("echo 1", &[])).await.map(drop).expect_err("refused");
    assert!(error.why().is_some_and(|why| why.contains("runs no scripts")), "{error:?}");
    let failing = TYPE.replace(
        "write_only",
        "operation {\n kind = \"azure-async-operation\"\n fails = { code = \"Blocked\", message = \"not allowed here\" }\n}\n  write_only",
    );
    let bench = Bench::of(&format!("run_commands = true\n{failing}")).await;
    let error = run(&bench, &given("echo 1", &[])).await.map(drop).expect_err("not provisioned");
    assert!(error.why().is_some_and(|why| why.contains("not allowed here")), "{error:?}");
    assert_eq!(sent(&bench, "DELETE").len(), 1);
}

#[tokio::test]
async fn a_refused_script_has_changed_nothing() {
    for fault in ["arm:403:method=PUT", "arm:scope-locked:method=PUT", "arm:policy:method=PUT"] {
        let bench = bench().await;
        bench.fault(fault);
        let error = run(&bench, &given("echo 1", &[])).await.map(drop).expect_err(fault);
        assert!(!error.is_uncertain(), "{fault}: {error:?}");
    }
}

#[tokio::test]
async fn wrong_arguments_of_a_script_are_named() {
    let bench = bench().await;
    let large = "x".repeat(300 << 10);
    let needless = given("x", &[("effect", "reads".into()), ("idempotent", true.into())]);
    for given in [given(&large, &[]), needless] {
        assert_eq!(bench.refused("arc_run_command", &given).len(), 1);
    }
}
