//! Identifies the instances of modules.

use std::sync::Arc;

use crate::runbook::{Runbook, Target};
use crate::step::Audience;
use crate::syntax::Reference;

use super::{Edge, Graph, Instance, Item, NodeId};

/// The index of a module instance; the root runbook is [`ModuleId::ROOT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(usize);

impl ModuleId {
    /// The root runbook.
    pub const ROOT: Self = Self(0);

    /// Returns the index, counted from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// An instance of an item, or a token.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// An instance of an item of a module.
    Item {
        /// The module.
        module: ModuleId,
        /// The item.
        item: Item,
        /// The instance.
        instance: Instance,
    },
    /// A token that steps need.
    Token {
        /// The identity that it is for.
        acting: Acting,
        /// The audience.
        audience: Audience,
    },
}

/// The identity that acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Acting {
    /// The identity of this machine.
    Machine,
    /// An identity that a runbook declares.
    Declared {
        /// The module.
        module: ModuleId,
        /// The `identity` block: an index into the runbook of the module.
        index: usize,
    },
}

impl Acting {
    /// The name of the machine's identity, in place of an address.
    pub const MACHINE: &str = "machine";

    /// Returns the node of the identity; none for that of the machine.
    #[must_use]
    pub fn node(self) -> Option<Node> {
        match self {
            Self::Machine => None,
            Self::Declared { module, index } => Some(Node::only(module, Item::Identity(index))),
        }
    }
}

impl Node {
    /// Returns the node of an item that is not repeated.
    #[must_use]
    pub fn only(module: ModuleId, item: Item) -> Self {
        Self::Item { module, item, instance: Instance::Only }
    }

    /// Returns true if no dependent can run without it: it is a token, opens a block, or validates a value.
    #[must_use]
    pub fn is_vital(&self) -> bool {
        match self {
            Self::Token { .. } => true,
            Self::Item { item, .. } => item.is_vital(),
        }
    }
}

impl Graph<Node> {
    /// Makes a step wait for the token that its calls need.
    pub fn need_token(&mut self, step: NodeId, acting: Acting, audience: Audience) {
        let token = self.node(Node::Token { acting, audience });
        self.need_identity(token, acting);
        self.connect(token, step, Edge::Token);
    }

    /// Makes a node wait for the identity that it needs.
    pub fn need_identity(&mut self, waiter: NodeId, acting: Acting) {
        if let Some(identity) = acting.node() {
            let identity = self.node(identity);
            self.connect(identity, waiter, Edge::Token);
        }
    }
}

/// An instance of a module.
#[derive(Clone)]
pub struct Module {
    /// The runbook.
    pub runbook: Arc<Runbook>,
    /// The place of the runbook: an index into [`Blocks::runbooks`](super::Blocks).
    pub place: usize,
    /// The address prefix: empty, or `module.name["key"].`.
    pub prefix: Arc<str>,
    /// The use of the module; none for the root runbook.
    pub user: Option<User>,
    /// True if it is a placeholder for instances that are known only while running.
    pub is_template: bool,
}

/// A use of a module.
#[derive(Clone, Debug)]
pub struct User {
    /// The parent module.
    pub module: ModuleId,
    /// The `module` block: an index into the parent's runbook.
    pub block: usize,
    /// The instance of the block.
    pub instance: Instance,
}

/// All instances of modules, the root runbook first.
#[derive(Clone)]
pub struct Modules(Vec<Module>);

impl Modules {
    /// Returns the root runbook alone.
    #[must_use]
    pub fn new(runbook: Arc<Runbook>) -> Self {
        let root = Module { runbook, place: 0, prefix: "".into(), user: None, is_template: false };
        Self(vec![root])
    }

    /// Adds an instance of a `module` block, whose runbook is at `place`.
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

    /// Returns the module with that index.
    #[must_use]
    pub fn get(&self, id: ModuleId) -> &Module {
        &self.0[id.0]
    }

    /// Returns the path to a module from the root runbook: the `module` blocks, each with its instance.
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

    /// Returns all modules.
    pub fn iter(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.0.iter().enumerate().map(|(at, module)| (ModuleId(at), module))
    }

    /// Returns the address of a node: `module.site["a"].step.type.name[0]`.
    #[must_use]
    pub fn address(&self, node: &Node) -> String {
        match node {
            Node::Item { module, item, instance } => {
                let module = self.get(*module);
                format!("{}{}{instance}", module.prefix, item.address(&module.runbook))
            }
            Node::Token { acting, audience } => self.token_address(*acting, audience.as_str()),
        }
    }

    /// Returns the address of an identity: `identity.kind.name`, or `machine`.
    #[must_use]
    pub fn acting_address(&self, acting: Acting) -> String {
        acting.node().map_or_else(|| Acting::MACHINE.to_owned(), |node| self.address(&node))
    }

    /// Returns the name of a token, such as `token for https://vault.azure.net`.
    #[must_use]
    pub fn token_address(&self, acting: Acting, audience: &str) -> String {
        token_name(&self.acting_address(acting), audience)
    }

    /// Returns the identity that acts in a step of a module: its own, or that of the closest module around it,
    /// or else that of the machine.
    #[must_use]
    pub fn acting(&self, module: ModuleId, step: usize) -> Acting {
        let runbook = &self.get(module).runbook;
        let own = runbook.steps[step].identity.as_ref();
        own.and_then(|own| declared(module, runbook, own)).unwrap_or_else(|| self.acting_in(module))
    }

    /// Returns the identity that acts in a module where nothing names another: that of its `module` block, then
    /// that of its own `runbook` block, then that of the module around it.
    fn acting_in(&self, module: ModuleId) -> Acting {
        let Module { runbook, user, .. } = self.get(module);
        let given = user.as_ref().and_then(|user| {
            let around = &self.get(user.module).runbook;
            declared(user.module, around, around.modules[user.block].identity.as_ref()?)
        });
        let own = || declared(module, runbook, runbook.settings.identity.as_ref()?);
        let around = || user.as_ref().map(|user| self.acting_in(user.module));
        given.or_else(own).or_else(around).unwrap_or(Acting::Machine)
    }

    /// Returns the address of the block of a node, without the keys of instances: `module.site.step.type.name`.
    pub(super) fn block_address(&self, node: &Node) -> String {
        match node {
            Node::Item { module, item, .. } => {
                format!("{}{}", self.block_prefix(*module), item.address(&self.get(*module).runbook))
            }
            Node::Token { .. } => self.address(node),
        }
    }

    fn block_prefix(&self, id: ModuleId) -> String {
        let Some(user) = &self.get(id).user else { return String::new() };
        let block = &self.get(user.module).runbook.modules[user.block];
        format!("{}{}.", self.block_prefix(user.module), block.address())
    }

    /// Returns true if a node is a placeholder for instances that are known only while running.
    #[must_use]
    pub fn is_template(&self, node: &Node) -> bool {
        match node {
            Node::Item { module, instance, .. } => {
                *instance == Instance::Each || self.get(*module).is_template
            }
            Node::Token { acting: Acting::Machine, .. } => false,
            Node::Token { acting: Acting::Declared { module, .. }, .. } => self.get(*module).is_template,
        }
    }
}

/// Returns the identity that a reference in the runbook of a module names.
fn declared(module: ModuleId, runbook: &Runbook, reference: &Reference) -> Option<Acting> {
    match runbook.names.resolve(reference) {
        Ok((Target::Identity(index), _)) => Some(Acting::Declared { module, index }),
        _ => None,
    }
}

/// Returns the name of the token of the identity at `acting`, an address or `machine`.
#[must_use]
pub fn token_name(acting: &str, audience: &str) -> String {
    if acting == Acting::MACHINE {
        format!("token for {audience}")
    } else {
        format!("token for {audience} as {acting}")
    }
}
