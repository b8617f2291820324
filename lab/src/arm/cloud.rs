//! The cloud metadata document, from which a client that knows only ARM's address learns the other endpoints.

use serde_json::{Value, json};

use crate::endpoints::Azure;

/// Returns `/metadata/endpoints`, which needs no token; `None` for any other path.
pub(super) fn document(segments: &[&str], azure: &Azure) -> Option<Value> {
    let [metadata, endpoints] = segments else { return None };
    if !metadata.eq_ignore_ascii_case("metadata") || !endpoints.eq_ignore_ascii_case("endpoints") {
        return None;
    }
    Some(json!([{
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
    }]))
}
