//! An Arc agent that is absent or starts late.

use crate::closed_port::ClosedPort;
use crate::cloud::Cloud;
use crate::support::{Place, Ran};

const METADATA: &str = "step \"metadata\" \"m\" {}\n";

/// Runs the program with an environment that names an agent at `port`.
fn run(place: &Place, port: u16, arguments: &[&str]) -> Ran {
    let mut command = place.command(arguments);
    command.env("IMDS_ENDPOINT", format!("http://127.0.0.1:{port}"));
    command.env("IDENTITY_ENDPOINT", format!("http://127.0.0.1:{port}/metadata/identity/oauth2/token"));
    Ran::of(command.output().expect("it runs"))
}

#[test]
fn an_absent_agent_is_waited_for_only_on_request() {
    let (place, closed) = (Place::with(METADATA), ClosedPort::new());
    let port = closed.number();
    for command in [&["token"][..], &["run", "-auto-approve"], &["plan", "-live"]] {
        let ran = run(&place, port, command);
        assert_eq!(ran.code, Some(1), "{command:?}: {}", ran.seen());
        for part in ["cannot be reached", "start the agent", "-wait-for-agent 2m"] {
            assert!(ran.seen().contains(part), "{command:?}, {part}: {}", ran.seen());
        }
        assert!(!ran.seen().contains("was tried"), "{command:?}: {}", ran.seen());
        let waiting = run(&place, port, &[command, &["-wait-for-agent", "1s"]].concat());
        assert_eq!(waiting.code, Some(1), "{command:?}: {}", waiting.seen());
        assert!(waiting.seen().contains("The request was tried"), "{command:?}: {}", waiting.seen());
    }
}

#[test]
fn only_a_command_that_needs_the_agent_waits_for_it() {
    let place = Place::with(METADATA);
    for (arguments, reason) in [
        (&["plan", "-wait-for-agent", "2m"][..], "-live"),
        (&["run", "-lab", "-wait-for-agent", "2m"], "-lab"),
        (&["token", "-wait-for-agent", "soon"], "2m"),
        (&["run", "-wait-for-agent"], "-wait-for-agent"),
    ] {
        let ran = place.run(arguments);
        assert_eq!(ran.code, Some(3), "{arguments:?}: {}", ran.seen());
        assert!(ran.err.contains(reason) || ran.err.contains("30s"), "{arguments:?}: {}", ran.err);
    }
    let cloud = Cloud::start();
    let ran = cloud.run(&place, &["run", "-auto-approve", "-wait-for-agent", "2m"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}
