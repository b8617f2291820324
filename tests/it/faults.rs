//! The runbook when services fail.

use crate::support::{Place, Ran};

fn lab_with(faults: &[&str]) -> Ran {
    let mut arguments = vec!["run", "-lab", "-var", "file=hosts", "jumpstart"];
    for fault in faults {
        arguments.extend(["-fault", fault]);
    }
    Place::jumpstart().run(&arguments)
}

#[test]
fn what_passes_is_waited_out() {
    let faults = [
        "keyvault:429:retry-after-ms=20:times=2",
        "keyvault:429:retry-after-date=1",
        "arm:503",
        "arm:reset:path=/resources",
        "arm:truncate:path=/resources",
        "arm:truncate:path=/tagNames",
        "blob:503:method=PUT",
        "blob:reset:method=PUT",
        "blob:lost-answer:method=PUT",
        "himds:stale-key",
        "himds:refused-key",
        "himds:503",
        "himds:expired-token",
        "any:delay:ms=50:times=always",
        "any:slow-body:ms=100",
    ];
    for fault in faults {
        let ran = lab_with(&[fault]);
        assert_eq!(ran.code, Some(0), "{fault}: {}", ran.seen());
        assert!(ran.out.contains("6 of 6 steps done"), "{fault}: {}", ran.seen());
    }
}

#[test]
fn what_does_not_pass_is_explained() {
    let cases = [
        ("keyvault:503:times=always", "step.keyvault_secret.scenario", "503"),
        ("arm:403:path=/resources:times=always", "step.arm_list.resources", "403"),
        ("himds:missing-key:times=always", "token for", "key"),
        ("himds:expired-token:times=always", "step.arm_list.resources", "a new token was refused as well"),
    ];
    for (fault, about, reason) in cases {
        let ran = lab_with(&[fault]);
        assert_eq!(ran.code, Some(1), "{fault}: {}", ran.seen());
        assert!(ran.err.contains(about) && ran.err.contains(reason), "{fault}: {}", ran.err);
        assert!(ran.err.contains("help:"), "{fault} has no remedy: {}", ran.err);
    }
}

#[test]
fn a_refusal_names_the_right_that_is_missing() {
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
