//! Mapping from host names to services.

/// A service on the Azure port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Arm,
    Vault { name: String, naming: Naming },
    Blob { name: String, naming: Naming },
    Login,
    Graph,
    Unknown,
}

/// The set of names under which a client reached the lab: its own, or Azure's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    Local,
    Public,
}

/// Every suffix of a vault's host name.
pub(crate) const VAULT_SUFFIXES: [(&str, Naming); 2] =
    [(".vault.localhost", Naming::Local), (".vault.azure.net", Naming::Public)];

/// Every suffix of an account's host name.
pub(crate) const BLOB_SUFFIXES: [(&str, Naming); 2] =
    [(".blob.localhost", Naming::Local), (".blob.core.windows.net", Naming::Public)];

/// ARM's host names.
pub(crate) const ARM_NAMES: [&str; 2] = ["management.localhost", "management.azure.com"];

/// The login service's host names.
pub(crate) const LOGIN_NAMES: [&str; 4] =
    ["login.localhost", "login.microsoftonline.com", "login.microsoft.com", "login.windows.net"];

/// The host names of Microsoft Graph.
pub(crate) const GRAPH_NAMES: [&str; 2] = ["graph.localhost", "graph.microsoft.com"];

/// A host name that belongs to no service, for URLs that a client must not follow.
pub(crate) const ELSEWHERE: &str = "elsewhere.localhost";

impl Host {
    /// Returns the service at `authority`, a host with or without a port.
    pub(crate) fn of(authority: &str) -> Self {
        let host = without_port(authority).trim_end_matches('.').to_ascii_lowercase();
        let labelled = |suffixes: [(&str, Naming); 2]| {
            let found =
                suffixes.into_iter().find_map(|(suffix, naming)| Some((host.strip_suffix(suffix)?, naming)));
            found
                .filter(|(name, _)| !name.is_empty() && !name.contains('.'))
                .map(|(name, naming)| (name.to_owned(), naming))
        };
        if ARM_NAMES.contains(&host.as_str()) {
            Self::Arm
        } else if LOGIN_NAMES.contains(&host.as_str()) {
            Self::Login
        } else if GRAPH_NAMES.contains(&host.as_str()) {
            Self::Graph
        } else if let Some((name, naming)) = labelled(VAULT_SUFFIXES) {
            Self::Vault { name, naming }
        } else if let Some((name, naming)) = labelled(BLOB_SUFFIXES) {
            Self::Blob { name, naming }
        } else {
            Self::Unknown
        }
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Returns whether `authority` is the lab's own name for ARM or Azure's.
pub(crate) fn naming_of_arm(authority: &str) -> Naming {
    let local = without_port(authority).trim_end_matches('.').eq_ignore_ascii_case(ARM_NAMES[0]);
    if local { Naming::Local } else { Naming::Public }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart_by_name() {
        let vault = |name: &str, naming| Host::Vault { name: name.to_owned(), naming };
        let blob = |name: &str, naming| Host::Blob { name: name.to_owned(), naming };
        for (authority, host) in [
            ("management.localhost:8443", Host::Arm),
            ("MANAGEMENT.azure.com", Host::Arm),
            ("arcmi.vault.localhost:1", vault("arcmi", Naming::Local)),
            ("Arcmi.vault.azure.net.", vault("arcmi", Naming::Public)),
            ("arcmi.blob.localhost", blob("arcmi", Naming::Local)),
            ("arcmi.blob.core.windows.net:443", blob("arcmi", Naming::Public)),
            ("login.localhost:5", Host::Login),
            ("localhost:5", Host::Unknown),
            ("vault.localhost:5", Host::Unknown),
            (".vault.localhost", Host::Unknown),
            ("a.b.vault.azure.net", Host::Unknown),
            ("127.0.0.1:80", Host::Unknown),
            ("[::1]:80", Host::Unknown),
            ("", Host::Unknown),
        ] {
            assert_eq!(Host::of(authority), host, "{authority}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_host_maps_to_a_service(authority: String) {
            naming_of_arm(&authority);
            Host::of(&authority);
        }
    }
}
