//! The service that a host belongs to.

use arcbook_engine::step::Audience;
use url::Url;

use super::Cloud;

/// A service of a cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Azure Resource Manager.
    Arm,
    /// The data plane of Key Vault.
    KeyVault,
    /// The blobs of a storage account.
    Blob,
}

/// The suffix of accounts in a DNS zone, keyed by the suffix of all other accounts; `NAME.z07` precedes it.
///
/// Only the public cloud has such zones:
/// <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints>.
const ZONES: [(&str, &str); 1] = [("blob.core.windows.net", "blob.storage.azure.net")];

impl Cloud {
    /// Returns the service at `url`, by host and port alone, or none if it is not a service of this cloud.
    ///
    /// A vault or an account is exactly one label in front of its suffix; an account may be in a zone of its
    /// suffix.
    pub(crate) fn service(&self, url: &Url) -> Option<Service> {
        let authority = authority(url)?;
        let before = |suffix: &str| {
            let suffix = normal(self.scheme(), suffix)?;
            authority.strip_suffix(suffix.as_str())?.strip_suffix('.')
        };
        let below = |suffix: &str| before(suffix).filter(|label| is_label(label));
        let in_zone = |suffix: &str| {
            before(suffix)?.split_once('.').filter(|(name, zone)| is_label(name) && is_zone(zone))
        };
        if Url::parse(&self.arm).ok().and_then(|arm| self::authority(&arm)).as_ref() == Some(&authority) {
            Some(Service::Arm)
        } else if below(&self.vault_suffix).is_some() {
            Some(Service::KeyVault)
        } else if below(&self.blob_suffix).is_some() || self.zone_suffix().and_then(in_zone).is_some() {
            Some(Service::Blob)
        } else {
            None
        }
    }

    /// Returns the suffix of accounts in a DNS zone, if the cloud has zones.
    fn zone_suffix(&self) -> Option<&'static str> {
        ZONES.iter().find(|(suffix, _)| *suffix == self.blob_suffix).map(|(_, zones)| *zones)
    }

    /// Returns all suffixes of accounts' blob endpoints, the usual one first.
    pub(super) fn blob_suffixes(&self) -> Vec<&str> {
        [&*self.blob_suffix].into_iter().chain(self.zone_suffix()).collect()
    }

    /// Returns the service that accepts tokens for `audience`, ignoring case and a trailing slash.
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

    /// Returns the host pattern of `service`, for a message.
    pub(crate) fn hosts(&self, service: Service) -> String {
        match service {
            Service::Arm => self.arm.split_once("://").map_or(&*self.arm, |(_, host)| host).to_owned(),
            Service::KeyVault => format!("*.{}", self.vault_suffix),
            Service::Blob => {
                let zones = self.zone_suffix().map(|suffix| format!(" and *.z##.{suffix}"));
                format!("*.{}{}", self.blob_suffix, zones.unwrap_or_default())
            }
        }
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && !text.contains('.')
}

/// Returns whether a label names a DNS zone: `z` and one or two digits.
fn is_zone(label: &str) -> bool {
    let digits = label.strip_prefix('z').unwrap_or_default();
    (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns host and port of a URL, with an explicit port.
fn authority(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

/// Returns a suffix in the form of [`authority`].
fn normal(scheme: &str, suffix: &str) -> Option<String> {
    authority(&Url::parse(&format!("{scheme}://{suffix}")).ok()?)
}
