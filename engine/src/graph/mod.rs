//! Who needs whom.

mod build;
mod cycle;
mod draw;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod graph;

pub use build::build;
pub use draw::{Drawing, dot, mermaid};
pub use graph::{Edge, Graph, Node, NodeId};
