//! The results of steps that a script keeps in variables.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::expression::evaluate;
use crate::jmespath::{self, Definition, Filter};
use crate::plan::Leaf;
use crate::runbook::{Extract, Query};
use crate::step::{Found, Shape};
use crate::syntax::{Key, Segment};

use super::subject::Subject;

/// Names that the script itself uses, and bash.
const TAKEN: [&str; 18] = [
    "agent",
    "body",
    "definitions",
    "file",
    "headers",
    "keys",
    "md5",
    "method",
    "options",
    "program",
    "status",
    "token",
    "tokens",
    "url",
    "work",
    "content",
    "items",
    "response",
];

/// The place where a script finds a part of a result.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub at: Place,
    pub shape: Shape,
    /// True for an entry of `extract`, whose shape nobody declares.
    pub is_extract: bool,
}

/// The place of a part of a result.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A filter of the response.
    Filter(Filter),
    /// A header of the last response.
    Header(&'static str),
    /// The URL of the change.
    Url,
}

/// The variables of a script.
#[derive(Default)]
pub(super) struct Variables {
    /// The variable with the response of each step.
    pub responses: HashMap<String, String>,
    /// The variable of each part of a result, by its expression.
    leaves: HashMap<String, String>,
    taken: HashSet<String>,
    /// The functions of jq that filters need.
    pub definitions: BTreeSet<Definition>,
}

impl Variables {
    /// Names a variable for the response of each step.
    pub fn of(subjects: &[Subject<'_>]) -> Self {
        let mut variables = Self::default();
        variables.taken.extend(TAKEN.map(ToOwned::to_owned));
        let mut names: HashMap<&str, usize> = HashMap::new();
        for subject in subjects {
            *names.entry(&subject.step.name.value).or_default() += 1;
        }
        for subject in subjects {
            let (step, address) = (subject.step, &subject.planned.address);
            let name = if names[&*step.name.value] == 1 {
                step.name.value.to_string()
            } else {
                address.trim_start_matches("step.").to_owned()
            };
            let name = variables.free(&name);
            variables.responses.insert(address.clone(), name);
        }
        variables
    }

    /// Returns the variable of a part of a result.
    pub fn leaf(&mut self, leaf: &Leaf) -> String {
        let expression = leaf.expression();
        if let Some(name) = self.leaves.get(&expression) {
            return name.clone();
        }
        let step = self.responses.get(&leaf.address).cloned().unwrap_or_default();
        let is_told =
            |segment: &&Segment| segment.name().is_none_or(|name| !["extract", "body"].contains(&&**name));
        let parts = leaf.path.iter().filter(is_told).map(|segment| match segment {
            Segment::Attribute(name) => name.value.to_string(),
            Segment::Index(key) => match &key.value {
                Key::String(key) => key.to_string(),
                Key::Number(key) => key.to_string(),
            },
        });
        let name = parts.fold(step, |name, part| name + "_" + &part);
        let name = self.free(&name);
        self.leaves.insert(expression, name.clone());
        name
    }

    /// Returns a new variable for an argument that the script makes.
    pub fn made(&mut self, address: &str, argument: &str) -> String {
        let step = self.responses.get(address).cloned().unwrap_or_default();
        self.free(&format!("{step}_{argument}"))
    }

    /// Returns the expression of a variable.
    pub fn expression<'a>(&'a self, variable: &'a str) -> &'a str {
        let found = self.leaves.iter().find(|(_, name)| *name == variable);
        found.map_or(variable, |(expression, _)| expression.as_str())
    }

    /// Returns a name for a variable that nothing else has.
    fn free(&mut self, wanted: &str) -> String {
        let plain = |next: char| if next.is_ascii_alphanumeric() { next.to_ascii_lowercase() } else { '_' };
        let mut name: String = wanted.chars().map(plain).collect();
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            name.insert(0, '_');
        }
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    /// Returns a filter as a script writes it, and has its functions defined.
    pub fn filter(&mut self, filter: &Filter) -> String {
        self.definitions.extend(filter.needs());
        filter.as_str().to_owned()
    }
}

/// Returns the place of a part of a result of `subject`; the error is a reason, as a fragment.
pub(super) fn source(subject: &Subject<'_>, leaf: &Leaf) -> Result<Source, String> {
    let Some((first, rest)) = leaf.path.split_first() else {
        return Err("takes a whole result of a step".to_owned());
    };
    let name = first.name().map_or("", |name| &**name);
    match (name, rest) {
        ("body", rest) => Ok(Source {
            at: Place::Filter(inside(Filter::identity(), rest)),
            shape: Shape::Name,
            is_extract: true,
        }),
        ("extract", [entry, rest @ ..]) => {
            let is_entry = |extract: &&Extract| entry.name() == Some(&extract.name.value);
            let extract =
                subject.step.extract.iter().find(is_entry).ok_or("takes an unknown entry of `extract`")?;
            let filter = query(subject, &extract.query)?;
            Ok(Source { at: Place::Filter(inside(filter, rest)), shape: Shape::Name, is_extract: true })
        }
        (name, rest) => {
            let result = subject.script.results.iter().find(|result| result.name == name);
            let result =
                result.ok_or_else(|| format!("takes `{name}`, which no command of the script finds"))?;
            let at = match (result.found, rest) {
                (Found::Query(text), rest) => {
                    let query =
                        jmespath::Query::parse(text).map_err(|_| "takes a result with a wrong query")?;
                    let filter = query.to_jq().map_err(|error| format!("takes a result, but {error}"))?;
                    Place::Filter(inside(filter, rest))
                }
                (Found::Header(header), []) => Place::Header(header),
                (Found::Url, []) => Place::Url,
                _ => return Err(format!("takes a part of `{name}`, which is a text")),
            };
            Ok(Source { at, shape: result.shape, is_extract: false })
        }
    }
}

/// Returns the filter for an entry of `extract`.
fn query(subject: &Subject<'_>, query: &Query) -> Result<Filter, String> {
    let refused = |error: jmespath::NoFilter| format!("takes the result of a query, but {error}");
    match query {
        Query::Constant(query) => query.to_jq().map_err(refused),
        Query::Computed(expression) => {
            let text = evaluate(expression, &subject.scope).ok();
            let text = text.filter(|text| text.is_wholly_known() && !text.has_deep_marks());
            let query = text.and_then(|text| jmespath::Query::parse(text.as_str()?).ok());
            query
                .ok_or("takes the result of a query that is known only while running")?
                .to_jq()
                .map_err(refused)
        }
    }
}

fn inside(filter: Filter, path: &[Segment]) -> Filter {
    path.iter().fold(filter, |filter, segment| match segment {
        Segment::Attribute(name) => filter.member(&name.value),
        Segment::Index(key) => match &key.value {
            Key::String(key) => filter.member(key),
            Key::Number(number) => {
                filter.element(number.to_usize().and_then(|at| i64::try_from(at).ok()).unwrap_or_default())
            }
        },
    })
}
