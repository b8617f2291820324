//! Tests that the contenders make the same requests to the lab, and that none of them hides a failure.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail as the test does")]

use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use arcbook_benches::{Work, environment};
use arcbook_lab::{Lab, Options, World};
use tokio::process::Command;

/// Program and arguments, from this crate's directory.
const CONTENDERS: [(&str, &[&str]); 2] = [(env!("CARGO_BIN_EXE_bare"), &[]), ("bash", &["lab.sh"])];

async fn lab(faults: &[&str]) -> Lab {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let options = Options { https: true, faults, ..Options::default() };
    Lab::start(World::load(home.join("bench.lab.hcl")).unwrap(), options).await.unwrap()
}

async fn run(lab: &Lab, (program, arguments): (&str, &[&str])) -> Output {
    let scratch = tempfile::tempdir().unwrap();
    let ca = scratch.path().join("ca.pem");
    std::fs::write(&ca, lab.ca_pem().unwrap()).unwrap();
    Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .envs(environment(lab, &ca, &ca))
        .env("NO_PROXY", "*")
        .output()
        .await
        .unwrap_or_else(|error| panic!("this test needs {program}, and curl and jq for bash: {error}"))
}

/// Returns the contenders that can run here: bash needs tools that `.ci/run` installs.
async fn contenders() -> Vec<(&'static str, &'static [&'static str])> {
    let tools = Command::new("bash").args(["-c", "command -v curl jq"]).output().await;
    let mut contenders = CONTENDERS.to_vec();
    if !tools.is_ok_and(|found| found.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "bash, curl and jq are missing");
        // Written directly, since the test harness captures the output of `eprintln!`.
        let _ =
            writeln!(std::io::stderr(), "\n*** NOT TESTED: bash + curl + jq: one of them is missing ***\n");
        contenders.pop();
    }
    contenders
}

#[tokio::test]
async fn contenders_make_the_same_requests() {
    for contender in contenders().await {
        let lab = lab(&[]).await;
        let output = run(&lab, contender).await;
        assert!(output.status.success(), "{contender:?}: {}", String::from_utf8_lossy(&output.stderr));
        Work::of(&lab.requests()).check().unwrap_or_else(|error| panic!("{contender:?}: {error}"));
        assert_eq!(lab.requests().iter().filter(|request| request.changed).count(), 1, "{contender:?}");
    }
}

#[tokio::test]
async fn a_contender_reports_a_failure() {
    for contender in contenders().await {
        for fault in
            ["himds:503:path=/instance", "himds:503:path=/oauth2/", "arm:503", "keyvault:503", "blob:503"]
        {
            let lab = lab(&[fault]).await;
            let output = run(&lab, contender).await;
            assert!(!output.status.success(), "{contender:?} and {fault}");
            assert!(!output.stderr.is_empty(), "{contender:?} and {fault}");
        }
    }
}
