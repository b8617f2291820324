//! The retries of a failed request.

mod policy;
mod request_retries;
mod retry_after;

pub use policy::Policy;
pub(crate) use request_retries::RequestRetries;
pub(crate) use retry_after::{asked, quota_reset};
