//! HTTP for Azure and the Arc agent: bounded, timed, retried, and restricted to known hosts.
//!
//! A [`Client`] sends one [`Request`] once, over one of two transports, and returns an [`HttpResponse`] or a
//! [`Failure`]; [`RequestRetries`] decides whether and when to send it again; [`firewall`] decides whether it
//! may be sent at all; [`Asked::error`] turns the last failure into the error that the user reads.

mod advice;
mod client;
mod connect;
mod deliver;
mod envelope;
mod error;
mod failure;
pub(crate) mod firewall;
mod http_response;
mod lag;
mod limits;
mod no_proxy;
mod pace;
mod payload;
mod plain;
mod proxy;
mod request;
mod retry;
mod trust;
mod upload;
mod wire;

pub(crate) use client::Client;
pub(crate) use connect::{Trial, addresses};
pub(crate) use deliver::{deliver, deliver_each};
pub(crate) use envelope::clean;
pub(crate) use error::{Asked, Peer, clock_skew, failed_operation};
pub(crate) use failure::Failure;
pub(crate) use http_response::HttpResponse;
pub(crate) use lag::{Lag, Late};
pub use limits::Limits;
pub(crate) use payload::Payload;
pub(crate) use proxy::Proxy;
pub(crate) use request::Request;
pub use retry::Policy;
pub(crate) use retry::{RequestRetries, asked, quota_reset};
pub(crate) use trust::SystemTls;
pub use trust::Trust;
pub(crate) use wire::headers as wire_headers;
