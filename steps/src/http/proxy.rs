//! The proxy between this machine and Azure.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::HeaderValue;
use percent_encoding::percent_decode_str;
use url::Url;

use super::no_proxy::NoProxy;
use crate::environment::Environment;
use crate::names::is_loopback;

/// The proxy of `HTTPS_PROXY` or `ALL_PROXY`, for https only. It has no `Debug`, since it may contain a
/// password.
pub(crate) struct Proxy {
    variable: &'static str,
    address: Url,
    exceptions: NoProxy,
}

impl Proxy {
    /// Returns the proxy that the environment names, if any.
    ///
    /// The error names the variable but not its value, which may contain a password.
    pub fn find(environment: &Environment) -> Result<Option<Self>, String> {
        let found = ["HTTPS_PROXY", "ALL_PROXY"]
            .into_iter()
            .find_map(|name| Some((name, environment.get_any_case(name)?)));
        let Some((variable, value)) = found else { return Ok(None) };
        let address = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
        let address = Url::parse(&address).ok().filter(Url::has_host);
        let address = address.ok_or_else(|| format!("{variable} is not the address of a proxy"))?;
        if !["http", "https"].contains(&address.scheme()) {
            return Err(format!(
                "{variable} names a proxy with the scheme {}: only http and https are supported",
                address.scheme()
            ));
        }
        let exceptions = NoProxy::parse(environment.get_any_case("NO_PROXY").unwrap_or_default());
        Ok(Some(Self { variable, address, exceptions }))
    }

    /// Returns whether requests to `url` use the proxy: loopback and hosts in `NO_PROXY` do not.
    pub fn is_for(&self, url: &Url) -> bool {
        url.scheme() == "https" && !is_loopback(url) && !self.exceptions.lists(url)
    }

    /// Returns its address and the variable that names it, without user and password.
    pub fn shown(&self) -> String {
        format!("{} of {}", self.origin(), self.variable)
    }

    /// Returns its address.
    pub fn address(&self) -> &Url {
        &self.address
    }

    /// Returns its scheme, host and port.
    pub fn origin(&self) -> String {
        self.address.origin().ascii_serialization()
    }

    /// Returns the proxy in the form that `reqwest` accepts.
    pub fn for_reqwest(self: &Arc<Self>) -> reqwest::Proxy {
        let (proxy, authorization) = (Arc::clone(self), self.authorization());
        let taken = reqwest::Proxy::custom(move |url| proxy.is_for(url).then(|| proxy.origin()));
        match authorization {
            Some(authorization) => taken.custom_http_auth(authorization),
            None => taken,
        }
    }

    /// Returns the header with its user and password, if it has any.
    pub fn authorization(&self) -> Option<HeaderValue> {
        let user = percent_decode_str(self.address.username());
        let password = percent_decode_str(self.address.password().unwrap_or_default());
        let both: Vec<u8> = user.chain(b":".iter().copied()).chain(password).collect();
        if both == b":" {
            return None;
        }
        let mut header = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(both))).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(variables: &[(&str, &str)]) -> Result<Option<Proxy>, String> {
        Proxy::find(&variables.iter().copied().collect())
    }

    #[test]
    fn a_wrong_proxy_is_named_without_its_value() {
        for value in [
            "http://user:hunter2@[",
            "socks5://user:hunter2@proxy.example",
            "http://:hunter2@",
            "data://hunter2",
        ] {
            let error = find(&[("HTTPS_PROXY", value)]).err().unwrap();
            assert!(error.contains("HTTPS_PROXY") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_proxy_comes_from_either_spelling() {
        for (name, expected) in
            [("HTTPS_PROXY", true), ("https_proxy", true), ("ALL_PROXY", true), ("HTTP_PROXY", false)]
        {
            assert_eq!(find(&[(name, "proxy.example:3128")]).unwrap().is_some(), expected, "{name}");
        }
    }

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        for (value, expected) in [
            ("user:hunter2@proxy.example:3128", "http://proxy.example:3128 of HTTPS_PROXY"),
            ("http://hunter2@proxy.example", "http://proxy.example of HTTPS_PROXY"),
            (
                "https://user:hunter2@proxy.example/hunter2?hunter2#hunter2",
                "https://proxy.example of HTTPS_PROXY",
            ),
        ] {
            assert_eq!(find(&[("HTTPS_PROXY", value)]).unwrap().unwrap().shown(), expected);
        }
    }

    #[test]
    fn a_proxy_is_told_user_and_password_apart_from_its_address() {
        for (value, origin, authorization) in [
            ("proxy.example", "http://proxy.example", None),
            (
                "http://user:p%40ss@proxy.example:3128/x",
                "http://proxy.example:3128",
                Some("Basic dXNlcjpwQHNz"),
            ),
            ("https://user@[::1]:3128", "https://[::1]:3128", Some("Basic dXNlcjo=")),
        ] {
            let proxy = find(&[("HTTPS_PROXY", value)]).unwrap().unwrap();
            assert_eq!(proxy.origin(), origin);
            let header = proxy.authorization();
            assert_eq!(header.as_ref().map(|header| header.to_str().unwrap()), authorization);
        }
    }

    #[test]
    fn this_machine_and_what_is_listed_is_reached_directly() {
        let proxy =
            find(&[("https_proxy", "proxy.example"), ("no_proxy", "*.vault.azure.net:443,10.0.0.0/8")]);
        let proxy = proxy.unwrap().unwrap();
        for (url, expected) in [
            ("https://management.azure.com/", true),
            ("https://kv1.vault.azure.net/", false),
            ("https://kv1.vault.azure.net:8443/", true),
            ("https://10.0.0.1/", false),
            ("http://management.azure.com/", false),
            ("https://localhost/", false),
            ("https://kv1.vault.localhost:8080/", false),
            ("https://127.0.0.2/", false),
            ("https://[::1]/", false),
        ] {
            assert_eq!(proxy.is_for(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
