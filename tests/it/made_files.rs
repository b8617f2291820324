//! Files that one step of a run makes and another one reads.

use crate::support::Place;

/// A step that makes `made.txt`, and whether a plan can know that.
const MAKERS: [&str; 4] = [
    "step \"file\" \"maker\" {\n  path    = \"made.txt\"\n  content = var.content\n}\n",
    "step \"template\" \"maker\" {\n  path    = \"./made.txt\"\n  engine  = \"terraform\"\n  content = \"$${content}\"\n  values  = { content = var.content }\n}\n",
    "step \"exec\" \"maker\" {\n  argv = [\"sh\", \"-c\", \"printf %s \\\"$1\\\" > made.txt\", \"-\", var.content]\n}\n",
    "step \"exec\" \"before\" {\n  argv = [\"sh\", \"-c\", \"printf %s \\\"$1\\\" > made.txt\", \"-\", var.content]\n}\n\n\
     step \"echo\" \"maker\" {\n  input      = 1\n  depends_on = [step.exec.before]\n}\n",
];

const READER: &str = "variable \"content\" { default = \"one\" }\n\nstep \"file\" \"reader\" {\n  path       = \"copy.txt\"\n  \
     source     = \"made.txt\"\n  depends_on = [step.MAKER.maker]\n}\n";

fn place(maker: &str) -> Place {
    let name = maker.rsplit("step \"").next().and_then(|rest| rest.split('"').next()).expect("a type");
    Place::with(&format!("{maker}\n{}", READER.replace("MAKER", name)))
}

fn copied(place: &Place) -> Option<String> {
    std::fs::read_to_string(place.path().join("copy.txt")).ok()
}

#[cfg(unix)]
#[test]
fn a_step_reads_what_an_earlier_one_makes() {
    for maker in MAKERS {
        let place = place(maker);
        for arguments in [&["validate"][..], &["plan"], &["plan", "-live"], &["run", "-auto-approve"]] {
            let ran = place.run(arguments);
            assert_eq!(ran.code, Some(0), "{arguments:?}: {}\n{maker}", ran.seen());
            assert!(!ran.err.contains("made.txt"), "{arguments:?}: {}\n{maker}", ran.seen());
        }
        assert_eq!(copied(&place).as_deref(), Some("one"), "{maker}");
    }
}

/// The file of the first run is there, and is going to be another one.
#[cfg(unix)]
#[test]
fn a_live_plan_takes_no_file_for_granted_that_is_about_to_change() {
    for maker in &MAKERS[..2] {
        let place = place(maker);
        assert_eq!(place.run(&["run", "-auto-approve"]).code, Some(0), "{maker}");
        let planned = place.run(&["plan", "-live", "-detailed-exitcode"]);
        assert_eq!(planned.code, Some(0), "{}", planned.seen());
        let planned = place.run(&["plan", "-live", "-var=content=two"]);
        let words = planned.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("it depends on step.") && !words.contains("1 object is as wanted"), "{words}");
    }
}

/// The content of such a file is no part of a review; that of any other file is.
#[cfg(unix)]
#[test]
fn a_plan_file_pins_no_file_that_its_run_makes() {
    for maker in MAKERS {
        let place = place(maker);
        for content in ["one", "two"] {
            let saved = place.run(&["plan", &format!("-var=content={content}"), "-out", "x.plan"]);
            assert_eq!(saved.code, Some(0), "{}\n{maker}", saved.seen());
            let ran = place.run(&["run", "-auto-approve", "x.plan"]);
            assert_eq!(ran.code, Some(0), "{}\n{maker}", ran.seen());
            assert_eq!(copied(&place).as_deref(), Some(content), "{maker}");
            // A program may make any file: the plan pins one that is there.
            std::fs::remove_file(place.path().join("made.txt")).expect("made");
        }
    }
    let place =
        Place::with("step \"file\" \"copy\" {\n  path   = \"copy.txt\"\n  source = \"given.txt\"\n}\n");
    place.write("given.txt", "one");
    assert_eq!(place.run(&["plan", "-out", "x.plan"]).code, Some(0));
    place.write("given.txt", "two");
    let ran = place.run(&["run", "-auto-approve", "x.plan"]);
    assert!(ran.code == Some(3) && ran.err.contains("given.txt"), "{}", ran.seen());
    assert_eq!(copied(&place), None);
}

#[test]
fn two_writers_of_a_file_are_told_unless_one_waits() {
    let step = |name: &str, path: &str, rest: &str| {
        format!("step \"file\" \"{name}\" {{\n  path    = \"{path}\"\n  content = \"{name}\"\n{rest}}}\n")
    };
    for (second, is_told) in [
        (step("b", "./a.txt", ""), true),
        (step("b", "b.txt", ""), false),
        (step("b", "a.txt", "  depends_on = [step.file.a]\n"), false),
        (step("b", "a.txt", "  count = 2\n"), true),
    ] {
        let planned = Place::with(&format!("{}\n{second}", step("a", "a.txt", ""))).run(&["plan"]);
        assert_eq!(planned.code, Some(0), "{}", planned.seen());
        assert_eq!(planned.err.contains("same-file"), is_told, "{second}: {}", planned.seen());
    }
}
