//! Where a lab's services are.

/// The agent's endpoints, as its environment variables name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Himds {
    /// Base URL: the value of `IMDS_ENDPOINT`.
    pub url: String,
    /// Token URL: the value of `IDENTITY_ENDPOINT`.
    pub identity: String,
    /// TCP port on 127.0.0.1 (and on `::1` where that was free too).
    pub port: u16,
}

impl Himds {
    pub(crate) fn new(port: u16) -> Self {
        let url = format!("http://localhost:{port}");
        Self { identity: format!("{url}/metadata/identity/oauth2/token"), url, port }
    }
}

/// The endpoints of ARM, Key Vault and Blob, which share one port and are told apart by host name.
///
/// The names are under `.localhost`, which is loopback by RFC 6761. The same port also answers for the public names
/// (`management.azure.com`, `NAME.vault.azure.net`, `NAME.blob.core.windows.net`) when a client is led here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Azure {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// TCP port on 127.0.0.1 (and on `::1` where that was free too).
    pub port: u16,
    /// ARM: `https://management.localhost:PORT`.
    pub arm: String,
    /// What follows a vault's name and a dot: `vault.localhost:PORT`.
    pub vault_suffix: String,
    /// What follows an account's name and a dot: `blob.localhost:PORT`.
    pub blob_suffix: String,
    /// The `OpenID` side of the tenant: `https://login.localhost:PORT`.
    pub login: String,
    /// Resource to ask an ARM token for.
    pub arm_audience: &'static str,
    /// Resource to ask a Key Vault token for.
    pub vault_audience: &'static str,
    /// Resource to ask a Blob token for.
    pub storage_audience: &'static str,
}

impl Azure {
    pub(crate) fn new(scheme: &'static str, port: u16) -> Self {
        Self {
            scheme,
            port,
            arm: format!("{scheme}://management.localhost:{port}"),
            vault_suffix: format!("vault.localhost:{port}"),
            blob_suffix: format!("blob.localhost:{port}"),
            login: format!("{scheme}://login.localhost:{port}"),
            arm_audience: "https://management.azure.com",
            vault_audience: "https://vault.azure.net",
            storage_audience: "https://storage.azure.com",
        }
    }

    /// URL of a key vault, without a slash at the end.
    #[must_use]
    pub fn vault(&self, name: &str) -> String {
        format!("{}://{}.{}", self.scheme, name.to_lowercase(), self.vault_suffix)
    }

    /// URL of a storage account's blob service, without a slash at the end.
    #[must_use]
    pub fn blob(&self, account: &str) -> String {
        format!("{}://{account}.{}", self.scheme, self.blob_suffix)
    }

    /// The resource that a vault on the lab's own names asks tokens for.
    ///
    /// The SDKs take a challenge only if the vault's host ends in a dot and this host, port included.
    pub(crate) fn vault_resource(&self) -> String {
        format!("{}://{}", self.scheme, self.vault_suffix)
    }

    /// The resource that all accounts on the lab's own names take tokens for.
    pub(crate) fn storage_resource(&self) -> String {
        format!("{}://storage.localhost:{}", self.scheme, self.port)
    }
}
