//! The clouds that Microsoft and 21Vianet operate for everyone, as data.

use arcbook_engine::step::Audience;

use super::{Cloud, Host, Service};

/// The facts of a cloud, as `az cloud show` and the endpoints of its ARM tell them.
struct Facts {
    name: &'static str,
    /// The names that the Azure CLI and the Arc agent use, in lower case.
    names: &'static [&'static str],
    login: &'static str,
    /// Other names of the host of `login`.
    login_aliases: &'static [&'static str],
    arm: &'static str,
    arm_audience: &'static str,
    /// Other names of that audience.
    arm_aliases: &'static [&'static str],
    vaults: &'static str,
    blobs: &'static str,
    /// The suffix of accounts in DNS zones.
    zones: Option<&'static str>,
    graph: &'static str,
    databases: &'static str,
    database_audience: &'static str,
    /// The suffixes of virtual endpoints, which follow the primary server of a set of replicas.
    virtual_databases: &'static [&'static str],
}

const PUBLIC: Facts = Facts {
    name: "AzureCloud",
    names: &["azurecloud", "azurepubliccloud"],
    login: "https://login.microsoftonline.com",
    login_aliases: &["login.microsoft.com", "login.windows.net"],
    arm: "https://management.azure.com",
    arm_audience: "https://management.azure.com",
    arm_aliases: &["https://management.core.windows.net", ARM_APPLICATION],
    vaults: "vault.azure.net",
    blobs: "blob.core.windows.net",
    // <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints>
    zones: Some("blob.storage.azure.net"),
    graph: "graph.microsoft.com",
    databases: "postgres.database.azure.com",
    database_audience: "https://ossrdbms-aad.database.windows.net",
    virtual_databases: &["writer.postgres.database.azure.com", "reader.postgres.database.azure.com"],
};

const US_GOVERNMENT: Facts = Facts {
    name: "AzureUSGovernment",
    names: &["azureusgovernment", "azureusgovernmentcloud"],
    login: "https://login.microsoftonline.us",
    login_aliases: &[],
    arm: "https://management.usgovcloudapi.net",
    arm_audience: "https://management.core.usgovcloudapi.net",
    arm_aliases: &["https://management.usgovcloudapi.net", ARM_APPLICATION],
    vaults: "vault.usgovcloudapi.net",
    blobs: "blob.core.usgovcloudapi.net",
    zones: None,
    graph: "graph.microsoft.us",
    databases: "postgres.database.usgovcloudapi.net",
    database_audience: "https://ossrdbms-aad.database.usgovcloudapi.net",
    virtual_databases: &[],
};

const CHINA: Facts = Facts {
    name: "AzureChinaCloud",
    names: &["azurechinacloud"],
    login: "https://login.chinacloudapi.cn",
    login_aliases: &["login.partner.microsoftonline.cn"],
    arm: "https://management.chinacloudapi.cn",
    arm_audience: "https://management.chinacloudapi.cn",
    arm_aliases: &["https://management.core.chinacloudapi.cn", ARM_APPLICATION],
    vaults: "vault.azure.cn",
    blobs: "blob.core.chinacloudapi.cn",
    zones: None,
    graph: "microsoftgraph.chinacloudapi.cn",
    databases: "postgres.database.chinacloudapi.cn",
    database_audience: "https://ossrdbms-aad.database.chinacloudapi.cn",
    virtual_databases: &[],
};

/// The ids of Microsoft's applications, which are names of their audiences too.
const ARM_APPLICATION: &str = "797f4846-ba00-4fd7-ba17-dac1f8f63fcb";
const VAULT_APPLICATION: &str = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093";
const STORAGE_APPLICATION: &str = "e406a681-f3d4-42a8-90b6-c2b029497af1";
const GRAPH_APPLICATION: &str = "00000003-0000-0000-c000-000000000000";
const DATABASE_APPLICATION: &str = "123cd850-d9df-40bd-94d5-c9f07b7fa203";

/// The port of the connection pool that a database server brings along, beside that of the server itself.
const POOL: u16 = 6432;

impl Facts {
    fn cloud(&self) -> Cloud {
        let blobs = [Host::Below(self.blobs.to_owned())];
        let zones = self.zones.map(|suffix| Host::InZone(suffix.to_owned()));
        let databases = [self.databases].into_iter().chain(self.virtual_databases.iter().copied());
        let databases = databases.flat_map(|suffix| [suffix.to_owned(), format!("{suffix}:{POOL}")]);
        Cloud::new(self.name, self.arm, Audience::new(self.arm_audience))
            .logging_in_at(self.login)
            .serving(
                Service::KeyVault,
                Audience::new(format!("https://{}", self.vaults)),
                [Host::Below(self.vaults.to_owned())],
            )
            // No known cloud uses another audience.
            .serving(
                Service::Blob,
                Audience::new("https://storage.azure.com"),
                blobs.into_iter().chain(zones),
            )
            .serving(
                Service::Graph,
                Audience::new(format!("https://{}", self.graph)),
                [Host::Exact(self.graph.to_owned())],
            )
            .serving(Service::Postgres, Audience::new(self.database_audience), databases.map(Host::Below))
            .known_as(Service::Arm, self.arm_aliases)
            .known_as(Service::KeyVault, &[VAULT_APPLICATION])
            .known_as(Service::Blob, &[STORAGE_APPLICATION])
            .known_as(Service::Graph, &[GRAPH_APPLICATION])
            .known_as(Service::Postgres, &[DATABASE_APPLICATION])
    }
}

impl Cloud {
    const FACTS: [&Facts; 3] = [&PUBLIC, &US_GOVERNMENT, &CHINA];

    /// Returns all built-in clouds.
    pub(super) fn built_in() -> impl Iterator<Item = Self> {
        Self::FACTS.into_iter().map(Facts::cloud)
    }

    /// Returns Azure's public cloud.
    #[must_use]
    pub fn public() -> Self {
        PUBLIC.cloud()
    }

    /// Returns Azure Government of the United States.
    #[must_use]
    pub fn us_government() -> Self {
        US_GOVERNMENT.cloud()
    }

    /// Returns Azure in China, operated by 21Vianet.
    #[must_use]
    pub fn china() -> Self {
        CHINA.cloud()
    }

    /// Returns the built-in cloud with this name, as the Azure CLI or the Arc agent spells it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let facts = Self::FACTS.into_iter().find(|facts| facts.names.contains(&&*name));
        facts.map(Facts::cloud)
    }

    /// Returns whether this is one of the built-in clouds, whatever services of the user's own it has.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        let plain = self.clone().without_own();
        Self::built_in().any(|cloud| cloud == plain)
    }

    /// Returns the URL of Entra in a built-in cloud whose host has this name.
    pub(super) fn built_in_login(host: &str) -> Option<&'static str> {
        let is_named = |facts: &&&Facts| {
            let own = facts.login.strip_prefix("https://");
            own == Some(host) || facts.login_aliases.contains(&host)
        };
        Self::FACTS.iter().find(is_named).map(|facts| facts.login)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clouds_go_by_the_names_of_the_cli_and_of_the_agent() {
        for (name, arm) in [
            ("AzureCloud", "https://management.azure.com"),
            ("azurepubliccloud", "https://management.azure.com"),
            ("AzureUSGovernment", "https://management.usgovcloudapi.net"),
            ("AzureChinaCloud", "https://management.chinacloudapi.cn"),
        ] {
            assert_eq!(Cloud::named(name).unwrap().arm(), arm, "{name}");
        }
        assert_eq!(Cloud::named("AzureGermanCloud"), None);
    }

    #[test]
    fn a_login_host_goes_by_its_aliases() {
        for (host, login) in [
            ("login.microsoftonline.com", Some("https://login.microsoftonline.com")),
            ("login.windows.net", Some("https://login.microsoftonline.com")),
            ("login.partner.microsoftonline.cn", Some("https://login.chinacloudapi.cn")),
            ("login.microsoftonline.us", Some("https://login.microsoftonline.us")),
            ("login.evil.example", None),
            ("", None),
        ] {
            assert_eq!(Cloud::built_in_login(host), login, "{host}");
        }
    }
}
