//! A machine that is onboarded, or is not ready for it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use super::super::life::{self, Stage as _};
use super::machine::{Onboarding, SECRETS, package, ran};
use crate::support::{Place, Ran, copy, finished, repository};

#[test]
fn runs_again_and_undoes() {
    life::runs_again_and_undoes::<Onboarding>();
}

#[test]
fn survives_kills() {
    life::survives_kills::<Onboarding>();
}

/// Returns what is said about a preflight that fails, and asserts that nothing was changed.
fn stopped(machine: &Onboarding, code: i32, mut command: Command) -> String {
    let ran = Ran::of(finished(&mut command));
    assert_eq!(ran.code, Some(code), "{}", ran.seen());
    assert!(machine.scene.changes().is_empty(), "{}", ran.seen());
    assert!(!machine.installed() && machine.dpkg_runs() == 0, "{}", ran.seen());
    assert!(!machine.scene.place.path().join("cache").exists(), "{}", ran.seen());
    ran.seen()
}

#[test]
fn a_machine_that_is_not_ready_is_left_alone() {
    for (option, says) in [
        ("-var=disk_gib=100000000", "Free some space: the agent and its extensions need 100000000 GiB"),
        ("-var=hosts=[\"no-such-host.invalid\"]", "no-such-host.invalid"),
        ("-var=proxy=http://proxy.invalid:3128", "set HTTPS_PROXY for arcbook and `proxy` for the agent"),
    ] {
        let machine = Onboarding::new().with(option);
        let seen = stopped(&machine, 1, machine.scene.command_of_runbook(&["run", "-auto-approve"]));
        assert!(seen.contains(says), "{option}: {seen}");
    }
}

/// The values of the lab name no package, and neither does an empty text.
#[test]
fn a_machine_without_a_package_must_have_the_agent() {
    for option in ["-var=package_sha256=", "-var=package="] {
        let machine = Onboarding::of("onboard").with(option);
        let seen = stopped(&machine, 1, machine.scene.command_of_runbook(&["run", "-auto-approve"]));
        let told = seen.replace("\n  ", " ");
        assert!(told.contains("or install the agent: it is not installed here"), "{option}: {seen}");
        let path = machine.scene.place.path();
        ran(Command::new(path.join("bin/dpkg")).args(["--install", "azcmagent.deb"]).current_dir(path));
        let onboarded = machine.scene.ran_runbook(&["run", "-auto-approve"]);
        assert_eq!(onboarded.code, Some(0), "{option}: {}", onboarded.seen());
        machine.check_done();
    }
}

#[test]
fn only_root_onboards() {
    let machine = Onboarding::new().with("-var=root=true");
    let everyone = fs::Permissions::from_mode(0o777);
    fs::set_permissions(machine.scene.place.path(), everyone).expect("its mode");
    let mut command = machine.scene.command_of_runbook(&["run", "-auto-approve"]);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    match command.output() {
        Ok(output) => {
            let seen = Ran::of(output).seen();
            assert!(seen.contains("Run it as root"), "{seen}");
            assert!(machine.scene.changes().is_empty() && !machine.installed(), "{seen}");
        }
        Err(error) => not_tested("that only root onboards", &error.to_string()),
    }
}

fn not_tested(test: &str, why: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: {test}: {why} ***\n");
}

#[test]
fn another_package_than_the_named_one_is_never_opened() {
    let machine = Onboarding::of("onboard");
    let sha256 = machine.sha256.replace(|digit: char| digit.is_ascii_digit(), "a");
    let machine = machine.with_package(&sha256);
    // The digest is compared when the plan is made, before anything is sent.
    let seen = stopped(&machine, 3, machine.scene.command_of_runbook(&["run", "-auto-approve"]));
    assert!(seen.contains("The package is not the one that `package_sha256` names"), "{seen}");
    let requests = machine.scene.cloud.lab.requests();
    assert!(requests.iter().all(|request| request.target.starts_with("/metadata/endpoints")), "{requests:?}");
}

#[test]
fn an_agent_that_upgraded_itself_is_not_replaced_by_an_older_package() {
    let machine = Onboarding::new();
    let newer = package(&machine.scene, "1.60");
    let path = machine.scene.place.path();
    ran(Command::new(path.join("bin/dpkg")).args(["--install", "azcmagent.deb"]).current_dir(path));
    let runs = machine.dpkg_runs();
    assert_ne!(newer, machine.sha256);
    assert_eq!(package(&machine.scene, "1.50"), machine.sha256);
    let ran = machine.scene.ran_runbook(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    // Only the comparison of the versions ran dpkg.
    assert!(machine.read("root/var/lib/dpkg/status").contains("Version: 1.60"), "{}", ran.seen());
    assert_eq!(machine.dpkg_runs(), runs + 1, "{}", ran.seen());
    machine.check_done();
}

#[test]
fn a_new_membership_that_the_vault_does_not_see_yet_is_waited_for() {
    let machine = Onboarding::new();
    machine.scene.cloud.lab.inject("keyvault:403:times=1".parse().expect("a fault"));
    let ran = machine.scene.ran_runbook(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    machine.check_done();
}

/// Both runbooks run in one command, and change nothing of the computer that they run on.
#[test]
fn both_run_on_the_embedded_lab() {
    let place = Place::new();
    copy(&repository().join("runbooks/onboard"), &place.path().join("onboard"));
    let before = place.files();
    for folder in ["onboard", "onboard/offboard"] {
        // Nothing is asked, because nothing but the Azure of the lab changes.
        let ran = place.run(&["run", "-lab", folder]);
        assert_eq!(ran.code, Some(0), "{folder}: {}", ran.seen());
        assert!(ran.out.contains("lab.vars.hcl"), "{folder}: {}", ran.seen());
        assert!(!SECRETS.iter().any(|secret| ran.seen().contains(secret)), "{}", ran.seen());
        let planned = place.run(&["plan", "-live", "-lab", folder]);
        assert_eq!(planned.code, Some(0), "{folder}: {}", planned.seen());
    }
    let is_record = |path: &Path| path.starts_with(place.path().join(".arcbook"));
    let mut left = place.files();
    left.retain(|(path, _)| !is_record(path));
    left.sort();
    let mut before = before;
    before.sort();
    assert!(left == before, "{:?}", left.iter().map(|(path, _)| path).collect::<Vec<_>>());
}
