//! The operating systems of machines.

/// The machine's operating system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Os {
    #[default]
    Linux,
    Windows,
}

impl Os {
    /// Returns the name in the agent's metadata and in the machine's resource.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Windows => "windows",
        }
    }

    /// Returns the name of an edition, which the agent reports as its SKU.
    pub(super) fn usual_sku(self) -> &'static str {
        match self {
            Self::Linux => "Ubuntu 22.04.5 LTS",
            Self::Windows => "Windows Server 2022 Datacenter",
        }
    }

    /// Returns the version of that edition: of the kernel on Linux, of the build on Windows.
    pub(super) fn usual_version(self) -> &'static str {
        match self {
            Self::Linux => "5.15.0-130-generic",
            Self::Windows => "10.0.20348.3091",
        }
    }
}
