//! A cloud that is not built in tells where its services are.

use arcbook_engine::redact::Secrets;
use arcbook_engine::step::{Audience, Context, ErrorKind, Method, StepError};
use serde::Deserialize;
use url::Url;

use super::Cloud;
use crate::azure::AzureOptions;
use crate::http::{Asked, Attempts, Client, Peer, Request, deliver, firewall};
use crate::json::{self, or_empty};
use crate::names::is_loopback;

/// What `GET {arm}/metadata/endpoints` answers: one entry a cloud, of which the first is the one asked.
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
    /// The path and query that a cloud's ARM endpoint describes the cloud under.
    const METADATA: &str = "/metadata/endpoints?api-version=2022-09-01";

    /// Asks the ARM endpoint at `arm` what cloud it belongs to; no token goes along.
    ///
    /// `options` say how it is reached; their cloud is not looked at.
    pub async fn discover(arm: &str, options: &AzureOptions) -> Result<Self, StepError> {
        let base = arm.trim_end_matches('/');
        let url = firewall::allow(&format!("{base}{}", Self::METADATA), None, &options.cloud).map_err(
            |refusal| {
                StepError::new(ErrorKind::Forbidden, format!("{arm} cannot be asked for its cloud"))
                    .detail(format!("{refusal}."))
                    .help("give the https URL of the cloud's ARM endpoint")
            },
        )?;
        let client = Client::azure(options.trust.clone(), options.environment.clone(), options.limits);
        client.ready().await?;
        let asked = Asked { proxy: client.proxy(&url), ..Asked::new(Peer::Other, Method::Get, &url) };
        let context = Context::new("cloud", "", Secrets::default(), |_| ());
        let mut attempts = Attempts::new(options.policy);
        let request = Request::new(Method::Get, url.clone());
        let answered = deliver(&client, &request, &asked, &mut attempts, &context, None).await;
        let answer = answered.map_err(|failure| asked.error(&failure, &attempts))?;
        Self::from_metadata(&url, &answer.body)
    }

    /// The cloud that a saved answer describes, as `curl {arm}/metadata/endpoints?api-version=2022-09-01` gives it.
    ///
    /// Of several clouds it is the first; nothing is asked.
    pub fn described(document: &[u8]) -> Result<Self, StepError> {
        let document = json::unmarked(document);
        let first = serde_json::from_slice::<Vec<Metadata>>(document)
            .ok()
            .and_then(|clouds| clouds.into_iter().next());
        let arm = first.and_then(|cloud| Url::parse(&cloud.resource_manager?).ok());
        let arm = arm.ok_or_else(|| {
            StepError::new(ErrorKind::Local, "the document does not describe a cloud").help(
                "save what the cloud's ARM endpoint answers to `/metadata/endpoints?api-version=2022-09-01`",
            )
        })?;
        Self::from_metadata(&arm, document)
    }

    /// The cloud whose ARM endpoint, at `arm`, answered `document` to a request for its metadata.
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
            .ok_or_else(|| unusable(arm, &"it lists no cloud with this address"))?;
        let origin = arm.origin().ascii_serialization();
        if let Some(known) = Self::BUILT_IN.map(|cloud| cloud()).into_iter().find(|cloud| cloud.arm == origin)
        {
            return Ok(known);
        }
        let vault = metadata.suffixes.key_vault_dns.trim_matches('.').to_owned();
        let storage = metadata.suffixes.storage.trim_matches('.');
        let here = is_loopback(arm) && [&*vault, storage].into_iter().all(is_here);
        let arm_audience = audience(&metadata.authentication.audiences, arm, &origin);
        // A token of Azure is for the hosts of Azure, whatever a document says; only on this machine, where a lab
        // stands in for Azure, may it go elsewhere.
        if !here && is_of_azure(&arm_audience) {
            return Err(unusable(arm, &format!("tokens for {arm_audience} are for another cloud")));
        }
        let storage_audience =
            if here { "https://storage.azure.com".to_owned() } else { format!("https://storage.{storage}") };
        Ok(Self {
            name: metadata.name,
            arm_audience: Audience::new(arm_audience),
            vault_audience: Audience::new(format!("{}://{vault}", arm.scheme())),
            vault_suffix: vault,
            blob_suffix: format!("blob.{storage}"),
            storage_audience: Audience::new(storage_audience),
            arm: origin,
        })
    }
}

/// Whether a suffix is of names on this machine.
fn is_here(suffix: &str) -> bool {
    Url::parse(&format!("https://name.{suffix}")).is_ok_and(|url| is_loopback(&url))
}

/// Whether tokens for `audience` are good for one of the built-in clouds.
fn is_of_azure(audience: &str) -> bool {
    let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
    let old = ["https://management.core.windows.net", "https://management.core.chinacloudapi.cn"];
    let clouds = Cloud::BUILT_IN.map(|cloud| cloud());
    let known = clouds.iter().flat_map(|cloud| {
        [
            &cloud.arm,
            cloud.arm_audience.as_str(),
            cloud.vault_audience.as_str(),
            cloud.storage_audience.as_str(),
        ]
    });
    known.chain(old).any(|known| host(known) == host(audience))
}

/// Of the audiences that ARM takes, the one that names its own host; else the first.
fn audience(audiences: &[String], arm: &Url, origin: &str) -> String {
    let own = |audience: &&String| Url::parse(audience).is_ok_and(|url| url.host() == arm.host());
    let chosen = audiences.iter().find(own).or(audiences.first()).cloned();
    chosen.unwrap_or_else(|| origin.to_owned())
}

fn unusable(arm: &Url, reason: &dyn std::fmt::Display) -> StepError {
    StepError::new(ErrorKind::Answer, format!("{arm} does not describe its cloud"))
        .detail(format!("The answer to {} cannot be used: {reason}.", Cloud::METADATA))
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

    #[test]
    fn no_document_leads_tokens_of_azure_elsewhere() {
        let document = |arm: &str, audience: &str, suffix: &str| {
            format!(
                r#"[{{"name":"x","resourceManager":"{arm}","authentication":{{"audiences":["{audience}"]}},
                "suffixes":{{"keyVaultDns":"vault.{suffix}","storage":"{suffix}"}}}}]"#
            )
        };
        let read = |arm: &str, audience: &str, suffix: &str| {
            Cloud::from_metadata(&Url::parse(arm).unwrap(), document(arm, audience, suffix).as_bytes())
        };
        for audience in [
            "https://management.azure.com/",
            "https://MANAGEMENT.core.windows.net",
            "https://vault.azure.net",
        ] {
            assert!(read("https://evil.example", audience, "evil.example").is_err(), "{audience}");
            // A lab on this machine that leads elsewhere is none.
            assert!(read("https://management.localhost:1", audience, "evil.example").is_err(), "{audience}");
        }
        let stack =
            read("https://management.stack.example", "https://management.stack.test/1", "stack.example")
                .unwrap();
        assert_eq!(stack.storage_audience.as_str(), "https://storage.stack.example");
        let azure = read("https://management.azure.com", "https://evil.example", "evil.example").unwrap();
        assert_eq!(azure, Cloud::public());
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
