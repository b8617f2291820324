//! The steps of a plan by their addresses.

use std::collections::HashMap;

use super::{Plan, PlannedStep};

/// The steps of a plan by their addresses; also for the addresses of instances that are known only while running.
#[derive(Clone)]
pub struct StepIndex<'a> {
    steps: HashMap<&'a str, &'a PlannedStep>,
    /// Those that stand for others, by their addresses without keys.
    templates: HashMap<String, Vec<&'a PlannedStep>>,
}

impl<'a> StepIndex<'a> {
    /// The steps of `plan`.
    #[must_use]
    pub fn new(plan: &'a Plan) -> Self {
        let mut templates: HashMap<String, Vec<&PlannedStep>> = HashMap::new();
        for step in plan.steps.iter().filter(|step| step.address.contains("[*]")) {
            templates.entry(shape(&step.address)).or_default().push(step);
        }
        Self { steps: plan.steps.iter().map(|step| (step.address.as_str(), step)).collect(), templates }
    }

    /// What is planned under an address, be it as one of instances that are known only while running.
    #[must_use]
    pub fn find(&self, address: &str) -> Option<&'a PlannedStep> {
        self.steps.get(address).copied().or_else(|| {
            let templates = self.templates.get(&shape(address))?;
            let keys = keys(address);
            templates.iter().find(|step| stands_for(&self::keys(&step.address), &keys)).copied()
        })
    }
}

/// Whether instances with the keys `template` stand for one with `keys`: `[*]` for any.
fn stands_for(template: &[&str], keys: &[&str]) -> bool {
    template.len() == keys.len()
        && template.iter().zip(keys).all(|(template, key)| *template == "[*]" || template == key)
}

/// An address without the keys of instances: `module.a["x"].step.b.c[0]` is `module.a.step.b.c`.
fn shape(address: &str) -> String {
    parts(address).into_iter().filter(|(is_key, _)| !is_key).map(|(_, part)| part).collect()
}

/// The keys of instances in an address: of `module.a["x"].step.b.c[0]`, `["x"]` and `[0]`.
fn keys(address: &str) -> Vec<&str> {
    parts(address).into_iter().filter(|(is_key, _)| *is_key).map(|(_, part)| part).collect()
}

/// An address in parts, each of them a key with its brackets or what is between keys.
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
    fn the_keys_of_instances_are_no_part_of_the_shape() {
        for (address, expected) in [
            ("step.a.b", "step.a.b"),
            ("step.a.b[0]", "step.a.b"),
            ("module.m[\"x]\\\"y\"].step.a.b[*]", "module.m.step.a.b"),
        ] {
            assert_eq!(shape(address), expected);
        }
    }

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
