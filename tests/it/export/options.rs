//! Scripts have the values of their export, and no options.

use super::scene::{Scene, jumpstart};
use crate::support::{Ran, finished, repository};

#[test]
fn arguments_are_refused_before_any_request() {
    let scene = Scene::jumpstart();
    let script = scene.export(&["-var", "file=hosts", &jumpstart()]);
    assert_eq!(script.code, Some(0), "{}", script.seen());
    for arguments in [&["-var", "vault=arcmi00000000"][..], &["-var=vault=x"], &["-help"], &[""]] {
        let ran = Ran::of(finished(scene.command(&script.out).args(arguments)));
        let told = "export it again: arcbook export -var NAME=VALUE";
        assert!(ran.code == Some(1) && ran.err.contains(told), "{arguments:?}: {}", ran.seen());
        assert_eq!((ran.out.as_str(), scene.requests().len()), ("", 0), "{arguments:?}");
    }
}

/// A message of the runbook may name an option, which is one of arcbook.
#[test]
fn an_option_that_a_message_names_is_one_of_the_export() {
    let world = repository().join("runbooks/jumpstart/jumpstart.lab.hcl");
    let world = std::fs::read_to_string(world).expect("a world");
    let other = "\nkey_vault \"other00000000\" {\n  resource_group = \"arc_pilot\"\n}\n";
    let scene = Scene::of(&format!("{world}{other}"));
    let script = scene.export(&["-var", "file=hosts", &jumpstart()]);
    let ran = scene.run(&script.out);
    let (named, told) = ("choose one with -var vault=NAME", "export it again with that one");
    assert!(ran.code == Some(1) && ran.err.contains(named) && ran.err.contains(told), "{}", ran.seen());
    let chosen = scene.export(&["-var", "file=hosts", "-var", "vault=arcmi00000000", &jumpstart()]);
    let ran = scene.run(&chosen.out);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}
