//! Token audiences, and the service that accepts each.

use crate::endpoints::Azure;

/// Audiences for which tokens are issued although no service of the lab accepts them.
const OTHER_AUDIENCES: &[&str] = &["https://ossrdbms-aad.database.windows.net"];

/// The audiences of every service of a lab.
#[derive(Clone, Debug)]
pub(crate) struct Audiences {
    arm: Vec<String>,
    vault: Vec<String>,
    storage: Vec<String>,
    graph: Vec<String>,
    elsewhere: Vec<String>,
}

impl Audiences {
    /// Collects the audiences; `extra` comes from the world file.
    pub(crate) fn new(
        azure: &Azure,
        accounts: impl Iterator<Item = impl AsRef<str>>,
        extra: &[String],
    ) -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let mut elsewhere = texts(OTHER_AUDIENCES);
        elsewhere.push(azure.database_resource());
        elsewhere.extend(extra.iter().cloned());
        for account in accounts {
            elsewhere.extend(account_endpoints(azure, account.as_ref()));
        }
        Self {
            arm: texts(&["https://management.azure.com", "https://management.core.windows.net", &azure.arm]),
            vault: texts(&["https://vault.azure.net", &azure.vault_resource()]),
            storage: texts(&["https://storage.azure.com", &azure.storage_resource()]),
            graph: texts(&["https://graph.microsoft.com", &azure.graph_resource()]),
            elsewhere,
        }
    }

    /// Returns whether HIMDS issues tokens for `resource`.
    pub(crate) fn is_known(&self, resource: &str) -> bool {
        [&self.arm, &self.vault, &self.storage, &self.graph, &self.elsewhere]
            .into_iter()
            .any(|set| any(set, resource))
    }

    pub(crate) fn is_arm(&self, audience: &str) -> bool {
        any(&self.arm, audience)
    }

    pub(crate) fn is_graph(&self, audience: &str) -> bool {
        any(&self.graph, audience)
    }

    pub(crate) fn is_vault(&self, audience: &str) -> bool {
        any(&self.vault, audience)
    }

    /// Returns whether the account accepts `audience`: that of all storage, or of this account.
    pub(crate) fn is_account(&self, azure: &Azure, account: &str, audience: &str) -> bool {
        any(&self.storage, audience) || any(&account_endpoints(azure, account), audience)
    }
}

fn account_endpoints(azure: &Azure, account: &str) -> [String; 2] {
    [format!("https://{account}.blob.core.windows.net"), azure.blob(account)]
}

/// Returns whether `set` contains `audience`, ignoring case and a trailing slash.
fn any(set: &[String], audience: &str) -> bool {
    let plain = audience.strip_suffix('/').unwrap_or(audience);
    set.iter().any(|known| known.trim_end_matches('/').eq_ignore_ascii_case(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_accepts_its_own_audience() {
        let azure = Azure::new("https", 8443);
        let set = Audiences::new(&azure, ["one", "two"].into_iter(), &["api://extra".to_owned()]);
        for audience in ["https://management.azure.com", "https://management.core.windows.net/", &azure.arm] {
            assert!(set.is_arm(audience) && set.is_known(audience) && !set.is_vault(audience), "{audience}");
        }
        for audience in ["https://vault.azure.net", "https://vault.localhost:8443"] {
            assert!(set.is_vault(audience) && set.is_known(audience) && !set.is_arm(audience), "{audience}");
        }
        assert!(set.is_account(&azure, "one", "https://storage.azure.com/"));
        assert!(set.is_account(&azure, "one", "https://storage.localhost:8443"));
        assert!(set.is_account(&azure, "one", "https://one.blob.localhost:8443"));
        assert!(!set.is_account(&azure, "one", "https://two.blob.core.windows.net"));
        assert!(set.is_known("https://graph.localhost:8443/") && set.is_known("https://graph.microsoft.com"));
        assert!(set.is_known("https://two.blob.core.windows.net/") && set.is_known("api://extra"));
        for unknown in ["https://example.com", "", "https://vault.azure.net//"] {
            assert!(!set.is_known(unknown), "{unknown}");
        }
    }
}
