//! How contenders learn where the lab is.

use std::collections::BTreeMap;
use std::path::Path;

use arcbook_lab::Lab;

/// The environment variables that lead a contender to `lab`, whose authority's certificate is in the file `ca`.
///
/// | variable | value |
/// |---|---|
/// | `IMDS_ENDPOINT`, `IDENTITY_ENDPOINT` | as the Arc agent sets them |
/// | `ARCBOOK_CLOUD` | URL of ARM |
/// | `VAULT_SUFFIX`, `BLOB_SUFFIX` | what follows the name of a vault or an account and a dot, port included |
/// | `SSL_CERT_FILE` | `ca` |
#[must_use]
pub fn environment(lab: &Lab, ca: &Path) -> BTreeMap<&'static str, String> {
    let (himds, azure) = (lab.himds(), lab.azure());
    BTreeMap::from([
        ("IMDS_ENDPOINT", himds.url.clone()),
        ("IDENTITY_ENDPOINT", himds.identity.clone()),
        ("ARCBOOK_CLOUD", azure.arm.clone()),
        ("VAULT_SUFFIX", azure.vault_suffix.clone()),
        ("BLOB_SUFFIX", azure.blob_suffix.clone()),
        ("SSL_CERT_FILE", ca.display().to_string()),
    ])
}
