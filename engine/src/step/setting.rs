//! Describes the environment of a run.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::redact::{REPLACEMENT, Redact, Secrets, may_be_same};

/// The environment or the principal of a run: facts under names that the platform chooses.
///
/// The engine records and compares settings; only the platform knows the meaning of the names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Setting(BTreeMap<String, String>);

/// A fact that differs between two settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The name of the fact.
    pub name: String,
    /// The recorded value, if any.
    pub was: Option<String>,
    /// The current value, if any.
    pub is: Option<String>,
}

impl Mismatch {
    /// Hides both values.
    #[must_use]
    pub fn hidden(self) -> Self {
        let hide = |value: Option<String>| value.map(|_| REPLACEMENT.to_owned());
        Self { was: hide(self.was), is: hide(self.is), ..self }
    }
}

impl Setting {
    /// The fact that names the cloud.
    pub const CLOUD: &str = "cloud";

    /// The fact of a lab inside the process, which ends with it.
    pub const LAB: &str = "lab";

    /// Returns the environment in one or two words, such as `AzureCloud` or `LAB`; empty if it is not known.
    #[must_use]
    pub fn brief(&self) -> String {
        let lab = self.get(Self::LAB).map(|_| "LAB");
        // The cloud of a lab may be called so too, and is then said once.
        let cloud =
            self.get(Self::CLOUD).filter(|cloud| lab.is_none_or(|lab| !cloud.eq_ignore_ascii_case(lab)));
        cloud.into_iter().chain(lab).collect::<Vec<_>>().join(" · ")
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Returns true if there are no facts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names and the facts in order.
    pub fn facts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, fact)| (name.as_str(), fact.as_str()))
    }

    /// Returns the fact with that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Adds the facts of another setting whose names are new.
    pub fn merge(&mut self, other: Self) {
        for (name, value) in other.0 {
            self.0.entry(name).or_insert(value);
        }
    }

    /// Returns the facts that differ or exist in only one of the two settings, in the order of their names.
    #[must_use]
    pub fn mismatches(&self, now: &Self) -> Vec<Mismatch> {
        let names = self.0.keys().chain(now.0.keys().filter(|name| !self.0.contains_key(*name)));
        let mismatch = |name: &String| {
            let (was, is) = (self.0.get(name).cloned(), now.0.get(name).cloned());
            let is_same = match (&was, &is) {
                (Some(was), Some(is)) => may_be_same(was, is),
                (was, is) => was == is,
            };
            (!is_same).then(|| Mismatch { name: name.clone(), was, is })
        };
        names.filter_map(mismatch).collect()
    }

    /// Returns the facts that differ; a fact in only one of the two settings is not compared.
    #[must_use]
    pub fn contradictions(&self, now: &Self) -> Vec<Mismatch> {
        let mut all = self.mismatches(now);
        all.retain(|mismatch| mismatch.was.is_some() && mismatch.is.is_some());
        all
    }
}

impl Redact for Setting {
    fn redact(&mut self, secrets: &Secrets) {
        self.0.redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        BTreeMap::samples(text).into_iter().map(Self).collect()
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{} {value}", name.replace('_', " "))).collect();
        f.write_str(&facts.join(", "))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        write!(f, "`{}` was {}, is {}", self.name, shown(&self.was), shown(&self.is))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The current facts, the expected mismatches, and the contradictions among them.
    type Case = (&'static [(&'static str, &'static str)], &'static [&'static str], &'static [&'static str]);

    fn setting(facts: &[(&str, &str)]) -> Setting {
        facts.iter().fold(Setting::default(), |setting, (name, value)| setting.with(name, *value))
    }

    #[test]
    fn every_fact_that_differs_is_named() {
        let was = setting(&[("cloud", "A"), ("lab", "embedded")]);
        let cases: [Case; 4] = [
            (&[("cloud", "A"), ("lab", "embedded")], &[], &[]),
            (&[("cloud", "A")], &["`lab` was embedded, is none"], &[]),
            (
                &[("cloud", "B"), ("lab", "embedded"), ("z", "1")],
                &["`cloud` was A, is B", "`z` was none, is 1"],
                &["`cloud` was A, is B"],
            ),
            (&[], &["`cloud` was A, is none", "`lab` was embedded, is none"], &[]),
        ];
        let told = |found: Vec<Mismatch>| found.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (now, mismatches, contradictions) in cases {
            let now = setting(now);
            assert_eq!(told(was.mismatches(&now)), mismatches, "{now}");
            assert_eq!(told(was.contradictions(&now)), contradictions, "{now}");
        }
    }
}
