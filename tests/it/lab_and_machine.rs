//! A run on the embedded lab that changes this machine: the lab does not stand for it.

use std::fs;

use crate::chain::holds;
use crate::cloud::WORLD;
use crate::support::Place;

const CONTAINER: &str = "step \"blob_container\" \"c\" {\n  account = \"acc01\"\n  name    = \"new\"\n}\n";
const FILE: &str = "step \"file\" \"motd\" {\n  path    = \"motd\"\n  content = \"new\"\n}\n";
const PROGRAM: &str = "step \"exec\" \"mark\" {\n  argv = [\"sh\", \"-c\", \"echo x >> mark\"]\n}\n";
const SAID: &str = "The lab stands for Azure, not for this machine or a database, which these steps change:";

fn place(runbook: &str) -> Place {
    let place = Place::with(runbook);
    place.write("world.lab.hcl", WORLD);
    place.write("motd", "old");
    place
}

/// Returns the content of a file; none if it does not exist.
fn read(place: &Place, name: &str) -> Option<String> {
    fs::read_to_string(place.path().join(name)).ok()
}

/// Returns the number of files that keep prior content.
fn kept(place: &Place) -> usize {
    let entries = fs::read_dir(place.path()).expect("a directory").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(".motd.arcbook-")).count()
}

/// Returns the newest run, as `runs` lists it.
fn newest(place: &Place) -> serde_json::Value {
    let listed = place.run(&["runs", "-json"]);
    let first = listed.out.lines().next().expect("a run");
    serde_json::from_str(first).expect("JSON")
}

#[test]
fn a_run_on_the_lab_asks_before_it_changes_this_machine() {
    let absent = "step \"file\" \"motd\" {\n  path  = \"motd\"\n  state = \"absent\"\n}\n";
    let reads = "step \"exec\" \"reads\" {\n  argv   = [\"cat\", \"motd\"]\n  effect = \"reads\"\n}\n";
    let never = FILE.replace("path ", "when = false\n  path ");
    let each = FILE.replace("path ", "for_each = step.metadata.m.tags\n  path ");
    let each = format!("step \"metadata\" \"m\" {{}}\n{each}");
    let both = format!("{CONTAINER}{FILE}{PROGRAM}");
    // The runbook, and the steps that change this machine.
    let cases: [(&str, &[&str]); 8] = [
        (CONTAINER, &[]),
        (reads, &[]),
        (&never, &[]),
        (FILE, &["step.file.motd"]),
        (absent, &["step.file.motd"]),
        (PROGRAM, &["step.exec.mark"]),
        (&both, &["step.file.motd", "step.exec.mark"]),
        (&each, &["step.file.motd"]),
    ];
    for (runbook, steps) in cases {
        let place = place(runbook);
        let ran = place.run(&["run", "-lab"]);
        let is_refused = ran.err.contains("approval cannot be asked for");
        assert_eq!(is_refused, !steps.is_empty(), "{runbook}{}", ran.seen());
        assert_eq!(ran.code, Some(i32::from(is_refused)), "{runbook}{}", ran.seen());
        assert_eq!((read(&place, "motd").as_deref(), read(&place, "mark")), (Some("old"), None), "{runbook}");
        let approved = place.run(&["run", "-lab", "-auto-approve"]);
        assert_eq!(approved.code, Some(0), "{runbook}{}", approved.seen());
        for ran in [&ran, &approved] {
            assert_eq!(ran.out.contains(SAID), is_refused, "{runbook}{}", ran.seen());
            assert!(steps.iter().all(|step| ran.out.contains(step)), "{runbook}{}", ran.seen());
        }
        let approval = newest(&place)["approval"].clone();
        assert_eq!(approval, if is_refused { "auto_approve" } else { "lab" }, "{runbook}");
        let json = place.run(&["run", "-lab", "-auto-approve", "-json"]);
        assert_eq!(json.out.contains("\"changes_this_machine\""), is_refused, "{}", json.seen());
        let quiet = place.run(&["run", "-lab", "-auto-approve", "-quiet"]);
        assert_eq!((quiet.code, &*quiet.out, &*quiet.err), (Some(0), "", ""), "{runbook}");
    }
}

/// The lab serves no database, so a statement reaches a real one.
#[test]
fn a_run_on_the_lab_asks_before_it_changes_a_database() {
    let statement = |effect: &str| {
        format!(
            "step \"postgres_query\" \"row\" {{\n  host = \"localhost\"\n  port = 1\n  database = \"d\"\n  user = \"u\"\n  \
             statement = \"SELECT 1 AS x\"\n  effect = \"{effect}\"\n  retry {{\n    attempts = 1\n  }}\n}}\n"
        )
    };
    for (effect, asks) in [("changes", true), ("reads", false)] {
        let ran = place(&statement(effect)).run(&["run", "-lab"]);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        assert_eq!(ran.err.contains("approval cannot be asked for"), asks, "{}", ran.seen());
        assert_eq!(ran.out.contains(&format!("{SAID} step.postgres_query.row")), asks, "{}", ran.seen());
    }
}

#[test]
fn what_a_run_on_the_lab_changed_on_this_machine_is_undone() {
    let place = place(&format!("{CONTAINER}{FILE}{PROGRAM}"));
    holds(&place.run(&["run", "-lab", "-auto-approve"]), 0, &[]);
    assert_eq!((read(&place, "motd").as_deref(), kept(&place)), (Some("new"), 1));
    let listed = place.run(&["undo", "-plan"]);
    holds(&listed, 0, &["~ step.file.motd", "= step.exec.mark: the effect of a program cannot be undone"]);
    let ended = "= step.blob_container.c: it was in the Azure of the embedded lab, which ended with that run";
    holds(&listed, 0, &[ended]);
    let refused = place.run(&["run", "-auto-approve", "-resume", "latest"]);
    holds(&refused, 3, &["it used the embedded lab, which ended with that run", "arcbook undo "]);
    // The record and the content stay as long as they can be of use.
    let prune = ["runs", "prune", "-keep", "0", "-auto-approve"];
    holds(&place.run(&prune), 0, &["they can still be undone"]);
    assert_eq!(kept(&place), 1);
    holds(&place.run(&["undo"]), 1, &["approval cannot be asked for"]);
    holds(&place.run(&["undo", "-auto-approve"]), 0, &[]);
    assert_eq!((read(&place, "motd").as_deref(), kept(&place)), (Some("old"), 0));
    holds(&place.run(&["undo", "-auto-approve"]), 0, &["There is nothing to undo", ended]);
}

/// A download reads from the lab, and changes this machine.
#[test]
fn a_file_that_a_run_downloaded_from_the_lab_is_undone() {
    let upload = "step \"blob_upload\" \"u\" {\n  account   = \"acc01\"\n  container = step.blob_container.c.name\n  name      = \"a\"\n  content   = \"new\"\n}\n";
    let download = "step \"blob_download\" \"d\" {\n  account   = \"acc01\"\n  container = step.blob_container.c.name\n  name      = \"a\"\n  path      = \"motd\"\n  depends_on = [step.blob_upload.u]\n}\n";
    let place = place(&format!("{CONTAINER}{upload}{download}"));
    holds(&place.run(&["run", "-lab", "-auto-approve"]), 0, &[]);
    assert_eq!(read(&place, "motd").as_deref(), Some("new"));
    holds(&place.run(&["undo", "-plan"]), 0, &["~ step.blob_download.d"]);
    holds(&place.run(&["undo", "-auto-approve"]), 0, &[]);
    assert_eq!(read(&place, "motd").as_deref(), Some("old"));
}

#[test]
fn content_that_a_run_on_the_lab_replaced_goes_with_its_record() {
    let place = place(FILE);
    holds(&place.run(&["run", "-lab", "-auto-approve"]), 0, &[]);
    let prune = ["runs", "prune", "-keep", "0", "-including-undoable", "-auto-approve"];
    holds(&place.run(&prune), 0, &["1 record removed"]);
    assert_eq!((read(&place, "motd").as_deref(), kept(&place)), (Some("new"), 0));
}

#[test]
fn a_run_on_the_lab_that_failed_says_how_to_undo_its_changes_of_this_machine() {
    let fails = "step \"exec\" \"z\" {\n  argv       = [\"false\"]\n  depends_on = [step.file.motd]\n}\n";
    let place = place(&format!("{FILE}{fails}"));
    let ran = place.run(&["run", "-lab", "-auto-approve"]);
    holds(&ran, 1, &["To undo what it changed on this machine: arcbook undo "]);
    assert!(!ran.out.contains("-resume"), "{}", ran.seen());
    holds(&place.run(&["undo", "-auto-approve"]), 0, &[]);
    assert_eq!(read(&place, "motd").as_deref(), Some("old"));
    // There is nothing to undo if the run failed before it changed anything here.
    let reads = "step \"exec\" \"r\" {\n  argv   = [\"false\"]\n  effect = \"reads\"\n}\n";
    let after = FILE.replace("path ", "depends_on = [step.exec.r]\n  path ");
    let early = self::place(&format!("{reads}{after}")).run(&["run", "-lab", "-auto-approve"]);
    holds(&early, 1, &[SAID]);
    assert!(!early.out.contains("arcbook undo"), "{}", early.seen());
    // The run itself undoes everything, because its Azure has not ended yet.
    let undoes = format!("runbook {{\n  on_failure = \"undo\"\n}}\n{CONTAINER}{FILE}{fails}");
    place.write(
        "main.runbook.hcl",
        undoes.replace("[step.file.motd]", "[step.file.motd, step.blob_container.c]"),
    );
    holds(&place.run(&["run", "-lab", "-auto-approve"]), 1, &["- step.blob_container.c", "~ step.file.motd"]);
    assert_eq!((read(&place, "motd").as_deref(), kept(&place)), (Some("old"), 0));
}

/// A run starts another one in its directory.
#[test]
fn a_run_on_the_lab_that_changes_this_machine_takes_the_lock() {
    for (inner, is_refused) in [(FILE, true), (CONTAINER, false)] {
        let place = place(
            r#"
variable "program" {}

step "exec" "inner" {
  argv          = [var.program, "run", "-lab", "-auto-approve", "-journal", "other", "inner.runbook.hcl"]
  success_codes = [0, 1, 3, 4]
}

output "err" { value = step.exec.inner.stderr }
"#,
        );
        place.write("inner.runbook.hcl", inner);
        let program = format!("program={}", env!("CARGO_BIN_EXE_arcbook"));
        let arguments = ["run", "-lab", "-auto-approve", "-var", &program, "main.runbook.hcl"];
        let ran = place.run(&arguments);
        holds(&ran, 0, &[]);
        assert_eq!(ran.out.contains("runbook-locked"), is_refused, "{}", ran.seen());
        assert_eq!(read(&place, "motd").as_deref(), Some("old"), "{}", ran.seen());
    }
}

/// The lab plays the agent, its command line included: no step reaches that of this machine, unless it names a program.
#[test]
fn the_agent_of_a_run_on_the_lab_is_that_of_the_lab() {
    let steps = "step \"arc_agent\" \"here\" {}\n\noutput \"was\" { value = step.arc_agent.here.status }\n\n\
                 step \"arc_disconnect\" \"here\" {\n  force_local_only = true\n  depends_on = [step.arc_agent.here]\n}\n";
    let place = place(steps);
    let ran = place.run(&["run", "-lab"]);
    holds(&ran, 0, &["was = \"Connected\"", "removed step.arc_disconnect.here"]);
    assert!(!ran.out.contains(SAID), "{}", ran.seen());
    let shown = place.run(&["show", "-requests", "latest"]);
    assert!(shown.out.contains(" __azcmagent ") && !shown.out.contains("/opt/azcmagent"), "{}", shown.seen());
    let listed = place.run(&["undo", "-plan"]);
    assert!(listed.seen().contains("embedded lab") || listed.seen().contains("nothing"), "{}", listed.seen());
    let named = steps
        .replace("force_local_only = true", "force_local_only = true\n  program = \"/nowhere/azcmagent\"");
    let named = self::place(&named).run(&["run", "-lab"]);
    holds(&named, 1, &[SAID, "step.arc_disconnect.here"]);
}
