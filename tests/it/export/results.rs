//! A script finds the results that the steps return.

use std::fmt::Write as _;
use std::sync::Arc;

use arcbook_engine::jmespath::Query;
use arcbook_engine::step::Found;
use arcbook_engine::value::Value;
use arcbook_steps::{Azure, AzureOptions, Environment, registry};
use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::Place;

/// A step of each type whose results a query finds, with its arguments.
const STEPS: [(&str, &str); 3] = [
    ("metadata", ""),
    ("arm_list", "scope = step.metadata.it.resource_group_id"),
    ("keyvault_secret", "vault = \"arcmi00000000\"\n  name = \"scenario\""),
];

#[test]
fn a_query_of_a_script_finds_what_the_step_returns() {
    let azure = Arc::new(Azure::new(AzureOptions::new(Environment::default())));
    let registry = registry(&azure);
    let queries = |name: &str| -> Vec<(&'static str, &'static str)> {
        let script = registry.get(name).and_then(|step| step.script()).expect("a script");
        let query = |result: &arcbook_engine::step::ScriptResult| match result.found {
            Found::Query(query) => Some((result.name, query)),
            Found::Header(_) | Found::Url => None,
        };
        script.results.iter().filter_map(query).collect()
    };
    // Each type with such results has a step here.
    let with_queries = registry.iter().filter(|step| {
        let results = step.script().map_or(&[][..], |script| script.results);
        results.iter().any(|result| matches!(result.found, Found::Query(_)))
    });
    let mut names: Vec<&str> = with_queries.map(|step| step.schema().name).collect();
    names.sort_by_key(|name| STEPS.iter().position(|(own, _)| own == name));
    assert_eq!(names, STEPS.map(|(name, _)| name));

    let mut runbook = String::new();
    for (name, arguments) in STEPS {
        let _ = writeln!(runbook, "step \"{name}\" \"it\" {{\n  {arguments}\n}}");
        for part in queries(name).iter().map(|(result, _)| *result).chain(["body"]) {
            let value = format!("nonsensitive(step.{name}.it.{part})");
            let _ = writeln!(runbook, "output \"{name}_{part}\" {{ value = {value} }}");
        }
    }
    let place = Place::with(&runbook);
    let ran = Cloud::jumpstart_with_own_secret().run(&place, &["run"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let outputs: Json = serde_json::from_str(&place.run(&["output", "-json"]).out).expect("JSON");
    let output = |name: &str| {
        let found = &outputs[name];
        found.get("value").unwrap_or(found).clone()
    };
    for (name, _) in STEPS {
        let body = Value::from_json(&output(&format!("{name}_body"))).expect("a value");
        for (result, query) in queries(name) {
            let found = Query::parse(query).expect(query).search(&body).expect(query);
            assert_eq!(
                found.to_json().expect("JSON"),
                output(&format!("{name}_{result}")),
                "{name} {result}"
            );
        }
    }
}
