//! Azure Resource Manager: reads of the subscription's resources, for callers with permission.

mod address;
mod answer;
mod authorization;
mod authorize;
mod cloud;
mod filter;
mod machine;
mod render;
mod resources;
mod service;
mod subscriptions;

pub(crate) use answer::error;
pub(crate) use service::Arm;
