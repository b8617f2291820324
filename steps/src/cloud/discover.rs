//! Discovery of a cloud that is not built in from the metadata of its ARM endpoint.

use arcbook_engine::redact::Secrets;
use arcbook_engine::step::{Audience, Context, ErrorKind, Method, Safety, StepError};
use serde::Deserialize;
use url::Url;

use super::audience::{Hosts, Suffix, Unfit, is_of_microsoft, plain_url};
use super::{Cloud, Host, Service};
use crate::azure::AzureOptions;
use crate::http::{Asked, Client, Peer, Request, RequestRetries, deliver, firewall};
use crate::json::{self, or_empty};

/// A cloud in the response to `GET {arm}/metadata/endpoints`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default, deserialize_with = "or_empty")]
    name: String,
    #[serde(default)]
    resource_manager: Option<String>,
    #[serde(default)]
    microsoft_graph_resource_id: Option<String>,
    #[serde(default)]
    ossr_dbms_resource_id: Option<String>,
    authentication: Authentication,
    suffixes: Suffixes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    #[serde(default, deserialize_with = "or_empty")]
    audiences: Vec<String>,
    #[serde(default)]
    login_endpoint: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Suffixes {
    key_vault_dns: String,
    storage: String,
    #[serde(default)]
    postgresql_server_endpoint: Option<String>,
}

impl Cloud {
    /// The path and query of a cloud's metadata on its ARM endpoint.
    const METADATA: &str = "/metadata/endpoints?api-version=2022-09-01";

    /// Discovers the cloud of the ARM endpoint at `arm`, without sending a token.
    ///
    /// `options` supply proxies, certificates and limits; their cloud is ignored.
    pub async fn discover(arm: &str, options: &AzureOptions) -> Result<Self, StepError> {
        let refused = |reason: &dyn std::fmt::Display| {
            StepError::new(ErrorKind::Forbidden, format!("{} cannot be used to discover a cloud", shown(arm)))
                .detail(format!("{reason}."))
                .help("use the https URL of the cloud's ARM endpoint, such as `https://management.example`")
        };
        if arm.contains(['@', '?', '#']) {
            return Err(refused(&"the URL must not contain a user, password, query or fragment"));
        }
        let base = arm.trim_end_matches('/');
        let url = firewall::allow(&format!("{base}{}", Self::METADATA), None, &options.cloud)
            .map_err(|refusal| refused(&refusal))?;
        let client = Client::azure(options.trust.clone(), options.environment.clone(), options.limits);
        client.ready().await?;
        let below = if url.path() == "/metadata/endpoints" { "" } else { "/…" };
        let asked = Asked {
            url: format!("{}{below}{}", url.origin().ascii_serialization(), Self::METADATA),
            proxy: client.proxy(&url),
            ..Asked::new(Peer::Other, Method::Get, &url)
        };
        let context = Context::new("cloud", "", Secrets::default(), |_| ());
        let mut attempts = RequestRetries::new(options.policy, Safety::Reads);
        let request = Request::new(Method::Get, url.clone());
        let answered = deliver(&client, &request, &asked, &mut attempts, &context, None).await;
        let response = answered.map_err(|failure| asked.error(&failure, &attempts))?;
        Self::from_metadata(&url, &response.body)
    }

    /// Returns the cloud of the ARM endpoint at `arm` as far as the URL alone tells it: only that endpoint is known. None
    /// unless `arm` is a URL.
    pub fn undiscovered(arm: &str) -> Option<Self> {
        let url = Url::parse(arm).ok().filter(Url::has_host)?;
        let origin = url.origin().ascii_serialization();
        Some(Self::new(url.host_str().unwrap_or_default(), &origin, Audience::new(origin.as_str())))
    }

    /// Reads the cloud from a saved response, as `curl {arm}/metadata/endpoints?api-version=2022-09-01`
    /// prints it.
    ///
    /// If the document lists several clouds, as older versions do, the first is used. Nothing is sent.
    pub fn described(document: &[u8]) -> Result<Self, StepError> {
        let first = clouds(document).ok().and_then(|clouds| clouds.into_iter().next());
        let arm = first.and_then(|cloud| Url::parse(&cloud.resource_manager?).ok());
        let arm = arm.ok_or_else(|| {
            StepError::new(ErrorKind::Local, "the document does not describe a cloud").help(
                "save the response of the cloud's ARM endpoint to `GET /metadata/endpoints?api-version=2022-09-01`",
            )
        })?;
        Self::from_metadata(&arm, document)
    }

    /// Returns the cloud of the ARM endpoint at `arm` from `document`, its metadata response.
    fn from_metadata(arm: &Url, document: &[u8]) -> Result<Self, StepError> {
        let clouds = clouds(document).map_err(|error| unusable(arm, &error))?;
        let own = |cloud: &Metadata| {
            let url = cloud.resource_manager.as_deref().and_then(|url| Url::parse(url).ok());
            url.is_some_and(|url| url.origin() == arm.origin())
        };
        let metadata = clouds
            .into_iter()
            .find(own)
            .ok_or_else(|| unusable(arm, &"it lists no cloud at this address"))?;
        let origin = arm.origin().ascii_serialization();
        if let Some(known) = Self::built_in().find(|cloud| cloud.arm() == origin) {
            return Ok(known);
        }
        let suffix = |name: &str, text: &str| {
            let usable = Suffix::parse(text).filter(|suffix| !suffix.is_of_microsoft());
            usable.ok_or_else(|| {
                unusable(arm, &format!("its suffix of {name} does not belong to it: `{text}`"))
            })
        };
        let vault = suffix("vaults", &metadata.suffixes.key_vault_dns)?;
        let storage = suffix("storage accounts", &metadata.suffixes.storage)?;
        let hosts = Hosts { arm, suffixes: [&vault, &storage] };
        let arm_audience = audience(&metadata.authentication.audiences, &hosts, &origin)
            .map_err(|(audience, unfit)| unusable(arm, &format!("the audience `{audience}` {unfit}")))?;
        let own = |host: &str| Audience::new(format!("{}://{host}", arm.scheme()));
        let blobs = Host::Below(format!("blob.{}", storage.text));
        let cloud = Self::new(&metadata.name, &origin, Audience::new(arm_audience))
            .serving(Service::KeyVault, own(&vault.text), [Host::Below(vault.text.clone())])
            .serving(Service::Blob, own(&format!("storage.{}", storage.text)), [blobs]);
        Ok(cloud.with_described(&metadata, &hosts))
    }

    /// Adds what a document may leave out; an entry that is not the cloud's own counts as left out.
    fn with_described(mut self, metadata: &Metadata, hosts: &Hosts<'_>) -> Self {
        if let Some(login) =
            metadata.authentication.login_endpoint.as_deref().and_then(|url| login(url, hosts))
        {
            self = self.logging_in_at(&login);
        }
        let fit =
            |audience: &Option<String>| audience.clone().filter(|audience| hosts.check(audience).is_ok());
        if let Some(graph) = fit(&metadata.microsoft_graph_resource_id)
            && let Ok(url) = Url::parse(&graph)
        {
            let authority = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
            self = self.serving(Service::Graph, Audience::new(graph), [Host::Exact(authority)]);
        }
        let databases = metadata.suffixes.postgresql_server_endpoint.as_deref().and_then(Suffix::parse);
        let databases = databases.filter(|suffix| !suffix.is_of_microsoft());
        if let (Some(audience), Some(suffix)) = (fit(&metadata.ossr_dbms_resource_id), databases) {
            self = self.serving(Service::Postgres, Audience::new(audience), [Host::Below(suffix.text)]);
        }
        self
    }
}

/// Reads the clouds of a response: one object since the version 2022-09-01, before it a list that starts with the cloud
/// that serves it.
fn clouds(document: &[u8]) -> serde_json::Result<Vec<Metadata>> {
    let document = json::unmarked(document);
    if document.trim_ascii_start().starts_with(b"{") {
        return serde_json::from_slice(document).map(|cloud| vec![cloud]);
    }
    serde_json::from_slice(document)
}

/// Returns the base URL of Entra for the cloud of `hosts`: on its own hosts, or Microsoft's, which keeps a secret
/// that it does not know.
///
/// A path, such as the `/adfs` of AD FS, is that of another kind of server.
fn login(text: &str, hosts: &Hosts<'_>) -> Option<String> {
    let url = plain_url(text).filter(|url| url.path() == "/" && url.query().is_none())?;
    if url.port().is_none() && url.scheme() == "https" {
        let built_in = Cloud::built_in_login(url.host_str()?);
        if let Some(built_in) = built_in {
            return Some(built_in.to_owned());
        }
    }
    let is_own = !is_of_microsoft(&url) && hosts.own(&url);
    is_own.then(|| url.origin().ascii_serialization())
}

/// Returns the first of ARM's audiences that tokens may be requested for; audiences on its own host come
/// first, and its own URL is the default. Fails with the first audience and the reason against it if none is
/// allowed.
fn audience(named: &[String], hosts: &Hosts<'_>, origin: &str) -> Result<String, (String, Unfit)> {
    let is_own = |audience: &&String| Url::parse(audience).is_ok_and(|url| url.host() == hosts.arm.host());
    let origin = origin.to_owned();
    let in_order = named.iter().filter(is_own).chain(named.iter());
    let in_order = in_order.chain(named.is_empty().then_some(&origin));
    let mut refused = None;
    for audience in in_order {
        match hosts.check(audience) {
            Ok(()) => return Ok(audience.clone()),
            Err(unfit) => refused = refused.or(Some((audience.clone(), unfit))),
        }
    }
    Err(refused.unwrap_or((origin, Unfit::NotUrl)))
}

/// Returns scheme, host and port of a URL, without any part that may be secret.
fn shown(url: &str) -> String {
    let origin = Url::parse(url).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    origin.map_or_else(|| "the address".to_owned(), |origin| origin.ascii_serialization())
}

fn unusable(arm: &Url, reason: &dyn std::fmt::Display) -> StepError {
    StepError::new(ErrorKind::Answer, format!("{} does not describe its cloud", shown(arm.as_str())))
        .detail(format!("The response to {} cannot be used: {reason}.", Cloud::METADATA))
        .help("check that the address is the cloud's ARM endpoint")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Endpoint;

    #[test]
    fn a_cloud_is_read_off_its_metadata() {
        let arm = Url::parse("https://management.localhost:8443").unwrap();
        let document = r#"{"name":"AzureLab","resourceManager":"https://management.localhost:8443/",
            "authentication":{"audiences":["https://management.core.windows.net/","https://management.localhost:8443/"]},
            "suffixes":{"keyVaultDns":".vault.localhost:8443","storage":"localhost:8443"}}"#;
        let cloud = Cloud::from_metadata(&arm, document.as_bytes()).unwrap();
        for same in [format!("[{document}]"), format!("\u{feff}\r\n{document}")] {
            assert_eq!(Cloud::from_metadata(&arm, same.as_bytes()).unwrap(), cloud, "{same}");
            assert_eq!(Cloud::described(same.as_bytes()).unwrap(), cloud, "{same}");
        }
        assert_eq!(cloud.arm(), "https://management.localhost:8443");
        assert_eq!(cloud.audience(Service::Arm).as_str(), "https://management.localhost:8443/");
        assert_eq!(cloud.suffix(Service::KeyVault), "vault.localhost:8443");
        assert_eq!(cloud.audience(Service::KeyVault).as_str(), "https://vault.localhost:8443");
        assert_eq!(cloud.suffix(Service::Blob), "blob.localhost:8443");
        assert_eq!((cloud.login(), cloud.endpoint(Service::Graph)), (None, None));
    }

    fn described(more: &str, suffixes: &str, login: &str) -> Cloud {
        let document = format!(
            r#"[{{"name":"x","resourceManager":"https://management.stack.example",{more}
            "authentication":{{"audiences":[],"loginEndpoint":"{login}"}},
            "suffixes":{{{suffixes}"keyVaultDns":"vault.stack.example","storage":"stack.example"}}}}]"#
        );
        Cloud::described(document.as_bytes()).unwrap()
    }

    #[test]
    fn only_a_login_host_that_may_see_a_secret_is_used() {
        for (login, expected) in [
            ("https://login.stack.example/", Some("https://login.stack.example")),
            ("https://login.stack.example:8443", Some("https://login.stack.example:8443")),
            ("https://login.microsoftonline.com/", Some("https://login.microsoftonline.com")),
            ("https://login.windows.net", Some("https://login.microsoftonline.com")),
            ("https://login.partner.microsoftonline.cn", Some("https://login.chinacloudapi.cn")),
            ("https://login.microsoftonline.com:8443", None),
            ("https://evil.azurewebsites.net", None),
            ("https://login.evil.example", None),
            ("https://login.stack.example.evil.example", None),
            ("https://login.stack.example@evil.example", None),
            ("http://login.stack.example", None),
            ("https://adfs.stack.example/adfs", None),
            ("https://login.stack.example/?x", None),
            ("", None),
        ] {
            assert_eq!(described("", "", login).login(), expected, "{login}");
        }
    }

    #[test]
    fn more_services_are_read_as_far_as_they_are_the_clouds_own() {
        let (graph, databases) = ("microsoftGraphResourceId", "ossrDbmsResourceId");
        for (key, audience, suffix, service, hosts) in [
            (graph, "https://graph.stack.example/", "", Service::Graph, Some("graph.stack.example")),
            (graph, "https://graph.stack.example:8443", "", Service::Graph, Some("graph.stack.example:8443")),
            (graph, "https://graph.microsoft.com/", "", Service::Graph, None),
            (graph, "https://evil.example", "", Service::Graph, None),
            (graph, "00000003-0000-0000-c000-000000000000", "", Service::Graph, None),
            (
                databases,
                "https://db.stack.example",
                "pg.stack.example",
                Service::Postgres,
                Some("*.pg.stack.example"),
            ),
            (databases, "https://db.stack.example", "postgres.database.azure.com", Service::Postgres, None),
            (
                databases,
                "https://ossrdbms-aad.database.windows.net",
                "pg.stack.example",
                Service::Postgres,
                None,
            ),
            (databases, "https://db.stack.example", "", Service::Postgres, None),
        ] {
            let suffix = format!(r#""postgresqlServerEndpoint":"{suffix}","#);
            let cloud = described(&format!(r#""{key}":"{audience}","#), &suffix, "");
            assert_eq!(cloud.endpoint(service).map(Endpoint::told).as_deref(), hosts, "{audience}");
        }
    }

    fn read(arm: &str, audiences: &str, suffix: &str) -> Result<Cloud, StepError> {
        let document = format!(
            r#"[{{"name":"x","resourceManager":"{arm}","authentication":{{"audiences":[{audiences}]}},
            "suffixes":{{"keyVaultDns":"vault.{suffix}","storage":"{suffix}"}}}}]"#
        );
        Cloud::described(document.as_bytes())
    }

    #[test]
    fn no_document_leads_tokens_of_azure_elsewhere() {
        let evil = ("https://evil.example", "evil.example");
        let lab = ("https://management.localhost:1", "localhost:1");
        for (arm, suffix) in [evil, lab] {
            for audience in [
                r#""https://management.azure.com/""#,
                r#""https://MANAGEMENT.core.windows.net""#,
                r#""https://vault.azure.net.:443""#,
                r#""797f4846-ba00-4fd7-ba17-dac1f8f63fcb""#,
                r#""https://graph.microsoft.com""#,
                r#""https://graph.microsoft.us", "00000003-0000-0000-c000-000000000000""#,
                r#""https://somebody.example""#,
                r#""""#,
            ] {
                let error = read(arm, audience, suffix).expect_err(audience);
                assert!(format!("{error:?}").contains("the audience `"), "{error:?}");
            }
        }
        for (arm, suffix) in [
            ("https://management.azure.com:8443", "evil.example"),
            ("https://management.azure.com.", "evil.example"),
            ("https://management.evil.example", "azure.net"),
            ("https://management.evil.example", "core.windows.net."),
            ("https://management.evil.example", "example/?x"),
            ("https://management.evil.example", "azure.net@evil.example"),
        ] {
            assert!(read(arm, "", suffix).is_err(), "{arm} {suffix}");
        }
        // The built-in cloud of Azure's own resource manager takes precedence over the document.
        let azure =
            read("https://management.azure.com", r#""https://evil.example""#, "evil.example").unwrap();
        assert_eq!(azure, Cloud::public());
    }

    #[test]
    fn a_cloud_has_its_own_audience() {
        let own = "https://management.stack.example/4de154de";
        for (audiences, expected) in [
            (format!(r#""{own}""#), own),
            (format!(r#""https://management.azure.com/","{own}""#), own),
            (r#""https://adfs.stack.example/x""#.to_owned(), "https://adfs.stack.example/x"),
            (String::new(), "https://management.stack.example"),
        ] {
            let cloud = read("https://management.stack.example/", &audiences, "stack.example").unwrap();
            assert_eq!(cloud.audience(Service::Arm).as_str(), expected);
            assert_eq!(cloud.audience(Service::Blob).as_str(), "https://storage.stack.example");
        }
    }

    #[tokio::test]
    async fn an_address_that_may_hold_a_secret_is_neither_asked_nor_shown() {
        let options = AzureOptions::new(crate::environment::Environment::default());
        for (arm, expected) in [
            ("https://user:hunter2@host.invalid", "https://host.invalid cannot"),
            ("https://hunter2@host.invalid:8443/", "https://host.invalid:8443 cannot"),
            ("https://host.invalid/?code=hunter2", "https://host.invalid cannot"),
            ("https://host.invalid?hunter2", "https://host.invalid cannot"),
            ("https://host.invalid/#hunter2", "https://host.invalid cannot"),
            ("http://host.invalid/hunter2", "http://host.invalid cannot"),
            ("https://user:hunter2@host.invalid:port", "the address cannot"),
            ("https:user:hunter2@host.invalid", "https://host.invalid cannot"),
            ("data:hunter2", "the address cannot"),
            ("hunter2", "the address cannot"),
        ] {
            let error = Cloud::discover(arm, &options).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Forbidden, "{arm}");
            assert!(error.summary().starts_with(expected), "{arm}: {error:?}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        let arm = Url::parse("https://user:hunter2@host.invalid:1/hunter2?hunter2").unwrap();
        let error = Cloud::from_metadata(&arm, b"[]").unwrap_err();
        assert!(error.summary().starts_with("https://host.invalid:1 does not"), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }

    #[test]
    fn what_is_no_metadata_is_said_to_be_none() {
        let arm = Url::parse("https://example.com").unwrap();
        for document in [&b"<html>"[..], b"[]", b"{}", b"[{\"name\":\"x\"}]"] {
            let error = Cloud::from_metadata(&arm, document).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Answer);
            assert!(!error.remedies().is_empty());
        }
    }
}
