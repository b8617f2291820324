//! The client of Microsoft Entra: an application proves itself, and gets a token.

mod application;
mod assertion;
mod certificate;
mod code;
mod federated;
mod form;
mod names;
mod proof;

pub(crate) use application::{Application, login_action};
pub(crate) use code::{Again, code, is_about_time, numbers};
pub(crate) use names::{ClientId, Tenant};
pub(crate) use proof::{Content, Proof};
