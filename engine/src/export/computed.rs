//! Arguments that jq makes from results: functions that give the same there.

use std::fmt::Write as _;

use crate::expression::evaluate;
use crate::jmespath::{Definition, Filter};
use crate::plan::{Leaf, Plan, Symbol};
use crate::step::Shape;

use super::condition::known;
use super::kind::Kind;
use super::leaf::{Place, Source, Variables};
use super::samples::{Sampled, Samples};
use super::word::quoted;

/// An argument that a script makes with jq.
#[derive(Clone, Debug)]
pub(super) struct Computed {
    /// The address of the step.
    pub address: String,
    pub argument: String,
    pub symbol: Symbol,
    /// The parts of results that it is made from, each with its kind.
    pub leaves: Vec<(Leaf, Kind)>,
    /// The variable of the script.
    pub variable: String,
}

/// Returns the parts of results that a value is made from; the error is a reason, if jq cannot make it alike.
pub(super) fn parts(symbol: &Symbol) -> Result<Vec<(Leaf, Kind)>, String> {
    let mut leaves = Vec::new();
    collect(symbol, Kind::Text, &mut leaves)?;
    Ok(leaves)
}

fn collect(symbol: &Symbol, kind: Kind, leaves: &mut Vec<(Leaf, Kind)>) -> Result<(), String> {
    match symbol {
        Symbol::Known(_) => Ok(()),
        Symbol::Leaf(leaf) => {
            leaves.push((leaf.clone(), kind));
            Ok(())
        }
        Symbol::Text(all) => all.iter().try_for_each(|one| collect(one, Kind::Text, leaves)),
        Symbol::Tuple(all) => all.iter().try_for_each(|one| collect(one, Kind::Any, leaves)),
        Symbol::Object(entries) => entries.iter().try_for_each(|(_, one)| collect(one, Kind::Any, leaves)),
        Symbol::Call(name, arguments) => {
            // What the filter refuses is refused before anything is collected.
            let kinds =
                taken(name, arguments).ok_or_else(|| format!("the function `{name}` has no counterpart"))?;
            arguments.iter().zip(kinds).try_for_each(|(one, kind)| collect(one, kind, leaves))
        }
        Symbol::IsNull(_) | Symbol::IsNotNull(_) => Err("a comparison has no counterpart".to_owned()),
    }
}

/// Returns the kinds of arguments of a function that jq has alike; none for another one.
fn taken(name: &str, arguments: &[Symbol]) -> Option<Vec<Kind>> {
    let is_text = |symbol: &Symbol| known(symbol).is_some_and(|text| !text.is_empty());
    match (name, arguments) {
        ("jsonencode" | "nonsensitive", [_]) => Some(vec![Kind::Any]),
        ("upper" | "lower" | "base64encode" | "tostring", [_]) => Some(vec![Kind::Text]),
        ("base64decode", [_]) => Some(vec![Kind::Base64]),
        ("jsondecode", [_]) => Some(vec![Kind::Json]),
        ("length" | "sort", [_]) => Some(vec![Kind::List]),
        ("join", [_, _]) if known(&arguments[0]).is_some() => Some(vec![Kind::Text, Kind::List]),
        ("split", [separator, _]) if is_text(separator) => Some(vec![Kind::Text, Kind::Text]),
        _ => None,
    }
}

impl Computed {
    /// Returns the texts that the argument has in both plans; none unless they differ, because only then it shows what
    /// becomes of the results.
    pub fn texts(&self, samples: &Samples) -> Option<(String, String)> {
        let text = |plan: &Plan| {
            let planned = plan.steps.iter().find(|step| step.address == self.address)?;
            let (scope, step, _) = plan.written_as(planned)?;
            let argument = step.arguments.iter().find(|one| *one.name.value == *self.argument)?;
            evaluate(&argument.expression, &scope).ok()?.as_str().map(ToOwned::to_owned)
        };
        let (first, second) = (text(&samples.first)?, text(&samples.second)?);
        (first != second).then_some((first, second))
    }

    /// Returns what stands for the argument in both plans.
    pub fn sampled(&self, texts: (String, String)) -> Sampled {
        let leaf = Leaf {
            address: format!("{}.{}", self.address, self.argument),
            path: Vec::new(),
            is_secret: self.leaves.iter().any(|(leaf, _)| leaf.is_secret),
        };
        Sampled {
            leaf,
            shape: Shape::Name,
            kind: Kind::Text,
            may_change: false,
            variable: self.variable.clone(),
            texts: Some(texts),
        }
    }

    /// Writes the command that makes the argument. `find` returns the place of a part of a result.
    pub fn command(&self, variables: &mut Variables, find: impl Fn(&Leaf) -> Option<Source>) -> String {
        let mut inputs: Vec<String> = Vec::new();
        let filter = {
            let mut input = |leaf: &Leaf, variables: &mut Variables| {
                let place = find(leaf).map(|source| source.at);
                let (text, filter) = if let Some(Place::Filter(filter)) = place {
                    (format!("\"${}\"", variables.responses[&leaf.address]), filter)
                } else {
                    // A header or a URL is a text, and becomes JSON for jq.
                    let name = variables.leaf(leaf);
                    (format!("\"$(printf '%s' \"${name}\" | jq --raw-input --slurp .)\""), Filter::identity())
                };
                let at = inputs.iter().position(|one| *one == text).unwrap_or_else(|| {
                    inputs.push(text);
                    inputs.len() - 1
                });
                let filter = variables.filter(&filter);
                if filter == "." { format!("$all[{at}]") } else { format!("($all[{at}] | {filter})") }
            };
            written(&self.symbol, variables, &mut input)
        };
        variables.definitions.insert(Definition::Shown);
        // The shell drops the ends of lines at the end of an output, unless something follows.
        let filter = quoted(&format!(". as $all | ({filter} | shown) + \".\""));
        let filter = format!("\"$definitions \"{filter}");
        let mut text = String::new();
        let name = &self.variable;
        let _ = writeln!(
            text,
            "{name}=$(printf '%s\\n' {} | jq --raw-output --join-output --slurp {filter})",
            inputs.join(" ")
        );
        let _ = writeln!(text, "{name}=${{{name}%.}}");
        text
    }
}

/// Writes a value as an operand of jq.
fn written(
    symbol: &Symbol,
    variables: &mut Variables,
    input: &mut impl FnMut(&Leaf, &mut Variables) -> String,
) -> String {
    match symbol {
        Symbol::Known(value) => value.to_json_text().unwrap_or_else(|_| "null".to_owned()),
        Symbol::Leaf(leaf) => input(leaf, variables),
        Symbol::Text(all) => {
            variables.definitions.insert(Definition::Shown);
            let parts: Vec<String> =
                all.iter().map(|one| format!("({} | shown)", written(one, variables, input))).collect();
            format!("({})", parts.join(" + "))
        }
        Symbol::Tuple(all) => {
            let parts: Vec<String> = all.iter().map(|one| written(one, variables, input)).collect();
            format!("[{}]", parts.join(", "))
        }
        Symbol::Object(entries) => {
            let entry = |(name, one): &(std::sync::Arc<str>, Symbol)| {
                format!("{}: ({})", serde_json::Value::from(&**name), written(one, variables, input))
            };
            let parts: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", parts.join(", "))
        }
        Symbol::Call(name, arguments) => {
            let last = arguments.last().map_or_else(String::new, |one| written(one, variables, input));
            let separator =
                arguments.first().and_then(known).map(|text| serde_json::Value::from(text).to_string());
            let (function, needs) = function(name, &separator.unwrap_or_default());
            variables.definitions.extend(needs);
            format!("({last} | {function})")
        }
        Symbol::IsNull(_) | Symbol::IsNotNull(_) => "null".to_owned(),
    }
}

/// Returns a function as jq has it, and the functions that it needs; [`taken`] names those that there are.
fn function(name: &str, separator: &str) -> (String, Vec<Definition>) {
    let (text, needs): (&str, &[Definition]) = match name {
        "jsonencode" => ("encoded", &[Definition::Encoded]),
        "jsondecode" => ("text | fromjson", &[Definition::Text]),
        "upper" => ("shown | ascii | ascii_upcase", &[Definition::Shown, Definition::Ascii]),
        "lower" => ("shown | ascii | ascii_downcase", &[Definition::Shown, Definition::Ascii]),
        "base64encode" => ("shown | @base64", &[Definition::Shown]),
        "base64decode" => (
            "text | . as $base64 | @base64d | if @base64 == $base64 then . else error(\"this is no text in base64\") end",
            &[Definition::Text],
        ),
        "tostring" => ("shown", &[Definition::Shown]),
        "length" => (
            "sized | if type == \"string\" then ascii | if contains(\"\\r\") then error(\"a text with a carriage return\") else . end else . end | length",
            &[Definition::Sized, Definition::Ascii],
        ),
        "sort" => ("texts | sort", &[Definition::Texts]),
        "join" => return (format!("texts | join({separator})"), vec![Definition::Texts]),
        "split" => {
            return (
                format!("text | if . == \"\" then [.] else split({separator}) end"),
                vec![Definition::Text],
            );
        }
        _ => (".", &[]),
    };
    (text.to_owned(), needs.to_vec())
}
