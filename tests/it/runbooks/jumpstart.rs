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
