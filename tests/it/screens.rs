//! Other output for users: help, explanations, completions, prompts.

use arcbook_engine::layout::width;

use crate::support::{Place, Ran, settings};

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

/// Runs a command with a screen of 80 columns.
fn narrow(place: &Place, arguments: &[&str]) -> String {
    Ran::of(place.command(arguments).env("COLUMNS", "80").output().expect("the program")).out
}

/// Returns the lines that are wider than 80 columns although they could break at a space.
fn too_wide(text: &str) -> Vec<&str> {
    let breaks = |line: &&str| line.trim_start().contains(' ');
    text.lines().filter(|line| width(line) > 80).filter(breaks).collect()
}

#[test]
fn lines_end_where_the_screen_does() {
    let place = Place::new();
    let list = narrow(&place, &["explain"]);
    assert_eq!(too_wide(&list), [""; 0]);
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    for name in names.filter_map(|line| line.split(' ').next()) {
        let text = narrow(&place, &["explain", name]);
        // An example is code.
        let text = text.split("\nExample\n").next().expect("a text");
        assert_eq!(too_wide(text), [""; 0], "{name}");
    }
    let runbook = "step \"exec\" \"a\" {\n  argv = [\"sh\", \"-c\", \"echo the words of a program that says much, to see where its line ends >&2; exit 3\"]\n}\n\
                   output \"a\" { value = step.exec.a.stdout }\n";
    place.write("a-directory-of-a-runbook/main.runbook.hcl", runbook);
    let run = narrow(&place, &["run", "-auto-approve", "a-directory-of-a-runbook"]);
    let command = run.lines().filter(|line| !line.contains(": arcbook ")).collect::<Vec<_>>().join("\n");
    assert_eq!(too_wide(&command), [""; 0]);
    assert!(run.contains("\n  a has no value: step.exec.a failed\n"), "{run}");
    narrow(&place, &["run", "-auto-approve", "-resume", "latest", "a-directory-of-a-runbook"]);
    for command in ["runs", "show"] {
        assert_eq!(too_wide(&narrow(&place, &[command])), [""; 0], "{command}");
    }
    // Without a screen, each run is one line, which programs search.
    assert_eq!(place.run(&["runs"]).out.lines().count(), 2);
}
