//! The first page says which files may leave this machine.

use crate::support::{Place, Ran};

/// Reads a file.
const READ: &str = "file(\"secretfile\")";

fn upload(content: &str) -> String {
    format!(
        "step \"blob_upload\" \"u\" {{\n  account = \"acc01\"\n  container = \"old\"\n  name = \"x\"\n  content = {content}\n}}\n"
    )
}

/// Returns the plan of a runbook beside two files and a module.
fn page(runbook: &str) -> String {
    let place = Place::with(runbook);
    place.write("secretfile", "content");
    place.write("other", "content");
    place.write("m/main.runbook.hcl", "variable \"given\" {\n  type = string\n}\nstep \"exec\" \"e\" {\n  argv = [\"cat\"]\n  stdin = var.given\n}\n");
    let ran = Ran::of(place.command(&["plan"]).env("COLUMNS", "200").output().expect("ran"));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran.out
}

#[test]
fn files_that_functions_read_may_leave() {
    let row = |file: &str, step: &str, verb: &str| {
        Some(format!("{file} (read by the runbook)  → may be part of what {step} {verb}"))
    };
    let whole =
        |argument: &str| Some(format!("secretfile (read by the runbook)  → {argument}, the whole file"));
    let cases = [
        (upload(READ), whole("content of step.blob_upload.u")),
        (
            format!("locals {{\n  c = base64encode({READ})\n}}\n{}", upload("local.c")),
            row("secretfile", "step.blob_upload.u", "sends"),
        ),
        (
            format!("step \"echo\" \"e\" {{\n  input = {READ}\n}}\n{}", upload("step.echo.e.output")),
            row("secretfile", "step.blob_upload.u", "sends"),
        ),
        (
            format!("step \"file\" \"f\" {{\n  path = \"f\"\n  content = {READ}\n}}\n{}", upload("\"x\"")),
            None,
        ),
        (
            format!("step \"exec\" \"e\" {{\n  argv = [\"cat\"]\n  stdin = {READ}\n}}\n"),
            whole("stdin of step.exec.e"),
        ),
        (
            format!("module \"m\" {{\n  source = \"./m\"\n  given  = {READ}\n}}\n"),
            row("secretfile", "module.m.step.exec.e", "gets"),
        ),
        // Only the file that the step may send is named, if the runbook says which one it is.
        (
            format!("output \"o\" {{\n  value = file(\"other\")\n}}\n{}", upload(READ)),
            whole("content of step.blob_upload.u"),
        ),
        (
            format!(
                "output \"o\" {{\n  value = file(\"other\")\n}}\n{}",
                upload("file(join(\"\", [\"secret\", \"file\"]))")
            ),
            row("other, secretfile", "step.blob_upload.u", "sends"),
        ),
        (
            format!("{NAMING}{}", upload("file(step.exec.p.stdout)")),
            row("files that are known during the run", "step.blob_upload.u", "sends"),
        ),
    ];
    for (runbook, expected) in cases {
        let page = page(&runbook);
        match expected {
            Some(row) => assert!(page.contains(&format!("Leaves      {row}\n")), "{row}: {page}"),
            None => assert!(!page.contains("Leaves"), "{page}"),
        }
    }
}

/// A step whose output is the name of a file.
const NAMING: &str = r#"
step "exec" "p" {
  argv   = ["echo", "purge"]
  effect = "reads"
}
"#;

#[test]
fn names_of_files_and_what_a_step_waits_for_do_not_leave() {
    for runbook in [
        upload("join(\",\", fileset(\".\", \"*\"))"),
        format!(
            "step \"echo\" \"e\" {{\n  input = {READ}\n}}\noutput \"o\" {{\n  value = step.echo.e.output\n}}\n{}",
            upload("\"x\"\n  depends_on = [step.echo.e]")
        ),
    ] {
        let page = page(&runbook);
        assert!(!page.contains("Leaves"), "{page}");
    }
}
