//! Defines one side of a comparison, with its steps by their blocks.

use std::collections::HashMap;

use crate::plan::{ListedStep, Listing, shape};

/// The listing of one side, with the instances of each step by the address of its block.
pub(super) struct Side<'a> {
    pub listing: &'a Listing,
    steps: HashMap<String, Vec<&'a ListedStep>>,
}

impl<'a> Side<'a> {
    pub fn of(listing: &'a Listing) -> Self {
        let mut steps: HashMap<String, Vec<&'a ListedStep>> = HashMap::new();
        for step in &listing.steps {
            steps.entry(shape(&step.address)).or_default().push(step);
        }
        Self { listing, steps }
    }

    /// Returns the steps with their blocks.
    pub fn steps(&self) -> impl Iterator<Item = (&str, &'a ListedStep)> {
        self.steps.iter().flat_map(|(block, steps)| steps.iter().map(move |step| (block.as_str(), *step)))
    }

    /// Returns all instances of the step at an address, also if it is that of one instance.
    pub fn block(&self, address: &str) -> &[&'a ListedStep] {
        self.steps.get(&shape(address)).map_or(&[], Vec::as_slice)
    }

    /// Returns the instances at an address: one, if it is that of one instance.
    pub fn instances(&self, address: &str) -> impl Iterator<Item = &'a ListedStep> {
        let is_it = move |step: &&ListedStep| !address.ends_with(']') || step.address == *address;
        self.block(address).iter().copied().filter(is_it)
    }
}
