//! Probes: what this computer is, and whether it reaches a host.
//!
//! [`connect`] makes a connection as requests do, through the same proxy and with the same trusted certificates, but stage by
//! stage, so that a failure ([`Unreached`]) names its stage, and a success ([`Reached`]) tells whose certificate it met.

mod certificate;
mod connect;
mod exchange;
mod host;
mod recorder;
mod unreached;

pub(crate) use certificate::PeerCertificate;
pub(crate) use connect::{Secured, connect};
pub(crate) use host::{HostFacts, space};
pub(crate) use unreached::{Obstacle, Target, Unreached};
