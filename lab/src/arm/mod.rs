//! Azure Resource Manager: the subscription's resources and their changes, for callers with permission.

mod accept;
mod address;
mod answer;
mod authorization;
mod authorize;
mod change;
mod cloud;
mod conditions;
mod content;
mod denial;
mod deployment;
mod document;
mod extension;
mod filter;
mod id;
mod lock;
mod machine;
mod operation;
mod policy;
mod poll;
mod provider;
mod render;
mod resource;
mod resource_graph;
mod resources;
mod run_command;
mod service;
mod store;
mod subscriptions;
mod tags;
mod target;
mod what_if;

pub(crate) use answer::error;
pub use operation::{Operation, OperationStatus};
pub(crate) use service::Arm;
pub(crate) use store::Store;
