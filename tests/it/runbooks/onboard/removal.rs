//! The package of a machine that is taken out: it is gone only if the package manager says so.

use std::path::PathBuf;
use std::process::Command;

use super::machine::{MACHINE, Onboarding, ran, script};
use super::rpm;
use crate::support::{Ran, finished};

/// Returns a machine whose package is to be removed in one attempt; no package manager has it yet.
fn machine(format: &str) -> Onboarding {
    let machine = Onboarding::of("onboard/offboard");
    let file = "onboard/offboard/offboard.runbook.hcl";
    let once = machine.read(file).replace("attempts  = 10", "attempts  = 1");
    assert!(once.contains("attempts  = 1\n"), "{once}");
    machine.scene.place.write(file, once);
    machine.with("-var=remove_package=true").with(&format!("-var=package_format={format}"))
}

/// Returns the command that takes the machine out.
fn offboard(machine: &Onboarding) -> Command {
    machine.scene.command_of_runbook(&["run", "-auto-approve"])
}

fn install(machine: &Onboarding, words: [&str; 2]) {
    let path = machine.scene.place.path();
    ran(Command::new(path.join("bin").join(words[0])).args(["--install", words[1]]).current_dir(path));
    assert!(machine.installed());
}

#[test]
fn a_machine_with_rpm_is_offboarded() {
    if !rpm::has_rpm() {
        return;
    }
    let machine = machine("rpm");
    rpm::program(&machine);
    rpm::package(&machine, "1.50");
    install(&machine, ["rpm", "azcmagent.rpm"]);
    for _ in 0..2 {
        ran(&mut offboard(&machine));
        assert_eq!((machine.installed(), machine.azure(MACHINE)), (false, None));
    }
    let removals = machine.read("rpm.runs").lines().filter(|word| *word == "--erase").count();
    assert_eq!(removals, 1, "the second run removes nothing");
}

/// Each answer is that of a package manager which did not say that the package is not installed.
#[test]
fn a_package_manager_that_fails_is_no_success() {
    for (format, programs) in [("deb", &["dpkg", "dpkg-query"][..]), ("rpm", &["rpm"])] {
        let machine = machine(format);
        install(&machine, ["dpkg", "azcmagent.deb"]);
        let not_installed = "package azcmagent is not installed";
        let broken = format!("error: cannot open Packages database\\n{not_installed}");
        for (code, said) in [(2, "the database is broken"), (127, "not found"), (1, broken.as_str())] {
            for program in programs {
                script(
                    &machine.scene.place,
                    &format!("bin/{program}"),
                    &format!("printf '{said}\\n' >&2; exit {code}"),
                );
            }
            let ran = Ran::of(finished(&mut offboard(&machine)));
            let (first, _) = said.split_once("\\n").unwrap_or((said, ""));
            let is_told = ran.err.contains("step.exec.remove") && ran.err.contains(first);
            assert!(ran.code == Some(1) && is_told, "{format} {code}: {}", ran.seen());
            assert!(machine.installed() && machine.azure(MACHINE).is_none(), "{}", ran.seen());
        }
        let only_a_shell: PathBuf = machine.scene.place.path().join("no package manager");
        std::fs::create_dir(&only_a_shell).expect("a directory");
        std::os::unix::fs::symlink("/bin/sh", only_a_shell.join("sh")).expect("a link");
        let ran = Ran::of(finished(offboard(&machine).env("PATH", only_a_shell)));
        assert!(ran.code != Some(0) && ran.err.contains("step.exec.remove"), "{format}: {}", ran.seen());
    }
}

/// dpkg decides whether there is something to remove, even if it could not be asked before.
#[test]
fn a_package_that_could_not_be_asked_for_is_removed_all_the_same() {
    let machine = machine("deb");
    install(&machine, ["dpkg", "azcmagent.deb"]);
    script(&machine.scene.place, "bin/dpkg-query", "exit 127");
    ran(&mut offboard(&machine));
    assert!(!machine.installed());
}
