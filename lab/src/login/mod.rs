//! Entra: the token endpoint for applications, and the documents from which clients learn of it.

mod assertion;
mod client;
mod documents;
mod refusal;
mod service;
mod token;

pub(crate) use refusal::transport as error;
pub(crate) use service::Login;
pub(crate) use token::logged;
