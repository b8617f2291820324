//! The outputs of a runbook.

use crate::diagnostic::Diagnostics;
use crate::graph::ModuleId;
use crate::jmespath::{Definition, Filter};
use crate::plan::{Leaf, Plan, Symbol, symbol};
use crate::source::Span;

use super::block::Writer;
use super::condition::{known, texts};
use super::leaf::{Place, Source};
use super::refusal::{opaque, refusal};
use super::word::{inner, quoted};

/// An output as a script shows it.
pub(super) struct Shown {
    pub name: String,
    pub value: ShownValue,
    /// The place of its expression.
    pub span: Span,
}

/// The value of an output.
pub(super) enum ShownValue {
    /// A text that is written into the script.
    Known(String),
    /// Nothing of it is shown.
    Secret,
    /// A part of a result, and the functions of jq that are applied to it.
    Part(Leaf, Vec<(String, Vec<Definition>)>),
    /// Texts and results, one after another.
    Text(Vec<Symbol>),
}

/// Returns the outputs of a runbook; adds those that cannot be written to `found`.
pub(super) fn outputs(plan: &Plan, found: &mut Diagnostics) -> Vec<Shown> {
    let runbook = plan.state.runbook(ModuleId::ROOT).clone();
    let scope = plan.state.scope(ModuleId::ROOT);
    let mut all = Vec::new();
    for (output, planned) in runbook.outputs.iter().zip(&plan.outputs) {
        let name = output.name.value.to_string();
        let address = format!("output.{name}");
        let span = output.expression.span;
        if output.secrecy.sensitive || planned.value.has_deep_marks() {
            all.push(Shown { name, value: ShownValue::Secret, span });
            continue;
        }
        if planned.value.is_wholly_known() {
            let text = planned.value.to_json_text().unwrap_or_default();
            all.push(Shown { name, value: ShownValue::Known(text), span });
            continue;
        }
        match symbol(&scope, &output.expression, None) {
            Ok(symbol) => match shown(symbol, span, &address) {
                Ok(value) => all.push(Shown { name, value, span }),
                Err(error) => found.push(*error),
            },
            Err(error) => found.push(opaque(&address, &error)),
        }
    }
    all
}

fn shown(
    symbol: Symbol,
    span: Span,
    address: &str,
) -> Result<ShownValue, Box<crate::diagnostic::Diagnostic>> {
    let refused = |reason: &str| Box::new(refusal(address, span, reason));
    match symbol {
        Symbol::Leaf(leaf) => Ok(ShownValue::Part(leaf, Vec::new())),
        Symbol::Text(_) => {
            let parts = texts(symbol);
            let is_plain = |part: &Symbol| matches!(part, Symbol::Leaf(_)) || known(part).is_some();
            if parts.iter().all(is_plain) {
                return Ok(ShownValue::Text(parts));
            }
            Err(refused("a part of this text is computed from values that are known only while running"))
        }
        Symbol::Call(name, mut arguments) => {
            let more = functions(&name, &arguments).ok_or_else(|| {
                refused(&format!("`{name}` of a value that is known only while running has no counterpart"))
            })?;
            let subject = arguments.swap_remove(usize::from(&*name == "join"));
            match shown(subject, span, address)? {
                ShownValue::Part(leaf, mut functions) => {
                    functions.extend(more);
                    Ok(ShownValue::Part(leaf, functions))
                }
                _ => Err(refused("only results of steps have functions in a script")),
            }
        }
        _ => Err(refused("this is computed from values that are known only while running")),
    }
}

/// Returns the functions of jq that do the same as a function of the language.
fn functions(name: &str, arguments: &[Symbol]) -> Option<Vec<(String, Vec<Definition>)>> {
    let of = |text: &str, definition| Some(vec![(text.to_owned(), vec![definition])]);
    match (name, arguments) {
        // The author says that it is no secret; an output that is one is not shown.
        ("nonsensitive", [_]) => Some(Vec::new()),
        ("sort", [_]) => of("texts | sort", Definition::Texts),
        ("length", [_]) => of("sized | length", Definition::Sized),
        ("join", [separator, _]) => {
            let separator = serde_json::Value::from(known(separator)?);
            of(&format!("texts | join({separator})"), Definition::Texts)
        }
        _ => None,
    }
}

impl Writer<'_> {
    /// Writes the command that shows an output; `source` is the place of the part of a result that it shows.
    pub fn output(&mut self, shown: &Shown, source: Option<&Source>) -> String {
        let name = &shown.name;
        match (&shown.value, source.map(|source| &source.at)) {
            (ShownValue::Known(text), _) => {
                format!("printf '%s\\n' {}\n", quoted(&format!("{name} = {text}")))
            }
            (ShownValue::Secret, _) => format!("printf '%s\\n' '{name} = (sensitive value)'\n"),
            (ShownValue::Text(parts), _) => {
                let pieces = self.pieces(parts);
                let (checks, text) = (self.presence(&pieces), inner(&pieces));
                format!("{checks}printf '%s = \"%s\"\\n' {name} \"{text}\"\n")
            }
            (ShownValue::Part(leaf, functions), Some(Place::Filter(filter))) => {
                let filter = functions
                    .iter()
                    .fold(filter.clone(), |filter: Filter, (function, needs)| filter.piped(function, needs));
                let filter = quoted(&self.variables.filter(&filter));
                format!("show {name} \"${}\" {filter}\n", self.variables.responses[&leaf.address])
            }
            (ShownValue::Part(leaf, _), _) => {
                format!("printf '%s = \"%s\"\\n' {name} \"${}\"\n", self.variables.leaf(leaf))
            }
        }
    }
}
