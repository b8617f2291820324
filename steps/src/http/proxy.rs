//! Which proxy stands between this machine and Azure.

use reqwest::{NoProxy, Proxy};

use crate::environment::Environment;

/// Hosts that are never reached by a proxy, whatever `NO_PROXY` says.
const LOOPBACK: &str = "localhost,.localhost,127.0.0.0/8,::1";

/// The proxy of `HTTPS_PROXY` or `ALL_PROXY`, except for loopback and what `NO_PROXY` lists; for https only.
///
/// The error says what is wrong with the variable without its value, which may hold a password.
pub(super) fn proxy(environment: &Environment) -> Result<Option<Proxy>, String> {
    let found = ["HTTPS_PROXY", "ALL_PROXY"]
        .into_iter()
        .find_map(|name| Some((name, environment.get_any_case(name)?)));
    let Some((name, value)) = found else { return Ok(None) };
    let address = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let proxy = Proxy::https(address).map_err(|_| format!("{name} is not the address of a proxy"))?;
    let exceptions = match environment.get_any_case("NO_PROXY") {
        Some(list) => format!("{list},{LOOPBACK}"),
        None => LOOPBACK.to_owned(),
    };
    Ok(Some(proxy.no_proxy(NoProxy::from_string(&exceptions))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_proxy_is_named_without_its_value() {
        let environment = Environment::from_iter([("HTTPS_PROXY", "http://user:hunter2@[")]);
        let error = proxy(&environment).unwrap_err();
        assert!(error.contains("HTTPS_PROXY") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_proxy_comes_from_either_spelling() {
        for (name, expected) in
            [("HTTPS_PROXY", true), ("https_proxy", true), ("ALL_PROXY", true), ("HTTP_PROXY", false)]
        {
            let environment = Environment::from_iter([(name, "proxy.example:3128")]);
            assert_eq!(proxy(&environment).unwrap().is_some(), expected, "{name}");
        }
    }
}
