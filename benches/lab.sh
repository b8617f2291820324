#!/usr/bin/env bash
# The ten requests of the benchmark, sequentially, as the Jumpstart lab's own commands make them.
set -Eeuo pipefail
shopt -s inherit_errexit
trap 'echo "$0: line $LINENO failed" >&2' ERR

azure() {
  curl -sS --fail --cacert "$SSL_CERT_FILE" -H "Authorization: Bearer $token" "$@"
}

get_token() {
  local url="$IDENTITY_ENDPOINT?api-version=2019-11-01&resource=$1" path
  path=$(curl -sS -D - -H Metadata:true "$url" | grep Www-Authenticate | cut -d = -f 2 | tr -d '[:cntrl:]')
  curl -sS --fail -H Metadata:true -H "Authorization: Basic $(cat "$path")" "$url" | jq -er .access_token
}

imds=$(curl -sS --fail -H Metadata:true "$IMDS_ENDPOINT/metadata/instance?api-version=2020-06-01")
subscription=$(jq -er .compute.subscriptionId <<<"$imds")
group=$(jq -er .compute.resourceGroupName <<<"$imds")

token=$(get_token https%3A%2F%2Fmanagement.azure.com)
resources=$(azure "$ARM/subscriptions/$subscription/resourceGroups/$group/resources?api-version=2021-04-01")
vault=$(jq -er 'first(.value[] | select(.type == "Microsoft.KeyVault/vaults").name)' <<<"$resources")
account=$(jq -er 'first(.value[] | select(.type == "Microsoft.Storage/storageAccounts").name)' <<<"$resources")

token=$(get_token https%3A%2F%2Fvault.azure.net)
azure "https://$vault.$VAULT_SUFFIX/secrets/scenario/?api-version=7.2" | jq -er .value >/dev/null

token=$(get_token https%3A%2F%2Fstorage.azure.com)
azure -X PUT -H "x-ms-version: 2020-10-02" -H "x-ms-blob-type: BlockBlob" --data-binary @/etc/hosts \
  "https://$account.$BLOB_SUFFIX/uploads/hosts.txt"
