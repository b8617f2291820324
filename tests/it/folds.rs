//! Instances of a block that stand for others on a page.

use crate::support::Place;

/// Instances whose `when` is false say nothing about the others.
#[test]
fn instances_that_do_not_run_hide_no_change() {
    for (repeated, when) in [
        ("count = 3", "count.index > 0"),
        ("count = 3", "count.index == 2"),
        ("for_each = toset([\"a\", \"b\", \"c\"])", "each.key != \"a\""),
    ] {
        let place = Place::with(&format!(
            "step \"file\" \"f\" {{\n  {repeated}\n  when = {when}\n  path = \"f-${{timestamp()}}.txt\"\n  content = \"x\"\n}}\n"
        ));
        let planned = place.run(&["plan"]).out;
        assert!(!planned.contains("nothing\n"), "{when}: {planned}");
        assert!(planned.contains("Changes   ~ file"), "{when}: {planned}");
    }
}

/// A list of failures that is cut names every block.
#[cfg(unix)]
#[test]
fn the_failures_of_many_instances_hide_no_other_block() {
    let place = Place::with(
        r#"
step "exec" "many" {
  count  = 30
  argv   = ["sh", "-c", "exit ${count.index + 1}"]
  effect = "reads"
}

step "exec" "other" {
  argv       = ["sh", "-c", "exit 99"]
  effect     = "reads"
  run_on     = "always"
  depends_on = [step.exec.many]
}
"#,
    );
    let ran = place.run(&["run"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.out.contains("  failed   step.exec.other: "), "{}", ran.seen());
    let page = place.run(&["show"]).out;
    let before_who = page.split("\nWho ").next().unwrap_or_default();
    assert!(before_who.contains("step.exec.other: "), "{page}");
}

/// Programs that are declared to change nothing are counted on a first page; the others are all there.
#[cfg(unix)]
#[test]
fn many_programs_that_change_nothing_are_counted() {
    let step = |at: usize, effect: &str| {
        format!(
            "step \"exec\" \"s{at}\" {{\n  argv   = [\"echo\", \"{at}\"]\n  effect = \"{effect}\"\n}}\n\n"
        )
    };
    let reads: String = (0..30).map(|at| step(at, "reads")).collect();
    let place = Place::with(&(reads + &step(99, "changes")));
    let ran = place.run(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let programs = |arguments: &[&str]| {
        let seen = place.run(arguments).out;
        let page = seen.split("\n\n<").next().unwrap_or_default().to_owned();
        (page.matches("declared to change nothing").count(), seen)
    };
    for (arguments, rows, more) in [
        (&["plan"][..], 10, "and 20 more programs: -verbose lists them"),
        (&["plan", "-verbose"], 30, ""),
        (&["plan", "-markdown"], 10, "and 20 more programs"),
        (&["show"], 10, "and 20 more programs: -verbose lists them"),
        (&["show", "-verbose"], 30, ""),
        (&["report"], 10, "and 20 more programs"),
    ] {
        let (found, seen) = programs(arguments);
        assert_eq!(found, rows, "{arguments:?}: {seen}");
        assert!(seen.contains(more) && seen.contains("echo 99"), "{arguments:?}: {seen}");
        assert_eq!(seen.contains("more programs"), !more.is_empty(), "{arguments:?}: {seen}");
    }
}
