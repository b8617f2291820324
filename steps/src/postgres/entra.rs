//! Decides which servers get a token of the identity in place of a password.

use arcbook_engine::step::{Audience, ErrorKind, StepError, Tls};

use super::Server;
use crate::cloud::Cloud;

/// The clouds that have Azure Database for PostgreSQL: the name, the audience of its tokens, and the suffix of its
/// servers.
const CLOUDS: [(&str, &str, &str); 3] = [
    ("AzureCloud", "https://ossrdbms-aad.database.windows.net", ".postgres.database.azure.com"),
    (
        "AzureUSGovernment",
        "https://ossrdbms-aad.database.usgovcloudapi.net",
        ".postgres.database.usgovcloudapi.net",
    ),
    (
        "AzureChinaCloud",
        "https://ossrdbms-aad.database.chinacloudapi.cn",
        ".postgres.database.chinacloudapi.cn",
    ),
];

fn row(cloud: &Cloud) -> &'static (&'static str, &'static str, &'static str) {
    CLOUDS.iter().find(|(name, ..)| *name == cloud.name).unwrap_or(&CLOUDS[0])
}

/// Returns the audience of tokens for PostgreSQL.
pub(crate) fn audience(cloud: &Cloud) -> Audience {
    Audience::new(row(cloud).1)
}

/// Returns an error if `server` must not get a token.
pub(crate) fn check_token(server: &Server, cloud: &Cloud) -> Result<(), StepError> {
    let suffix = row(cloud).2;
    let host = server.host.to_ascii_lowercase();
    let is_own = host.strip_suffix(suffix).is_some_and(|name| !name.is_empty() && !name.contains('.'));
    let refused = |why: String| {
        StepError::new(ErrorKind::Forbidden, "the server must not get a token")
            .detail(why)
            .argument("entra_token")
    };
    if !is_own {
        let why = format!("A token for PostgreSQL may be sent only to *{suffix}, not to {}.", server.host);
        return Err(refused(why).help("use a password for servers outside of Azure"));
    }
    if server.tls != Tls::VerifyFull {
        return Err(refused("A token is sent only to a server whose certificate is verified.".to_owned())
            .help("leave out `tls`"));
    }
    Ok(())
}
