//! HTTP as Azure and the Arc agent need it: bounded, timed, retried, and closed to foreign hosts.
//!
//! A [`Client`] sends one [`Request`] once, by one way out or the other, and gives an [`Answer`] or a [`Failure`]; [`Attempts`] says whether and when
//! to send it again; [`firewall`] says whether it may be sent at all; [`Asked::error`] makes of the last failure what
//! the user reads.

mod advice;
mod answer;
mod client;
mod connect;
mod deliver;
mod envelope;
mod error;
mod failure;
pub(crate) mod firewall;
mod limits;
mod no_proxy;
mod plain;
mod proxy;
mod request;
mod retry;
mod trust;
mod upload;
mod wire;

pub(crate) use answer::Answer;
pub(crate) use client::Client;
pub(crate) use deliver::deliver;
pub(crate) use envelope::clean;
pub(crate) use error::{Asked, Peer};
pub(crate) use failure::Failure;
pub use limits::Limits;
pub(crate) use request::Request;
pub use retry::Policy;
pub(crate) use retry::{Attempts, asked};
pub use trust::Trust;
