//! Explanations, held against what the program does.

use serde_json::Value as Json;

use crate::support::Place;

const SITE: &str = "variable \"region\" {\n  type = string\n}\n\noutput \"greeting\" {\n  value = \"Hello, ${var.region}!\"\n}\n";

fn topics(place: &Place, arguments: &[&str]) -> Vec<Json> {
    let ran = place.run(&[&["explain", "-json"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn the_example_of_every_block_is_a_runbook_without_a_fault() {
    let blocks = topics(&Place::new(), &[]).into_iter().filter(|topic| topic["block"].is_string());
    let blocks: Vec<Json> = blocks.collect();
    assert_eq!(blocks.len(), 17);
    for block in &blocks {
        let (name, example) =
            (block["block"].as_str().expect("a name"), block["example"].as_str().expect("text"));
        let place = Place::with(example);
        place.write("site/main.runbook.hcl", SITE);
        let checked = place.run(&["validate", "-json"]);
        let checked: Json = serde_json::from_str(&checked.out).expect("JSON");
        assert_eq!(
            (&checked["valid"], &checked["diagnostics"]),
            (&true.into(), &Json::Array(Vec::new())),
            "{name}"
        );
        assert_eq!(place.run(&["fmt", "-check"]).seen(), "exit 0\n--- out\n--- err\n", "{name}");
        assert_eq!(place.run(&["plan"]).code, Some(0), "{name}");
        let begins = |line: &str| line.trim_start().split([' ', '"']).next() == Some(name);
        assert!(example.lines().any(begins), "{name} is not in its example");
    }
}

/// Checks the examples of step types or kinds of identities, which `key` names in their explanations.
fn check_examples(key: &str, block: &str, least: usize) {
    let types = topics(&Place::new(), &[]).into_iter().filter(|topic| topic[key].is_string());
    let types: Vec<Json> = types.collect();
    assert!(types.len() >= least, "{types:?}");
    for explained in &types {
        let name = explained[key].as_str().expect("a name");
        let example = explained["example"].as_str().expect("text");
        assert!(example.contains(&format!("{block} \"{name}\" ")), "{name} is not in its example");
        let place = Place::with(example);
        let checked: Json = serde_json::from_str(&place.run(&["validate", "-json"]).out).expect("JSON");
        assert_eq!(checked["diagnostics"], Json::Array(Vec::new()), "{name}");
        assert_eq!(place.run(&["fmt", "-check"]).seen(), "exit 0\n--- out\n--- err\n", "{name}");
        assert_eq!(place.run(&["plan"]).code, Some(0), "{name}");
    }
}

#[test]
fn the_example_of_every_step_type_is_a_runbook_without_a_fault() {
    check_examples("type", "step", 8);
}

#[test]
fn the_example_of_every_kind_of_identity_is_a_runbook_without_a_fault() {
    check_examples("identity", "identity", 7);
}

#[test]
fn a_block_takes_what_is_explained_of_it_and_nothing_else() {
    let blocks = topics(&Place::new(), &[]).into_iter().filter(|topic| topic["block"].is_string());
    let blocks: Vec<Json> = blocks.collect();
    let named = |name: &str| blocks.iter().find(|block| block["block"] == name);
    for block in &blocks {
        for inner in block["blocks"].as_array().expect("a list") {
            let inner =
                named(inner.as_str().expect("a name")).unwrap_or_else(|| panic!("{inner} is not explained"));
            assert!(inner["within"].as_array().expect("a list").contains(&block["block"]), "{inner}");
        }
        for outer in block["within"].as_array().expect("a list") {
            let outer =
                named(outer.as_str().expect("a name")).unwrap_or_else(|| panic!("{outer} is not explained"));
            assert!(outer["blocks"].as_array().expect("a list").contains(&block["block"]), "{outer}");
        }
        for argument in block["arguments"].as_array().expect("a list") {
            let docs = argument["docs"].as_str().expect("text");
            assert!(
                docs.ends_with('.') && !argument["type"].as_str().expect("a type").is_empty(),
                "{argument}"
            );
            assert!(!(argument["required"] == true && argument["default"].is_string()), "{argument}");
        }
    }
}

#[test]
fn the_same_is_told_to_people_and_to_tools() {
    let place = Place::new();
    let list = place.run(&["explain"]).out;
    for topic in topics(&place, &[]) {
        let keys = [
            ("type", "step"),
            ("identity", "identity"),
            ("block", "block"),
            ("function", "function"),
            ("jmespath_function", "jmespath"),
        ];
        let (name, group) =
            keys.iter().find_map(|(key, group)| Some((topic[key].as_str()?, *group))).expect("a name");
        assert!(list.lines().any(|line| line.split_whitespace().next() == Some(name)), "{name}");
        assert_eq!(topics(&place, &[group, name]), std::slice::from_ref(&topic), "{group} {name}");
        let text = place.run(&["explain", &format!("{group} {name}")]).out;
        for part in [
            &topic["example"],
            &topic["example"]["expression"],
            &topic["example"]["query"],
            &topic["signature"],
        ] {
            let Some(part) = part.as_str() else { continue };
            assert!(part.lines().all(|line| text.contains(line)), "{text}");
        }
    }
}

#[test]
fn a_name_of_several_things_is_explained_as_each() {
    let place = Place::new();
    assert_eq!(topics(&place, &["join"]).len(), 2);
    let both = place.run(&["explain", "join"]).out;
    assert!(both.contains("## function join") && both.contains("## jmespath join"), "{both}");
    let one = place.run(&["explain", "jmespath join"]).out;
    assert!(!one.contains("##") && one.contains("JMESPath"), "{one}");
}

#[test]
fn explanations_as_people_see_them() {
    let place = Place::new();
    let shown = |name: &str| format!("$ arcbook explain {name}\n{}", place.run(&["explain", name]).out);
    insta::assert_snapshot!(["variable", "retry", "dynamic", "try", "join", "sort_by"].map(shown).join("\n"));
}

#[test]
fn of_a_name_that_is_none_the_nearest_is_told() {
    for (asked, meant) in [
        ("KEYVAULT_SECRET", "keyvault_secret"),
        ("key-vault-secret", "keyvault_secret"),
        ("Postgres", "postgres_query"),
        ("postgrs", "postgres_query"),
        ("Retry", "retry"),
        ("json_encode", "jsonencode"),
        ("jmespath sortby", "sort_by"),
    ] {
        let ran = Place::new().run(&["explain", asked]);
        assert_eq!(ran.code, Some(3));
        assert!(ran.err.contains(&format!("did you mean `{meant}`?")), "{asked}: {}", ran.err);
    }
}

#[test]
fn the_readme_names_every_step_type() {
    let readme = std::fs::read_to_string(crate::support::repository().join("README.md")).expect("a README");
    let section = readme
        .split("## The step types")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("a section");
    let named: Vec<&str> = section.split('`').skip(1).step_by(2).collect();
    for topic in topics(&Place::new(), &[]) {
        let Some(name) = topic["type"].as_str() else { continue };
        assert_eq!(named.iter().filter(|own| **own == name).count(), 1, "{name}");
    }
}

/// Each example, and the first runbook of the README, runs in an empty directory on the built-in lab.
#[cfg(unix)]
#[test]
fn every_example_runs_on_the_built_in_lab() {
    let examples = topics(&Place::new(), &[]).into_iter().filter_map(|topic| {
        let name = topic["type"].as_str().or(topic["block"].as_str())?.to_owned();
        Some((name, topic["example"].as_str().expect("text").to_owned()))
    });
    let readme = std::fs::read_to_string(crate::support::repository().join("README.md")).expect("a README");
    let first = readme.split("```hcl\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a runbook");
    for (name, example) in examples.chain([("README".to_owned(), first.to_owned())]) {
        let place = Place::with(&example);
        if name == "module" {
            place.write("site/main.runbook.hcl", SITE);
        }
        // Their examples run where their servers, and a stand-in for the agent, are tested.
        if ["arc_connect", "arc_run_command", "http", "postgres_query"].contains(&name.as_str()) {
            continue;
        }
        let ran = place.run(&["run", "-lab", "-auto-approve"]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.seen());
    }
}
