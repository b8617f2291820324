//! The formats of reports: each is held to a reader that is not ours.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value as Json;

use super::{Place, place};
use crate::support::{repository, settings};

/// A runbook with findings that count, that a comment allows, and that have several instances.
const RUNBOOK: &str = r#"
variable "key" { ephemeral = true }

step "http" "_é" {
  url = "https://localhost/?key=${var.key}"
}

step "exec" "_all" {
  for_each = toset(["a", "b"])
  # arcbook:allow shell until=2999-12-31 the tool <x> & "y" has no other interface
  argv    = ["sh", "-c", "true"]
  creates = each.key
}

# It has a fixed length.
output "_length" { value = ephemeralasnull(nonsensitive(length(var.key))) }
"#;

fn audited(options: &[&str]) -> String {
    let place: Place = place(RUNBOOK);
    let ran = place.run(&[&["audit", "place"], options].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    ran.out
}

#[test]
fn people_read_a_page() {
    settings().bind(|| insta::assert_snapshot!("audit_page", audited(&[])));
}

/// Reports the test as skipped; fails if `CI` is set, where nothing may be missing.
fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "SARIF cannot be validated here: {why}");
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: SARIF beside Microsoft's validator: {why} ***\n");
}

/// Installs Microsoft's validator, once for each version, and returns its program.
fn validator() -> Result<PathBuf, String> {
    let wanted = fs::read_to_string(repository().join("tests/sarif/package.json")).expect("a package");
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif");
    let program = directory.join("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool");
    let done = directory.join("package.installed");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(program);
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err("it is a program for Linux on x86-64".to_owned());
    }
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join("package.json"), &wanted).expect("written");
    let options = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"];
    match Command::new("npm").args(options).current_dir(&directory).output() {
        Ok(ran) if ran.status.success() => {}
        Ok(ran) => return Err(format!("npm: {}", String::from_utf8_lossy(&ran.stderr).trim())),
        Err(error) => return Err(format!("npm: {error}")),
    }
    // Its installation script does only this.
    let executable = Command::new("chmod").arg("u+x").arg(&program).status();
    executable.map_err(|error| format!("chmod: {error}"))?;
    fs::write(done, wanted).expect("written");
    Ok(program)
}

/// Returns the problems that the validator reports.
fn problems(program: &Path, sarif: &str) -> Vec<String> {
    let place = Place::new();
    place.write("a.sarif", sarif);
    let mut command = Command::new(program);
    let command = command.args(["validate", "a.sarif", "--output", "found.sarif"]).current_dir(place.path());
    let ran = command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1").output().expect("the validator");
    let found = fs::read_to_string(place.path().join("found.sarif"));
    let found = found.unwrap_or_else(|_| panic!("no answer: {}", String::from_utf8_lossy(&ran.stdout)));
    let found: Json = serde_json::from_str(found.trim_start_matches('\u{feff}')).expect("JSON");
    let run = &found["runs"][0];
    let results = run["results"].as_array().cloned().unwrap_or_default();
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().cloned().unwrap_or_default();
    results.iter().chain(&notes).map(ToString::to_string).collect()
}

#[test]
fn sarif_is_valid_for_microsofts_validator() {
    let sarif = audited(&["-format", "sarif"]);
    let read: Json = serde_json::from_str(&sarif).expect("JSON");
    let results = read["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 2, "{read:#}");
    let allowed = results.iter().find(|result| result["ruleId"] == "shell").expect("the shell");
    assert_eq!(allowed["suppressions"][0]["kind"], "inSource");
    let program = match validator() {
        Ok(program) => program,
        Err(why) => return skip(&why),
    };
    assert_eq!(problems(&program, &sarif), Vec::<String>::new());
    // It does find what is wrong.
    assert_ne!(
        problems(&program, &sarif.replace("\"2.1.0\"", "\"9\"").replace("ruleId", "ruleID")),
        Vec::<String>::new()
    );
}

#[test]
fn a_finding_says_what_to_do_and_where_to_read_more() {
    let found: Json = serde_json::from_str(&audited(&["-json"])).expect("JSON");
    for finding in found["findings"].as_array().expect("findings") {
        let rule = finding["rule"].as_str().expect("an id");
        assert!(
            finding["page"].as_str().is_some_and(|page| page.ends_with(&format!("docs/rules.md#{rule}")))
        );
        assert!(finding["remedy"].as_str().is_some_and(|remedy| remedy.len() > 10), "{finding:#}");
        assert!(finding["prevents"].as_str().is_some_and(|prevents| prevents.ends_with('.')), "{finding:#}");
    }
    assert!(audited(&[]).contains("docs/rules.md#secret-in-url"));
}

#[test]
fn junit_fails_where_the_exit_code_does() {
    let note = "step \"exec\" \"_x\" {\n  argv    = [\"sh\", \"-c\", \"true\"]\n  creates = \"x\"\n}\n";
    for (options, code, failures) in [(&[][..], 0, 0), (&["-fail-on", "note"], 1, 1)] {
        let ran = place(note).run(&[&["audit", "-format", "junit", "place"], options].concat());
        assert_eq!(ran.code, Some(code), "{}", ran.seen());
        assert!(ran.out.contains(&format!("failures=\"{failures}\"")), "{}", ran.seen());
        assert_eq!(ran.out.contains("below the weight warning"), code == 0, "{}", ran.seen());
    }
}

#[test]
fn junit_is_xml_with_a_case_for_each_rule() {
    let junit = audited(&["-format", "junit"]);
    let mut reader = Reader::from_str(&junit);
    let (mut cases, mut failures, mut skipped) = (0, 0, 0);
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                b"testcase" => cases += 1,
                b"failure" => failures += 1,
                b"skipped" => skipped += 1,
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((failures, skipped), (1, 1), "{junit}");
    assert!(cases > 30, "{junit}");
}
