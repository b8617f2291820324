//! One cloud.

use arcbook_engine::step::{Arg, Audience, Text};
use url::Url;

use super::audience::plain_url;
use super::host::Host;
use super::service::{Endpoint, Service, plain};
use crate::names::{Account, Vault};

/// A cloud: its name, where Microsoft Entra issues tokens for it, and its services.
///
/// The three built-in clouds are constants of Azure; any other is [discovered](Cloud::discover) from its ARM
/// endpoint. Each has a resource manager, vaults and blobs, and may have more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The name, such as `AzureCloud`.
    pub name: String,
    login: Option<String>,
    /// The scheme of its services: `https`, or `http` for a lab without TLS.
    scheme: String,
    services: Vec<Endpoint>,
}

impl Cloud {
    /// Returns a cloud with a resource manager at the URL `arm`, which accepts tokens for `audience`.
    #[must_use]
    pub fn new(name: impl Into<String>, arm: &str, audience: Audience) -> Self {
        let (scheme, authority) = arm.split_once("://").unwrap_or(("https", arm));
        let authority = authority.split('/').next().unwrap_or(authority).to_owned();
        let empty = Self { name: name.into(), login: None, scheme: scheme.to_owned(), services: Vec::new() };
        empty.serving(Service::Arm, audience, [Host::Exact(authority)])
    }

    /// Sets the base URL of Microsoft Entra, without a trailing slash.
    #[must_use]
    pub fn logging_in_at(mut self, url: &str) -> Self {
        self.login = Some(url.trim_end_matches('/').to_owned());
        self
    }

    /// Adds a service, in place of the one of its kind.
    #[must_use]
    pub fn serving(
        mut self,
        service: Service,
        audience: Audience,
        hosts: impl IntoIterator<Item = Host>,
    ) -> Self {
        self.services.retain(|endpoint| endpoint.service != service);
        let hosts = hosts.into_iter().collect();
        self.push(Endpoint { service, audience, aliases: Vec::new(), hosts });
        self
    }

    /// Adds other names of the audience of a service.
    pub(super) fn known_as(mut self, service: Service, names: &[&'static str]) -> Self {
        let own = self.services.iter_mut().filter(|endpoint| endpoint.service == service);
        own.for_each(|endpoint| endpoint.aliases = names.iter().map(|&name| Audience::new(name)).collect());
        self
    }

    /// Adds a service, whatever there is.
    pub(super) fn push(&mut self, endpoint: Endpoint) {
        self.services.push(endpoint);
    }

    /// Returns the services.
    #[must_use]
    pub fn services(&self) -> &[Endpoint] {
        &self.services
    }

    /// Returns the base URL of Microsoft Entra, without a trailing slash; none if the cloud names none.
    #[must_use]
    pub fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }

    /// Returns the base URL of ARM, without a trailing slash.
    #[must_use]
    pub fn arm(&self) -> String {
        self.base(Service::Arm)
    }

    /// Returns the base URL of Microsoft Graph, without a trailing slash.
    #[must_use]
    pub fn graph(&self) -> String {
        self.base(Service::Graph)
    }

    fn base(&self, service: Service) -> String {
        format!("{}://{}", self.scheme, self.suffix(service))
    }

    /// Returns the audience of a service. If the cloud has no such service, no host accepts the audience.
    #[must_use]
    pub fn audience(&self, service: Service) -> Audience {
        self.endpoint(service)
            .map_or_else(|| Audience::new(format!("none:{service:?}")), |own| own.audience.clone())
    }

    /// Returns the only service of a kind.
    #[must_use]
    pub fn endpoint(&self, service: Service) -> Option<&Endpoint> {
        self.services.iter().find(|endpoint| endpoint.service == service)
    }

    /// Returns the service that accepts tokens for `audience`, ignoring case and a trailing slash.
    pub(crate) fn endpoint_for(&self, audience: &Audience) -> Option<&Endpoint> {
        self.services.iter().find(|endpoint| endpoint.accepts(audience))
    }

    /// Returns the base URL of the service that accepts tokens for `audience`, without a trailing slash; none if the cloud
    /// has no such service, or if that has several hosts.
    pub(crate) fn base_for(&self, audience: &Audience) -> Option<String> {
        let endpoint = self.endpoint_for(audience)?;
        match &*endpoint.hosts {
            [Host::Exact(host)] => Some(format!("{}://{host}", self.scheme)),
            _ => None,
        }
    }

    /// Returns whether two audiences are names of the same one.
    pub(crate) fn is_same_audience(&self, one: &Audience, other: &Audience) -> bool {
        plain(one) == plain(other) || self.endpoint_for(one).is_some_and(|own| own.accepts(other))
    }

    /// Returns whether a text, a host or its URL, names the login host.
    pub(crate) fn is_login(&self, text: &str) -> bool {
        let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let (Some(url), Some(login)) = (plain_url(&text), self.login()) else { return false };
        let is_same = |login: &str| Url::parse(login).is_ok_and(|login| login.origin() == url.origin());
        let is_alias = url.scheme() == "https"
            && url.port().is_none()
            && url.host_str().and_then(Self::built_in_login) == Some(login);
        matches!(url.path(), "" | "/") && (is_same(login) || is_alias)
    }

    /// Returns whether Microsoft Entra is at `url`, by scheme, host and port.
    pub(crate) fn logs_in_at(&self, url: &Url) -> bool {
        let login = self.login().and_then(|login| Url::parse(login).ok());
        login.is_some_and(|login| login.origin() == url.origin())
    }

    /// Returns whether `endpoint`, one of this cloud's, is at `url`.
    pub(crate) fn is_at(&self, endpoint: &Endpoint, url: &Url) -> bool {
        endpoint.is_at(url, &self.scheme)
    }

    /// Returns the service at `url`, by host and port alone, or none if it is not a service of this cloud.
    pub(crate) fn service(&self, url: &Url) -> Option<Service> {
        let at = self.services.iter().find(|endpoint| self.is_at(endpoint, url));
        at.map(|endpoint| endpoint.service)
    }

    /// Returns the patterns of all hosts that tokens are sent to, in the order of the services.
    #[must_use]
    pub fn all_hosts(&self) -> Vec<String> {
        self.services.iter().flat_map(|endpoint| &endpoint.hosts).map(ToString::to_string).collect()
    }

    /// Returns the patterns of the hosts of the user's own services.
    #[must_use]
    pub fn own_hosts(&self) -> Vec<String> {
        let own = self.services.iter().filter(|endpoint| endpoint.service == Service::Own);
        own.flat_map(|endpoint| &endpoint.hosts).map(ToString::to_string).collect()
    }

    /// Returns true if a service of the cloud is at `host`, of which only the end may be known.
    pub(crate) fn serves(&self, host: &str) -> bool {
        self.has_at(host, |_| true)
    }

    /// Returns true if a storage account is at `host`, of which only the end may be known.
    pub(crate) fn keeps_objects(&self, host: &str) -> bool {
        self.has_at(host, |service| service == Service::Blob)
    }

    /// Returns true if a service of this kind is at `host`.
    fn has_at(&self, host: &str, is_it: impl Fn(Service) -> bool) -> bool {
        let host = host.to_ascii_lowercase();
        let services = self.services.iter().filter(|endpoint| is_it(endpoint.service));
        services.flat_map(|endpoint| &endpoint.hosts).any(|pattern| match pattern {
            Host::Exact(name) => host == *name,
            Host::Below(suffix) | Host::InZone(suffix) => host
                .strip_suffix(suffix.as_str())
                .is_some_and(|before| before.len() > 1 && before.ends_with('.')),
        })
    }

    /// Removes the user's own services.
    pub(super) fn without_own(mut self) -> Self {
        self.services.retain(|endpoint| endpoint.service != Service::Own);
        self
    }

    /// Returns the usual suffix of a service's hosts, for a message.
    pub(crate) fn suffix(&self, service: Service) -> &str {
        self.suffixes(service).first().copied().unwrap_or_default()
    }

    /// Returns the hosts of a service, or the suffixes of them, the usual one first.
    fn suffixes(&self, service: Service) -> Vec<&str> {
        let hosts = self.endpoint(service).map(|endpoint| endpoint.hosts.as_slice()).unwrap_or_default();
        hosts.iter().map(Host::text).collect()
    }

    /// Returns the base URL of a vault whose name may be unknown until apply.
    #[must_use]
    pub fn vault_url(&self, vault: &Arg<Vault>) -> Text {
        self.named_url(Service::KeyVault, vault, |vault, before| match vault {
            Vault::Name(name) => before(name),
            Vault::Uri(uri) => uri.clone(),
        })
    }

    /// Returns the base URL of a storage account's blobs; the account may be unknown until apply.
    #[must_use]
    pub fn blob_url(&self, account: &Arg<Account>) -> Text {
        self.named_url(Service::Blob, account, |account, before| match account {
            Account::Name(name) => before(name),
            Account::Endpoint(endpoint) => endpoint.clone(),
        })
    }

    /// Returns the base URL of an object whose name precedes the suffix of its service; `write` writes a known
    /// one.
    fn named_url<T>(
        &self,
        service: Service,
        object: &Arg<T>,
        write: impl FnOnce(&T, &dyn Fn(&str) -> String) -> String,
    ) -> Text {
        let suffix = self.suffix(service);
        match object {
            Arg::Unknown(_) => Text::from(&*self.scheme)
                .then("://")
                .then_arg(object, |_| String::new())
                .then(".")
                .then_one_of(&self.suffixes(service)),
            Arg::Partial(text) => self.partial_host(text, suffix),
            Arg::Known { .. } => {
                let before = |name: &str| format!("{}://{name}.{suffix}", self.scheme);
                Text::new().then_arg(object, |object| write(object, &before))
            }
        }
    }

    /// Returns the base URL for a text of which parts are known: a URL, or the name before the suffix.
    fn partial_host(&self, text: &Text, suffix: &str) -> Text {
        let is_url = text.fill(|_| Some("")).is_some_and(|known| known.starts_with("https://"));
        if is_url {
            return text.clone();
        }
        Text::from(&*self.scheme).then("://").then_text(text).then(".").then(suffix)
    }
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::Syntax;
    use arcbook_engine::value::Origins;

    use super::*;

    #[test]
    fn the_url_of_an_account_is_its_endpoint_or_its_name_and_the_suffix() {
        let zone = "https://acc.z5.blob.storage.azure.net";
        for (cloud, account, url) in [
            (
                Cloud::public(),
                Arg::known(Account::Name("acc".to_owned())),
                "https://acc.blob.core.windows.net",
            ),
            (Cloud::public(), Arg::known(Account::Endpoint(zone.to_owned())), zone),
            (
                Cloud::public(),
                Arg::Unknown(Origins::of("step.a.b")),
                "https://(known after step.a.b).{blob.core.windows.net,blob.storage.azure.net}",
            ),
            (
                Cloud::china(),
                Arg::Unknown(Origins::of("step.a.b")),
                "https://(known after step.a.b).blob.core.chinacloudapi.cn",
            ),
        ] {
            assert_eq!(cloud.blob_url(&account).to_string(), url);
        }
        let unknown = Cloud::public().blob_url(&Arg::Unknown(Origins::of("step.a.b"))).then("/c");
        assert!(
            unknown.admits(&format!("{zone}/c"), Syntax::Url)
                && !unknown.admits("https://acc.evil.example/c", Syntax::Url)
        );
    }

    #[test]
    fn a_vault_url_is_its_own_uri_or_its_name_and_the_suffix() {
        let cloud = Cloud::public();
        for (vault, url) in [
            (Arg::known(Vault::Name("kv1".to_owned())), "https://kv1.vault.azure.net"),
            (Arg::known(Vault::Uri("https://kv2.vault.azure.net".to_owned())), "https://kv2.vault.azure.net"),
            (Arg::Unknown(Origins::of("step.a.b")), "https://(known after step.a.b).vault.azure.net"),
        ] {
            assert_eq!(cloud.vault_url(&vault).to_string(), url);
        }
    }
}
