//! Which service a host belongs to.

use arcbook_engine::step::Audience;
use url::Url;

use super::Cloud;

/// A service of a cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Azure Resource Manager.
    Arm,
    /// The data side of a key vault.
    KeyVault,
    /// The blobs of a storage account.
    Blob,
}

impl Cloud {
    /// The service at `url`, by host and port alone; none when it is not one of this cloud.
    ///
    /// A vault or an account is exactly one label in front of its suffix.
    pub(crate) fn service(&self, url: &Url) -> Option<Service> {
        let authority = authority(url)?;
        let below = |suffix: &str| {
            let suffix = normal(self.scheme(), suffix)?;
            let label = authority.strip_suffix(suffix.as_str())?.strip_suffix('.')?;
            (!label.is_empty() && !label.contains('.')).then_some(())
        };
        if Url::parse(&self.arm).ok().and_then(|arm| self::authority(&arm)).as_ref() == Some(&authority) {
            Some(Service::Arm)
        } else if below(&self.vault_suffix).is_some() {
            Some(Service::KeyVault)
        } else if below(&self.blob_suffix).is_some() {
            Some(Service::Blob)
        } else {
            None
        }
    }

    /// The service that takes tokens for `audience`; a slash at the end and case make no difference.
    pub(crate) fn service_for(&self, audience: &Audience) -> Option<Service> {
        let plain = |audience: &Audience| audience.as_str().trim_end_matches('/').to_ascii_lowercase();
        let audience = plain(audience);
        [
            (Service::Arm, &self.arm_audience),
            (Service::KeyVault, &self.vault_audience),
            (Service::Blob, &self.storage_audience),
        ]
        .into_iter()
        .find_map(|(service, own)| (plain(own) == audience).then_some(service))
    }

    /// Whose hosts belong to `service`, for a message.
    pub(crate) fn hosts(&self, service: Service) -> String {
        match service {
            Service::Arm => self.arm.split_once("://").map_or(&*self.arm, |(_, host)| host).to_owned(),
            Service::KeyVault => format!("*.{}", self.vault_suffix),
            Service::Blob => format!("*.{}", self.blob_suffix),
        }
    }
}

/// Host and port as one text, the port always there.
fn authority(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

/// A suffix as [`authority`] writes it.
fn normal(scheme: &str, suffix: &str) -> Option<String> {
    authority(&Url::parse(&format!("{scheme}://{suffix}")).ok()?)
}
