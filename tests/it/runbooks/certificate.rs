//! A certificate of a vault: an nginx that serves it.

use std::fs;
use std::process::Command;

use super::life::{self, Stage};
use super::nginx::{self, Nginx, first_certificate};
use super::scene::Scene;
use crate::cloud::Cloud;
use crate::free_port::free_port;
use crate::support::{Place, Ran, copy, finished, mode, repository};

/// The certificate in the world of the runbook.
const DECLARED: &str = "  certificate \"web\" {\n    subject = \"www.example.net\"\n  }\n";

/// Returns the option with a group that everybody may give a file to: the own one.
fn group() -> String {
    let ran = Ran::of(finished(Command::new("id").arg("-gn")));
    format!("-var=key_group={}", ran.out.trim())
}

struct Web {
    scene: Scene,
    nginx: Nginx,
    /// The files before the first run: the certificate and the key.
    before: [String; 2],
}

/// Returns the world with a certificate whose secret is PEM, so that the test can read it.
fn world(world: &str) -> String {
    assert!(world.contains(DECLARED), "{world}");
    world.replace(DECLARED, &DECLARED.replace("subject", "format  = \"pem\"\n    subject"))
}

impl Web {
    fn files(&self) -> [String; 2] {
        ["web.crt", "web.key"].map(|name| fs::read_to_string(self.nginx.tls().join(name)).expect("text"))
    }

    /// Returns the certificate of the vault and its key, as the machine reads them.
    fn wanted(&self) -> String {
        let vault = self.scene.cloud.lab.azure().vault("arcweb00000000");
        let url = format!("{vault}/secrets/web?api-version=7.4");
        let body = self.scene.read("web01", "https://vault.azure.net", &url).expect("a secret");
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        body["value"].as_str().expect("text").to_owned()
    }

    fn run(&self, options: &[&str]) -> Ran {
        self.scene.ran_runbook(&[&["run", "-auto-approve"], options].concat())
    }

    /// Runs the runbook, which fails for this reason, and asserts that everything is as before.
    fn is_rolled_back(&self, options: &[&str], reason: &str) -> Ran {
        let (files, reloads) = (self.files(), self.nginx.reloads());
        let ran = self.run(options);
        assert!(ran.code == Some(1) && ran.err.contains(reason), "{}", ran.seen());
        assert_eq!((self.files() == files, self.nginx.reloads()), (true, reloads), "{}", ran.seen());
        assert!(!ran.seen().contains("PRIVATE KEY"), "{}", ran.seen());
        ran
    }
}

impl Stage for Web {
    fn set_up() -> Self {
        let nginx = Nginx::start();
        let list = |last: &[&str]| {
            let words: Vec<String> =
                nginx.words().into_iter().chain(last.iter().map(|word| (*word).to_owned())).collect();
            serde_json::to_string(&words).expect("JSON")
        };
        let scene = Scene::in_world("certificate", |text| world(&text))
            .environment("ARCBOOK_VAR_directory", nginx.tls())
            .environment("ARCBOOK_VAR_address", format!("localhost:{}", nginx.port))
            .environment("ARCBOOK_VAR_test", list(&["-t"]))
            .environment("ARCBOOK_VAR_reload", list(&["-s", "reload"]));
        let mut web = Self { scene, nginx, before: Default::default() };
        web.before = web.files();
        web
    }

    fn scene(&self) -> &Scene {
        &self.scene
    }

    fn changes(&self) -> usize {
        self.nginx.reloads()
    }

    fn check_done(&self) {
        self.nginx.settled();
        let wanted = self.wanted();
        let (certificate, key) = (self.nginx.tls().join("web.crt"), self.nginx.tls().join("web.key"));
        assert_eq!(self.nginx.served(), first_certificate(&wanted), "nginx serves another certificate");
        let answer = self.nginx.get(&certificate);
        assert_eq!(answer.out, "Hello over TLS.\n", "its issuer is not in the file: {}", answer.seen());
        assert!(wanted.contains(&self.files()[1]), "the key is that of the vault");
        assert_eq!((mode(&certificate), mode(&key)), (0o644, 0o600));
    }

    fn check_undone(&self) {
        assert!(self.files() == self.before, "the earlier files are back");
        assert_eq!(fs::read_dir(self.nginx.tls()).expect("readable").count(), 2);
    }
}

#[test]
fn runs_again_and_undoes() {
    life::runs_again_and_undoes::<Web>();
}

#[test]
fn survives_kills() {
    life::survives_kills::<Web>();
}

#[test]
fn a_renewed_certificate_is_loaded_once() {
    let mut web = Web::set_up();
    assert_eq!(web.run(&[]).code, Some(0));
    web.check_done();
    let first = web.nginx.served();
    assert_eq!((web.run(&[]).code, web.nginx.reloads()), (Some(0), 1), "nothing is new");
    // Another lab of the same world makes another certificate.
    let path = web.scene.place.path().join("certificate/certificate.lab.hcl");
    web.scene.cloud = Cloud::of_world(&fs::read_to_string(path).expect("the world"));
    for expected in [2, 2] {
        let ran = web.run(&[]);
        assert_eq!((ran.code, web.nginx.reloads()), (Some(0), expected), "{}", ran.seen());
        web.check_done();
        assert_ne!(web.nginx.served(), first);
    }
    let group = group();
    assert_eq!((web.run(&["-var=key_mode=0640", &group]).code, web.nginx.reloads()), (Some(0), 2));
    assert_eq!(mode(&web.nginx.tls().join("web.key")), 0o640);
}

#[test]
fn a_mode_that_gives_the_key_away_is_refused() {
    let scene = Scene::of("certificate");
    let group = group();
    let refused = ["0666", "0644", "0604", "0601", "0660", "0620", "0610", "0700", "4600", "0", "", "u=rw"];
    for mode in refused {
        let ran = scene.ran_runbook(&["plan", &group, &format!("-var=key_mode={mode}")]);
        assert!(
            ran.code == Some(3) && ran.err.contains("Only the owner may write the key"),
            "{}",
            ran.seen()
        );
    }
    for (mode, needs_group) in
        [("0600", false), ("600", false), ("0400", false), ("0640", true), ("440", true)]
    {
        let mode = format!("-var=key_mode={mode}");
        let ran = scene.ran_runbook(&["plan", &mode]);
        let told = ran.err.contains("Name the group that may read the key");
        assert_eq!((ran.code == Some(3), told), (needs_group, needs_group), "{}", ran.seen());
        let ran = scene.ran_runbook(&["plan", &group, &mode]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
    }
}

/// nginx finds the key too short, so the earlier certificate is served, and its files are back.
#[test]
fn a_certificate_that_the_service_refuses_is_rolled_back() {
    let mut web = Web::set_up();
    assert_eq!(web.run(&[]).code, Some(0));
    web.nginx.settled();
    let served = web.nginx.served();
    let place = Place::new();
    let (certificate, key) = (place.path().join("short.crt"), place.path().join("short.key"));
    nginx::self_signed(&["-newkey", "rsa:1024"], &certificate, &key);
    let text = |path| fs::read_to_string(path).expect("text");
    let secret = serde_json::to_string(&format!("{}{}", text(key), text(certificate))).expect("JSON");
    let path = web.scene.place.path().join("certificate/certificate.lab.hcl");
    let declared = world(DECLARED);
    let secret = format!(
        "secret \"web\" {{\n    value = {secret}\n    content_type = \"application/x-pem-file\"\n  }}\n"
    );
    web.scene.cloud = Cloud::of_world(&text(path).replace(&declared, &secret));
    let ran = web.is_rolled_back(&[], "key too small");
    assert!(ran.err.contains("step.exec.test"), "{}", ran.seen());
    web.nginx.settled();
    assert_eq!(web.nginx.served(), served);
    assert_eq!(web.nginx.control(&["-t"]).code, Some(0), "nginx could be started again");
}

#[test]
fn a_service_that_does_not_run_is_told_and_nothing_is_left() {
    let web = Web::set_up();
    assert_eq!(web.nginx.control(&["-s", "stop"]).code, Some(0));
    web.is_rolled_back(&[], "step.exec.reload");
    web.check_undone();
}

#[test]
fn a_certificate_that_expires_is_a_warning_and_then_an_error() {
    let web = Web::set_up();
    web.is_rolled_back(&["-var=refuse_days=99999"], "renew it in the vault arcweb00000000");
    web.check_undone();
    let warned = web.run(&["-var=warn_days=99999"]);
    assert!(warned.code == Some(0) && warned.err.contains("within 99999 days"), "{}", warned.seen());
    web.check_done();
    assert!(!web.run(&[]).err.contains("days"));
}

/// The command of the README, with the server that it starts.
#[test]
fn the_lab_runs_in_one_command() {
    let place = Place::new();
    copy(&repository().join("runbooks/certificate"), &place.path().join("certificate"));
    let port = free_port().to_string();
    let script = "\"$0\" run -lab -auto-approve certificate && \
        curl -sS --retry 20 --retry-delay 1 --retry-all-errors --cacert \"$TLS_DIRECTORY/web.crt\" \
        --connect-to \"::localhost:$HTTPS_PORT\" https://www.example.net/";
    let mut command = place.with_server("certificate/server", script);
    let ran = Ran::of(finished(command.env("HTTPS_PORT", &port)));
    assert!(ran.code == Some(0) && ran.out.ends_with("Hello over TLS.\n"), "{}", ran.seen());
}
