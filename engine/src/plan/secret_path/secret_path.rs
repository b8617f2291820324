//! Lists the ways of secrets.

use std::collections::HashSet;

use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use super::carriers::Carriers;
use super::ends::{Leaf, inputs, leaves, places};
use super::files::Readers;
use super::source::Sources;
use super::{Place, SecretSource};
use crate::graph::{Acting, Item, ModuleId, Node, NodeId};
use crate::plan::listed_identity::token_actions;
use crate::plan::secrets_of::{secrets_of, secrets_of_output};
use crate::plan::{Plan, PlannedStep, When, host};
use crate::redact::Redact;
use crate::runbook::TypedBlock;
use crate::step::{Action, ActionKind, Platform};
use crate::value::Value;

/// The way of a secret from its source to one place where it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct SecretPath {
    /// The source.
    pub source: SecretSource,
    /// The addresses of the values and steps that it passes, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
    /// The end.
    pub end: SecretEnd,
}

/// The end of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct SecretEnd {
    /// The address of the step, the identity or the output.
    pub address: String,
    /// The argument, if it is that of a step or an identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// The place.
    pub place: Place,
}

impl SecretPath {
    /// Returns the paths of all secrets of a plan, in the order of the steps, the identities and the outputs.
    #[must_use]
    pub fn all(plan: &Plan, platform: &dyn Platform) -> Vec<Self> {
        let carries =
            plan.steps.iter().any(|step| step.arguments.iter().any(|(_, value)| value.has_deep_marks()))
                || plan.outputs.iter().any(|output| output.value.has_deep_marks())
                || plan.tokens.iter().any(|token| token.acting != Acting::Machine)
                || plan.steps.iter().any(|step| step.actions.iter().any(is_token));
        if !carries {
            return Vec::new();
        }
        let mut paths =
            Paths { plan, carriers: Carriers::of(plan), sources: Sources::of(plan), found: Vec::new() };
        paths.steps();
        paths.files();
        paths.identities(platform);
        paths.outputs();
        paths.found
    }
}

impl SecretPath {
    /// Returns the path of the file that the secret ends in, as plans show it.
    fn file(&self) -> Option<&str> {
        match &self.end.place {
            // Two paths that are both secret need not be the same.
            Place::File { path, .. } if !path.contains("(sensitive)") => Some(path),
            _ => None,
        }
    }
}

struct Paths<'a> {
    plan: &'a Plan,
    carriers: Carriers<'a>,
    sources: Sources<'a>,
    found: Vec<SecretPath>,
}

impl Paths<'_> {
    fn steps(&mut self) {
        let plan = self.plan;
        for planned in plan.steps.iter().filter(|step| step.when != When::No) {
            let Some(step) = plan.written(planned) else { continue };
            self.arguments(planned.node, &planned.address, step.typed(), &planned.arguments, |leaf| {
                places(leaf, &planned.actions)
            });
            self.token(planned);
        }
    }

    /// Adds the path of a token that a step takes for its programs, which no argument holds.
    fn token(&mut self, step: &PlannedStep) {
        let of = self.plan.acts_as(step).unwrap_or_else(|| Acting::MACHINE.to_owned());
        for action in &step.actions {
            let ActionKind::Token(token) = &action.kind else { continue };
            let source = SecretSource::token(&of, &token.text);
            let ends: IndexSet<Place> = inputs(&step.actions).collect();
            self.found.extend(ends.into_iter().map(|place| SecretPath {
                source: source.clone(),
                through: Vec::new(),
                end: SecretEnd { address: step.address.clone(), argument: None, place },
            }));
        }
    }

    /// Adds the paths from the files that secrets end in to the steps that read these files, and further.
    fn files(&mut self) {
        let mut open: Vec<SecretPath> =
            self.found.iter().filter(|path| path.file().is_some()).cloned().collect();
        if open.is_empty() {
            return;
        }
        let readers = Readers::of(self.plan);
        let mut seen = HashSet::new();
        while let Some(path) = open.pop() {
            let Some(file) = path.file() else { continue };
            for reader in readers.of_file(file).filter(|reader| reader.step.address != path.end.address) {
                if !seen.insert((path.source.origin.clone(), file.to_owned(), reader.step.address.as_str())) {
                    continue;
                }
                for place in reader.places() {
                    let mut through = path.through.clone();
                    through.push(path.end.address.clone());
                    let address = reader.step.address.clone();
                    let end = SecretEnd { address, argument: Some(reader.argument.to_owned()), place };
                    let next = SecretPath { source: path.source.clone(), through, end };
                    open.push(next.clone());
                    self.found.push(next);
                }
            }
        }
    }

    fn identities(&mut self, platform: &dyn Platform) {
        let plan = self.plan;
        let acting: IndexSet<Acting> = plan.tokens.iter().map(|token| token.acting).collect();
        for acting in acting {
            let Acting::Declared { module, index } = acting else { continue };
            let node = acting.node().and_then(|node| plan.graph.find(&node));
            let (Some(node), Some(evaluated)) = (node, plan.state.identity(module, index)) else { continue };
            let tokens = plan.tokens.iter().filter(|token| token.acting == acting);
            let actions = tokens.flat_map(|token| token_actions(plan, token, platform));
            let receivers: IndexSet<String> = actions.filter_map(|action| receiver(&action)).collect();
            let place = Place::Credential { receivers: receivers.into_iter().collect() };
            let declared = &plan.state.runbook(module).identities[index];
            let address = plan.state.modules.acting_address(acting);
            self.arguments(node, &address, declared.typed(), &evaluated.arguments, |_| {
                IndexSet::from([place.clone()])
            });
        }
    }

    fn outputs(&mut self) {
        for (index, output) in self.plan.outputs.iter().enumerate() {
            let node = Node::only(ModuleId::ROOT, Item::Output(index));
            let Some(node) = self.plan.graph.find(&node) else { continue };
            for origin in secrets_of_output(&output.name, &output.value).unwrap_or_default() {
                let way = self.carriers.way(node, None, &origin);
                let address = format!("output.{}", output.name);
                self.add(&origin, &way, SecretEnd { address, argument: None, place: Place::Output });
            }
        }
    }

    /// Adds the paths to the arguments of a step or an identity.
    fn arguments(
        &mut self,
        node: NodeId,
        address: &str,
        typed: TypedBlock<'_>,
        arguments: &[(String, Value)],
        places: impl Fn(&Leaf<'_>) -> IndexSet<Place>,
    ) {
        for (name, value) in arguments.iter().filter(|(_, value)| value.has_deep_marks()) {
            let Some(field) = typed.fields.iter().find(|field| field.name == name) else { continue };
            let span = typed.place(name);
            for leaf in leaves(field, name.clone(), value) {
                let origins = secrets_of(address, [(leaf.name.as_str(), leaf.value)].into_iter());
                for origin in origins.into_values().flatten() {
                    let way = self.carriers.way(node, Some(span), &origin);
                    for place in places(&leaf) {
                        let argument = Some(leaf.name.clone());
                        let end = SecretEnd { address: address.to_owned(), argument, place };
                        self.add(&origin, &way, end);
                    }
                }
            }
        }
    }

    /// Adds a path along `way`, which begins with the source if that is a node of the graph.
    fn add(&mut self, origin: &str, way: &[NodeId], end: SecretEnd) {
        let source = self.sources.source(origin);
        let address = |node: &NodeId| self.plan.state.modules.address(self.plan.graph.get(*node));
        let is_source = |address: &String| {
            origin
                .strip_prefix(address.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let has_value = |node: &&NodeId| {
            let item = match self.plan.graph.get(**node) {
                Node::Item { item, .. } => *item,
                Node::Token { .. } => return false,
            };
            matches!(item, Item::Variable(_) | Item::Local(_) | Item::Step(_) | Item::Output(_))
        };
        let through =
            way.iter().filter(has_value).map(address).filter(|address| !is_source(address)).collect();
        self.found.push(SecretPath { source, through, end });
    }
}

fn is_token(action: &Action) -> bool {
    matches!(action.kind, ActionKind::Token(_))
}

/// Returns the host or the program that gets the credential of an identity.
fn receiver(action: &Action) -> Option<String> {
    match &action.kind {
        ActionKind::Http(request) => Some(host(&request.url.to_string())),
        ActionKind::Exec(process) => process.argv.shown().into_iter().next(),
        _ => None,
    }
}
