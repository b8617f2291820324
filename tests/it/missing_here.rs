//! Programs and directories that are not there, which a run tells before anything runs.

use crate::support::Place;

/// Keeps a file; `more` has further arguments.
fn file(path: &str, more: &str) -> String {
    let name = path.replace(['/', '.'], "_");
    format!("step \"file\" \"{name}\" {{\n  path = \"{path}\"\n  content = \"x\"\n{more}}}\n")
}

#[test]
fn missing_programs_and_directories_are_told_before_anything_runs() {
    let exec = |name: &str, argv: &str, more: &str| {
        format!("step \"exec\" \"{name}\" {{\n  argv = [\"{argv}\"]\n{more}}}\n")
    };
    let steps = [
        exec("absent", "no-such-program", ""),
        exec("nowhere", "true", "  directory = \"none\"\n"),
        file("none/deep", ""),
        // All of these may be in order by the time of their steps.
        exec("there", "true", ""),
        exec("later", "no-such-program", "  depends_on = [step.exec.there]\n"),
        exec("made", "no-such-program", "  creates = \"absent.conf\"\n"),
        exec("other", "no-such-program", "  environment = { PATH = \"/opt/bin\" }\n"),
        file("none/makes", "  create_directories = true\n"),
    ];
    let place = Place::with(&steps.concat());
    let ran = place.run(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let before = ran.err.split("\n\nerror[").next().expect("warnings");
    for (step, what) in [
        ("step.exec.absent", "the program is not in PATH"),
        ("step.exec.nowhere", "the working directory does not exist"),
        ("step.file.none_deep", "the directory of the file does not exist"),
    ] {
        let warning = format!("warning[local-problem]: {what}\n");
        assert_eq!(before.matches(&warning).count(), 1, "{what}: {}", ran.seen());
        assert!(before.contains(&format!("= in: {step}\n")), "{step}: {}", ran.seen());
    }
    assert_eq!(ran.err.matches("warning[local-problem]").count(), 3, "{}", ran.seen());
    // The plan may be for another machine.
    let plan = place.run(&["plan"]);
    assert!(plan.code == Some(0) && !plan.err.contains("local-problem"), "{}", plan.seen());
}
