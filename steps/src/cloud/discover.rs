//! Discovery of a cloud that is not built in from the metadata of its ARM endpoint.

use arcbook_engine::redact::Secrets;
use arcbook_engine::step::{Audience, Context, ErrorKind, Method, Safety, StepError};
use serde::Deserialize;
use url::Url;

use super::Cloud;
use super::audience::{Hosts, Suffix, Unfit};
use crate::azure::AzureOptions;
use crate::http::{Asked, Client, Peer, Request, RequestRetries, deliver, firewall};
use crate::json::{self, or_empty};

/// The response to `GET {arm}/metadata/endpoints`: one entry per cloud, first the cloud that serves it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default, deserialize_with = "or_empty")]
    name: String,
    #[serde(default)]
    resource_manager: Option<String>,
    authentication: Authentication,
    suffixes: Suffixes,
}

#[derive(Deserialize)]
struct Authentication {
    #[serde(default, deserialize_with = "or_empty")]
    audiences: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Suffixes {
    key_vault_dns: String,
    storage: String,
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

    /// Reads the cloud from a saved response, as `curl {arm}/metadata/endpoints?api-version=2022-09-01`
    /// prints it.
    ///
    /// If the document lists several clouds, the first is used. Nothing is sent.
    pub fn described(document: &[u8]) -> Result<Self, StepError> {
        let document = json::unmarked(document);
        let first = serde_json::from_slice::<Vec<Metadata>>(document)
            .ok()
            .and_then(|clouds| clouds.into_iter().next());
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
        let clouds: Vec<Metadata> =
            serde_json::from_slice(document).map_err(|error| unusable(arm, &error))?;
        let own = |cloud: &Metadata| {
            let url = cloud.resource_manager.as_deref().and_then(|url| Url::parse(url).ok());
            url.is_some_and(|url| url.origin() == arm.origin())
        };
        let metadata = clouds
            .into_iter()
            .find(own)
            .ok_or_else(|| unusable(arm, &"it lists no cloud at this address"))?;
        let origin = arm.origin().ascii_serialization();
        if let Some(known) = Self::BUILT_IN.map(|cloud| cloud()).into_iter().find(|cloud| cloud.arm == origin)
        {
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
        Ok(Self {
            name: metadata.name,
            arm_audience: Audience::new(arm_audience),
            vault_audience: Audience::new(format!("{}://{}", arm.scheme(), vault.text)),
            vault_suffix: vault.text,
            blob_suffix: format!("blob.{}", storage.text),
            storage_audience: Audience::new(format!("{}://storage.{}", arm.scheme(), storage.text)),
            arm: origin,
        })
    }
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

    #[test]
    fn a_cloud_is_read_off_its_metadata() {
        let arm = Url::parse("https://management.localhost:8443").unwrap();
        let document = br#"[{"name":"AzureLab","resourceManager":"https://management.localhost:8443/",
            "authentication":{"audiences":["https://management.core.windows.net/","https://management.localhost:8443/"]},
            "suffixes":{"keyVaultDns":".vault.localhost:8443","storage":"localhost:8443"}}]"#;
        let cloud = Cloud::from_metadata(&arm, document).unwrap();
        assert_eq!(cloud.arm, "https://management.localhost:8443");
        assert_eq!(cloud.arm_audience.as_str(), "https://management.localhost:8443/");
        assert_eq!(cloud.vault_suffix, "vault.localhost:8443");
        assert_eq!(cloud.vault_audience.as_str(), "https://vault.localhost:8443");
        assert_eq!(cloud.blob_suffix, "blob.localhost:8443");
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
            assert_eq!(cloud.arm_audience.as_str(), expected);
            assert_eq!(cloud.storage_audience.as_str(), "https://storage.stack.example");
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
