//! Makes the values of a recorded run available to expressions.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Journal, RunRecord};
use crate::diagnostic::Diagnostic;
use crate::expression::Tree;
use crate::graph::Instance;
use crate::plan::ShownValue;
use crate::value::{Marks, Origins, Type, Value};

/// Returns the names of a recorded run: `var.NAME`, `step.TYPE.NAME`, `output.NAME` and `runbook.name`;
/// functions resolve paths relative to `base_dir`.
///
/// Redacted values and texts are unknown and sensitive. Lists, sets and maps become tuples and objects, since
/// the record does not distinguish them. A journal that was changed after the run is refused.
pub fn recorded_names(journal: &Journal, base_dir: &Path) -> Result<Tree, Box<Diagnostic>> {
    if let Some(problem) = journal.verdict.problem() {
        return Err(Box::new(
            Diagnostic::error("journal", format!("the record cannot be relied on: {problem}"))
                .help("`arcbook show` prints the readable part"),
        ));
    }
    let remedy = "the record of the run has `step.TYPE.NAME` of what was done, `output.NAME` and `var.NAME`";
    let mut tree = Tree::new(base_dir, remedy);
    let run = RunRecord::of(journal);
    add_started(&mut tree, &run)?;
    add_steps(&mut tree, &run)?;
    for output in &run.outputs {
        let origin = format!("output.{}", output.name);
        let value = match output.value {
            Some(value) => recorded(value, &origin)?,
            None => Value::unknown(Type::Any, again(&origin)).with_marks(&Marks::sensitive(&*origin)),
        };
        tree.insert(&["output", output.name], value);
    }
    Ok(tree)
}

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

/// Adds the name of the runbook and the variables.
fn add_started(tree: &mut Tree, run: &RunRecord<'_>) -> Result<(), Box<Diagnostic>> {
    let Some(started) = run.started else { return Ok(()) };
    tree.insert(&["runbook", "name"], Value::from(started.runbook.as_str()));
    for (name, value) in started.variables.iter() {
        tree.insert(&["var", name], recorded(value, &format!("var.{name}"))?);
    }
    Ok(())
}

/// Adds the results of the steps outside modules; steps in modules cannot be referred to from outside.
fn add_steps(tree: &mut Tree, run: &RunRecord<'_>) -> Result<(), Box<Diagnostic>> {
    let mut repeated: BTreeMap<&str, Vec<(Instance, Value)>> = BTreeMap::new();
    for (&address, step) in run.steps.iter().filter(|(address, _)| address.starts_with("step.")) {
        let Some(outputs) = step.outputs() else { continue };
        let outputs = outputs.iter().map(|(name, shown)| Ok((name, recorded(shown, address)?)));
        let value = Value::object(outputs.collect::<Result<Vec<_>, Box<Diagnostic>>>()?);
        match Instance::parse(address) {
            Some((block, Instance::Only)) => tree.insert(&names(block), value),
            Some((block, instance)) => repeated.entry(block).or_default().push((instance, value)),
            None => {}
        }
    }
    for (address, instances) in repeated {
        tree.insert(&names(address), together(instances));
    }
    Ok(())
}

/// Converts a recorded value; redacted parts are unknown.
fn recorded(shown: &ShownValue, origin: &str) -> Result<Value, Box<Diagnostic>> {
    shown.restored(origin, &again(origin)).map_err(|error| {
        let summary = format!("the value of {origin} in the record cannot be read: {error}");
        Box::new(
            Diagnostic::error("journal", summary)
                .help("another version of arcbook, or another program, wrote it"),
        )
    })
}

/// Returns the origin of unrecorded values.
fn again(origin: &str) -> Origins {
    Origins::of(format!("{origin} is run again"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Scope, evaluate};
    use crate::journal::Verdict;
    use crate::plan::Named;
    use crate::redact::{Redact as _, Secrets};
    use crate::run::{Event, RunStarted};
    use crate::source::{SourceFile, Sources};
    use crate::step::Change;
    use crate::syntax::parse_expression;
    use crate::value::{Layout, show};

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
        let number = Value::parse_json("12345678901234567890.5").expect("a number");
        let hidden = Value::from("x").with_marks(&Marks::sensitive("x"));
        let ephemeral = Value::from("x").with_marks(&Marks::ephemeral("x"));
        let spoof = Value::from("(sensitive value)");
        let named = |values: &[(&str, &Value)]| values.iter().copied().collect::<Named>();
        let started = RunStarted {
            runbook: "lab".to_owned(),
            variables: named(&[
                ("region", &"west".into()),
                ("pw", &hidden),
                ("e", &ephemeral),
                ("odd", &spoof),
            ]),
            ..RunStarted::samples("x").remove(0)
        };
        let finished = |step: &str, name: &str, value: &Value| Event::StepFinished {
            step: step.to_owned(),
            change: Change::None,
            outputs: named(&[(name, value)]),
            receipt: None,
            milliseconds: 0,
        };
        let output = |name: &str, value: Option<ShownValue>, sensitive| Event::Output {
            name: name.to_owned(),
            value,
            sensitive,
            secrets: Vec::new(),
        };
        let secrets = Secrets::new();
        secrets.add("hunter2");
        let mut blotted = finished("step.echo.b", "url", &"https://hunter2/x".into());
        blotted.redact(&secrets);
        let list = Value::tuple([Value::from(1i64), hidden.clone()]);
        let journal = Journal::of_events([
            Event::RunStarted(Box::new(started)),
            finished("step.echo.a", "body", &Value::object([("n", number), ("pw", hidden)])),
            blotted,
            output("x", Some(ShownValue::from(&list)), false),
            output("s", None, true),
        ]);
        let tree = recorded_names(&journal, Path::new(".")).expect("whole");
        let cases = [
            ("runbook.name", "\"lab\""),
            ("var.region", "\"west\""),
            ("var.pw", "(sensitive value)"),
            ("var.e", "(ephemeral value)"),
            ("var.odd", "\"(sensitive value)\""),
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
        let broken = Journal { verdict, ..Journal::of_events([]) };
        assert_eq!(recorded_names(&broken, Path::new(".")).expect_err("refused").code, "journal");
    }
}
