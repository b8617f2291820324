//! The step types of arcbook and the clients they share.

mod cloud;
mod environment;
mod http;
mod names;

pub use cloud::Cloud;
pub use environment::Environment;
pub use http::{Limits, Policy, Trust};
pub use names::{Account, BlobName, Container, SecretName, SecretVersion, Vault};
