//! Output that nobody reads, or that cannot be written.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::support::{Place, Ran};

/// A runbook whose output exceeds the capacity of a pipe.
const CHATTY: &str = r#"
step "echo" "each" {
  for_each = toset([for n in range(1500) : format("a-rather-long-name-for-a-step-%d", n)])
  input    = each.key
}
"#;

#[test]
fn a_run_with_unread_output_is_recorded_and_can_be_interrupted() {
    let place = Place::with(CHATTY);
    let mut command = place.command(&["run"]);
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let deadline = || Instant::now() + Duration::from_mins(2);
    let patient = |deadline| {
        assert!(Instant::now() < deadline, "it goes on for ever");
        std::thread::sleep(Duration::from_millis(100));
    };
    let is_recorded =
        || place.files().iter().any(|(_, text)| String::from_utf8_lossy(text).contains("\"run_finished\""));
    let limit = deadline();
    while !is_recorded() {
        patient(limit);
    }
    let process = Pid::from_child(&run);
    let limit = deadline();
    let status = loop {
        rustix::process::kill_process(process, Signal::INT).expect("asked to stop");
        patient(limit);
        if let Some(status) = run.try_wait().expect("a status") {
            break status;
        }
    };
    assert_eq!(status.code(), Some(130));
    let verified = place.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.seen());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_output_device_is_reported() {
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("a device");
    let place = Place::with("output \"a\" { value = 1 }\n");
    for arguments in [&["run"][..], &["run", "-json"], &["plan", "-json"]] {
        let ran = Ran::of(place.command(arguments).stdout(full()).output().expect("the program"));
        assert_eq!(ran.code, Some(1), "{arguments:?}: {}", ran.seen());
        assert!(ran.err.contains("could not be written"), "{arguments:?}: {}", ran.seen());
        let is_json = serde_json::from_str::<serde_json::Value>(&ran.err).is_ok();
        assert_eq!(is_json, arguments.contains(&"-json"), "{}", ran.seen());
    }
}
