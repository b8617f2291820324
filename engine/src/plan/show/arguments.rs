//! Writes the arguments of all steps, and the scripts that run elsewhere, into a document.

use indexmap::{IndexMap, IndexSet};

use super::fold::fold;
use super::long_value::{code, in_cell, text};
use crate::layout::{Page, Row};
use crate::plan::{ListedWhen, Listing};
use crate::step::few;
use crate::value::{Layout, Value, show};

/// The maximum number of lines of a script that the document has as a whole.
const LINES: usize = 200;

/// The number of lines of a longer script.
const FIRST: usize = 20;

/// Lists the arguments; those of the instances of a block together.
pub fn write(page: &mut Page, plan: &Listing) {
    let mut rows = Vec::new();
    for fold in fold(&plan.steps) {
        let mut values: IndexMap<&str, IndexSet<String>> = IndexMap::new();
        for step in &fold.steps {
            let code_in = step.remote_code.as_ref().map(|code| code.argument.as_str());
            for (name, value) in step.arguments.to_values() {
                let is_script = code_in == Some(name) && text(&value).is_some();
                let shown = if is_script { code(&value, usize::MAX) } else { in_cell(&value) };
                values.entry(name).or_default().insert(shown);
            }
        }
        for (name, values) in values {
            let values: Vec<String> = values.into_iter().collect();
            rows.push(Row::of([fold.address.clone(), name.to_owned(), few(&values)]));
        }
    }
    page.columns("Arguments", &["step", "argument", "value"], rows);
    scripts(page, plan);
}

/// Writes each script that runs elsewhere, with the steps that send it.
fn scripts(page: &mut Page, plan: &Listing) {
    let mut scripts: IndexMap<String, IndexSet<String>> = IndexMap::new();
    for fold in fold(&plan.steps) {
        for step in fold.steps.iter().filter(|step| step.when != ListedWhen::Decided(false)) {
            let Some(code) = &step.remote_code else { continue };
            let value = step.arguments.get(&code.argument).and_then(|value| value.to_value().ok());
            if let Some(text) = value.as_ref().and_then(text) {
                scripts.entry(text.to_owned()).or_default().insert(fold.address.clone());
            }
        }
    }
    for (at, (script, steps)) in scripts.iter().enumerate() {
        if at == 0 {
            page.gap();
            page.heading("Scripts", "");
        }
        let steps: Vec<&String> = steps.iter().collect();
        let whole = Value::from(script.as_str());
        page.line(0, format_args!("{}: {}", few(&steps), code(&whole, usize::MAX)));
        let lines = script.lines().count();
        let first = || script.lines().take(FIRST).fold(String::new(), |text, line| text + line + "\n");
        let shown = if lines > LINES { Value::from(first()) } else { whole };
        page.pair(2, ("script", 0), &show(&shown, Layout::default()));
        if lines > LINES {
            page.line(0, format_args!("… (and {} lines)", lines - FIRST));
        }
    }
}
