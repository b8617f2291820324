//! The files that the role installs, beside those that the runbook makes.

use std::os::unix::fs::symlink;
use std::process::Command;

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

#[test]
fn links_are_followed() {
    let Some(machines) = machines() else { return };
    let controller = machines.place.path().join("controller");
    for name in ["main.runbook.hcl", "modules/x"] {
        let (inside, outside) = (controller.join("site").join(name), controller.join(name.replace('/', "-")));
        std::fs::rename(&inside, &outside).expect("moved");
        symlink(&outside, &inside).expect("a link");
    }
    machines.place.write("controller/site/other.runbook.hcl", "output \"other\" { value = 1 }\n");
    for more in [&["--check"][..], &[]] {
        let ran = play(&machines, more);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_eq!(machines.result("west")["changes"].as_array().map(Vec::len), Some(2), "{}", ran.seen());
    }
    assert_eq!(
        installed(&machines, "west"),
        ["main.runbook.hcl", "modules/x/x.runbook.hcl", "other.runbook.hcl"]
    );
    let copy = machines.place.path().join("west/etc/site/main.runbook.hcl");
    assert!(std::fs::symlink_metadata(copy).expect("installed").is_file());
}

#[test]
fn a_folder_that_cannot_be_copied_whole_is_refused() {
    let Some(machines) = machines() else { return };
    let site = machines.place.path().join("controller/site");
    for (name, reason) in [
        ("to nothing", "which cannot be copied: remove modules/odd.runbook.hcl"),
        ("in a circle", "File system loop detected"),
        ("pipe", "which cannot be copied: remove modules/odd.runbook.hcl"),
    ] {
        let path = site.join("modules/odd.runbook.hcl");
        match name {
            "pipe" => drop(Command::new("mkfifo").arg(&path).status().expect("a pipe")),
            "in a circle" => symlink("..", &path).expect("a link"),
            _ => symlink("../missing", &path).expect("a link"),
        }
        let ran = play(&machines, &[]);
        assert_eq!(ran.code, Some(2), "{name}: {}", ran.seen());
        assert!(ran.seen().contains(reason), "{name}: {}", ran.seen());
        let is_there = machines.place.path().join("east/etc/site").exists();
        assert_eq!((machines.changes(), is_there), (vec![0, 0], false), "{name}");
        remove(&machines, "modules/odd.runbook.hcl");
    }
}
