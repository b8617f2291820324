//! Azure Resource Manager: what the subscription holds, for those who may see it.

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
