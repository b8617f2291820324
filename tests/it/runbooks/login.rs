//! A program with a token of the machine: it reads, so a run leaves nothing but its record.

use super::life::{self, Stage};
use super::scene::Scene;

struct Login(Scene);

impl Stage for Login {
    fn set_up() -> Self {
        let scene = Scene::of("login");
        let audience = format!("-var=resource={}", scene.cloud.lab.azure().arm);
        Self(scene.options([audience]))
    }

    fn scene(&self) -> &Scene {
        &self.0
    }

    fn check_done(&self) {
        let names = self.0.ran(&["output", "-json", "latest", "tag_names"]);
        assert_eq!(names.out.trim(), r#"["city","datacentre","scenario"]"#, "{}", names.seen());
        self.check_undone();
    }

    fn check_undone(&self) {
        assert!(self.0.changes().is_empty());
        for (path, content) in self.0.place.files() {
            assert!(!content.windows(4).any(|bytes| bytes == b"eyJ0"), "{} has a token", path.display());
        }
    }
}

#[test]
fn runs_again_and_undoes() {
    life::runs_again_and_undoes::<Login>();
}

#[test]
fn survives_kills() {
    life::survives_kills::<Login>();
}
