//! The runbook and its modules, instance by instance.

use std::sync::Arc;

use crate::runbook::Runbook;
use crate::step::Audience;

use super::{Graph, Instance, Item, NodeId};

/// The number of one instance of a module; the runbook itself is [`ModuleId::ROOT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(usize);

impl ModuleId {
    /// The runbook itself.
    pub const ROOT: Self = Self(0);

    /// The number, counted from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// One thing that is computed, read or done, instance by instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A part of the runbook or of a module.
    Item {
        /// The module.
        module: ModuleId,
        /// The part.
        item: Item,
        /// Which instance of it.
        instance: Instance,
    },
    /// A token that steps need.
    Token(Audience),
}

impl Node {
    /// The node of a part that there is only one of.
    #[must_use]
    pub fn only(module: ModuleId, item: Item) -> Self {
        Self::Item { module, item, instance: Instance::Only }
    }

    /// Whether nothing that waits for it can do without it: a token, a place to be in, or a value that must be allowed.
    #[must_use]
    pub fn is_vital(&self) -> bool {
        match self {
            Self::Token(_) => true,
            Self::Item { item, .. } => item.is_vital(),
        }
    }
}

impl Graph<Node> {
    /// Lets a step wait for the token its calls need.
    pub fn need_token(&mut self, step: NodeId, audience: Audience) {
        let token = self.node(Node::Token(audience));
        self.connect(token, step, super::Edge::Token);
    }
}

/// One instance of a module.
#[derive(Clone)]
pub struct Module {
    /// What it holds.
    pub runbook: Arc<Runbook>,
    /// Its place among the runbooks: an index into [`Blocks::runbooks`](super::Blocks).
    pub place: usize,
    /// What comes before the addresses in it: nothing, or `module.name["key"].`.
    pub prefix: Arc<str>,
    /// Where it is used; none for the runbook itself.
    pub user: Option<User>,
    /// Whether it stands for instances that are known only while running.
    pub is_template: bool,
}

/// Where a module is used.
#[derive(Clone, Debug)]
pub struct User {
    /// In which module.
    pub module: ModuleId,
    /// By which `module` block: an index into its runbook.
    pub block: usize,
    /// Which instance of that block.
    pub instance: Instance,
}

/// All instances of modules, the runbook itself first.
#[derive(Clone)]
pub struct Modules(Vec<Module>);

impl Modules {
    /// Only the runbook itself.
    #[must_use]
    pub fn new(runbook: Arc<Runbook>) -> Self {
        let root = Module { runbook, place: 0, prefix: "".into(), user: None, is_template: false };
        Self(vec![root])
    }

    /// Adds an instance of a `module` block, whose runbook is the one at `place`.
    pub fn add(&mut self, user: User, place: usize) -> ModuleId {
        let around = self.get(user.module);
        let block = &around.runbook.modules[user.block];
        let module = Module {
            runbook: block.runbook.clone(),
            place,
            prefix: format!("{}{}{}.", around.prefix, block.address(), user.instance).into(),
            is_template: around.is_template || user.instance == Instance::Each,
            user: Some(user),
        };
        self.0.push(module);
        ModuleId(self.0.len() - 1)
    }

    /// The module with that number.
    #[must_use]
    pub fn get(&self, id: ModuleId) -> &Module {
        &self.0[id.0]
    }

    /// The way to a module from the runbook itself: the `module` block in the runbook around, and which instance of it.
    #[must_use]
    pub fn path(&self, id: ModuleId) -> Vec<(usize, Instance)> {
        let mut path = Vec::new();
        let mut at = self.get(id);
        while let Some(user) = &at.user {
            path.push((user.block, user.instance.clone()));
            at = self.get(user.module);
        }
        path.reverse();
        path
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.0.iter().enumerate().map(|(at, module)| (ModuleId(at), module))
    }

    /// The name by which people know a node: `module.site["a"].step.type.name[0]`.
    #[must_use]
    pub fn address(&self, node: &Node) -> String {
        match node {
            Node::Item { module, item, instance } => {
                let module = self.get(*module);
                format!("{}{}{instance}", module.prefix, item.address(&module.runbook))
            }
            Node::Token(audience) => format!("token for {audience}"),
        }
    }

    /// Whether a node stands for instances that are known only while running.
    #[must_use]
    pub fn is_template(&self, node: &Node) -> bool {
        match node {
            Node::Item { module, instance, .. } => {
                *instance == Instance::Each || self.get(*module).is_template
            }
            Node::Token(_) => false,
        }
    }
}
