//! The cloud metadata document, from which a client that knows only ARM's address learns the other endpoints.

use serde_json::{Value, json};

use crate::endpoints::Azure;

/// The first version whose response is the cloud itself, not a list of clouds.
const ONE_CLOUD: &str = "2022-09-01";

/// Returns whether the path is `/metadata/endpoints`, which needs no token.
pub(super) fn is_document(segments: &[&str]) -> bool {
    let [metadata, endpoints] = segments else { return false };
    metadata.eq_ignore_ascii_case("metadata") && endpoints.eq_ignore_ascii_case("endpoints")
}

/// Returns the document in the form of an api-version.
pub(super) fn document(version: &str, azure: &Azure) -> Value {
    let cloud = cloud(azure);
    if version >= ONE_CLOUD { cloud } else { json!([cloud]) }
}

fn cloud(azure: &Azure) -> Value {
    json!({
        "name": "AzureLab",
        "portal": format!("{}://portal.localhost:{}", azure.scheme, azure.port),
        "resourceManager": format!("{}/", azure.arm),
        "graph": "https://graph.microsoft.com/",
        "graphAudience": "https://graph.microsoft.com/",
        "microsoftGraphResourceId": format!("{}/", azure.graph_resource()),
        "ossrDbmsResourceId": azure.database_resource(),
        "authentication": {
            "loginEndpoint": format!("{}/", azure.login),
            "audiences": [
                format!("{}/", azure.arm), "https://management.core.windows.net/", "https://management.azure.com/"
            ],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {
            "keyVaultDns": azure.vault_suffix,
            "postgresqlServerEndpoint": "postgres.localhost",
            // As in Azure, the blob service is at `ACCOUNT.blob.` followed by this suffix.
            "storage": azure.blob_suffix.strip_prefix("blob.").unwrap_or(&azure.blob_suffix),
        },
    })
}
