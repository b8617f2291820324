//! `-target` and `-exclude` on the command line.

use arcbook_lab::Fault;

use crate::cloud::Cloud;
use crate::support::{Place, settings};

const RUNBOOK: &str = r#"
step "blob_container" "new" {
  account = "acc01"
  name    = "new"
}

step "blob_upload" "a" {
  account   = "acc01"
  container = step.blob_container.new.name
  name      = "a.txt"
  content   = "a"
}

step "blob_upload" "b" {
  account   = "acc01"
  container = "old"
  name      = "b.txt"
  content   = "b"
}

step "echo" "_many" {
  count = 1000
  input = count.index
}

output "a" { value = step.blob_upload.a.url }

output "b" { value = step.blob_upload.b.url }
"#;

fn run(cloud: &Cloud, place: &Place, arguments: &[&str]) -> crate::support::Ran {
    cloud.run(place, &[&["run", "-auto-approve"], arguments].concat())
}

#[test]
fn a_plan_of_a_part_says_what_is_left_out() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    let planned = cloud.run(&place, &["plan", "-target", "step.blob_upload.a"]);
    settings().bind(|| insta::assert_snapshot!("plan_target", planned.seen()));
    let planned =
        cloud.run(&place, &["plan", "-exclude", "step.blob_container.new", "-exclude=step.echo._many"]);
    settings().bind(|| insta::assert_snapshot!("plan_exclude", planned.seen()));
    let drawn = cloud.run(&place, &["graph", "-format", "mermaid", "-target", "output.a"]);
    settings().bind(|| insta::assert_snapshot!("graph_target", drawn.seen()));
}

#[test]
fn only_selected_steps_run() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    let ran = run(&cloud, &place, &["-target", "step.blob_upload.a", "-target", "step.echo._many[7]"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("3 of 3 steps done, 2 changed something, 1000 left out"), "{}", ran.seen());
    assert!(ran.out.lines().count() < 20, "{}", ran.seen());
    assert_eq!(cloud.changes(), ["PUT /new/a.txt", "PUT /new?restype=container"]);
    let rest = run(&cloud, &place, &["-exclude", "step.echo._many"]);
    assert_eq!(rest.code, Some(0), "{}", rest.seen());
    assert_eq!(cloud.changes().len(), 3, "what was done is left as it is");
}

#[test]
fn only_selected_steps_are_refreshed() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    let planned = cloud.run(&place, &["plan", "-live", "-target", "step.blob_upload.a"]);
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    assert!(planned.out.contains("\nLeft out\n  not targeted: step.blob_upload.b, "), "{}", planned.seen());
    let asked: Vec<_> = cloud.lab.requests().into_iter().map(|request| request.target).collect();
    assert!(asked.iter().any(|target| target.starts_with("/new")), "{asked:?}");
    assert!(!asked.iter().any(|target| target.contains("b.txt")), "{asked:?}");
    // The results of a targeted run are known in a targeted plan.
    assert_eq!(run(&cloud, &place, &["-target", "step.blob_upload.a"]).code, Some(0));
    let planned = cloud.run(&place, &["plan", "-against", "latest", "-target", "output.a"]);
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    assert!(
        planned.out.contains("needs step.blob_upload.b, which is not targeted: output.b"),
        "{}",
        planned.seen()
    );
}

#[test]
fn a_plan_file_of_a_selection_runs_that_selection() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    let planned = cloud.run(&place, &["plan", "-live", "-out", "a.plan", "-target", "step.blob_upload.a"]);
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    let shown = place.run(&["show", "a.plan"]);
    assert!(shown.out.contains("not targeted: step.blob_upload.b, "), "{}", shown.seen());
    let other = cloud.run(&place, &["run", "-target", "all", "a.plan"]);
    assert!(
        other.code == Some(3) && other.err.contains("cannot be run with `-target` and `-exclude`"),
        "{}",
        other.seen()
    );
    place.write("main.runbook.hcl", RUNBOOK.replace("\"b.txt\"", "\"c.txt\""));
    let stale = cloud.run(&place, &["run", "a.plan"]);
    assert_eq!(stale.code, Some(3), "{}", stale.seen());
    assert!(
        stale.err.contains("arcbook plan -live -target step.blob_upload.a -out a.plan"),
        "{}",
        stale.seen()
    );
    place.write("main.runbook.hcl", RUNBOOK);
    let ran = cloud.run(&place, &["run", "a.plan"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(cloud.changes(), ["PUT /new/a.txt", "PUT /new?restype=container"]);
}

#[test]
fn a_wrong_address_is_an_error() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    for command in [&["plan"][..], &["graph"], &["run", "-auto-approve"]] {
        let ran = cloud.run(
            &place,
            &[command, &["-target", "step.blob_uplod.a", "-exclude", "step.echo._many[1000]"]].concat(),
        );
        assert_eq!(ran.code, Some(3), "{}", ran.seen());
        for part in ["error[unknown-address]", "did you mean `step.blob_upload.a`?"] {
            assert!(ran.err.contains(part), "no {part} in {}", ran.seen());
        }
    }
    assert!(!place.path().join(".arcbook").exists() && cloud.changes().is_empty());
}

#[test]
fn a_resumed_run_keeps_its_selection_unless_another_is_given() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    cloud.lab.inject("blob:403:method=PUT:path=a.txt:times=1".parse::<Fault>().expect("a fault"));
    let failed = run(&cloud, &place, &["-target", "step.blob_upload.a"]);
    assert_eq!(failed.code, Some(1), "{}", failed.seen());
    let resumed = run(&cloud, &place, &["-resume", "latest"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.seen());
    assert!(
        resumed.out.contains("2 of 2 steps done, 1 changed something, 1 already done, 1001 left out"),
        "{}",
        resumed.seen()
    );
    assert_eq!(cloud.changes(), ["PUT /new/a.txt", "PUT /new?restype=container"]);
    // With another target, completed steps stay completed, whether they are selected or not.
    let other = run(&cloud, &place, &["-resume", "latest", "-target", "step.blob_upload.b"]);
    assert_eq!(other.code, Some(0), "{}", other.seen());
    let all = run(&cloud, &place, &["-resume", "latest", "-target", "all"]);
    assert_eq!(all.code, Some(0), "{}", all.seen());
    assert!(all.out.contains("1003 of 1003 steps done, 3 already done"), "{}", all.seen());
    assert_eq!(cloud.changes().len(), 3);
}

#[test]
fn selection_works_with_the_lab() {
    let place = Place::jumpstart();
    let ran =
        place.run(&["run", "-lab", "-var", "file=hosts", "-target", "step.metadata.machine", "jumpstart"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("1 of 1 steps done"), "{}", ran.seen());
}

/// A plan file fixes its selection; no option of `run` changes it.
#[test]
fn the_selection_of_a_plan_file_is_fixed() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    for how in [&["-live"][..], &[]] {
        let plan = [&["plan", "-out", "part.plan", "-target", "step.blob_upload.b"], how].concat();
        let saved = cloud.run(&place, &plan);
        assert_eq!(saved.code, Some(0), "{}", saved.seen());
        for typed in [&["-target", "step.blob_upload.a"][..], &["-exclude", "step.echo._many"], &["-lab"]] {
            let refused = cloud.run(&place, &[&["run", "part.plan"], typed].concat());
            assert_eq!(refused.code, Some(3), "{typed:?}: {}", refused.seen());
            assert!(refused.err.contains("a plan file cannot be run with"), "{}", refused.seen());
        }
        let shown = cloud.run(&place, &["show", "part.plan"]);
        assert!(shown.out.contains("not targeted: step.blob_container.new"), "{}", shown.seen());
    }
    let ran = cloud.run(&place, &["run", "part.plan"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(cloud.changes(), ["PUT /old/b.txt"]);
}
