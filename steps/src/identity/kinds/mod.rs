//! The kinds of identities, one file each.

mod access_token;
mod azure_cli;
mod client_certificate;
mod client_secret;
mod environment;
mod managed;
mod workload;

pub(crate) use access_token::AccessToken;
pub(crate) use azure_cli::AzureCli;
pub(crate) use client_certificate::ClientCertificate;
pub(crate) use client_secret::ClientSecret;
pub(crate) use environment::Environment;
pub(crate) use managed::{Issuer, Managed};
pub(crate) use workload::Workload;

use arcbook_engine::step::{Arg, Text};

use crate::entra::{ClientId, Tenant};

/// Describes an application whose ids may be unknown.
fn application(client_id: &Arg<ClientId>, tenant: &Arg<Tenant>) -> String {
    let client_id = Text::new().then_parts(client_id, |ClientId(id)| id.clone());
    let tenant = Text::new().then_parts(tenant, |Tenant(tenant)| tenant.clone());
    format!("the application {client_id} of the tenant {tenant}")
}
