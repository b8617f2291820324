//! securesystemslib, the reference implementation of DSSE, beside arcbook: each verifies and refuses what the other signs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::support::{ended, place, plan, run, signature, skip, with_payload};
use crate::environment;
use crate::support::{Place, repository};

/// Returns the Python with securesystemslib; says loudly if something for that is missing.
fn python() -> Option<PathBuf> {
    let files = repository().join("tests/signatures");
    let found = environment::python(&files, &Path::new(env!("CARGO_TARGET_TMPDIR")).join("signatures"));
    found.map_err(|why| skip(&format!("securesystemslib: {why}"))).ok()
}

fn dsse(python: &Path, place: &Place, arguments: &[&str]) -> Result<String, String> {
    let script = repository().join("tests/signatures/dsse.py");
    let output = Command::new(python).arg(script).args(arguments).current_dir(place.path()).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn both_agree_about_every_envelope() {
    let Some(python) = python() else { return };
    let place = place();
    plan(&place);
    let record = run(&place);
    let name = "site.plan.intoto.json";
    let of_record = signature(&record);
    dsse(&python, &place, &["verify", "key.pub", of_record.to_str().expect("UTF-8")]).expect("verified");
    let envelope = fs::read_to_string(place.path().join(name)).expect("a signature");
    let theirs = dsse(&python, &place, &["sign", "key.pem", name]).expect("signed");
    let of_other = dsse(&python, &place, &["sign", "other.pem", name]).expect("signed");
    let payload = with_payload(&envelope, |text| text.replace("hello", "goodbye").replace("ann", "eve"));
    let kind = envelope.replace("application/vnd.in-toto+json", "application/json");
    for (text, key, holds) in [
        (&envelope, "key.pub", true),
        (&theirs, "key.pub", true),
        (&envelope, "other.pub", false),
        (&of_other, "key.pub", false),
        (&payload, "key.pub", false),
        (&kind, "key.pub", false),
    ] {
        place.write(name, text);
        let their_verdict = dsse(&python, &place, &["verify", key, name]);
        assert_eq!(their_verdict.is_ok(), holds, "securesystemslib, {key}: {their_verdict:?}: {text}");
        ended(place.run(&["verify", "-key", key, "site.plan"]), i32::from(!holds));
    }
}
