//! Orders a runbook by its dependencies, in two steps.
//!
//! [`build`] orders the blocks of a runbook and its modules before expansion, and finds cycles. The plan
//! expands them into a [`Graph`] of [`Node`]s, instance by instance.

mod build;
mod cycle;
mod dot;
mod draw;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod graph;
mod item;
mod mermaid;
mod modules;
mod need;
mod outcome;
mod part;
mod picture;

pub use build::{Block, Blocks, Place, build, has_rules, is_done};
pub use cycle::check as cycles;
pub use dot::dot;
pub use draw::{Drawing, Kind};
pub use graph::{Edge, Graph, NodeId};
pub use item::{Instance, Item, Repeated};
pub use mermaid::mermaid;
pub use modules::{Acting, Module, ModuleId, Modules, Node, User, token_name};
pub use need::{Need, On, Pick, given, needs};
pub use outcome::Outcome;
pub use part::{DrawnPart, Outcomes, drawn_parts};
pub use picture::{PICTURE_STYLE, Picture};
