//! One cloud.

use arcbook_engine::step::{Arg, Audience, Text};

use super::Service;
use crate::names::{Account, Vault};

/// A cloud: the addresses of its services and the audiences that they accept tokens for.
///
/// The three built-in clouds are constants of Azure; any other is [discovered](Cloud::discover) from its ARM
/// endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The name, such as `AzureCloud`.
    pub name: String,
    /// Base URL of ARM, without a trailing slash.
    pub arm: String,
    /// The audience of tokens for ARM.
    pub arm_audience: Audience,
    /// The DNS suffix of vaults, with the port unless it is the scheme's default.
    pub vault_suffix: String,
    /// The audience of tokens for Key Vault.
    pub vault_audience: Audience,
    /// The DNS suffix of storage accounts' blob endpoints, with the port unless it is the scheme's default.
    pub blob_suffix: String,
    /// The audience of tokens for storage.
    pub storage_audience: Audience,
}

impl Cloud {
    /// All built-in clouds.
    pub(super) const BUILT_IN: [fn() -> Self; 3] = [Self::public, Self::us_government, Self::china];

    /// Returns Azure's public cloud.
    #[must_use]
    pub fn public() -> Self {
        Self::built_in(
            "AzureCloud",
            ["https://management.azure.com"; 2],
            "vault.azure.net",
            "blob.core.windows.net",
        )
    }

    /// Returns Azure Government of the United States.
    #[must_use]
    pub fn us_government() -> Self {
        Self::built_in(
            "AzureUSGovernment",
            ["https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net"],
            "vault.usgovcloudapi.net",
            "blob.core.usgovcloudapi.net",
        )
    }

    /// Returns Azure in China, operated by 21Vianet.
    #[must_use]
    pub fn china() -> Self {
        Self::built_in(
            "AzureChinaCloud",
            ["https://management.chinacloudapi.cn"; 2],
            "vault.azure.cn",
            "blob.core.chinacloudapi.cn",
        )
    }

    /// Returns the built-in cloud with this name, as the Azure CLI or the Arc agent spells it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "azurecloud" | "azurepubliccloud" => Some(Self::public()),
            "azureusgovernment" | "azureusgovernmentcloud" => Some(Self::us_government()),
            "azurechinacloud" => Some(Self::china()),
            _ => None,
        }
    }

    fn built_in(name: &str, [arm, arm_audience]: [&str; 2], vault_suffix: &str, blob_suffix: &str) -> Self {
        Self {
            name: name.to_owned(),
            arm: arm.to_owned(),
            arm_audience: Audience::new(arm_audience),
            vault_suffix: vault_suffix.to_owned(),
            vault_audience: Audience::new(format!("https://{vault_suffix}")),
            blob_suffix: blob_suffix.to_owned(),
            // No known cloud uses another audience.
            storage_audience: Audience::new("https://storage.azure.com"),
        }
    }

    /// Returns whether this is one of the built-in clouds.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        Self::BUILT_IN.iter().any(|cloud| cloud() == *self)
    }

    /// Returns the host patterns that requests and tokens are sent to; `*` is the name of a vault or an
    /// account.
    #[must_use]
    pub fn all_hosts(&self) -> [String; 3] {
        [Service::Arm, Service::KeyVault, Service::Blob].map(|service| self.hosts(service))
    }

    /// Returns the base URL of a vault whose name may be unknown until apply.
    #[must_use]
    pub fn vault_url(&self, vault: &Arg<Vault>) -> Text {
        match vault {
            Arg::Unknown(_) => self.unknown_host(vault, &[&self.vault_suffix]),
            Arg::Partial(text) => self.partial_host(text, &self.vault_suffix),
            Arg::Known { .. } => Text::new().then_arg(vault, |vault| match vault {
                Vault::Name(name) => format!("{}://{name}.{}", self.scheme(), self.vault_suffix),
                Vault::Uri(uri) => uri.clone(),
            }),
        }
    }

    /// Returns the base URL of a storage account's blobs; the account may be unknown until apply.
    #[must_use]
    pub fn blob_url(&self, account: &Arg<Account>) -> Text {
        match account {
            Arg::Unknown(_) => self.unknown_host(account, &self.blob_suffixes()),
            Arg::Partial(text) => self.partial_host(text, &self.blob_suffix),
            Arg::Known { .. } => Text::new().then_arg(account, |account| match account {
                Account::Name(name) => format!("{}://{name}.{}", self.scheme(), self.blob_suffix),
                Account::Endpoint(endpoint) => endpoint.clone(),
            }),
        }
    }

    /// Returns the base URL for a text of which parts are known: a URL, or the name before the suffix.
    fn partial_host(&self, text: &Text, suffix: &str) -> Text {
        let is_url = text.fill(|_| Some("")).is_some_and(|known| known.starts_with("https://"));
        if is_url {
            return text.clone();
        }
        Text::from(self.scheme()).then("://").then_text(text).then(".").then(suffix)
    }

    fn unknown_host<T>(&self, name: &Arg<T>, suffixes: &[&str]) -> Text {
        Text::from(self.scheme())
            .then("://")
            .then_arg(name, |_| String::new())
            .then(".")
            .then_one_of(suffixes)
    }

    /// Returns `https`, or `http` for a lab without TLS.
    pub(super) fn scheme(&self) -> &str {
        self.arm.split_once("://").map_or("https", |(scheme, _)| scheme)
    }
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::Syntax;
    use arcbook_engine::value::Origins;

    use super::*;

    #[test]
    fn clouds_go_by_the_names_of_the_cli_and_of_the_agent() {
        for (name, arm) in [
            ("AzureCloud", "https://management.azure.com"),
            ("azurepubliccloud", "https://management.azure.com"),
            ("AzureUSGovernment", "https://management.usgovcloudapi.net"),
            ("AzureChinaCloud", "https://management.chinacloudapi.cn"),
        ] {
            assert_eq!(Cloud::named(name).unwrap().arm, arm, "{name}");
        }
        assert_eq!(Cloud::named("AzureGermanCloud"), None);
    }

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
