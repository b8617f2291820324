//! The files that the role installs, beside those that the runbook makes.

use super::machines::{Machines, RUNBOOK, recap};
use super::role::{installed, machines, play};

const EAST: [&str; 2] = ["--limit", "east"];

/// A step that makes a file beside the runbook, as one with a password.
const MAKES: &str = "\nstep \"file\" \"made\" {\n  path    = \"made\"\n  content = \"made here\"\n}\n";

/// Removes a file of the runbook on the controller.
fn remove(machines: &Machines, name: &str) {
    std::fs::remove_file(machines.place.path().join("controller/site").join(name)).expect("removed");
}

#[test]
fn files_that_the_runbook_makes_stay() {
    let Some(machines) = machines() else { return };
    machines.place.write("controller/site/main.runbook.hcl", format!("{RUNBOOK}{MAKES}"));
    machines.place.write("controller/site/data/old.txt", "old");
    machines.place.write("east/etc/site/data/local.txt", "of this machine");
    for changed in [true, false] {
        let ran = play(&machines, &EAST);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_eq!(recap(&ran, "east", "changed") > 0, changed, "{}", ran.out);
    }
    let with = ["data/local.txt", "data/old.txt", "made", "main.runbook.hcl", "modules/x/x.runbook.hcl"];
    assert_eq!(installed(&machines, "east"), with);
    let planned = play(&machines, &["--limit", "east", "--check"]);
    assert_eq!((planned.code, recap(&planned, "east", "changed")), (Some(0), 0), "{}", planned.out);

    // A file that is gone from the folder goes.
    remove(&machines, "data/old.txt");
    for changed in [true, false] {
        let ran = play(&machines, &EAST);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_eq!(recap(&ran, "east", "changed") > 0, changed, "{}", ran.out);
    }
    assert_eq!(
        installed(&machines, "east"),
        ["data/local.txt", "made", "main.runbook.hcl", "modules/x/x.runbook.hcl"]
    );
}

#[test]
fn a_runbook_that_the_role_did_not_install_is_refused() {
    let Some(machines) = machines() else { return };
    machines.place.write("east/etc/site/stray.runbook.hcl", "output \"stray\" { value = 1 }\n");
    for more in [&EAST[..], &["--limit", "east", "--check"]] {
        let ran = play(&machines, more);
        assert_eq!(ran.code, Some(2), "{}", ran.seen());
        assert!(ran.seen().contains("remove stray.runbook.hcl from the machine"), "{}", ran.seen());
    }
    assert_eq!(
        (machines.changes(), installed(&machines, "east")),
        (vec![0, 0], vec!["stray.runbook.hcl".to_owned()])
    );
}
