//! The pictures of a report, which have the arrows of the graph.

use std::fs;
use std::path::PathBuf;

use crate::support::{Place, Ran, copy, repository};

fn ok(ran: Ran) -> String {
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran.out
}

/// Returns the Mermaid graph of a report.
fn drawn(report: &str) -> &str {
    let (_, rest) = report.split_once("```mermaid\n").expect("a graph");
    rest.split_once("```").expect("its end").0
}

/// Returns the directories of all runbooks here.
fn runbooks() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["runbooks", "examples"] {
        let entries = fs::read_dir(repository().join(folder)).expect("a directory");
        let directories = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir());
        found.extend(directories);
    }
    found.sort();
    found
}

#[test]
fn a_report_of_each_runbook_has_the_arrows_of_its_graph() {
    let all = runbooks();
    assert!(all.len() > 20, "{all:?}");
    for path in all {
        let place = Place::new();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        copy(&path, &place.path().join(&name));
        let graph = ok(place.run(&["graph", &name, "-format", "mermaid"]));
        assert_eq!(drawn(&ok(place.run(&["report", &name, "-markdown"]))), graph, "{name}");
    }
}

/// Returns the labels of the ends of each arrow.
fn arrows(mermaid: &str) -> Vec<(String, String)> {
    let mut labels = std::collections::HashMap::new();
    for line in mermaid.lines() {
        let Some((id, rest)) = line.trim().split_once(['[', '{', '(']) else { continue };
        if let Some((_, label)) = rest.split_once('"') {
            labels.insert(id.to_owned(), label.split('"').next().unwrap_or_default().to_owned());
        }
    }
    let name = |id: &str| labels[id].clone();
    let arrows = mermaid.lines().filter_map(|line| line.trim().split_once(" --> "));
    arrows.map(|(from, to)| (name(from), name(to))).collect()
}

/// Names without a key, modules and tokens wait and are waited for.
#[test]
fn a_report_draws_what_blocks_modules_and_tokens_wait_for() {
    for (runbook, expected) in [
        (
            "fleet",
            &[
                (
                    "module.canaries.step.arc_run_command.server[#42;]",
                    "module.first.step.arc_run_command.server[#42;]",
                ),
                (
                    "module.first.step.arc_run_command.server[#42;]",
                    "module.second.step.arc_run_command.server[#42;]",
                ),
                (
                    "module.second.step.arc_run_command.server[#42;]",
                    "module.third.step.arc_run_command.server[#42;]",
                ),
                ("module.third.step.arc_run_command.server[#42;]", "step.arm_get.failed[#42;]"),
            ][..],
        ),
        (
            "onboard",
            &[
                ("step.endpoint.agent [4 instances]", "step.assert.preflight"),
                ("step.provider_registration.arc [3 instances]", "step.arc_connect.machine"),
                (
                    "step.entra_group_member.readers",
                    "token for https://vault.azure.net as identity.managed.machine",
                ),
            ],
        ),
    ] {
        let place = Place::new();
        copy(&repository().join("runbooks").join(runbook), &place.path().join(runbook));
        let report = ok(place.run(&["report", runbook, "-markdown"]));
        let found = arrows(drawn(&report));
        for (from, to) in expected {
            assert!(found.contains(&((*from).to_owned(), (*to).to_owned())), "{from} → {to}: {found:#?}");
        }
    }
}

/// A module, instances, a value that they meet in, and a step after all of it.
const WIDE: &str = r#"
step "echo" "many" {
  for_each = toset(["a", "b"])
  input    = each.key
}

module "inner" {
  source     = "./inner"
  depends_on = [step.echo.many]
}

step "echo" "last" {
  input      = "x"
  depends_on = [module.inner]
}
"#;

fn wide() -> Place {
    let place = Place::with(WIDE);
    // More steps than an arrow of each to each of the others should lead from.
    let step = |at: usize| format!("step \"echo\" \"s{at}\" {{\n  input = \"x\"\n}}\n\n");
    place.write("inner/inner.runbook.hcl", (0..12).map(step).collect::<String>());
    place
}

#[test]
fn a_report_of_a_run_beside_its_plan_has_the_arrows_of_the_graph() {
    let place = wide();
    let graph = ok(place.run(&["graph", "-format", "mermaid"]));
    assert_eq!(arrows(&graph).len(), 25, "{graph}");
    ok(place.run(&["plan", "-out", "a.plan"]));
    ok(place.run(&["run"]));
    for report in [
        &["report", "-markdown", "-plan", "."][..],
        &["report", "-markdown", "-plan", "a.plan"],
        &["report", "-markdown", "a.plan"],
    ] {
        assert_eq!(drawn(&ok(place.run(report))), graph, "{report:?}");
    }
}

/// Many arrows that meet are named once in the data of a graph.
#[test]
fn the_data_of_a_graph_grows_with_its_arrows_and_not_with_their_product() {
    let ran = wide().run(&["graph", "-json"]);
    let lines = ok(ran);
    let graph: serde_json::Value =
        serde_json::from_str(lines.lines().last().unwrap_or_default()).expect("JSON");
    let parts = graph["graph"].as_array().expect("parts");
    let point = parts.iter().find(|part| part["kind"].is_null()).expect("a point where arrows meet");
    assert_eq!(point["after"].as_array().map(Vec::len), Some(13), "{graph}");
    let last = parts.iter().find(|part| part["block"] == "step.echo.last").expect("a step");
    assert_eq!(last["after"].as_array().map(Vec::len), Some(1), "{graph}");
}

/// A record says nothing about steps that did not begin.
#[test]
fn steps_that_did_not_run_are_apart_unless_a_plan_says_where_they_belong() {
    let place = Place::with(
        "step \"assert\" \"a\" {\n  condition = timestamp() == \"\"\n  message   = \"no\"\n}\n\n\
         step \"echo\" \"b\" {\n  input      = \"x\"\n  depends_on = [step.assert.a]\n}\n\n\
         step \"echo\" \"c\" {\n  input = step.echo.b.output\n}\n",
    );
    assert_eq!(place.run(&["run"]).code, Some(1));
    let alone = ok(place.run(&["report", "-markdown"]));
    let graph = drawn(&alone);
    let (waves, apart) = graph.split_once("[\"not run\"]").expect("steps apart");
    assert!(waves.contains("step.assert.a") && !waves.contains("step.echo"), "{graph}");
    assert!(apart.contains("[\"step.echo.b\"]") && apart.contains("[\"step.echo.c\"]"), "{graph}");
    assert!(ok(place.run(&["report"])).contains("3 steps that did not begin"));
    let beside = ok(place.run(&["report", "-markdown", "-plan", "."]));
    assert_eq!(drawn(&beside), ok(place.run(&["graph", "-format", "mermaid"])));
}

/// Markdown and HTML show the same boxes of a large graph.
#[test]
fn a_large_graph_is_folded_in_every_form() {
    let step = |at: usize| format!("step \"echo\" \"s{at}\" {{\n  input = \"x\"\n}}\n\n");
    let place = Place::with(&(0..310).map(step).collect::<String>());
    let markdown = ok(place.run(&["report", ".", "-markdown"]));
    let html = ok(place.run(&["report", "."]));
    for text in ["step.echo.s299 … step.echo.s309", "11 steps that compute"] {
        assert!(drawn(&markdown).contains(text), "{}", drawn(&markdown));
        assert!(html.contains(text));
    }
    assert_eq!(html.matches("<g class=\"box").count(), 300);
}
