//! A run beside a plan that is not its own.

use crate::support::Place;

/// A runbook that leaves a file.
const RUNBOOK: &str = r#"
step "echo" "a" {
  input = "x"
}

step "echo" "each" {
  for_each = toset(["k"])
  input    = each.key
}

step "file" "made" {
  path    = "made.txt"
  content = step.echo.a.output
}
"#;

fn ran() -> Place {
    let place = Place::with(RUNBOOK);
    let ran = place.run(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    place
}

/// Each plan beside the run, with the words of the report; none for a plan that may be that of the run.
#[test]
fn a_plan_that_is_not_that_of_the_run_is_a_finding() {
    let place = ran();
    let echo = |name: &str| format!("step \"echo\" \"{name}\" {{\n  input = \"x\"\n}}\n");
    for (name, runbook, expected) in [
        ("same", RUNBOOK.to_owned(), None),
        ("other", echo("z"), Some("None of the 3 steps of the run is in the plan")),
        ("part", echo("a"), Some("2 of the 3 steps of the run are not in the plan: ")),
        ("key", RUNBOOK.replace("\"k\"", "\"l\""), Some("1 of the 3 steps of the run are not in the plan: ")),
        (
            "more",
            RUNBOOK.to_owned() + &echo("z"),
            Some("1 of the 4 steps of the plan are not in the run: step.echo.z."),
        ),
    ] {
        place.write(&format!("{name}/main.runbook.hcl"), runbook);
        for format in ["-markdown", "-junit"] {
            let ran = place.run(&["report", "latest", format, "-plan", name]);
            let Some(words) = expected else {
                assert_eq!(ran.code, Some(0), "{name}: {}", ran.seen());
                continue;
            };
            assert_eq!(ran.code, Some(1), "{name}: {}", ran.seen());
            assert!(ran.err.contains("error[another-plan]") && ran.err.contains(words), "{}", ran.seen());
        }
        let report = place.run(&["report", "latest", "-markdown", "-plan", name]).out;
        assert_eq!(
            report.matches(expected.unwrap_or("is not in the plan")).count(),
            if expected.is_some() { 2 } else { 0 },
            "{report}"
        );
        assert!(expected.is_none() || !report.contains("was planned"), "{name}: {report}");
    }
}

/// An undo has the steps of the run, and none of its requests.
#[test]
fn an_undo_is_not_compared_with_the_plan_of_its_run() {
    let place = ran();
    let undone = place.run(&["undo", "-auto-approve"]);
    assert_eq!(undone.code, Some(0), "{}", undone.seen());
    let ran = place.run(&["report", "latest", "-markdown", "-plan", "."]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    for words in ["The run undoes ", "not those of an undo."] {
        assert!(ran.out.contains(words) && ran.err.contains(words), "{}", ran.seen());
    }
    assert_eq!(place.run(&["report", "latest"]).code, Some(0));
}
