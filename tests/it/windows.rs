//! The differences of Windows: programs, their codes and groups, and the ways to stop a run.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use arcbook_os::process_group::ProcessGroup;

use crate::support::{Place, Ran, mode, started};

/// Runs the runbook and returns its outputs.
fn outputs(place: &Place) -> serde_json::Value {
    let ran = place.run(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let shown = place.run(&["output", "-json"]);
    serde_json::from_str(&shown.out).unwrap_or_else(|error| panic!("{error}: {}", shown.seen()))
}

#[test]
fn programs_are_found_by_their_endings_and_have_codes_of_32_bits() {
    let place = Place::with(
        r#"
step "exec" "restart" {
  argv          = ["cmd", "/c", "exit 3010"]
  success_codes = [0, 3010]
}

step "exec" "unsigned" {
  argv          = ["cmd.exe", "/c", "exit -1073741510"]
  success_codes = [-1073741510]
}

step "exec" "batch" {
  argv = ["./tool", "a b", "%PATH%"]
}

output "codes" { value = [step.exec.restart.exit_code, step.exec.unsigned.exit_code] }
output "batch" { value = trimspace(step.exec.batch.stdout) }
"#,
    );
    place.write("tool.cmd", "@echo %~1\r\n");
    let outputs = outputs(&place);
    assert_eq!(outputs["codes"]["value"], serde_json::json!([3010, -1_073_741_510]), "{outputs}");
    assert_eq!(outputs["batch"]["value"], "a b", "{outputs}");
}

/// Windows would start a program of the working directory or of arcbook's own; arcbook does not.
#[test]
fn a_program_of_the_working_directory_needs_its_path() {
    for (program, expected) in [("tool", "the program is not in PATH"), ("none.exe", "not in PATH")] {
        let place = Place::with(&format!("step \"exec\" \"a\" {{\n  argv = [\"{program}\"]\n}}\n"));
        place.write("tool.cmd", "@echo ran\r\n");
        let ran = place.run(&["run", "-auto-approve"]);
        assert!(ran.code == Some(1) && ran.out.contains(expected), "{program}: {}", ran.seen());
    }
}

#[test]
fn a_file_is_private_by_its_access_list() {
    let place = Place::with(
        r#"
step "file" "private" {
  path    = "private.txt"
  content = "a"
  mode    = "0600"
}

step "file" "secret" {
  path    = "secret.txt"
  content = sensitive("hunter2")
}
"#,
    );
    assert_eq!(place.run(&["run", "-auto-approve"]).code, Some(0));
    for name in ["private.txt", "secret.txt"] {
        assert_eq!(mode(&place.path().join(name)), 0o600, "{name}");
    }
    let again = place.run(&["plan", "-live"]);
    assert!(again.out.contains("nothing: 2 objects are as wanted"), "{}", again.seen());
}

#[test]
fn devices_and_streams_are_no_files() {
    for path in ["NUL", "com1.txt", "notes.txt:hidden", "//./pipe/x"] {
        let place =
            Place::with(&format!("step \"file\" \"a\" {{\n  path    = \"{path}\"\n  content = \"x\"\n}}\n"));
        let ran = place.run(&["run", "-auto-approve"]);
        assert_eq!(ran.code, Some(1), "{path}: {}", ran.seen());
        assert!(ran.err.contains("a device, a pipe or a socket"), "{path}: {}", ran.seen());
    }
}

#[test]
fn a_runbook_of_windows_has_its_line_ends_and_its_paths() {
    let place = Place::with("");
    place.write("sub/main.runbook.hcl", "\u{feff}output \"here\" { value = path.module }\r\noutput \"text\" {\r\n  \
        value = <<-END\r\n    a\r\n    b\r\n  END\r\n}\r\noutput \"files\" { value = fileset(\".\", \"d/*\") }\r\n");
    place.write("sub/d/x.txt", "x");
    for directory in ["sub", r".\sub", "./sub/../sub"] {
        let ran = place.run(&["run", directory, "-json"]);
        assert_eq!(ran.code, Some(0), "{directory}: {}", ran.seen());
        assert!(!ran.out.contains(r"sub\\d") && ran.out.contains("d/x.txt"), "{}", ran.seen());
        let broken = place.run(&["validate", directory]);
        assert_eq!(broken.code, Some(0), "{}", broken.seen());
    }
}

/// Ctrl-Break reaches the program as SIGTERM does on Unix: a step that waits is stopped, and the record says why.
#[test]
fn ctrl_break_stops_a_run() {
    let place = Place::with(
        r#"
step "exec" "slow" {
  argv = ["ping", "-n", "60", "127.0.0.1"]
}
"#,
    );
    let mut command = place.command(&["run", "-auto-approve"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    ProcessGroup::prepare(&mut command);
    let mut child = started(&mut command);
    let group = ProcessGroup::of(child.id()).expect("a group");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut seen = String::new();
    while !seen.contains("step.exec.slow: changing") {
        assert_ne!(out.read_line(&mut seen).expect("UTF-8"), 0, "{seen}");
    }
    if !group.terminate() {
        println!("NOT TESTED: there is no console, as under Wine");
        child.kill().expect("killed");
        return;
    }
    while !seen.contains("stopping") {
        assert_ne!(out.read_line(&mut seen).expect("UTF-8"), 0, "{seen}");
    }
    // The second one does not wait for the step.
    assert!(group.terminate());
    std::io::Read::read_to_string(&mut out, &mut seen).expect("UTF-8");
    let ended = Ran::of(child.wait_with_output().expect("ended"));
    assert_eq!(ended.code, Some(130), "{seen}{}", ended.seen());
    let shown = place.run(&["show"]);
    assert!(shown.out.contains("Ctrl-Break"), "{}", shown.seen());
}
