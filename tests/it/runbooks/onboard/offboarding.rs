//! A machine that is taken out again.

use std::process::Command;

use super::super::life::{self, Stage};
use super::super::scene::Scene;
use super::machine::{MACHINE, Onboarding, ran};

struct Offboarding(Onboarding);

impl Stage for Offboarding {
    fn set_up() -> Self {
        let machine = Onboarding::of("onboard/offboard");
        let path = machine.scene.place.path();
        ran(Command::new(path.join("bin/dpkg")).args(["--install", "azcmagent.deb"]).current_dir(path));
        assert!(machine.installed() && machine.azure(MACHINE).is_some());
        Self(machine.with("-var=remove_package=true"))
    }

    fn scene(&self) -> &Scene {
        &self.0.scene
    }

    fn check_done(&self) {
        assert!(!self.0.installed());
        assert!(!self.0.read("root/var/lib/dpkg/status").contains("azcmagent"));
        assert_eq!((self.0.azure(MACHINE), self.0.members()), (None, Vec::new()));
        let changes = self.0.scene.changes();
        let change = |text: &str| changes.iter().filter(|request| request.target.contains(text)).count();
        assert_eq!((change("/extensions/"), change("/members/")), (1, 1), "{changes:#?}");
        self.0.keeps_secrets();
    }

    fn check_undone(&self) {
        // An offboarding cannot be taken back: the machine would have another identity.
        self.check_done();
    }
}

#[test]
fn an_offboarding_runs_again() {
    life::runs_again_and_undoes::<Offboarding>();
}

#[test]
fn an_offboarding_survives_kills() {
    life::survives_kills::<Offboarding>();
}

#[test]
fn an_onboarded_machine_is_offboarded() {
    let machine = Onboarding::new();
    let ran = machine.scene.ran_runbook(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let values = "-var-file=onboard/offboard/offboard.lab.vars.hcl";
    for _ in 0..2 {
        let ran = machine.scene.ran(&["run", "-auto-approve", values, "onboard/offboard"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_eq!((machine.azure(MACHINE), machine.members()), (None, Vec::new()), "{}", ran.seen());
        assert!(machine.installed(), "the package stays unless its removal is wanted");
    }
}
