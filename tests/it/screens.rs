//! Other output for users: help, explanations, completions, prompts.

use crate::support::{Place, settings};

#[test]
fn help_names_every_command() {
    insta::assert_snapshot!(Place::new().run(&["-help"]).out);
}

#[test]
fn every_step_type_is_explained() {
    let place = Place::new();
    let list = place.run(&["explain"]);
    insta::assert_snapshot!("explain", list.out);
    let step_types = list.out.lines().skip(1).take_while(|line| !line.is_empty());
    for line in step_types {
        let name = line.split_whitespace().next().expect("a name");
        insta::assert_snapshot!(format!("explain_{name}"), place.run(&["explain", name]).out);
    }
}

#[test]
fn a_misspelt_step_type_gets_a_suggestion() {
    let ran = Place::new().run(&["explain", "arm_lst"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("did you mean `arm_list`?"), "{}", ran.err);
}

#[test]
fn a_function_is_explained() {
    let ran = Place::new().run(&["explain", "upper"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("upper(str)\n\n"), "{}", ran.out);
}

#[test]
fn completions_are_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = Place::new().run(&["completions", shell]);
        assert!(ran.code == Some(0) && ran.out.contains("arcbook"), "{shell}");
    }
}

#[test]
fn piped_progress_is_plain_lines() {
    let place = Place::with(
        "step \"echo\" \"a\" {\n  input = [\"x\", 1]\n}\noutput \"a\" {\n  value = step.echo.a.output\n}\n",
    );
    let ran = place.run(&["run"]);
    settings().bind(|| insta::assert_snapshot!(ran.seen()));
}

#[test]
fn a_missing_agent_is_explained() {
    let place =
        Place::with("step \"metadata\" \"m\" {}\noutput \"n\" {\n  value = step.metadata.m.name\n}\n");
    let ran = place.run(&["run"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.err.contains("-lab"), "{}", ran.err);
}

#[test]
fn changes_need_approval() {
    let place = Place::jumpstart();
    let ran = place.run(&["run", "-var", "file=hosts", "jumpstart"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.err.contains("-auto-approve"), "{}", ran.err);
    assert!(!place.path().join(".arcbook").exists());
}
