//! Microsoft Graph: the groups of the tenant and their members.

mod answer;
mod groups;
mod members;
mod service;

pub(crate) use answer::error;
pub(crate) use service::Graph;
