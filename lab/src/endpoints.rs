//! The addresses of a lab's services.

/// The agent's endpoints, under the names of the environment variables that clients read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Himds {
    /// Base URL: the value of `IMDS_ENDPOINT`.
    pub url: String,
    /// Token URL: the value of `IDENTITY_ENDPOINT`.
    pub identity: String,
    /// TCP port on 127.0.0.1 (and on `::1` if it was free there too).
    pub port: u16,
}

impl Himds {
    pub(crate) fn new(port: u16) -> Self {
        let url = format!("http://localhost:{port}");
        Self { identity: format!("{url}/metadata/identity/oauth2/token"), url, port }
    }
}

/// The metadata service of the world's virtual machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imds {
    /// Base URL, in place of `http://169.254.169.254`: the value of `AZURE_POD_IDENTITY_AUTHORITY_HOST`.
    pub url: String,
    /// TCP port on 127.0.0.1 (and on `::1` if it was free there too).
    pub port: u16,
}

impl Imds {
    pub(crate) fn new(port: u16) -> Self {
        Self { url: format!("http://localhost:{port}"), port }
    }
}

/// The endpoints of ARM, Key Vault, Blob and Entra, which share one port and are distinguished by host name.
///
/// The host names are under `.localhost`, which is loopback by RFC 6761. The same port also answers for the
/// public names (`management.azure.com`, `NAME.vault.azure.net`, `NAME.blob.core.windows.net`) when a client
/// is directed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Azure {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// TCP port on 127.0.0.1 (and on `::1` if it was free there too).
    pub port: u16,
    /// ARM: `https://management.localhost:PORT`.
    pub arm: String,
    /// Suffix that follows a vault's name and a dot: `vault.localhost:PORT`.
    pub vault_suffix: String,
    /// Suffix that follows an account's name and a dot: `blob.localhost:PORT`.
    pub blob_suffix: String,
    /// Entra: `https://login.localhost:PORT`, the value of `AZURE_AUTHORITY_HOST`.
    pub login: String,
    /// Host and port of Microsoft Graph: `graph.localhost:PORT`.
    pub graph: String,
    /// Audience of ARM tokens.
    pub arm_audience: &'static str,
    /// Audience of Key Vault tokens.
    pub vault_audience: &'static str,
    /// Audience of Blob tokens.
    pub storage_audience: &'static str,
    /// Audience of tokens of Microsoft Graph.
    pub graph_audience: &'static str,
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
            graph: format!("graph.localhost:{port}"),
            arm_audience: "https://management.azure.com",
            vault_audience: "https://vault.azure.net",
            storage_audience: "https://storage.azure.com",
            graph_audience: "https://graph.microsoft.com",
        }
    }

    /// Returns a key vault's URL, without a trailing slash.
    #[must_use]
    pub fn vault(&self, name: &str) -> String {
        format!("{}://{}.{}", self.scheme, name.to_lowercase(), self.vault_suffix)
    }

    /// Returns the URL of a storage account's blob service, without a trailing slash.
    #[must_use]
    pub fn blob(&self, account: &str) -> String {
        format!("{}://{account}.{}", self.scheme, self.blob_suffix)
    }

    /// Returns the resource that a vault under the lab's own names puts in its challenge.
    ///
    /// The SDKs accept a challenge only if the vault's host ends in a dot and this host, port included.
    pub(crate) fn vault_resource(&self) -> String {
        format!("{}://{}", self.scheme, self.vault_suffix)
    }

    /// Returns the audience that all accounts under the lab's own names accept.
    pub(crate) fn storage_resource(&self) -> String {
        self.resource("storage")
    }

    /// Returns the URL and audience of Microsoft Graph under the lab's own names.
    pub(crate) fn graph_resource(&self) -> String {
        self.resource("graph")
    }

    /// Returns the audience of databases under the lab's own names, of which the lab serves none.
    pub(crate) fn database_resource(&self) -> String {
        self.resource("ossrdbms")
    }

    fn resource(&self, name: &str) -> String {
        format!("{}://{name}.localhost:{}", self.scheme, self.port)
    }
}
