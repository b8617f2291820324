//! The content of plans, and values that are known only in a run.

use arcbook_engine::plan::{show, to_json};
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{Report, Status};
use arcbook_engine::value::Value;

use crate::support::{Events, Stage, Tokens, stage, stage_files};

async fn finished(stage: &Stage) -> Report {
    let report = stage.run(10, &Events::default()).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    report
}

fn planned<'a>(stage: &'a Stage, name: &str) -> &'a Value {
    &stage.plan.outputs.iter().find(|output| output.name == name).expect("an output").value
}

fn text(report: &Report, name: &str) -> String {
    let (_, value) = report.outputs.iter().find(|(output, _)| output == name).expect("an output");
    value.as_str().expect("text").to_owned()
}

#[tokio::test]
async fn nondeterministic_values_are_known_only_in_a_run() {
    let stage = stage(
        r#"
        locals {
          id = uuid()
        }
        output "now" { value = timestamp() }
        output "planned" { value = plantimestamp() }
        output "id" { value = local.id }
        output "same" { value = local.id }
        output "other" { value = uuid() }
        output "hash" { value = bcrypt("s3cret", 4) }
        "#,
    )
    .expect("planned");
    for name in ["now", "id", "same", "other", "hash"] {
        assert!(planned(&stage, name).is_unknown(), "{name}");
    }
    let moment = planned(&stage, "planned").as_str().expect("known").to_owned();

    let report = finished(&stage).await;
    let again = finished(&stage).await;
    let now = text(&report, "now");
    assert_eq!(now.len(), "2026-01-02T15:04:05Z".len(), "{now}");
    assert!(now.ends_with('Z') && now.as_bytes()[10] == b'T', "{now}");
    assert!(moment <= now && now <= text(&again, "now"), "{moment}, {now}");
    assert_eq!(text(&report, "planned"), moment);
    assert_eq!(text(&again, "planned"), moment);

    let id = text(&report, "id");
    let groups: Vec<_> = id.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
    assert!(id.chars().all(|c| c == '-' || c.is_ascii_hexdigit()) && id.as_bytes()[14] == b'4', "{id}");
    assert_eq!(text(&report, "same"), id, "a local value is evaluated once");
    assert_ne!(text(&report, "other"), id);
    assert_ne!(text(&again, "id"), id);

    let hash = text(&report, "hash");
    assert!(hash.starts_with("$2a$04$") && hash.len() == 60, "{hash}");
    assert_ne!(text(&again, "hash"), hash, "the salt is another one");
}

#[test]
fn a_plan_lists_the_files_that_it_read() {
    let files = [
        (
            "main.runbook.hcl",
            r#"
            variable "where" { default = "data/b.txt" }
            locals {
              a    = file("data/a.txt")
              b    = file("${path.module}/${var.where}")
              page = templatefile("page.tftpl", { name = local.a })
              hash = filesha256("./data/a.txt")
            }
            step "read" "a" { value = local.page }
            output "b" { value = [local.b, local.hash] }
            "#,
        ),
        ("data/a.txt", "A"),
        ("data/b.txt", "B"),
        ("data/unread.txt", "C"),
        ("page.tftpl", "Hi ${name}, ${file(\"data/c.txt\")}"),
        ("data/c.txt", "C"),
    ];
    let stage = stage_files(&files, &[]).expect("planned");
    let read = ["data/a.txt", "data/b.txt", "data/c.txt", "page.tftpl"];
    assert_eq!(stage.plan.files, read);

    let page =
        show(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new(), &crate::support::full());
    let (_, list) = page.split_once("\nFiles read\n").expect("a list of files");
    let list: Vec<_> = list.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    assert_eq!(list, read);
    let json = to_json(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new());
    assert_eq!(json["files"], serde_json::json!(read));
}

#[test]
fn a_plan_without_files_has_no_list_of_files() {
    let stage = stage("output \"o\" { value = 1 }").expect("planned");
    assert!(stage.plan.files.is_empty());
    assert!(
        !show(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new(), &crate::support::full())
            .contains("Files read")
    );
}

#[test]
fn an_attribute_that_the_type_of_an_argument_does_not_have_is_told() {
    for (options, told) in [
        ("{ mode = \"x\" }", 0),
        ("{ mode = \"x\", moed = \"y\" }", 1),
        ("{ mode = \"x\", moed = \"y\", other = 1 }", 2),
        ("local.larger", 0),
    ] {
        let book = "locals { larger = { mode = \"x\", other = 1 } }\nstep \"read\" \"a\" { options = OPTIONS }\noutput \"o\" { value = [local.larger, step.read.a.value] }\n";
        let stage = stage(&book.replace("OPTIONS", options)).expect("planned");
        let found: Vec<_> = stage.notes.iter().filter(|note| note.code == "unknown-attribute").collect();
        assert_eq!(found.len(), told, "{options}: {found:?}");
        assert!(found.iter().all(|note| note.address.as_deref() == Some("step.read.a")), "{found:?}");
    }
}
