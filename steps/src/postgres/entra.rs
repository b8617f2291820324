//! Decides which servers get a token of the identity in place of a password.

use arcbook_engine::step::{Audience, ErrorKind, StepError, Tls};

use super::Server;
use crate::cloud::{Cloud, Service};
use crate::http::firewall;

/// Returns the audience of tokens for PostgreSQL.
pub(crate) fn audience(cloud: &Cloud) -> Audience {
    cloud.audience(Service::Postgres)
}

/// Returns an error if a server at `host` must not get a token; the error is a fragment.
pub(crate) fn check_token_host(host: &str, port: u16, cloud: &Cloud) -> Result<(), String> {
    firewall::allow_database(host, port, &audience(cloud), cloud).map_err(|refusal| refusal.to_string())
}

/// Returns an error if `server` must not get a token.
pub(crate) fn check_token(server: &Server, cloud: &Cloud) -> Result<(), StepError> {
    let refused = |why: String| {
        let error = StepError::new(ErrorKind::Forbidden, "the server must not get a token");
        error.detail(why).argument("entra_token")
    };
    check_token_host(&server.host, server.port, cloud)
        .map_err(|why| refused(format!("{why}.")).help("use a password for servers outside of Azure"))?;
    if server.tls != Tls::VerifyFull {
        let why = "A token is sent only to a server whose certificate is verified.".to_owned();
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
            ("a.postgres.database.azure.com", Tls::Require, Cloud::public(), false),
            ("a.postgres.database.azure.com", Tls::Disable, Cloud::public(), false),
            ("a.postgres.database.azure.com", Tls::VerifyFull, Cloud::china(), false),
            ("a.postgres.database.azure.com.evil.test", Tls::VerifyFull, Cloud::public(), false),
            ("localhost", Tls::VerifyFull, Cloud::public(), false),
        ] {
            assert_eq!(check_token(&server(host, tls), &cloud).is_ok(), expected, "{host} {tls:?}");
        }
    }
}
