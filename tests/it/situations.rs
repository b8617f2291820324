//! Runbooks, plan files and variables that changed between two commands: each message says what happened and what to do.

use std::fs;

use crate::chain::holds;
use crate::cloud::Cloud;
use crate::support::{Place, Ran};

const RUNBOOK: &str = r#"
variable "text" {
  default = "quiet-4c1d"
}

step "blob_upload" "a" {
  account   = "acc01"
  container = "old"
  name      = "a.txt"
  content   = var.text
}

step "blob_upload" "b" {
  account    = "acc01"
  container  = "old"
  name       = "kept.txt"
  content    = "changed"
  depends_on = [step.blob_upload.a]
}
"#;

const SECRET: (&str, &str) = ("\"quiet-4c1d\"", "\"quiet-4c1d\"\n  sensitive = true");

/// Returns a place with a run of the runbook in `book/` that failed at its last step, and the name of that run.
fn stopped(runbook: &str, path: &str) -> (Cloud, Place, String) {
    let cloud = Cloud::start();
    let place = Place::new();
    place.write("book/main.runbook.hcl", runbook);
    cloud.lab.inject("blob:403:method=PUT:path=kept:times=1".parse().expect("a fault"));
    holds(&cloud.run(&place, &["run", "-auto-approve", path]), 1, &["1 failed"]);
    let run = cloud.run(&place, &["runs"]).out.split(' ').next().expect("a run").to_owned();
    (cloud, place, run)
}

fn rename(place: &Place, was: &str, is: &str) {
    fs::rename(place.path().join(was), place.path().join(is)).expect("renamed");
}

/// The change between two commands, the second command (`RUN` is the name of the run), its exit status and its output.
type Case = (&'static str, fn(&Place), &'static [&'static str], i32, &'static [&'static str]);

const RESUME: [&str; 4] = ["run", "-auto-approve", "-resume", "latest"];

fn moved(place: &Place) {
    rename(place, "book", "tome");
}

/// The situations.
const CASES: [Case; 12] = [
    (
        "the directory is renamed, the newest run is meant",
        moved,
        &["run", "-auto-approve", "-resume", "latest", "tome"],
        3,
        &[
            "no run of this runbook is on record",
            "`book`",
            "moved or renamed since the run RUN, name the run, as in `-resume RUN`",
        ],
    ),
    ("the run is named", moved, &["run", "-auto-approve", "-resume", "RUN", "tome"], 0, &["1 already done"]),
    (
        "undo of the newest",
        moved,
        &["undo", "-plan", "-runbook", "tome"],
        0,
        &["nothing to undo", "if it was moved or renamed, name its run: `arcbook undo RUN`"],
    ),
    ("undo of that run", moved, &["undo", "-plan", "RUN"], 0, &["step.blob_upload.a"]),
    ("what it did", moved, &["show", "RUN"], 0, &["step.blob_upload.b: Blob storage answered 403"]),
    (
        "a plan against the newest",
        moved,
        &["plan", "-against", "latest", "tome"],
        3,
        &["no run of this runbook is on record", "name the run, as in `-resume RUN`"],
    ),
    (
        "the file is renamed in its directory",
        |place| rename(place, "book/main.runbook.hcl", "book/other.runbook.hcl"),
        &["run", "-auto-approve", "-resume", "latest", "book"],
        0,
        &["1 already done"],
    ),
    (
        "a step is renamed",
        |place| {
            let text = RUNBOOK.replace("\"a\" {", "\"c\" {").replace("upload.a]", "upload.c]");
            place.write("book/main.runbook.hcl", text.replace("a.txt", "c.txt"));
        },
        &["run", "-auto-approve", "-resume", "latest", "book"],
        0,
        &[
            "warning[unaccounted-change]",
            "a change in step.blob_upload.a, but the runbook no longer has this step",
            "`arcbook undo` undoes it",
        ],
    ),
    (
        "a step has another type",
        |place| {
            let text = "step \"echo\" \"a\" {\n  input = var.text\n}\noutput \"x\" {\n  value = step.echo.a.output\n}\n";
            place.write("book/main.runbook.hcl", format!("variable \"text\" {{\n  default = 1\n}}\n{text}"));
        },
        &["run", "-auto-approve", "-resume", "latest", "book"],
        0,
        &["warning[unaccounted-change]", "a change in step.blob_upload.a", "arcbook leaves it unchanged"],
    ),
    (
        "a variable is declared sensitive",
        |place| place.write("book/main.runbook.hcl", RUNBOOK.replace(SECRET.0, SECRET.1)),
        &["run", "-auto-approve", "-resume", "latest", "book"],
        0,
        &[
            "warning[secrecy-changed]",
            "the variable `text` is sensitive, and was not in the run RUN",
            "holds its value in plain text",
            "nobody reads the record of RUN",
        ],
    ),
    ("nothing", |_| {}, &["run", "-auto-approve", "-resume", "latest", "book"], 0, &["1 already done"]),
    (
        "nothing, and no record",
        |place| rename(place, ".arcbook", "gone"),
        &["run", "-auto-approve", "-resume", "latest", "book"],
        3,
        &["no run is on record: there is no directory ", "/.arcbook/runs", "`-journal DIR`"],
    ),
];

#[test]
fn a_run_is_found_again_or_it_is_said_how() {
    for (what, between, command, code, parts) in CASES {
        let (cloud, place, run) = stopped(RUNBOOK, "book");
        between(&place);
        let command: Vec<&str> =
            command.iter().map(|word| if *word == "RUN" { &*run } else { *word }).collect();
        let ran = cloud.run(&place, &command);
        let parts: Vec<String> = parts.iter().map(|part| part.replace("RUN", &run)).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        holds(&ran, code, &parts);
        assert!(!ran.seen().contains("quiet-4c1d"), "{what}: {}", ran.seen());
    }
}

#[test]
fn a_variable_that_is_not_sensitive_any_more_is_said_to_be_recorded_from_now_on() {
    let (cloud, place, run) = stopped(&RUNBOOK.replace(SECRET.0, SECRET.1), "book");
    place.write("book/main.runbook.hcl", RUNBOOK);
    let ran = cloud.run(&place, &[&RESUME[..], &["book"]].concat());
    let said = format!("the variable `text` is not sensitive any more, as it was in the run {run}");
    holds(&ran, 0, &["warning[secrecy-changed]", &said, "declare it with `sensitive = true` again"]);
    let same = cloud.run(&place, &["run", "-auto-approve", "book"]);
    assert!(!same.err.contains("secrecy-changed"), "{}", same.seen());
}

#[test]
fn a_runbook_that_is_one_file_is_known_by_its_name() {
    let (cloud, place, run) = stopped(RUNBOOK, "book/main.runbook.hcl");
    rename(&place, "book/main.runbook.hcl", "book/other.runbook.hcl");
    let resume =
        |run: &str| cloud.run(&place, &["run", "-auto-approve", "-resume", run, "book/other.runbook.hcl"]);
    holds(&resume("latest"), 3, &["it is `other` in", "the records are of `main` in"]);
    holds(&resume(&run), 3, &["it is of the runbook `main` in", "this is `other` in", "leave out `-resume`"]);
}

/// Runs a plan file after a change to it or to its runbook.
fn with_plan(between: impl Fn(&Place)) -> Ran {
    let place = Place::new();
    let runbook = "step \"echo\" \"a\" {\n  input = 1\n}\noutput \"x\" {\n  value = step.echo.a.output\n}\n";
    place.write("book/main.runbook.hcl", runbook);
    place.write("elsewhere/note.txt", "");
    holds(&place.run(&["plan", "-out", "book/site.plan", "book"]), 0, &["The plan is saved"]);
    between(&place);
    let name = ["book/site.plan", "elsewhere/site.plan", "tome/site.plan"];
    let plan = name.into_iter().find(|name| place.path().join(name).exists()).expect("a plan");
    place.run(&["run", plan])
}

/// The change, the exit status of `run PLAN` and its output.
type Moved = (&'static str, fn(&Place), i32, &'static [&'static str]);

#[test]
fn a_plan_file_that_was_moved_or_whose_runbook_was_is_explained() {
    let cases: [Moved; 5] = [
        ("nothing", |_| {}, 0, &["1 of 1 step"]),
        (
            "the plan file is moved",
            |place| rename(place, "book/site.plan", "elsewhere/site.plan"),
            3,
            &[
                "the runbook `book` of the plan elsewhere/site.plan is not where it was",
                "restore both locations",
                "arcbook plan -out FILE",
            ],
        ),
        (
            "the plan file is moved beside another runbook",
            |place| {
                place.write("elsewhere/main.runbook.hcl", "output \"x\" {\n  value = 1\n}\n");
                rename(place, "book/site.plan", "elsewhere/site.plan");
            },
            3,
            &[
                "the runbook was called `book` when the plan was made, and is called `elsewhere` now",
                "lies beside another runbook",
            ],
        ),
        (
            "the directory of both is renamed",
            |place| rename(place, "book", "tome"),
            3,
            &[
                "the runbook was called `book` when the plan was made, and is called `tome` now",
                "moved or renamed",
                "save a new plan",
            ],
        ),
        (
            "the file of the runbook is renamed",
            |place| rename(place, "book/main.runbook.hcl", "book/other.runbook.hcl"),
            3,
            &["the file main.runbook.hcl is called other.runbook.hcl now", "save a new plan"],
        ),
    ];
    for (_, between, code, parts) in cases {
        let ran = with_plan(between);
        holds(&ran, code, parts);
    }
}

/// `dynamic` makes arguments of a step's type; the engine's own blocks are none.
#[test]
fn a_dynamic_block_around_a_block_of_the_engine_is_explained() {
    let dynamic = |name: &str| format!("dynamic \"{name}\" {{\n    for_each = [1]\n    content {{}}\n  }}\n");
    let step = |name: &str| format!("step \"echo\" \"_a\" {{\n  input = 1\n  {}}}\n", dynamic(name));
    let cases = [
        (step("retry"), "retry", "write `retry { … }`"),
        (step("until"), "until", "write `until { … }`"),
        (step("precondition"), "precondition", "alltrue("),
        (step("postcondition"), "postcondition", "alltrue("),
        (
            format!("variable \"_v\" {{\n  default = 1\n  {}}}\n", dynamic("validation")),
            "validation",
            "alltrue(",
        ),
        (
            format!("output \"o\" {{\n  value = 1\n  {}}}\n", dynamic("precondition")),
            "precondition",
            "alltrue(",
        ),
        (format!("check \"c\" {{\n  {}}}\n", dynamic("assert")), "assert", "alltrue("),
    ];
    for (runbook, name, remedy) in cases {
        let ran = Place::with(&runbook).run(&["validate"]);
        let summary = format!("a `dynamic` block cannot make a `{name}` block");
        holds(&ran, 3, &[&summary, remedy, "1 error"]);
    }
    let slip = Place::with(&step("retri").replace("\"echo\"", "\"arm_get\"")).run(&["validate"]);
    holds(&slip, 3, &["there is no block `retri` here"]);
}
