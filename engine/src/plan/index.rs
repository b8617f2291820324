//! Finds steps by their addresses.

use std::collections::HashMap;

use super::address::shape;
use super::{Plan, PlannedStep};

/// A map from step addresses, which also finds instances by the address of their placeholder.
#[derive(Clone)]
pub struct AddressIndex<'a, T> {
    exact: HashMap<&'a str, T>,
    /// The values at placeholder addresses, by these addresses without keys.
    templates: HashMap<String, Vec<(&'a str, T)>>,
}

/// The steps of a plan by address.
pub type StepIndex<'a> = AddressIndex<'a, &'a PlannedStep>;

impl<'a> StepIndex<'a> {
    /// Indexes the steps of `plan`.
    #[must_use]
    pub fn new(plan: &'a Plan) -> Self {
        Self::of(plan.steps.iter().map(|step| (step.address.as_str(), step)))
    }
}

impl<'a, T: Copy> AddressIndex<'a, T> {
    /// Builds an index of these pairs.
    pub fn of(all: impl Iterator<Item = (&'a str, T)>) -> Self {
        let exact: HashMap<&str, T> = all.collect();
        let mut templates: HashMap<String, Vec<(&str, T)>> = HashMap::new();
        for (address, one) in exact.iter().filter(|(address, _)| address.contains("[*]")) {
            templates.entry(shape(address)).or_default().push((address, *one));
        }
        Self { exact, templates }
    }

    /// Returns the value at an address, or that of the placeholder of the address.
    #[must_use]
    pub fn find(&self, address: &str) -> Option<T> {
        self.exact.get(address).copied().or_else(|| {
            let templates = self.templates.get(&shape(address))?;
            let keys = keys(address);
            let found = templates.iter().find(|(template, _)| stands_for(&self::keys(template), &keys));
            found.map(|(_, one)| *one)
        })
    }
}

/// Returns true if a placeholder with the keys `template` covers an instance with `keys`; `[*]` matches any
/// key.
fn stands_for(template: &[&str], keys: &[&str]) -> bool {
    template.len() == keys.len()
        && template.iter().zip(keys).all(|(template, key)| *template == "[*]" || template == key)
}

/// Returns the instance keys in an address: `["x"]` and `[0]` in `module.a["x"].step.b.c[0]`.
fn keys(address: &str) -> Vec<&str> {
    parts(address).into_iter().filter(|(is_key, _)| *is_key).map(|(_, part)| part).collect()
}

/// Splits an address into keys, with their brackets, and the parts between them; true marks a key.
fn parts(address: &str) -> Vec<(bool, &str)> {
    let mut parts = Vec::new();
    let (mut quoted, mut escaped, mut start, mut inside) = (false, false, 0, false);
    for (at, next) in address.char_indices() {
        match next {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !quoted && !inside => {
                parts.push((false, &address[start..at]));
                (start, inside) = (at, true);
            }
            ']' if !quoted && inside => {
                parts.push((true, &address[start..=at]));
                (start, inside) = (at + 1, false);
            }
            _ => {}
        }
    }
    parts.push((inside, &address[start..]));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_key() {
        for (template, address, expected) in [
            ("step.a.b[*]", "step.a.b[\"x\"]", true),
            ("module.m[\"x\"].step.a.b[*]", "module.m[\"x\"].step.a.b[0]", true),
            ("module.m[\"x\"].step.a.b[*]", "module.m[\"y\"].step.a.b[0]", false),
            ("module.m[*].step.a.b", "module.m[0].step.a.b[1]", false),
        ] {
            assert_eq!(stands_for(&keys(template), &keys(address)), expected, "{template} {address}");
        }
    }
}
