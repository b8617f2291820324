//! The documents of the collection.

use std::process::Stdio;

use serde_json::Value as Json;

use super::machines::Ansible;
use crate::support::{Place, Ran, finished, repository};

const NAME: &str = "arcbook.arcbook.arcbook";

fn text(name: &str) -> String {
    std::fs::read_to_string(repository().join("integrations/ansible").join(name)).expect("a file")
}

#[test]
fn the_module_and_the_role_are_documented() {
    let Some(ansible) = Ansible::installed() else { return };
    let place = Place::new();
    let documented = |kind: &str| {
        let mut command = ansible.command("ansible-doc", place.path());
        let ran = Ran::of(finished(command.args(["-j", "-t", kind, NAME])));
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        serde_json::from_str::<Json>(&ran.out).expect("JSON")[NAME].take()
    };
    let module = documented("module");
    let mut python = ansible.command("python", place.path());
    let script = "import json; from ansible_collections.arcbook.arcbook.plugins.modules.arcbook import OPTIONS; \
                  print(json.dumps(OPTIONS))";
    let ran = Ran::of(finished(python.env("PYTHONPATH", &ansible.collections).args(["-c", script])));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let accepted: Json = serde_json::from_str(&ran.out).expect("JSON");
    let (documented_options, accepted) = (&module["doc"]["options"], accepted.as_object().expect("options"));
    assert_eq!(documented_options.as_object().map(serde_json::Map::len), Some(accepted.len()));
    for (name, option) in accepted {
        let doc = &documented_options[name];
        for member in ["type", "elements", "default", "required", "aliases"] {
            let (is, told) = (&option[member], &doc[member]);
            let is_absent = |value: &Json| [Json::Null, false.into()].contains(value);
            assert!(
                is == told || is_absent(is) && is_absent(told),
                "{name}: {member} is {is}, documented {told}"
            );
        }
    }
    assert!(module["return"]["changes"]["contains"]["differences"].is_object());
    let role = documented("role");
    let options = role["entry_points"]["main"]["options"].as_object().expect("options");
    for line in text("roles/arcbook/defaults/main.yml").lines().filter(|line| line.starts_with("arcbook_")) {
        let name = line.split(':').next().expect("a name");
        assert!(options.contains_key(name), "{name}");
    }
}

/// Whatever a task with the module can say, the role can say too.
#[test]
fn the_options_of_the_module_are_variables_of_the_role() {
    let Some(ansible) = Ansible::installed() else { return };
    let place = Place::new();
    let documented = |kind: &str| {
        let mut command = ansible.command("ansible-doc", place.path());
        let ran = Ran::of(finished(command.args(["-j", "-t", kind, NAME])));
        serde_json::from_str::<Json>(&ran.out).expect("JSON")[NAME].take()
    };
    let (module, role) = (documented("module"), documented("role"));
    let variables = &role["entry_points"]["main"]["options"];
    let tasks = ["run.yml", "plan.yml"].map(|name| (name, text(&format!("roles/arcbook/tasks/{name}"))));
    for (name, option) in module["doc"]["options"].as_object().expect("options") {
        // The role runs arcbook in the directory of the runbook.
        if name == "chdir" {
            continue;
        }
        let variable = &variables[format!("arcbook_{name}")];
        assert_eq!(
            (&variable["type"], &variable["elements"]),
            (&option["type"], &option["elements"]),
            "{name}"
        );
        for (file, task) in &tasks {
            let only_runs = ["journal", "resume", "timeout", "lock_timeout"].contains(&name.as_str());
            let (begin, variable) = (format!("{name}: \"{{{{"), format!("arcbook_{name}"));
            let is_given =
                task.lines().any(|line| line.trim_start().starts_with(&begin) && line.contains(&variable));
            assert!(is_given || *file == "plan.yml" && only_runs, "{name} in {file}");
        }
    }
}

#[test]
fn the_examples_are_plays() {
    let Some(ansible) = Ansible::installed() else { return };
    let readme = text("README.md");
    let examples: Vec<&str> =
        readme.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() > 2, "{readme}");
    for example in examples {
        let place = Place::new();
        place.write("play.yml", example);
        let mut command = ansible.command("ansible-playbook", place.path());
        command.args(["--syntax-check", "-i", "localhost,", "play.yml"]).stdin(Stdio::null());
        let ran = Ran::of(finished(&mut command));
        assert_eq!(ran.code, Some(0), "{example}\n{}", ran.seen());
    }
}

#[test]
fn the_version_is_that_of_the_program() {
    let line = format!("\nversion: {}\n", env!("CARGO_PKG_VERSION"));
    assert!(text("galaxy.yml").contains(&line), "galaxy.yml has another version");
}
