//! Plans a runbook with samples in place of results.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::diagnostic::Diagnostics;
use crate::plan::{self, KnownResult, KnownResults, Leaf, Plan, Source, with_part};
use crate::redact::Secrets;
use crate::runbook::Runbook;
use crate::step::Shape;
use crate::value::Value;

use super::kind::Kind;
use super::subject::Subject;
use super::word::Piece;

/// The word that every sample has in it, and nothing else.
const WORD: &str = "zq";

/// A part of a result that requests hold.
#[derive(Clone, Debug)]
pub(super) struct Sampled {
    pub leaf: Leaf,
    pub shape: Shape,
    /// The kind of value that the runbook's functions take it for.
    pub kind: Kind,
    /// True if the shape is a guess.
    pub may_change: bool,
    /// The variable of the script.
    pub variable: String,
    /// The texts in both plans, if the script makes the whole argument.
    pub texts: Option<(String, String)>,
}

impl Sampled {
    /// Returns the value that a plan gets in place of the part.
    fn value(&self, series: char, number: usize) -> Value {
        let text = self.text(series, number);
        match self.kind {
            Kind::Any | Kind::Text => Value::string(text),
            // Lists of several lengths, so that a length shows too.
            Kind::List if series == 'a' => Value::tuple([Value::string(text)]),
            Kind::List => Value::tuple([Value::string(text.clone()), Value::string(text)]),
            Kind::Base64 => Value::string(STANDARD.encode(text)),
            Kind::Json => Value::string(serde_json::Value::from(text).to_string()),
        }
    }

    /// Returns the sample of a series, for the part with that number.
    fn text(&self, series: char, number: usize) -> String {
        if let Some((first, second)) = &self.texts {
            return if series == 'a' { first.clone() } else { second.clone() };
        }
        let name = format!("{WORD}{series}{number:03}q");
        let group =
            format!("/subscriptions/0000000{series}-0000-4000-8000-{number:012}/resourceGroups/{name}");
        match self.shape {
            Shape::Name => name,
            Shape::ResourceGroup => group,
            Shape::Resource => format!("{group}/providers/Sample.{series}/{name}s/{name}x"),
        }
    }
}

/// Two plans of a runbook, with other samples in each.
pub(super) struct Samples {
    pub first: Plan,
    pub second: Plan,
}

impl Samples {
    /// Plans the runbook twice.
    pub fn of(
        runbook: &Arc<Runbook>,
        plan: &Plan,
        subjects: &[Subject<'_>],
        sampled: &[Sampled],
    ) -> Option<Self> {
        let planned = |series| {
            let mut answers =
                KnownResults::new(Source::Run("samples".to_owned()), Secrets::new()).at(plan.clock());
            for subject in subjects {
                let address = &subject.planned.address;
                let own = sampled.iter().enumerate().filter(|(_, one)| one.leaf.address == *address);
                let result = own.fold(subject.result.clone(), |result, (number, one)| {
                    with_part(&result, &one.leaf.path, &one.value(series, number)).unwrap_or(result)
                });
                answers.insert(address.clone(), KnownResult::Gave(result));
            }
            // Conditions may refuse samples; the requests are there all the same.
            plan::outline(runbook, plan.state.given(), &answers, &mut Diagnostics::new())
        };
        Some(Self { first: planned('a')?, second: planned('b')? })
    }
}

/// Returns a text with variables in place of samples; none unless both texts are the same but for these.
pub(super) fn with_variables(first: &str, second: &str, sampled: &[Sampled]) -> Option<Vec<Piece>> {
    let mut known = vec![Piece::Known(first.to_owned())];
    // What the script makes holds samples of results in it, so it comes first.
    let (made, plain): (Vec<_>, Vec<_>) =
        sampled.iter().enumerate().partition(|(_, one)| one.texts.is_some());
    for (number, one) in made.into_iter().chain(plain) {
        let sample = one.text('a', number);
        known = split(known, &sample, &Piece::Variable(one.variable.clone()));
        if let Some(bare) = sample.strip_prefix('/') {
            known = split(known, bare, &Piece::WithoutSlash(one.variable.clone()));
        }
    }
    let is_left = |piece: &Piece| matches!(piece, Piece::Known(text) if text.contains(&format!("{WORD}a")));
    let text = |piece: &Piece| match piece {
        Piece::Known(text) => text.clone(),
        Piece::Variable(name) => sample_of(name, sampled),
        Piece::WithoutSlash(name) => sample_of(name, sampled).trim_start_matches('/').to_owned(),
    };
    let again: String = known.iter().map(text).collect();
    (again == second && !known.iter().any(is_left)).then_some(known)
}

/// Returns the second sample for a variable.
fn sample_of(variable: &str, sampled: &[Sampled]) -> String {
    let found = sampled.iter().enumerate().find(|(_, one)| one.variable == variable);
    found.map(|(number, one)| one.text('b', number)).unwrap_or_default()
}

/// Puts `piece` in the place of each `sample`.
fn split(pieces: Vec<Piece>, sample: &str, piece: &Piece) -> Vec<Piece> {
    let mut all = Vec::new();
    for one in pieces {
        let Piece::Known(text) = one else {
            all.push(one);
            continue;
        };
        for (at, part) in text.split(sample).enumerate() {
            if at > 0 {
                all.push(piece.clone());
            }
            if !part.is_empty() {
                all.push(Piece::Known(part.to_owned()));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(shape: Shape) -> Vec<Sampled> {
        let leaf = Leaf { address: "step.a.b".to_owned(), path: Vec::new(), is_secret: false };
        vec![Sampled {
            leaf,
            shape,
            kind: Kind::Text,
            may_change: false,
            variable: "v".to_owned(),
            texts: None,
        }]
    }

    #[test]
    fn a_text_has_variables_only_where_nothing_else_depends_on_them() {
        let known = |text: &str| Piece::Known(text.to_owned());
        let v = || Piece::Variable("v".to_owned());
        let names = sampled(Shape::Name);
        for (first, second, expected) in [
            ("x", "x", Some(vec![known("x")])),
            ("x/zqa000q/y", "x/zqb000q/y", Some(vec![known("x/"), v(), known("/y")])),
            // Another text for another sample, a part of a sample, and a sample in capitals.
            ("x/zqa000q", "y/zqb000q", None),
            ("x/zqa00", "x/zqb00", None),
            ("x/ZQA000Q", "x/ZQB000Q", None),
        ] {
            assert_eq!(with_variables(first, second, &names), expected, "{first}");
        }
        let ids = sampled(Shape::ResourceGroup);
        let (first, second) = (ids[0].text('a', 0), ids[0].text('b', 0));
        let url = |id: &str| format!("https://h{id}/x?y");
        assert_eq!(
            with_variables(&url(&first), &url(&second), &ids),
            Some(vec![known("https://h"), v(), known("/x?y")])
        );
        let resources = sampled(Shape::Resource);
        let (first, second) = (resources[0].text('a', 0), resources[0].text('b', 0));
        let group = |id: &str| id.split("/providers").next().unwrap_or_default().to_owned();
        assert_eq!(with_variables(&group(&first), &group(&second), &resources), None);
    }
}
