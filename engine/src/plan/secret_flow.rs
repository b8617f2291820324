//! Shows which secrets are read, and where they go.

use std::collections::{HashMap, HashSet};

use indexmap::{IndexMap, IndexSet};

use super::shape;
use crate::layout::Row;
use crate::step::{Title, few};

/// The flow of secrets from steps and variables to arguments and outputs.
///
/// Instances of one block count as one source or one destination.
#[derive(Default)]
pub struct SecretFlow<'a> {
    /// The titles of the steps by address.
    titles: HashMap<&'a str, &'a Title>,
    flows: IndexMap<String, Flow<'a>>,
}

/// The flow from one block.
#[derive(Default)]
struct Flow<'a> {
    titles: Vec<&'a Title>,
    seen: HashSet<&'a str>,
    /// The steps that the secrets go to, by block and argument.
    arguments: IndexMap<(String, String), IndexMap<&'a str, Option<&'a Title>>>,
    /// The outputs and programs that the secrets go to, in words.
    others: IndexSet<String>,
}

impl<'a> SecretFlow<'a> {
    /// Names a step, so that its secrets and its arguments can be described.
    pub fn step(&mut self, address: &'a str, title: &'a Title) {
        self.titles.insert(address, title);
    }

    /// Adds a step whose results contain a secret.
    pub fn source(&mut self, address: &'a str) {
        self.titled(address, address);
    }

    /// Adds an argument that secrets go into.
    pub fn argument(&mut self, address: &'a str, name: &str, origins: &'a [String]) {
        let title = self.titles.get(address).copied().filter(|title| !title.is_empty());
        let key = (shape(address), name.to_owned());
        for origin in origins {
            self.flow(origin).arguments.entry(key.clone()).or_default().insert(address, title);
        }
    }

    /// Adds an output that secrets go into.
    pub fn output(&mut self, name: &str, origins: &'a [String]) {
        for origin in origins {
            self.flow(origin).others.insert(format!("output.{name} (shown nowhere)"));
        }
    }

    /// Adds a secret that a step gives to a program without having it in an argument.
    pub fn program(&mut self, secret: String, program: &str, address: &str) {
        let end = format!("input of {program} ({})", shape(address));
        self.flows.entry(secret).or_default().others.insert(end);
    }

    /// Returns a row for each block or variable that secrets come from.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let row = |(origin, flow): (&String, &Flow<'_>)| {
            let title = Title::of_all(&flow.titles);
            let source = if title.is_empty() { origin.clone() } else { title.whole() };
            Row::of([source, format!("→ {}", flow.destinations())])
        };
        self.flows.iter().map(row).collect()
    }

    /// Returns the flow of an origin, such as `step.keyvault_secret.db.value`.
    fn flow(&mut self, origin: &'a str) -> &mut Flow<'a> {
        // The longest beginning that is a step; an address may contain dots in its keys.
        let mut address = origin;
        while !self.titles.contains_key(address) {
            match address.rfind(['.', '[']) {
                Some(at) => address = &address[..at],
                None => return self.flows.entry(origin.to_owned()).or_default(),
            }
        }
        self.titled(address, address)
    }

    fn titled(&mut self, address: &'a str, origin: &str) -> &mut Flow<'a> {
        let title = self.titles.get(address).copied();
        let flow = self.flows.entry(shape(origin)).or_default();
        if flow.seen.insert(address) {
            flow.titles.extend(title);
        }
        flow
    }
}

/// The end of a secret that is read for nothing. A step may be of use without it, such as for the version of a secret.
const NOWHERE: &str = "nowhere: no argument and no output gets it";

impl Flow<'_> {
    /// Describes where the secrets go.
    fn destinations(&self) -> String {
        let argument = |((_, name), steps): (&(String, String), &IndexMap<&str, Option<&Title>>)| {
            let title = Title::of_all(&steps.values().flatten().copied().collect::<Vec<_>>());
            if title.is_empty() {
                format!("{name} of {}", few(&steps.keys().collect::<Vec<_>>()))
            } else {
                format!("{name} of {}", title.whole())
            }
        };
        // Several steps may use one object in the same way.
        let all: IndexSet<String> =
            self.arguments.iter().map(argument).chain(self.others.iter().cloned()).collect();
        let all: Vec<String> = all.into_iter().collect();
        if all.is_empty() { NOWHERE.to_owned() } else { all.join("; ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_flow_from_blocks_to_blocks() {
        let secret = Title::new("secret").named(&"db".into()).placed("in vault v");
        let blob = Title::new("blob").named(&"c/a".into());
        let other = Title::new("blob").named(&"c/b".into());
        let one = ["step.keyvault_secret.db[\"a.b\"].value".to_owned(), "var.password".to_owned()];
        let mut flow = SecretFlow::default();
        flow.step("step.keyvault_secret.db[\"a.b\"]", &secret);
        flow.step("step.blob_upload.x[0]", &blob);
        flow.step("step.blob_upload.x[1]", &other);
        flow.step("step.keyvault_secret.unused", &secret);
        flow.source("step.keyvault_secret.unused");
        flow.argument("step.blob_upload.x[0]", "content", &one);
        flow.argument("step.blob_upload.x[1]", "content", &one);
        flow.output("secret", &one[..1]);
        let rows: Vec<String> = flow.rows().iter().map(|row| row.cells.join(" ")).collect();
        assert_eq!(
            rows,
            [
                &*format!("secret db in vault v → {NOWHERE}"),
                "secret db in vault v → content of blobs c/a, c/b; output.secret (shown nowhere)",
                "var.password → content of blobs c/a, c/b",
            ]
        );
    }
}
