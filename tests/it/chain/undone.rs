//! Tests undoing runs of a chain.

use serde_json::Value as Json;

use crate::cloud::Cloud;

use super::support::*;

/// The response is lost after the change, or the request before it.
#[test]
fn undo_checks_an_unconfirmed_change() {
    for (lost, path, removed) in [
        (
            "lost-answer",
            "a.txt",
            &["DELETE /new/a.txt", "DELETE /new/b.txt", "DELETE /new?restype=container"][..],
        ),
        ("reset", "a.txt", &["DELETE /new/b.txt", "DELETE /new?restype=container"]),
        ("lost-answer", "restype=container", &["DELETE /new?restype=container"]),
        ("reset", "restype=container", &[]),
    ] {
        for asked_for in [true, false] {
            let cloud = Cloud::start();
            let place = place();
            let once = "\n  retry { attempts = 1 }\n";
            let text =
                RUNBOOK.replace("  source    = \"a.txt\"\n", &format!("  source    = \"a.txt\"{once}"));
            let text = text.replace("  name    = \"new\"\n", &format!("  name    = \"new\"{once}"));
            let settings = if asked_for { "runbook {\n  on_failure = \"undo\"\n}\n" } else { "" };
            place.write("main.runbook.hcl", format!("{settings}{text}"));
            fault(&cloud, &format!("blob:{lost}:method=PUT:path={path}:times=1"));
            let ran = cloud.run(&place, &["run", "-auto-approve"]);
            holds(&ran, 1, &[]);
            if !asked_for {
                let undone = cloud.run(&place, &UNDO);
                holds(&undone, 0, &["if the run created it"]);
            }
            assert_eq!(changes(&cloud, "DELETE"), removed, "{lost} {path}: {}", ran.seen());
            holds(&cloud.run(&place, &UNDO), 0, &["nothing to undo"]);
            // Resuming and undoing must not each require the other first.
            let resumed = cloud.run(&place, &RESUME);
            if removed.is_empty() {
                holds(&resumed, 0, &[]);
            } else {
                holds(&resumed, 3, &["was undone by"]);
            }
            let taken = place.run(&["runs"]).out.contains("undone by");
            assert_eq!(taken, !removed.is_empty(), "{}", place.run(&["runs"]).seen());
        }
    }
}

#[test]
fn undo_keeps_a_container_that_somebody_else_recreated() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    taken_away(&cloud, &place);
    somebody_else(&cloud, CONTAINER);
    let removed = changes(&cloud, "DELETE").len();
    holds(&cloud.run(&place, &UNDO), 1, &["the container was recreated by another client"]);
    assert_eq!(changes(&cloud, "DELETE").len(), removed);
}

/// Each run of a chain has its own cleanup, which uploads a blob with a different name.
#[test]
fn undo_removes_what_the_cleanup_of_earlier_runs_created() {
    let cloud = Cloud::start();
    let place = place();
    let cleanup = r#"
        step "blob_upload" "report" {
          run_on     = "always"
          account    = "acc01"
          container  = "old"
          name       = "${runbook.run_id}.txt"
          content    = "it was run"
          depends_on = [step.blob_upload.old]
        }
    "#;
    place.write("main.runbook.hcl", format!("{RUNBOOK}{cleanup}"));
    for _ in 0..2 {
        fault(&cloud, FAILS);
        let arguments: &[&str] =
            if runs(&place)[0].contains('-') { &RESUME } else { &["run", "-auto-approve"] };
        holds(&cloud.run(&place, arguments), 1, &[]);
    }
    holds(&cloud.run(&place, &UNDO), 0, &[]);
    let removed = changes(&cloud, "DELETE");
    let [first, second] = &runs(&place)[..2] else { panic!("two runs") };
    for run in [first, second] {
        assert!(removed.contains(&format!("DELETE /old/{run}.txt")), "{removed:?}");
    }
}

#[test]
fn undo_shows_its_list_before_anything_else() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    let list = ["- step.blob_upload.a", "- step.blob_container.new", "DELETE http://"];
    let planned = cloud.run(&place, &["undo", "-plan"]);
    holds(&planned, 0, &list);
    // Without a terminal, the program cannot ask for approval.
    let asked = cloud.run(&place, &["undo"]);
    holds(&asked, 1, &list);
    assert!(asked.err.contains("not-approved"), "{}", asked.seen());
    let json = cloud.run(&place, &["undo", "-plan", "-json"]);
    let line = json.out.lines().last().expect("an object");
    let object: Json = serde_json::from_str(line).expect("JSON");
    assert_eq!(object["steps"].as_array().map(Vec::len), Some(3), "{}", json.seen());
    assert_eq!(runs(&place).len(), 1);
    assert!(changes(&cloud, "DELETE").is_empty());
    holds(&cloud.run(&place, &UNDO), 0, &list);
    for command in [&["undo"][..], &["undo", "-plan"], &UNDO] {
        holds(&cloud.run(&place, command), 0, &["There is nothing to undo"]);
    }
}
