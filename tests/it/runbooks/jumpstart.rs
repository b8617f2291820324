//! The Jumpstart lab: a container and a blob in the account that lies beside the machine.

use super::life::{self, Stage};
use super::scene::Scene;

struct Jumpstart(Scene);

impl Jumpstart {
    fn blob(&self) -> Option<String> {
        let url = format!("{}/kept/hosts.txt", self.0.cloud.lab.azure().blob("arcmi00000000"));
        self.0.read("ArcBox-Ubuntu-01", "https://storage.azure.com", &url)
    }
}

impl Stage for Jumpstart {
    fn set_up() -> Self {
        let scene = Scene::of("jumpstart");
        let scene =
            scene.options(["-var=container=kept".to_owned()]).environment("ARCBOOK_VAR_file", "hosts");
        scene.place.write("jumpstart/hosts", "127.0.0.1 localhost\n");
        Self(scene)
    }

    fn scene(&self) -> &Scene {
        &self.0
    }

    fn check_done(&self) {
        assert_eq!(self.blob().as_deref(), Some("127.0.0.1 localhost\n"));
    }

    fn check_undone(&self) {
        assert_eq!(self.blob(), None);
    }
}

#[test]
fn runs_again_and_undoes() {
    life::runs_again_and_undoes::<Jumpstart>();
}

#[test]
fn survives_kills() {
    life::survives_kills::<Jumpstart>();
}

/// Nothing is read or uploaded where it is not clear which vault or which account is meant.
#[test]
fn several_vaults_or_accounts_are_not_guessed_among() {
    let group = "{ resource_group = \"arc_pilot\" }";
    let several = [
        ("key_vault", "a0vault", "several key vaults, a0vault and arcmi00000000 among them", "vault"),
        ("storage_account", "a0account", "several storage accounts, a0account and arcmi00000000", "account"),
    ];
    for (kind, other, says, option) in several {
        let more = format!("\n{kind} \"{other}\" {group}\n");
        let scene = Scene::in_world("jumpstart", |world| world + &more);
        scene.place.write("jumpstart/hosts", "127.0.0.1 localhost\n");
        let scene = scene.environment("ARCBOOK_VAR_file", "hosts");
        let ran = scene.ran_runbook(&["run", "-auto-approve"]);
        let told = ran.err.replace("\n  ", " ");
        let choose = format!("choose one with -var {option}=NAME");
        assert!(ran.code == Some(1) && told.contains(says) && told.contains(&choose), "{}", ran.seen());
        assert!(scene.changes().is_empty(), "{}", ran.seen());
        let ran = scene.ran_runbook(&["run", "-auto-approve", &format!("-var={option}=arcmi00000000")]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
    }
}
