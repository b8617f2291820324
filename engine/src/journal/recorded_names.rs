//! Makes the values of a recorded run available to expressions.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::{Journal, Verdict};
use crate::diagnostic::Diagnostic;
use crate::expression::Tree;
use crate::graph::Instance;
use crate::plan;
use crate::value::{JsonError, Marks, Origins, Type, Value};

/// Returns the names of a recorded run: `var.NAME`, `step.TYPE.NAME`, `output.NAME` and `runbook.name`;
/// functions resolve paths relative to `base_dir`.
///
/// Redacted values and texts are unknown and sensitive. Lists, sets and maps become tuples and objects, since
/// the record does not distinguish them. A journal that was changed after the run is refused.
pub fn recorded_names(journal: &Journal, base_dir: &Path) -> Result<Tree, Box<Diagnostic>> {
    if let Verdict::Broken { line, reason } = &journal.verdict {
        return Err(Box::new(
            Diagnostic::error("journal", format!("the record was changed: line {line}: {reason}"))
                .help("`arcbook show` prints the readable part"),
        ));
    }
    let remedy = "the record of the run has `step.TYPE.NAME` of what was done, `output.NAME` and `var.NAME`";
    let mut tree = Tree::new(base_dir, remedy);
    let mut repeated = Repeated::new();
    for record in &journal.records {
        add(&mut tree, &mut repeated, record).map_err(|error| Box::new(unreadable(record, &error)))?;
    }
    for (address, instances) in repeated {
        tree.insert(&names(&address), together(instances));
    }
    Ok(tree)
}

/// The instances of repeated steps, by the address of the step.
type Repeated = BTreeMap<String, Vec<(Instance, Value)>>;

/// Splits the address of a step into `step`, its type and its name.
fn names(address: &str) -> Vec<&str> {
    address.splitn(3, '.').collect()
}

/// Collects the results of all instances of a step into a tuple or an object, as a runbook refers to them.
fn together(mut instances: Vec<(Instance, Value)>) -> Value {
    instances.sort_by(|(a, _), (b, _)| a.cmp(b));
    if instances.iter().all(|(instance, _)| matches!(instance, Instance::Index(_))) {
        return Value::tuple(instances.into_iter().map(|(_, value)| value));
    }
    Value::object(instances.into_iter().filter_map(|(instance, value)| match instance {
        Instance::Key(key) => Some((key, value)),
        _ => None,
    }))
}

fn add(tree: &mut Tree, repeated: &mut Repeated, record: &Json) -> Result<(), JsonError> {
    match text(record, "event") {
        "run_started" => {
            tree.insert(&["runbook", "name"], Value::from(text(record, "runbook")));
            for (name, value) in record["variables"].as_object().into_iter().flatten() {
                tree.insert(&["var", name], recorded(value, &format!("var.{name}"))?);
            }
        }
        "step_finished" | "step_recalled" => {
            let address = text(record, "step");
            let value = recorded(&record["outputs"], address)?;
            match Instance::parse(address) {
                // Steps in modules cannot be referred to from outside.
                _ if !address.starts_with("step.") => {}
                Some((block, Instance::Only)) => tree.insert(&names(block), value),
                Some((block, instance)) => {
                    repeated.entry(block.to_owned()).or_default().push((instance, value));
                }
                None => {}
            }
        }
        "output" => {
            let name = text(record, "name");
            let origin = format!("output.{name}");
            let value = match record.get("value") {
                Some(value) => recorded(value, &origin)?,
                None => Value::unknown(Type::Any, again(&origin)).with_marks(&Marks::sensitive(&*origin)),
            };
            tree.insert(&["output", name], value);
        }
        _ => {}
    }
    Ok(())
}

fn text<'a>(record: &'a Json, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_default()
}

/// Converts a recorded value; redacted parts are unknown.
fn recorded(json: &Json, origin: &str) -> Result<Value, JsonError> {
    plan::recorded(json, origin, &again(origin))
}

/// Returns the origin of unrecorded values.
fn again(origin: &str) -> Origins {
    Origins::of(format!("{origin} is run again"))
}

fn unreadable(record: &Json, error: &JsonError) -> Diagnostic {
    Diagnostic::error("journal", format!("record {} of the run cannot be read: {error}", record["seq"]))
        .help("another version of arcbook, or another program, wrote it")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expression::{Scope, evaluate};
    use crate::journal::GENESIS;
    use crate::source::{SourceFile, Sources};
    use crate::syntax::parse_expression;
    use crate::value::{Layout, show};

    fn journal(records: &[Json]) -> Journal {
        Journal { records: records.to_vec(), verdict: Verdict::Unfinished, head: GENESIS }
    }

    fn shown(scope: &dyn Scope, text: &str) -> String {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("x", text.to_owned()));
        let expression = parse_expression(&sources, file).unwrap();
        match evaluate(&expression, scope) {
            Ok(value) => show(&value, Layout::default()),
            Err(found) => found.iter().next().map(|error| error.summary.clone()).unwrap_or_default(),
        }
    }

    #[test]
    fn what_was_recorded_has_names() {
        let body = json!({ "n": serde_json::from_str::<Json>("12345678901234567890.5").unwrap(), "pw": "(sensitive value)" });
        let records = [
            json!({ "event": "run_started", "runbook": "lab", "variables": { "region": "west", "pw": "(sensitive value)", "e": "(ephemeral value)" } }),
            json!({ "event": "step_finished", "step": "step.echo.a", "outputs": { "body": body } }),
            json!({ "event": "step_finished", "step": "step.echo.b", "outputs": { "url": "https://(sensitive)/x" } }),
            json!({ "event": "output", "name": "x", "value": [1, "(sensitive)"], "sensitive": false }),
            json!({ "event": "output", "name": "s", "sensitive": true }),
        ];
        let tree = recorded_names(&journal(&records), Path::new(".")).expect("whole");
        let cases = [
            ("runbook.name", "\"lab\""),
            ("var.region", "\"west\""),
            ("var.pw", "(sensitive value)"),
            ("var.e", "(ephemeral value)"),
            ("step.echo.a.body.n", "12345678901234567890.5"),
            ("step.echo.a.body.pw", "(sensitive value)"),
            ("step.echo.b.url", "(sensitive value)"),
            ("output.x", "[1, (sensitive value)]"),
            ("output.s", "(sensitive value)"),
            ("step.echo.c", "`step.echo` has no `c`"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(&tree, text), expected, "{text}");
        }
    }

    #[test]
    fn a_record_that_was_changed_is_refused() {
        let verdict = Verdict::Broken { line: 2, reason: "it is not JSON".to_owned() };
        let broken = Journal { verdict, ..journal(&[]) };
        assert_eq!(recorded_names(&broken, Path::new(".")).expect_err("refused").code, "journal");
    }
}
