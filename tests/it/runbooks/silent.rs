//! Programs of runbooks that would wait without an end: each has a limit, and a certificate whose service says nothing is
//! taken back.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use super::scene::Scene;
use crate::support::{Place, repository};

/// Adds each file of HCL from `at` on.
pub(super) fn collect(at: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(at).expect("readable").flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "hcl") {
            found.push(path);
        }
    }
}

#[test]
fn every_program_has_a_limit() {
    let mut files = Vec::new();
    for folder in ["runbooks", "examples", "templates"] {
        collect(&repository().join(folder), &mut files);
    }
    let mut programs = 0;
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        for step in text.split("\nstep \"exec\" ").skip(1) {
            let (block, _) = step.split_once("\n}").expect("the end of the block");
            let name = block.lines().next().unwrap_or_default();
            assert!(block.contains("\n  timeout "), "{}: {name} may wait for ever", file.display());
            programs += 1;
        }
    }
    assert!(programs > 8, "{programs}");
}

/// The system accepts the connections of a listener that nobody asks for them, and nothing answers.
#[test]
fn a_service_that_says_nothing_is_told_and_the_earlier_files_are_back() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("localhost:{}", silent.local_addr().expect("its address").port());
    let tls = Place::new();
    for name in ["web.crt", "web.key"] {
        tls.write(name, "the earlier one");
    }
    let scene = Scene::of("certificate")
        .environment("ARCBOOK_VAR_directory", tls.path())
        .environment("ARCBOOK_VAR_address", &address)
        .environment("ARCBOOK_VAR_test", "[\"true\"]")
        .environment("ARCBOOK_VAR_reload", "[\"true\"]");
    // The limits as they are would take a minute.
    let shorter = |file: &str, from: &str, to: &str| {
        let path = scene.place.path().join("certificate").join(file);
        let text = fs::read_to_string(&path).expect("text");
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).expect("written");
    };
    shorter("serves", "timeout 10", "timeout 1");
    shorter("certificate.runbook.hcl", "attempts  = 15", "attempts  = 2");
    let ran = scene.ran_runbook(&["run", "-auto-approve"]);
    let told = format!("{address} did not answer with TLS for www.example.net");
    assert!(ran.code == Some(1) && ran.err.contains(&told), "{}", ran.seen());
    assert!(ran.err.contains("step.exec.served"), "{}", ran.seen());
    for name in ["web.crt", "web.key"] {
        let text = fs::read_to_string(tls.path().join(name)).expect("text");
        assert_eq!(text, "the earlier one", "{name}: {}", ran.seen());
    }
}
