//! The form of a token request.

use bytes::Bytes;
use url::form_urlencoded::Serializer;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The part of a token request that proves the application.
pub(super) enum Proven<'a> {
    Secret(&'a str),
    Assertion(&'a str),
}

/// Returns the form by which the application `client` requests a token for `audience`.
pub(super) fn form(client: &str, audience: &str, proven: &Proven<'_>) -> Bytes {
    let mut form = Serializer::new(String::new());
    form.append_pair("client_id", client);
    match proven {
        Proven::Secret(secret) => form.append_pair("client_secret", secret),
        Proven::Assertion(assertion) => {
            form.append_pair("client_assertion", assertion).append_pair("client_assertion_type", JWT_BEARER)
        }
    };
    form.append_pair("grant_type", "client_credentials");
    form.append_pair("scope", &format!("{audience}/.default"));
    form.finish().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_of_microsofts_clients() {
        let form = |audience, proven| String::from_utf8(form("id", audience, &proven).to_vec()).unwrap();
        let vault = "https%3A%2F%2Fvault.azure.net%2F.default";
        assert_eq!(
            form("https://vault.azure.net", Proven::Secret("a&b=c d")),
            format!("client_id=id&client_secret=a%26b%3Dc+d&grant_type=client_credentials&scope={vault}")
        );
        assert_eq!(
            form("https://management.azure.com/", Proven::Assertion("x.y.z")),
            "client_id=id&client_assertion=x.y.z&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A\
             client-assertion-type%3Ajwt-bearer&grant_type=client_credentials&\
             scope=https%3A%2F%2Fmanagement.azure.com%2F%2F.default"
        );
    }
}
