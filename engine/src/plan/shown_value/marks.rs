//! Defines the paths of the parts that a shown value lacks.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::path::{Key, Path};
use super::shown_text::{ShownTextPart, origins};
use crate::value::{Marks, Type, Value};

/// The paths of the parts of a value that its JSON lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ShownMarks {
    /// The sensitive parts: null, or a text with `(sensitive)` in place of a secret.
    pub sensitive: Vec<Path>,
    /// The ephemeral parts, which are null.
    pub ephemeral: Vec<Path>,
    /// The parts that were unknown, which are null.
    pub unknown: Vec<UnknownPart>,
}

/// A part that was unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnknownPart {
    /// The path.
    pub path: Path,
    /// The origins of the value, such as the addresses of steps.
    pub after: Vec<String>,
    /// The parts of a text of which some are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<ShownTextPart>,
}

/// The facts about one part.
#[derive(Clone, Debug, Default)]
pub(super) struct PartMarks<'a> {
    pub sensitive: bool,
    pub ephemeral: bool,
    pub unknown: Option<&'a UnknownPart>,
}

impl PartMarks<'_> {
    /// Returns the marks of the part with this origin.
    pub fn marks(&self, origin: &str) -> Marks {
        let sensitive = self.sensitive.then(|| Marks::sensitive(origin));
        let ephemeral = self.ephemeral.then(|| Marks::ephemeral(origin));
        sensitive.into_iter().chain(ephemeral).collect()
    }
}

impl ShownMarks {
    pub fn is_empty(&self) -> bool {
        self.sensitive.is_empty() && self.ephemeral.is_empty() && self.unknown.is_empty()
    }

    /// Returns the paths of all parts.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.sensitive.iter().chain(&self.ephemeral).chain(self.unknown.iter().map(|part| &part.path))
    }

    /// Returns the facts by path.
    pub fn by_path(&self) -> HashMap<&[Key], PartMarks<'_>> {
        let mut parts: HashMap<&[Key], PartMarks<'_>> = HashMap::new();
        for path in &self.sensitive {
            parts.entry(path).or_default().sensitive = true;
        }
        for path in &self.ephemeral {
            parts.entry(path).or_default().ephemeral = true;
        }
        for part in &self.unknown {
            parts.entry(&part.path).or_default().unknown = Some(part);
        }
        parts
    }

    /// Adds the marks of the member or element at a key.
    pub fn add(&mut self, key: &Key, part: Self) {
        let below = |mut path: Path| {
            path.insert(0, key.clone());
            path
        };
        self.sensitive.extend(part.sensitive.into_iter().map(below));
        self.ephemeral.extend(part.ephemeral.into_iter().map(below));
        let unknown = |part: UnknownPart| UnknownPart { path: below(part.path), ..part };
        self.unknown.extend(part.unknown.into_iter().map(unknown));
    }

    /// Returns the marks at and below a path, by the rest of their paths.
    pub fn below(&self, path: &[Key]) -> Self {
        let rest = |whole: &Path| whole.strip_prefix(path).map(<[Key]>::to_vec);
        let unknown = |part: &UnknownPart| Some(UnknownPart { path: rest(&part.path)?, ..part.clone() });
        Self {
            sensitive: self.sensitive.iter().filter_map(rest).collect(),
            ephemeral: self.ephemeral.iter().filter_map(rest).collect(),
            unknown: self.unknown.iter().filter_map(unknown).collect(),
        }
    }

    /// Splits off the marks of each member by its name; returns none if a mark belongs to no member.
    pub fn by_member(self) -> Option<HashMap<String, Self>> {
        let mut members: HashMap<String, Self> = HashMap::new();
        let split = |mut path: Path| match (!path.is_empty()).then(|| path.remove(0)) {
            Some(Key::Name(name)) => Some((name, path)),
            _ => None,
        };
        for path in self.sensitive {
            let (name, path) = split(path)?;
            members.entry(name).or_default().sensitive.push(path);
        }
        for path in self.ephemeral {
            let (name, path) = split(path)?;
            members.entry(name).or_default().ephemeral.push(path);
        }
        for part in self.unknown {
            let (name, path) = split(part.path.clone())?;
            members.entry(name).or_default().unknown.push(UnknownPart { path, ..part });
        }
        Some(members)
    }

    /// Sorts the paths, which makes the marks independent of the order of members.
    pub fn sort(&mut self) {
        self.sensitive.sort();
        self.ephemeral.sort();
        self.unknown.sort();
    }
}

impl UnknownPart {
    /// Returns the phrase for the value: `(known after step.a.b)`, with the known parts of a text around it.
    pub fn phrase(&self) -> String {
        let value = self.to_value();
        value.pattern().map_or_else(|| format!("({})", origins(&self.after)), ToString::to_string)
    }

    /// Returns the unknown value.
    pub fn to_value(&self) -> Value {
        if self.text.is_empty() {
            return Value::unknown(Type::Any, origins(&self.after));
        }
        ShownTextPart::text(&self.text)
    }
}
