//! Which part of a runbook a run is of, as its record tells.

use serde::{Deserialize, Serialize};

use crate::plan::{Address, Selection};

/// The part of a runbook that is run; all of it when nothing is listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectionFacts {
    /// The addresses of what is run, with what it needs.
    pub targets: Vec<String>,
    /// The addresses of what is left out of that, with what needs it.
    pub excludes: Vec<String>,
}

impl SelectionFacts {
    /// The facts of a selection; none when it is everything.
    #[must_use]
    pub fn of(selection: &Selection) -> Option<Box<Self>> {
        let texts = |addresses: &[Address]| addresses.iter().map(Address::to_string).collect();
        let facts = Self { targets: texts(&selection.targets), excludes: texts(&selection.excludes) };
        (!selection.is_all()).then(|| Box::new(facts))
    }
}
