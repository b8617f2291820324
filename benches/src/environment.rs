//! The environment through which contenders find the lab.

use std::collections::BTreeMap;
use std::path::Path;

use arcbook_lab::Lab;

/// Returns the environment variables through which a contender finds `lab`. The file `ca` has the certificate
/// of the lab's authority, and the file `cloud` its description.
///
/// | variable | value |
/// |---|---|
/// | `IMDS_ENDPOINT`, `IDENTITY_ENDPOINT` | as the Arc agent sets them |
/// | `ARCBOOK_CLOUD` | `cloud`: contenders know the cloud before a run, so that none requests it |
/// | `ARM` | URL of ARM |
/// | `VAULT_SUFFIX`, `BLOB_SUFFIX` | suffix of a vault's or an account's host name, port included |
/// | `SSL_CERT_FILE` | `ca` |
#[must_use]
pub fn environment(lab: &Lab, ca: &Path, cloud: &Path) -> BTreeMap<&'static str, String> {
    let (himds, azure) = (lab.himds(), lab.azure());
    BTreeMap::from([
        ("IMDS_ENDPOINT", himds.url.clone()),
        ("IDENTITY_ENDPOINT", himds.identity.clone()),
        ("ARCBOOK_CLOUD", cloud.display().to_string()),
        ("ARM", azure.arm.clone()),
        ("VAULT_SUFFIX", azure.vault_suffix.clone()),
        ("BLOB_SUFFIX", azure.blob_suffix.clone()),
        ("SSL_CERT_FILE", ca.display().to_string()),
    ])
}

/// Returns ARM's answer to `/metadata/endpoints` for the cloud of `lab`.
#[must_use]
pub fn description(lab: &Lab) -> serde_json::Value {
    let azure = lab.azure();
    let storage = azure.blob_suffix.trim_start_matches("blob.");
    serde_json::json!([{
        "name": "Lab",
        "resourceManager": azure.arm,
        "authentication": { "audiences": [format!("{}/", azure.arm)] },
        "suffixes": { "keyVaultDns": azure.vault_suffix, "storage": storage },
    }])
}
