//! A machine of the test: its package manager is Debian's own, with a root directory of the test, and its package is a real
//! one, whose `azcmagent` asks the agent that the lab plays.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use arcbook_lab::Service;
use serde_json::Value as Json;

use super::super::life::Stage;
use super::super::scene::Scene;
use crate::executable::executable;
use crate::support::{Place, Ran, finished};

pub const MACHINE: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/edge/providers/Microsoft.HybridCompute/machines/web-01";
pub const ARM: &str = "https://management.azure.com";
pub const GRAPH: &str = "https://graph.microsoft.com";
const MEMBERS: &str = "/v1.0/groups/30000000-0000-4000-8000-000000000001/members";

/// The secrets of the world: that of the service principal, and that which the machine reads.
pub const SECRETS: [&str; 2] = ["a secret of the lab", "what the machine may know"];

/// A machine without the agent, and the package to install.
pub struct Onboarding {
    pub scene: Scene,
    /// The SHA-256 of the package.
    pub sha256: String,
}

/// Returns the path of a program of Debian, whatever is first in `PATH`.
fn program(name: &str) -> PathBuf {
    let path = Path::new("/usr/bin").join(name);
    assert!(path.is_file(), "the tests need {name}, as every Debian has it");
    path
}

pub fn script(place: &Place, name: &str, text: &str) {
    executable(&place.path().join(name), &format!("#!/bin/sh\n{text}\n"));
}

pub fn ran(command: &mut Command) -> Ran {
    let ran = Ran::of(finished(command));
    assert_eq!(ran.code, Some(0), "{command:?}: {}", ran.seen());
    ran
}

impl Onboarding {
    pub fn of(folder: &'static str) -> Self {
        Self::in_world(folder, |world| world)
    }

    /// Prepares the machine in the world that `change` makes of the one of the runbook.
    pub fn in_world(folder: &'static str, change: impl FnOnce(String) -> String) -> Self {
        let scene = Scene::in_world(folder, change);
        let at = scene.place.path().to_owned();
        let path = |name: &str| at.join(name).to_str().expect("UTF-8").to_owned();
        for directory in ["root/var/lib/dpkg/info", "root/var/lib/dpkg/updates"] {
            fs::create_dir_all(at.join(directory)).expect("a directory");
        }
        scene.place.write("root/var/lib/dpkg/status", "");
        // The tests need no root: dpkg then keeps the owner, and an administrator's PATH is not asked for.
        let forced = "--force-not-root --force-bad-path --force-unsafe-io --force-script-chrootless";
        let dpkg = format!(
            "echo x >>'{}'\nexec {} --root='{}' {forced} \"$@\"",
            path("dpkg.runs"),
            program("dpkg").display(),
            path("root")
        );
        script(&scene.place, "bin/dpkg", &dpkg);
        let query = format!(
            "exec {} --admindir='{}' \"$@\"",
            program("dpkg-query").display(),
            path("root/var/lib/dpkg")
        );
        script(&scene.place, "bin/dpkg-query", &query);
        let sha256 = package(&scene, "1.50");
        let search = format!("{}:{}", path("bin"), std::env::var("PATH").unwrap_or_default());
        let scene = scene
            .environment("PATH", search)
            .environment("ARCBOOK_TEST_AGENT", path("root/opt/azcmagent/bin/azcmagent"))
            .environment("ARCBOOK_IDENTITY_CLIENT_SECRET_ONBOARDING_SECRET", SECRETS[0]);
        Self { scene, sha256 }
    }

    /// Adds the options that name the package with this digest.
    pub fn with_package(self, sha256: &str) -> Self {
        let path = |name: &str| self.scene.place.path().join(name).to_str().expect("UTF-8").to_owned();
        let options = [
            format!("-var=package={}", path("azcmagent.deb")),
            format!("-var=package_sha256={sha256}"),
            format!("-var=cache={}", path("cache")),
        ];
        Self { sha256: self.sha256, scene: self.scene.options(options) }
    }

    pub fn new() -> Self {
        Self::of("onboard").with_its_package()
    }

    /// Adds the options that name the package as it is.
    pub fn with_its_package(self) -> Self {
        let sha256 = self.sha256.clone();
        self.with_package(&sha256)
    }

    /// Adds an option.
    pub fn with(self, option: &str) -> Self {
        Self { scene: self.scene.options([option.to_owned()]), ..self }
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.scene.place.path().join(file)).unwrap_or_default()
    }

    /// Reads from ARM as the service principal.
    pub fn azure(&self, path: &str) -> Option<Json> {
        let url = format!("{}{path}?api-version=2024-07-10", self.scene.cloud.lab.azure().arm);
        let body = self.scene.read("onboarding", ARM, &url)?;
        Some(serde_json::from_str(&body).expect("JSON"))
    }

    pub fn members(&self) -> Vec<String> {
        let url = format!("http://{}{MEMBERS}", self.scene.cloud.lab.azure().graph);
        let body = self.scene.read("onboarding", GRAPH, &url).expect("the group");
        let body: Json = serde_json::from_str(&body).expect("JSON");
        let ids = body["value"].as_array().expect("a list").iter().map(|member| &member["id"]);
        ids.map(|id| id.as_str().expect("text").to_owned()).collect()
    }

    pub fn installed(&self) -> bool {
        self.scene.place.path().join("root/opt/azcmagent/bin/azcmagent").exists()
    }

    /// Returns the number of programs of the package manager that ran.
    pub fn dpkg_runs(&self) -> usize {
        self.read("dpkg.runs").lines().count()
    }

    /// Asserts that no secret is where others could see it: in a record, a log, an argument or the environment of azcmagent.
    pub fn keeps_secrets(&self) {
        assert!(!self.read("argv").is_empty(), "azcmagent ran");
        let is_of_runbook = |path: &Path| path.starts_with(self.scene.place.path().join("onboard"));
        for (path, bytes) in self.scene.place.files() {
            if is_of_runbook(&path) {
                continue;
            }
            let text = String::from_utf8_lossy(&bytes);
            for secret in SECRETS.into_iter().chain(["eyJ0"]) {
                assert!(!text.contains(secret), "{} has a secret", path.display());
            }
        }
        for config in self.read("argv").lines().filter(|word| word.starts_with('/')) {
            assert!(!Path::new(config).exists(), "{config}");
        }
    }
}

/// Builds the package in this version, and returns its digest. Its program notes its words and its environment.
pub fn package(scene: &Scene, version: &str) -> String {
    let at = scene.place.path();
    let control = format!(
        "Package: azcmagent\nVersion: {version}\nArchitecture: all\nMaintainer: The tests <tests@example.test>\n\
         Description: Stands in for the Azure Connected Machine agent.\n"
    );
    scene.place.write("build/DEBIAN/control", control);
    let (port, here) = (scene.cloud.lab.himds().port, at.display());
    let agent = format!(
        "printf '%s\\n' \"$@\" >>'{here}/argv'\n/usr/bin/env >>'{here}/argv'\nexec '{}' __azcmagent {port} -- \"$@\"",
        env!("CARGO_BIN_EXE_arcbook")
    );
    script(&scene.place, "build/opt/azcmagent/bin/azcmagent", &agent);
    let mut build = Command::new(program("dpkg-deb"));
    build.args(["--root-owner-group", "-Znone", "--build", "build", "azcmagent.deb"]).current_dir(at);
    // The same content has the same digest, whenever it is packed.
    ran(build.env("SOURCE_DATE_EPOCH", "1000000000"));
    let digest = ran(Command::new("sha256sum").arg("azcmagent.deb").current_dir(at));
    digest.out.split(' ').next().expect("a digest").to_owned()
}

impl Stage for Onboarding {
    fn set_up() -> Self {
        Self::new()
    }

    fn scene(&self) -> &Scene {
        &self.scene
    }

    fn check_done(&self) {
        assert!(self.installed());
        let machine = self.azure(MACHINE).expect("the machine is in Azure");
        assert_eq!(machine["tags"]["Site"], "Dock 4");
        let principal = machine["identity"]["principalId"].as_str().expect("an identity");
        assert_eq!(self.members(), [principal]);
        let extension = self.azure(&format!("{MACHINE}/extensions/KeyVaultForLinux")).expect("the extension");
        assert_eq!(extension["properties"]["provisioningState"], "Succeeded");
        let observed =
            &extension["properties"]["settings"]["secretsManagementSettings"]["observedCertificates"];
        assert_eq!(observed[0]["url"], "https://edge-secrets.vault.azure.net/secrets/web");
        let requests = self.scene.cloud.lab.requests();
        let read = requests
            .iter()
            .rfind(|request| request.service == Service::KeyVault && request.status == Some(200));
        assert_eq!(
            read.and_then(|read| read.principal.as_deref()),
            Some("web-01"),
            "the machine itself reads"
        );
        self.keeps_secrets();
    }

    fn check_undone(&self) {
        assert_eq!(self.azure(MACHINE), None);
        assert_eq!(self.azure(&format!("{MACHINE}/extensions/KeyVaultForLinux")), None);
        assert_eq!(self.members(), [""; 0]);
        assert!(!self.scene.place.path().join("cache/azcmagent.deb").exists());
        // No program can be undone: the agent stays until it is removed.
        assert!(self.installed());
    }
}
