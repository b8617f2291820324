//! The content of reports.

use std::fs;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, mode, settings};

/// A runbook with steps of every outcome, on the embedded lab.
const ALL: &str = r#"
step "metadata" "machine" {}

step "file" "created" {
  path    = "new.txt"
  content = "of ${step.metadata.machine.name}\n"
}

step "file" "updated" {
  path       = "old.txt"
  content    = "new\n"
  mode       = "0640"
  depends_on = [step.file.created]
}

step "assert" "tolerated" {
  condition  = step.metadata.machine.name == "other"
  message    = "the machine is not <other>"
  on_error   = "continue"
  depends_on = [step.file.updated]
}

step "assert" "fails" {
  condition  = step.metadata.machine.name == "another"
  message    = "the machine is not another"
  depends_on = [step.assert.tolerated]
}

step "echo" "skipped" {
  for_each   = toset(["a", "b"])
  input      = each.key
  depends_on = [step.assert.fails]
}
"#;

/// Returns a place with a run of every outcome.
pub fn all_outcomes() -> Place {
    let place = Place::with(ALL);
    place.write("old.txt", "old\n");
    let ran = place.run(&["run", "-lab", "-auto-approve", "-parallelism", "1"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    place
}

/// Returns a place with a run of the Jumpstart lab.
pub fn jumpstart() -> Place {
    let place = Place::jumpstart();
    ok(place.run(&["run", "-lab", "-var", "file=hosts", "jumpstart"]));
    place
}

fn ok(ran: Ran) -> String {
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran.out
}

fn contains(text: &str, all: &[&str]) {
    for expected in all {
        assert!(text.contains(expected), "no {expected} in {text}");
    }
}

/// Returns the name of each element of an XML document with its attributes; fails unless it is well-formed.
pub fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {xml}")) {
            Event::Eof => return found,
            Event::Start(start) | Event::Empty(start) => {
                let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
                let attribute = |attribute: quick_xml::events::attributes::Attribute<'_>| {
                    let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
                    (name, attribute.unescape_value().expect("a value").into_owned())
                };
                found.push((
                    name,
                    start.attributes().map(|one| attribute(one.expect("an attribute"))).collect(),
                ));
            }
            _ => {}
        }
    }
}

/// The times of a run differ.
fn timeless() -> insta::Settings {
    let mut settings = settings();
    settings.add_filter(r"\d+\.\[time\]", "[time]");
    settings.add_filter(r"\b\d+\.\d\d s\b", "[time]");
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "[moment]");
    settings.add_filter(r"Command \| [^|]*", "Command | [command]");
    settings
}

#[test]
fn a_report_says_what_became_of_each_step() {
    let place = all_outcomes();
    let markdown = ok(place.run(&["report", "-markdown", "-plan", "."]));
    // Rows of the timeline differ by whether a step waited for its place.
    let (before, rest) = markdown.split_once("\n## Timeline\n").expect("a timeline");
    let (timeline, after) = rest.split_once("\n## Changes\n").expect("changes");
    contains(timeline, &["step.file.updated", "step.metadata.machine", "critical path"]);
    let shown: Vec<&str> = [before, after]
        .into_iter()
        .flat_map(str::lines)
        .filter(|line| {
            !line.starts_with("| With") && !line.contains("on Linux") && !line.starts_with("arcbook ")
        })
        .collect();
    timeless().bind(|| insta::assert_snapshot!("report_of_every_outcome", shown.join("\n")));
    let html = ok(place.run(&["report"]));
    contains(
        &html,
        &[
            "<h2 id=\"verification-title\">Verification</h2>",
            "The record is whole: each line follows from the one before it.",
            "the machine is not &lt;other&gt;",
            "<td data-name=\"before\">&quot;0644&quot;</td>",
            "assert.fails",
            "failed, tolerated",
            "not run",
            "class=\"box changes changed\"",
            "class=\"box unknown skipped\"",
        ],
    );
}

#[test]
fn a_report_compares_the_requests_with_the_plan() {
    let place = Place::jumpstart();
    ok(place.run(&["plan", "-var", "file=hosts", "-out", "a.plan", "jumpstart"]));
    ok(place.run(&["run", "-lab", "-var", "file=hosts", "jumpstart"]));
    let compared = ok(place.run(&["report", "-markdown", "-plan", "a.plan"]));
    contains(
        &compared,
        &[
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "used by 1 request",
            "The plan is for another environment than the run, so hosts are not compared.",
            "Every request of the ",
            "the run executed none; the plan file given with -plan is for comparison",
        ],
    );
    let alone = ok(place.run(&["report", "-markdown"]));
    contains(&alone, &["A record has the requests of a run, and not the permissions that they need."]);
    // A plan of something else lists none of the requests.
    place.write("other/x.runbook.hcl", "step \"arm_get\" \"_x\" { path = \"/subscriptions\" }\n");
    let other = place.run(&["report", "-markdown", "-plan", "other"]);
    assert_eq!(other.code, Some(1), "{}", other.seen());
    contains(&other.out, &["The plan does not list these steps: step.", "not used", "None of the "]);
}

/// A run of a plan file, in the environment that the plan is for.
#[test]
fn a_report_says_whether_a_plan_is_the_one_of_the_run() {
    let cloud = Cloud::start();
    let place = Place::with(
        "step \"blob_upload\" \"x\" {\n  account = \"acc01\"\n  container = \"old\"\n  name = \"x\"\n  content = \"x\"\n}\n",
    );
    let run = |arguments: &[&str]| cloud.run(&place, arguments);
    ok(run(&["plan", "-out", "a.plan"]));
    ok(run(&["run", "-auto-approve", "a.plan"]));
    place.write("main.runbook.hcl", "step \"metadata\" \"machine\" {}\n");
    ok(run(&["plan", "-out", "b.plan"]));
    let report = |plan: &str| run(&["report", "-markdown", "-plan", plan]);
    let (same, other) = (ok(report("a.plan")), report("b.plan"));
    assert_eq!(other.code, Some(1), "{}", other.seen());
    let other = other.out;
    contains(
        &same,
        &[": the plan file given with -plan", "used by 1 request", "Every request of the 1 planned step was"],
    );
    assert!(!same.contains("another environment") && !same.contains("not used"), "{same}");
    contains(
        &other,
        &[": not the plan file given with -plan", "does not list these steps: step.blob_upload.x."],
    );
}

#[test]
fn a_report_of_a_record_that_was_changed_names_the_line() {
    let place = all_outcomes();
    let files = place.files();
    let (path, bytes) =
        files.iter().find(|(path, _)| path.extension().is_some_and(|end| end == "jsonl")).expect("a record");
    let text = String::from_utf8(bytes.clone()).expect("UTF-8");
    let run = path.file_stem().expect("a name").to_string_lossy();
    let changed = text.replacen("\"event\":\"step_finished\"", "\"event\":\"step_finished\" ", 1);
    assert_ne!(text, changed);
    let line =
        text.lines().position(|line| line.contains("\"event\":\"step_finished\"")).expect("a line") + 2;
    fs::write(path, changed).expect("written");
    for (format, words) in [("-markdown", "The record is broken at line "), ("-junit", "was changed: ")] {
        let ran = place.run(&["report", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        contains(&ran.out, &[words, &format!("line {line}")]);
        contains(&ran.err, &["error[", &format!("the record of the run {run} was changed")]);
    }
}

#[test]
fn each_step_is_a_test_case() {
    let place = all_outcomes();
    let xml = ok(place.run(&["report", "-junit"]));
    let found = elements(&xml);
    let of = |name: &'static str| found.iter().filter(move |(found, _)| found == name);
    let attribute = |attributes: &[(String, String)], name: &str| {
        attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (_, suite) = of("testsuite").next().expect("a suite");
    let counts = ["tests", "failures", "errors"].map(|name| attribute(suite, name));
    assert_eq!(counts, ["8", "1", "0"], "{xml}");
    let names: Vec<String> = of("testcase").map(|(_, attributes)| attribute(attributes, "name")).collect();
    assert!(names.contains(&"step.echo.skipped[\"a\"]".to_owned()), "{names:?}");
    assert_eq!(of("skipped").count(), 3, "{xml}");
    let (_, failure) = of("failure").next().expect("a failure");
    assert_eq!(attribute(failure, "message"), "`condition` is false");
    contains(
        &xml,
        &[">the machine is not another</failure>", "classname=\"echo\"", "the machine is not &lt;other&gt;"],
    );
    let timed = of("testcase").filter(|(_, attributes)| !attribute(attributes, "time").is_empty());
    assert_eq!(timed.count(), 3, "{xml}");
}

#[test]
fn a_report_takes_the_place_of_a_report_alone() {
    let place = all_outcomes();
    for (options, name) in [
        (&["-out", "a.html"][..], "a.html"),
        (&["-markdown", "-out", "a.md"], "a.md"),
        (&["-junit", "-out", "a.xml"], "a.xml"),
    ] {
        let write = || place.run(&[&["report"], options].concat());
        contains(&ok(write()), &["The report is in a."]);
        contains(&ok(write()), &["The report is in a."]);
        assert_eq!(mode(&place.path().join(name)), 0o600);
        place.write(name, "# Something else\n");
        let ran = write();
        assert!(ran.code == Some(1) && ran.err.contains("error[not-a-report]"), "{}", ran.seen());
        assert_eq!(fs::read_to_string(place.path().join(name)).expect("a file"), "# Something else\n");
    }
}

#[test]
fn a_plan_has_a_report_too() {
    let place = Place::jumpstart();
    let of_files = ok(place.run(&["report", "jumpstart"]));
    ok(place.run(&["plan", "-var", "file=hosts", "-out", "a.plan", "jumpstart"]));
    let of_plan = ok(place.run(&["report", "a.plan"]));
    for (html, source) in [
        (of_files, "Made from the runbook jumpstart, without network access."),
        (of_plan, "Made from the plan file a.plan"),
    ] {
        contains(
            &html,
            &[source, "class=\"box changes\"", "Key Vault Secrets User", "<h3>Requests</h3>", "Roles: "],
        );
    }
    let ran = place.run(&["report", "-junit", "a.plan"]);
    assert!(ran.code == Some(3) && ran.err.contains("a plan has no results"), "{}", ran.seen());
    let ran = place.run(&["report", "nothing"]);
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
}

#[test]
fn a_report_of_nothing_has_no_picture_and_none_has_json() {
    let place = Place::with("");
    for (format, picture) in [(&["report", "."][..], "<svg"), (&["report", ".", "-markdown"], "```mermaid")] {
        let report = ok(place.run(format));
        assert!(report.contains("There are no steps.") && !report.contains(picture), "{report}");
    }
    let ran = place.run(&["report", ".", "-json"]);
    assert_eq!((ran.code, ran.out.contains("<html")), (Some(3), false), "{}", ran.seen());
    assert!(ran.seen().contains("a report is a document"), "{}", ran.seen());
}

/// Without a plan, a report says where secrets and findings are; with one, it has them.
#[test]
fn a_report_has_the_flow_of_secrets_and_the_findings_of_the_plan_beside_it() {
    let place = Place::jumpstart();
    ok(place.run(&["plan", "-var", "file=hosts", "-out", "a.plan", "jumpstart"]));
    ok(place.run(&["run", "-lab", "-var", "file=hosts", "jumpstart"]));
    let alone = ok(place.run(&["report", "-markdown"]));
    contains(&alone, &["## Secret flow", "not the places where it ended", "arcbook audit DIR\\` lists both"]);
    let of_file = ok(place.run(&["report", "-markdown", "-plan", "a.plan"]));
    contains(&of_file, &["| secret | ends in |", "arcbook audit DIR\\` lists both"]);
    let of_files = ok(place.run(&["report", "-markdown", "-plan", "jumpstart"]));
    contains(&of_files, &["| secret | ends in |", "0 errors"]);
}
