//! Run commands with a name, which stay on the server.

use std::path::Path;

use arcbook_engine::step::{
    Change, Context, ErrorKind, Existing, Outcome, Platform as _, PriorState, Receipt, Signal, StepError,
};
use arcbook_engine::value::Value;

use crate::world::{Bench, Given, RUN, text, told};

const TYPE: &str = r#"
run_commands = true

role_assignment { role = "Contributor" }

resource_type "Microsoft.HybridCompute/machines/runCommands" {}
"#;

const MACHINE: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot/providers/Microsoft.HybridCompute/machines/ArcBox-01";

const LATER: &str = "20261123-101500.123-4d5e6f";

/// Returns the arguments of a script that counts its runs in `place` and ends with `code`.
fn counting(place: &Path, release: &str, code: i32) -> Given {
    let script = format!("echo $release >> {}/runs; echo ran $release; exit {code}", place.display());
    given(&script, release)
}

fn given(script: &str, release: &str) -> Given {
    vec![
        ("machine", MACHINE.into()),
        ("name", "fleet".into()),
        ("location", "westeurope".into()),
        ("script", script.into()),
        ("parameters", Value::string_map([("release", release)])),
    ]
}

/// Returns the releases that ran, in their order.
fn runs(place: &Path) -> String {
    let runs = std::fs::read_to_string(place.join("runs")).unwrap_or_default();
    runs.lines().collect::<Vec<_>>().join(" ")
}

/// Runs the step as a run of this name does, which resumes others.
async fn run(bench: &Bench, given: &Given, runs: &[&str]) -> Result<(Outcome, Option<Receipt>), StepError> {
    let runs: Vec<String> = runs.iter().map(|run| (*run).to_owned()).collect();
    bench.keep("arc_run_command", given, bench.context().in_runs(runs)).await
}

/// Undoes the step of the later run.
async fn undo_later(bench: &Bench, receipt: &Receipt) -> Result<Change, StepError> {
    let registry = arcbook_steps::registry(&bench.azure);
    let undo = registry.get("arc_run_command").expect("known").undo(receipt).expect("can be undone");
    undo.run(bench.context().in_runs([LATER.to_owned()])).await.map(|outcome| outcome.change)
}

/// Runs the step in a run that resumes the one that has intended the change.
async fn resumed(bench: &Bench, given: &Given, operation: Option<&str>) -> Result<Outcome, StepError> {
    let arguments = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let registry = arcbook_steps::registry(&bench.azure);
    let work = registry.get("arc_run_command").expect("known").prepare(&arguments).expect("valid");
    let context = bench.context().in_runs([LATER.to_owned(), RUN.to_owned()]);
    work.run(context.after(Some(PriorState::Absent)).continuing(operation)).await
}

/// Returns a world in which the removal of a run command takes long.
fn slow() -> String {
    let operation = "operation {\n kind = \"location\"\n methods = [\"DELETE\"]\n polls = 3\n }";
    TYPE.replace("runCommands\" {", &format!("runCommands\" {{\n {operation}\n"))
}

fn sent(bench: &Bench) -> Vec<String> {
    let requests = bench.lab.requests().into_iter().filter(|request| request.changed);
    requests.map(|request| request.method).collect()
}

fn url(bench: &Bench) -> String {
    format!("{}{MACHINE}/runCommands/fleet?api-version=2024-07-10", bench.lab.azure().arm)
}

#[tokio::test]
async fn a_script_that_has_run_with_success_does_not_run_again() {
    let bench = Bench::of(TYPE).await;
    let place = tempfile::tempdir().unwrap();
    let first = counting(place.path(), "one", 0);
    let found = bench.find("arc_run_command", &first, None).await;
    assert_eq!(told(found), "absent");
    let (outcome, _) = run(&bench, &first, &[RUN]).await.expect("ran");
    assert_eq!((outcome.change, text(&outcome, "stdout")), (Change::Created, "ran one\n"));
    let found = bench.find("arc_run_command", &first, None).await;
    let Ok(Existing::AsWanted(kept)) = found else { panic!("{}", told(found)) };
    assert_eq!((kept.change, text(&kept, "stdout")), (Change::None, "ran one\n"));
    assert!(run(&bench, &first, &[LATER]).await.is_ok());
    assert_eq!((runs(place.path()), sent(&bench)), ("one".to_owned(), vec!["PUT".to_owned()]));
    let unrecorded = bench.find("arc_run_command", &first, Some(PriorState::Absent)).await;
    assert_eq!(told(unrecorded), "as wanted, created", "an undo of the resumed run removes it");
    // The server was never read, since its location is given.
    assert!(bench.lab.requests().iter().all(|request| !request.target.starts_with(&format!("{MACHINE}?"))));
}

#[tokio::test]
async fn another_parameter_runs_the_script_again_under_the_same_name() {
    let bench = Bench::of(TYPE).await;
    let place = tempfile::tempdir().unwrap();
    run(&bench, &counting(place.path(), "one", 0), &[RUN]).await.expect("ran");
    let second = counting(place.path(), "two", 0);
    let found = bench.find("arc_run_command", &second, None).await;
    assert_eq!(told(found), "differs: properties.parameters[release].value, not to be put back");
    let (outcome, _) = run(&bench, &second, &[LATER]).await.expect("ran");
    assert_eq!((outcome.change, text(&outcome, "stdout")), (Change::Created, "ran two\n"));
    let unrecorded = bench.find("arc_run_command", &second, Some(PriorState::Present)).await;
    assert_eq!(told(unrecorded), "as wanted, none", "another run made it");
    assert_eq!(
        (runs(place.path()), sent(&bench)),
        ("one two".to_owned(), ["PUT", "DELETE", "PUT"].map(str::to_owned).to_vec())
    );
}

#[tokio::test]
async fn a_failed_script_runs_again_in_a_new_run_and_not_in_a_resumed_one() {
    let bench = Bench::of(TYPE).await;
    let place = tempfile::tempdir().unwrap();
    let given = counting(place.path(), "one", 3);
    let error = run(&bench, &given, &[RUN]).await.map(drop).expect_err("it fails");
    assert!(error.is_uncertain() && error.summary().contains("exit code 3"), "{error}");
    let found = bench.find("arc_run_command", &given, None).await;
    assert_eq!(told(found), "differs: executionState, not to be put back");
    let again = resumed(&bench, &given, None).await.map(drop).expect_err("it has failed");
    assert!(again.summary().contains("exit code 3"), "{again}");
    assert_eq!(runs(place.path()), "one");
    let anew = run(&bench, &given, &[LATER]).await.map(drop).expect_err("it fails again");
    assert!(anew.summary().contains("exit code 3"), "{anew}");
    assert_eq!(runs(place.path()), "one one");
}

/// Starts the step in a run of its own, and drops it once the script runs.
async fn killed(bench: &Bench, given: &Given, place: &Path) {
    let context = Context::new("step.x.y", ".", bench.secrets.clone(), |signal| {
        if let Signal::Accepted { stored, .. } = signal {
            drop(stored.send(Ok(())));
        }
    });
    let context = context.in_runs([RUN.to_owned()]).acting_as(bench.azure.machine());
    let step = bench.keep_step("arc_run_command", given, context);
    tokio::pin!(step);
    while runs(place).is_empty() {
        tokio::select! {
            ended = &mut step => panic!("it ended: {:?}", ended.map(|kept| kept.outcome.change)),
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test]
async fn a_script_that_still_runs_is_waited_for_and_keeps_others_out() {
    let bench = Bench::of(TYPE).await;
    let place = tempfile::tempdir().unwrap();
    let at = place.path().display();
    let script =
        format!("echo $release >> {at}/runs; while [ ! -e {at}/go ]; do sleep 0.01; done; echo done");
    killed(&bench, &given(&script, "one"), place.path()).await;
    let other = run(&bench, &given(&script, "two"), &[LATER]).await.map(drop).expect_err("it is busy");
    assert_eq!((other.kind(), other.about()), (ErrorKind::Refused, Some("name")), "{other}");
    assert!(!other.is_uncertain(), "{other:?}");
    std::fs::write(place.path().join("go"), "").unwrap();
    // Neither a resumed run nor a new one runs it again.
    let outcome = resumed(&bench, &given(&script, "one"), None).await.expect("resumed");
    assert_eq!(text(&outcome, "stdout"), "done\n");
    assert!(run(&bench, &given(&script, "one"), &[LATER]).await.is_ok());
    assert_eq!((runs(place.path()), sent(&bench).len()), ("one".to_owned(), 1));
}

#[tokio::test]
async fn a_lost_answer_neither_loses_the_script_nor_runs_it_twice() {
    for fault in
        ["arm:lost-answer:method=PUT", "arm:lost-answer:method=DELETE", "arm:another-operation:method=PUT"]
    {
        let bench = Bench::patient(TYPE).await;
        let place = tempfile::tempdir().unwrap();
        run(&bench, &counting(place.path(), "one", 0), &[RUN]).await.expect("ran");
        bench.fault(fault);
        run(&bench, &counting(place.path(), "two", 0), &[LATER]).await.expect(fault);
        assert_eq!(runs(place.path()), "one two", "{fault}");
    }
}

#[tokio::test]
async fn the_name_is_free_once_its_long_deletion_has_ended() {
    let bench = Bench::of(&slow()).await;
    let place = tempfile::tempdir().unwrap();
    run(&bench, &counting(place.path(), "one", 0), &[RUN]).await.expect("ran");
    run(&bench, &counting(place.path(), "two", 0), &[LATER]).await.expect("ran");
    assert_eq!(runs(place.path()), "one two");
}

/// A run that was killed after it had removed the earlier run command, and while that took place, sends its script.
#[tokio::test]
async fn a_run_that_was_killed_while_it_made_room_goes_on() {
    let bench = Bench::of(&slow()).await;
    let place = tempfile::tempdir().unwrap();
    run(&bench, &counting(place.path(), "one", 0), &[RUN]).await.expect("ran");
    let second = counting(place.path(), "two", 0);
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let context = Context::new("step.x.y", ".", bench.secrets.clone(), move |signal| {
        if let Signal::Accepted { operation, .. } = signal {
            drop(sender.send(operation));
        }
    });
    let context = context.in_runs([LATER.to_owned()]).acting_as(bench.azure.machine());
    let operation = {
        let step = bench.keep_step("arc_run_command", &second, context);
        tokio::pin!(step);
        tokio::select! {
            Some(operation) = seen.recv() => operation,
            ended = &mut step => panic!("it ended: {:?}", ended.map(|kept| kept.outcome.change)),
        }
    };
    assert_ne!(operation, url(&bench), "it is the operation of the deletion");
    assert_eq!(runs(place.path()), "one");
    let outcome = resumed(&bench, &second, Some(&operation)).await.expect("resumed");
    assert_eq!((text(&outcome, "stdout"), runs(place.path())), ("ran two\n", "one two".to_owned()));
}

#[tokio::test]
async fn an_undo_removes_the_run_command_that_its_run_made() {
    let bench = Bench::of(TYPE).await;
    let place = tempfile::tempdir().unwrap();
    let (_, receipt) = run(&bench, &counting(place.path(), "one", 0), &[RUN]).await.expect("ran");
    let first = receipt.expect("a receipt");
    let (_, receipt) = run(&bench, &counting(place.path(), "two", 0), &[LATER]).await.expect("ran");
    let second = receipt.expect("a receipt");
    let kept =
        bench.undo_kept("arc_run_command", &first).await.expect_err("another run made the present one");
    assert!(kept.summary().contains("is kept"), "{kept}");
    // The second run removed the run command of the first, and made its own.
    for expected in [Change::Removed, Change::None] {
        let undone = undo_later(&bench, &second).await.expect("undone");
        assert_eq!(undone, expected);
    }
    assert_eq!(bench.undo_kept("arc_run_command", &first).await.expect("gone"), Change::None);
    let bench = Bench::of(TYPE).await;
    let (_, receipt) = run(&bench, &counting(place.path(), "one", 0), &[RUN]).await.expect("ran");
    let unconfirmed = receipt.expect("a receipt").unconfirmed();
    for expected in [Change::Removed, Change::None] {
        let undone = bench.undo_kept("arc_run_command", &unconfirmed).await.expect("undone");
        assert_eq!(undone, expected);
    }
    assert_eq!(sent(&bench), ["PUT", "DELETE"]);
    assert!(bench.lab.requests().last().is_some_and(|last| url(&bench).ends_with(&last.target)));
}

#[tokio::test]
async fn a_name_is_short_plain_and_not_for_a_script_that_reads() {
    let bench = Bench::of(TYPE).await;
    for (name, more) in [
        ("x".repeat(37), None),
        ("a(b)".to_owned(), None),
        ("a/b".to_owned(), None),
        ("fleet".to_owned(), Some(("effect", Value::from("reads")))),
    ] {
        let mut given =
            vec![("machine", MACHINE.into()), ("script", "x".into()), ("name", name.as_str().into())];
        given.extend(more);
        assert_eq!(bench.refused("arc_run_command", &given).len(), 1, "{name}");
    }
}
