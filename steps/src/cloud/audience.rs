//! Checks the audiences that a cloud that is not built in may request tokens for.

use std::fmt;

use url::Url;

use crate::names::is_loopback;

/// The domains of Microsoft's own clouds and of Microsoft Graph. A token for a host in one of them is never
/// sent to a cloud that a document describes; the audiences and suffixes of the built-in clouds all lie here.
const MICROSOFT: [&str; 42] = [
    // Domains in which customers have names of their own.
    "azure-api.net",
    "azurecr.io",
    "azuredatabricks.net",
    "azurefd.net",
    "azureedge.net",
    "azure-devices.net",
    "windows.com",
    "azurecontainerapps.io",
    "azureedge.net",
    "azurefd.net",
    "azurestaticapps.net",
    "trafficmanager.net",
    "azurewebsites.net",
    "sharepoint.com",
    "azconfig.io",
    "azuresynapse.net",
    "visualstudio.com",
    "dynamics.com",
    "office.com",
    "office365.com",
    "microsoftonline-p.com",
    // Domains of services.
    "applicationinsights.io",
    "botframework.com",
    "live.com",
    "loganalytics.io",
    "powerapps.com",
    "powerplatform.com",
    "skype.com",
    // The clouds.
    "azure.com",
    "azure.net",
    "windows.net",
    "windowsazure.com",
    "microsoft.com",
    "microsoftonline.com",
    "azure.us",
    "microsoft.us",
    "microsoftonline.us",
    "microsoftazure.us",
    "usgovcloudapi.net",
    "azure.cn",
    "chinacloudapi.cn",
    "partner.microsoftonline.cn",
];

/// The reason why a cloud may not request tokens for an audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// The audience is not an https URL with a plain host; for example, it is the GUID of an application.
    NotUrl,
    /// The audience belongs to Microsoft's own clouds or to Microsoft Graph.
    Microsoft,
    /// The host is neither that of the resource manager nor below a suffix of the cloud.
    ForeignHost,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotUrl => "is not an https URL with a host, so the owner of its tokens is unknown",
            Self::Microsoft => "belongs to Azure or Microsoft Graph, whose tokens are sent to their own hosts only",
            Self::ForeignHost => {
                "is neither the host of the resource manager nor below a suffix of the cloud that contains the resource manager \
                 is below too"
            }
        })
    }
}

/// The hosts that a document claims for its cloud.
pub(super) struct Hosts<'a> {
    /// The resource manager.
    pub arm: &'a Url,
    /// The suffixes of vaults and accounts.
    pub suffixes: [&'a Suffix; 2],
}

/// A host name with an optional port; vaults or accounts have names below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suffix {
    /// The text that URLs are built with.
    pub text: String,
    url: Url,
}

impl Suffix {
    /// Parses the suffix of a document; returns none if it is more than a host and a port, or a whole
    /// top-level domain.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches('.').to_ascii_lowercase();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte);
        if text.is_empty() || !text.bytes().all(plain) {
            return None;
        }
        let url = Url::parse(&format!("https://{text}")).ok()?;
        let is_wide = !host(&url)?.contains('.') && !is_loopback(&url);
        (!is_wide).then_some(Self { text, url })
    }

    /// Returns whether Microsoft owns the suffix.
    pub(super) fn is_of_microsoft(&self) -> bool {
        is_of_microsoft(&self.url)
    }

    fn holds(&self, name: &str) -> bool {
        host(&self.url).is_some_and(|own| is_below(name, &own))
    }
}

impl Hosts<'_> {
    /// Checks that this cloud may request tokens for `audience` and send them to its resource manager.
    pub(super) fn check(&self, audience: &str) -> Result<(), Unfit> {
        let url = plain_url(audience).ok_or(Unfit::NotUrl)?;
        if is_of_microsoft(&url) {
            return Err(Unfit::Microsoft);
        }
        self.own(&url).then_some(()).ok_or(Unfit::ForeignHost)
    }

    /// Returns whether `url` is on the host of the resource manager, or below a suffix that contains both.
    pub(super) fn own(&self, url: &Url) -> bool {
        let (Some(name), Some(arm)) = (host(url), host(self.arm)) else { return false };
        name == arm || self.suffixes.iter().any(|suffix| suffix.holds(&name) && suffix.holds(&arm))
    }
}

/// Returns whether Microsoft owns the host of `url`, on any port.
pub(super) fn is_of_microsoft(url: &Url) -> bool {
    host(url).is_some_and(|host| MICROSOFT.iter().any(|domain| is_below(&host, domain)))
}

/// Parses an audience as a URL; returns none if its host is ambiguous.
pub(super) fn plain_url(audience: &str) -> Option<Url> {
    let url = Url::parse(audience).ok()?;
    let (scheme, rest) = audience.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    let encrypted = scheme.eq_ignore_ascii_case("https") || url.scheme() == "http" && is_loopback(&url);
    (encrypted && authority.bytes().all(good) && !audience.contains('\\')).then_some(url)
}

/// Returns the host in its canonical form for comparison: in lower case, without the root dot.
fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

/// Returns whether `name` is `domain` or a subdomain of it.
fn is_below(name: &str, domain: &str) -> bool {
    name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;

    #[test]
    fn all_that_is_built_in_is_in_the_table() {
        for cloud in Cloud::built_in() {
            let audiences = cloud.services().iter().map(|endpoint| endpoint.audience.as_str());
            for url in audiences.chain([&*cloud.arm()]).chain(cloud.login()) {
                assert!(is_of_microsoft(&Url::parse(url).unwrap()), "{url}");
            }
            for host in cloud.services().iter().flat_map(|endpoint| &endpoint.hosts) {
                assert!(Suffix::parse(host.text()).unwrap().is_of_microsoft(), "{host}");
            }
        }
    }

    #[test]
    fn an_audience_is_of_the_cloud_that_asks_for_it() {
        let arm = Url::parse("https://management.stack.example").unwrap();
        let [vault, storage] =
            ["vault.stack.example", "stack.example"].map(|text| Suffix::parse(text).unwrap());
        let hosts = Hosts { arm: &arm, suffixes: [&vault, &storage] };
        for (audience, expected) in [
            ("https://management.stack.example", Ok(())),
            ("https://MANAGEMENT.stack.example.:443/", Ok(())),
            ("https://management.adfs.stack.example/4de154de-f8a8-4017-af41-df619da68155", Ok(())),
            ("797f4846-ba00-4fd7-ba17-dac1f8f63fcb", Err(Unfit::NotUrl)),
            ("management.stack.example", Err(Unfit::NotUrl)),
            ("api://management.stack.example", Err(Unfit::NotUrl)),
            ("http://management.stack.example", Err(Unfit::NotUrl)),
            ("urn:management.stack.example", Err(Unfit::NotUrl)),
            ("https://graph.microsoft.com@management.stack.example/", Err(Unfit::NotUrl)),
            ("https://graph.microsoft.com\\.stack.example/", Err(Unfit::NotUrl)),
            ("", Err(Unfit::NotUrl)),
            ("https://graph.microsoft.com", Err(Unfit::Microsoft)),
            ("https://GRAPH.microsoft.com.:8443/", Err(Unfit::Microsoft)),
            ("https://graph.windows.net/", Err(Unfit::Microsoft)),
            ("https://microsoftgraph.chinacloudapi.cn", Err(Unfit::Microsoft)),
            ("https://dod-graph.microsoft.us", Err(Unfit::Microsoft)),
            ("https://management.core.windows.net/", Err(Unfit::Microsoft)),
            ("https://ossrdbms-aad.database.windows.net", Err(Unfit::Microsoft)),
            ("https://other.example", Err(Unfit::ForeignHost)),
            ("https://evilstack.example", Err(Unfit::ForeignHost)),
            ("https://stack.example.evil.example", Err(Unfit::ForeignHost)),
        ] {
            assert_eq!(hosts.check(audience), expected, "{audience}");
        }
    }

    /// A suffix under another owner does not make that owner's tokens the cloud's own.
    #[test]
    fn a_suffix_covers_the_resource_manager_too() {
        let arm = Url::parse("https://management.stack.example").unwrap();
        let suffix = Suffix::parse("contoso.com").unwrap();
        let hosts = Hosts { arm: &arm, suffixes: [&suffix, &suffix] };
        assert_eq!(hosts.check("https://api.contoso.com"), Err(Unfit::ForeignHost));
    }

    #[test]
    fn a_suffix_is_a_host_and_a_port() {
        for (text, good) in [
            (".vault.localhost:8443", true),
            ("localhost", true),
            ("STACK.example.", true),
            ("com", false),
            ("", false),
            (".", false),
            ("evil.example/?.vault.azure.net", false),
            ("vault.azure.net@evil.example", false),
            ("evil.example#", false),
            ("a.example:99999", false),
        ] {
            assert_eq!(Suffix::parse(text).is_some(), good, "{text}");
        }
    }
}
