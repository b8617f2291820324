//! The role, which installs a runbook and runs it.

use serde_json::{Value as Json, json};

use super::machines::{Machines, RUNBOOK, changes, recap};
use crate::support::Ran;

/// Runs the role on all machines.
pub(super) fn play(machines: &Machines, more: &[&str]) -> Ran {
    let role = json!({
        "name": "Run the role",
        "ansible.builtin.include_role": { "name": "arcbook.arcbook.arcbook" },
        "vars": {
            "arcbook_name": "site",
            "arcbook_source": "{{ playbook_dir }}/site",
            "arcbook_path": "{{ directory }}/etc/site",
            "arcbook_journal": "{{ directory }}/var/site",
            "arcbook_program": "{{ playbook_dir }}/program",
            "arcbook_executable": "{{ directory }}/bin/arcbook",
            "arcbook_vars": { "role": "{{ role_of_site | default('web') }}" },
        },
    });
    machines.play_tasks(&[role], "arcbook_result", more)
}

/// Starts two machines, and a controller with a runbook for them.
pub(super) fn machines() -> Option<Machines> {
    let machines = Machines::start(&["east", "west"])?;
    let program = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_arcbook"));
    machines.place.write("controller/program", program);
    machines.place.write("controller/site/main.runbook.hcl", RUNBOOK);
    machines.place.write("controller/site/modules/x/x.runbook.hcl", "output \"x\" { value = 1 }\n");
    machines.place.write("controller/site/.arcbook/runs/old.jsonl", "a record of the controller\n");
    for name in ["east", "west"] {
        std::fs::create_dir_all(machines.place.path().join(name).join("bin")).expect("a directory");
    }
    Some(machines)
}

/// Returns the files below the directory of the runbook on a machine.
pub(super) fn installed(machines: &Machines, name: &str) -> Vec<String> {
    let root = machines.place.path().join(name).join("etc/site");
    let files = machines.place.files().into_iter().filter_map(|(path, _)| {
        let path = path.strip_prefix(&root).ok()?;
        Some(path.to_string_lossy().into_owned())
    });
    let mut files: Vec<String> = files.collect();
    files.sort();
    files
}

#[test]
fn the_role_installs_the_runbook_and_runs_it() {
    let Some(machines) = machines() else { return };
    let planned = play(&machines, &["--check", "--diff"]);
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    assert_eq!(machines.changes(), [0, 0]);
    let plan = machines.result("east");
    assert_eq!(changes(&plan).len(), 2, "{plan}");
    for name in ["east", "west"] {
        assert!(installed(&machines, name).is_empty(), "{}", planned.seen());
        assert!(!machines.place.path().join(name).join("bin/arcbook").exists());
    }

    let ran = play(&machines, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(changes(&machines.result("west")), changes(&plan));
    assert_eq!(installed(&machines, "east"), ["main.runbook.hcl", "modules/x/x.runbook.hcl"]);
    for more in [&[][..], &["--check"]] {
        let again = play(&machines, more);
        assert_eq!(again.code, Some(0), "{}", again.seen());
        assert_eq!((recap(&again, "east", "changed"), machines.changes()), (0, vec![2, 2]), "{}", again.out);
    }
}

#[test]
fn a_file_that_is_gone_from_the_runbook_is_gone_from_the_machine() {
    let Some(machines) = machines() else { return };
    let extra = "step \"blob_container\" \"extra\" {\n  account = \"acc01\"\n  name    = \"extra\"\n}\n";
    let file = "controller/site/extra.runbook.hcl";
    machines.place.write(file, extra);
    std::fs::remove_dir_all(machines.place.path().join("controller/site/.arcbook")).expect("removed");
    assert_eq!(play(&machines, &["--limit", "east"]).code, Some(0));
    std::fs::remove_file(machines.place.path().join(file)).expect("removed");
    // The plan is that of the files of the controller, which the machine does not have yet.
    let plan = play(&machines, &["--limit", "east", "--check", "-e", "role_of_site=db"]);
    assert_eq!(plan.code, Some(0), "{}", plan.seen());
    let result = machines.result("east");
    assert_eq!(changes(&result), [("step.blob_upload.report".to_owned(), "update".to_owned())], "{result}");
    let ran = play(&machines, &["--limit", "east", "-e", "role_of_site=db"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(installed(&machines, "east"), ["main.runbook.hcl", "modules/x/x.runbook.hcl"]);
    assert_eq!(machines.result("east")["steps"]["done"], json!(3));
}

#[test]
fn a_folder_without_a_runbook_is_refused() {
    let Some(machines) = machines() else { return };
    std::fs::remove_file(machines.place.path().join("controller/site/main.runbook.hcl")).expect("removed");
    std::fs::remove_dir_all(machines.place.path().join("controller/site/modules")).expect("removed");
    let ran = play(&machines, &[]);
    assert_eq!(ran.code, Some(2), "{}", ran.seen());
    assert!(ran.seen().contains("There is no *.runbook.hcl in "), "{}", ran.seen());
    assert_eq!(machines.changes(), [0, 0]);
}

#[test]
fn the_lab_stands_in_for_azure() {
    let Some(mut machines) = Machines::start(&["east"]) else { return };
    machines.place.write(
        "east/runbook/main.runbook.hcl",
        "step \"metadata\" \"m\" {}\noutput \"name\" { value = step.metadata.m.name }\n",
    );
    machines.set("lab", true);
    for more in [&[][..], &["--check"]] {
        let ran = machines.play(more);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_eq!(machines.result("east")["outputs"], json!({ "name": "ArcBox-Ubuntu-01" }));
    }
    let requests: Vec<Json> =
        machines.cloud("east").lab.requests().iter().map(|one| one.target.clone().into()).collect();
    assert!(requests.is_empty(), "{requests:?}");
}
