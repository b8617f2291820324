//! Whether a failed request is sent again, and when.

mod attempts;
mod policy;
mod retry_after;

pub(crate) use attempts::Attempts;
pub use policy::Policy;
pub(crate) use retry_after::asked;
