//! The Jumpstart runbook when services fail.

use crate::support::{Place, Ran};

/// Runs the lab with these faults; `-json` among them is passed as an option.
fn lab_with(faults: &[&'static str]) -> Ran {
    let mut arguments = vec!["run", "-lab", "-var", "file=hosts", "jumpstart"];
    for fault in faults {
        match *fault {
            "-json" => arguments.push(fault),
            fault => arguments.extend(["-fault", fault]),
        }
    }
    Place::jumpstart().run(&arguments)
}

#[test]
fn transient_faults_are_retried() {
    // The expected output of each fault, so that a fault without effect is noticed.
    let cases = [
        ("keyvault:429:retry-after-ms=20:times=2", "429; attempt 3 of 5 in"),
        ("keyvault:429:retry-after-date=1", "429; attempt 2 of 5 in"),
        ("arm:503:path=/resources", "503; attempt 2 of 5 in"),
        ("arm:reset:path=/resources", "; attempt 2 of 5 in"),
        ("arm:truncate:path=/resources", "; attempt 2 of 5 in"),
        ("arm:truncate:path=/tagNames", "; attempt 2 of 5 in"),
        ("blob:503:method=PUT", "503; attempt 2 of 5 in"),
        ("blob:reset:method=PUT", "; attempt 2 of 5 in"),
        ("blob:lost-answer:method=PUT", "; attempt 2 of 5 in"),
        ("himds:503:path=/oauth2", "503; attempt 2 of 18 in"),
    ];
    for (fault, seen) in cases {
        let ran = lab_with(&[fault]);
        assert_eq!(ran.code, Some(0), "{fault}: {}", ran.seen());
        assert!(ran.out.contains("6 of 6 steps done"), "{fault}: {}", ran.seen());
        assert!(ran.out.contains(seen), "{fault} befell nobody: {}", ran.seen());
    }
}

#[test]
fn invalid_keys_and_tokens_are_requested_again() {
    // The agent's requests beyond those of a run without faults, which are a challenge and its answer per
    // token.
    for (fault, more) in [("himds:stale-key", 1), ("himds:refused-key", 1), ("himds:expired-token", 2)] {
        let ran = lab_with(&[fault, "-json"]);
        assert_eq!(ran.code, Some(0), "{fault}: {}", ran.seen());
        let asked = ran
            .out
            .lines()
            .filter(|line| line.contains("\"request_sent\"") && line.contains("/oauth2/token"));
        assert!(asked.count() >= 6 + more, "{fault} befell nobody: {}", ran.seen());
    }
}

#[test]
fn slow_services_are_waited_for() {
    for (fault, least) in [("any:delay:ms=50:times=always", 5 * 50), ("keyvault:slow-body:ms=100", 100)] {
        let ran = lab_with(&[fault, "-json"]);
        assert_eq!(ran.code, Some(0), "{fault}: {}", ran.seen());
        let end: serde_json::Value =
            serde_json::from_str(ran.out.lines().last().expect("an end")).expect("JSON");
        assert!(end["milliseconds"].as_u64() >= Some(least), "{fault} befell nobody: {end}");
    }
}

#[test]
fn permanent_faults_are_explained() {
    let cases = [
        ("keyvault:503:times=always", "step.keyvault_secret.scenario", "503"),
        ("arm:403:path=/resources:times=always", "step.arm_list.resources", "403"),
        ("himds:missing-key:times=always", "token for", "key"),
        (
            "himds:expired-token:times=always",
            "step.arm_list.resources",
            "check whether the identity still exists",
        ),
    ];
    for (fault, about, reason) in cases {
        let ran = lab_with(&[fault]);
        assert_eq!(ran.code, Some(1), "{fault}: {}", ran.seen());
        assert!(ran.err.contains(about) && ran.err.contains(reason), "{fault}: {}", ran.err);
        assert!(ran.err.contains("help:"), "{fault} has no remedy: {}", ran.err);
    }
}

/// A token that is not issued is no altered record: the run can be verified and resumed.
#[test]
fn the_record_of_a_run_without_its_token_is_whole() {
    let place = Place::jumpstart();
    let run = ["run", "-lab", "-auto-approve", "-fault", "himds:403:times=always", "jumpstart"];
    assert_eq!(place.run(&run).code, Some(1));
    let verified = place.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.seen());
    let listed = place.run(&["runs"]);
    assert!(!listed.out.contains("BROKEN"), "{}", listed.seen());
}

#[test]
fn a_refusal_names_the_missing_permission() {
    let place = Place::jumpstart();
    let name = "jumpstart/jumpstart.lab.hcl";
    let world = std::fs::read_to_string(place.path().join(name)).expect("the world");
    let without = world.replacen("secrets = [\"get\", \"list\"]", "secrets = [\"list\"]", 1);
    assert_ne!(world, without, "the access policy was not found");
    place.write(name, without);
    let ran = place.run(&["run", "-lab", "-var", "file=hosts", "jumpstart"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    for part in ["step.keyvault_secret.scenario", "403", "request id", "get"] {
        assert!(ran.err.contains(part), "no {part} in {}", ran.err);
    }
}
