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

/// Returns an error if a server at `host` must not get a token; the error is a fragment.
pub(crate) fn check_token_host(host: &str, cloud: &Cloud) -> Result<(), String> {
    let suffix = row(cloud).2;
    let lower = host.to_ascii_lowercase();
    let is_own = lower.strip_suffix(suffix).is_some_and(|name| !name.is_empty() && !name.contains('.'));
    if is_own {
        Ok(())
    } else {
        Err(format!("a token for PostgreSQL may be sent only to *{suffix}, not to {host}"))
    }
}

/// Returns an error if `server` must not get a token.
pub(crate) fn check_token(server: &Server, cloud: &Cloud) -> Result<(), StepError> {
    let refused = |why: String| {
        let error = StepError::new(ErrorKind::Forbidden, "the server must not get a token");
        error.detail(why).argument("entra_token")
    };
    check_token_host(&server.host, cloud)
        .map_err(|why| refused(format!("{why}.")).help("use a password for servers outside of Azure"))?;
    if server.tls != Tls::VerifyFull {
        let why = "a token is sent only to a server whose certificate is verified.".to_owned();
        return Err(refused(why).help("leave out `tls`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_servers_of_the_cloud_with_a_verified_certificate() {
        let server = |host: &str, tls| Server {
            host: host.to_owned(),
            port: 5432,
            database: "d".to_owned(),
            user: "u".to_owned(),
            tls,
            asks: None,
            password: None,
        };
        for (host, tls, cloud, expected) in [
            ("a.postgres.database.azure.com", Tls::VerifyFull, Cloud::public(), true),
            ("A.Postgres.Database.Azure.com", Tls::VerifyFull, Cloud::public(), true),
            ("a.postgres.database.usgovcloudapi.net", Tls::VerifyFull, Cloud::us_government(), true),
            ("a.postgres.database.chinacloudapi.cn", Tls::VerifyFull, Cloud::china(), true),
            ("a.postgres.database.azure.com", Tls::Require, Cloud::public(), false),
            ("a.postgres.database.azure.com", Tls::Disable, Cloud::public(), false),
            ("a.postgres.database.azure.com", Tls::VerifyFull, Cloud::china(), false),
            ("a.postgres.database.azure.com.evil.test", Tls::VerifyFull, Cloud::public(), false),
            ("a.evil.postgres.database.azure.com", Tls::VerifyFull, Cloud::public(), false),
            (".postgres.database.azure.com", Tls::VerifyFull, Cloud::public(), false),
            ("postgres.database.azure.com", Tls::VerifyFull, Cloud::public(), false),
            ("evilpostgres.database.azure.com", Tls::VerifyFull, Cloud::public(), false),
            ("db.test", Tls::VerifyFull, Cloud::public(), false),
            ("localhost", Tls::VerifyFull, Cloud::public(), false),
        ] {
            assert_eq!(check_token(&server(host, tls), &cloud).is_ok(), expected, "{host} {tls:?}");
        }
    }
}
