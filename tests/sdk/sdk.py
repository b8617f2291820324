"""Microsoft's clients against the lab, from the managed identity on.

Usage: sdk.py ARM_URL VAULT_URL OFFICE_URL BLOB_URL SUBSCRIPTION RESOURCE_GROUP

OFFICE_URL is a vault in which the identity may do everything with secrets.

The environment has IDENTITY_ENDPOINT and IMDS_ENDPOINT, as on an Arc-enabled server, and REQUESTS_CA_BUNDLE.
Prints one JSON object: what each client saw. Nothing is caught that is not expected, so any surprise is a traceback.
"""

import base64
import json
import os
import sys

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.keyvault.certificates import CertificateClient
from azure.keyvault.secrets import SecretClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.storage.blob import BlobServiceClient, ContentSettings
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

import loopback

loopback.install()


def resources(credential, arm, subscription, group):
    client = ResourceManagementClient(
        credential, subscription, base_url=arm, credential_scopes=["https://management.azure.com/.default"]
    )
    in_group = list(client.resources.list_by_resource_group(group))
    by_type = list(client.resources.list(filter="resourceType eq 'Microsoft.KeyVault/vaults'"))
    with_top = list(client.resources.list_by_resource_group(group, filter="location eq 'westeurope'", top=2))
    try:
        client.resource_groups.get("none")
        missing = None
    except ResourceNotFoundError as error:
        missing = error.error.code
    return {
        "count": len(in_group),
        "with_top": len(with_top),
        "vaults": [resource.name for resource in by_type],
        "group": client.resource_groups.get(group).location,
        "groups": [client.resource_groups.check_existence(name) for name in (group, "none")],
        "by_id": client.resources.get_by_id(by_type[0].id, api_version="2023-07-01").properties["vaultUri"],
        "tags": sorted(tag.tag_name for tag in client.tags.list()),
        "missing": missing,
    }


def changes(credential, arm, subscription):
    """Creates, updates and deletes a resource with each kind of long-running operation, in a group of its own."""
    client = ResourceManagementClient(
        credential,
        subscription,
        base_url=arm,
        credential_scopes=["https://management.azure.com/.default"],
        polling_interval=0.01,
    )
    version = "2024-06-01"
    client.resource_groups.create_or_update("made", {"location": "West Europe"})
    result = {}
    for kind in ("Sync", "Async", "Location", "State"):
        identity = f"/subscriptions/{subscription}/resourceGroups/made/providers/Lab.{kind}/things/x"
        body = {"location": "westeurope", "tags": {"a": "1"}, "properties": {"size": 3, "password": "hush"}}
        created = client.resources.begin_create_or_update_by_id(identity, body, api_version=version).result()
        merge = {"tags": {"b": "2"}, "properties": {"size": 4}}
        updated = client.resources.begin_update_by_id(identity, merge, api_version=version).result()
        exists = client.resources.check_existence_by_id(identity, api_version=version)
        client.resources.begin_delete_by_id(identity, api_version=version).result()
        result[kind] = {
            "created": [created.id == identity, created.location, created.properties],
            "updated": [updated.tags, updated.properties["size"], updated.properties["provisioningState"]],
            "exists": [exists, client.resources.check_existence_by_id(identity, api_version=version)],
        }
    failing = f"/subscriptions/{subscription}/resourceGroups/made/providers/Lab.Async/things/failing"
    try:
        body = {"location": "westeurope"}
        client.resources.begin_create_or_update_by_id(failing, body, api_version=version).result()
        result["failed"] = None
    except HttpResponseError as error:
        result["failed"] = [error.error.code, error.error.details[0].details[0].code]
    client.resource_groups.begin_delete("made").result()
    result["group"] = client.resource_groups.check_existence("made")
    return result


def secrets(credential, vault):
    client = SecretClient(vault, credential)
    secret = client.get_secret("scenario")
    try:
        client.set_secret("new", "value")
        denied = None
    except HttpResponseError as error:
        denied = [error.status_code, error.error.code]
    try:
        client.get_secret("none")
        missing = None
    except ResourceNotFoundError as error:
        missing = error.error.code
    return {
        "value": secret.value,
        "by_version": client.get_secret("scenario", secret.properties.version).value,
        "content_type": secret.properties.content_type,
        "listed": [properties.name for properties in client.list_properties_of_secrets()],
        "versions": len(list(client.list_properties_of_secret_versions("scenario"))),
        "denied": denied,
        "missing": missing,
    }


def office(credential, vault):
    client = SecretClient(vault, credential)
    names = [f"name-{number}" for number in range(5)]
    for name in names:
        client.set_secret(name, f"value of {name}", content_type="text/plain", tags={"kind": "test"})
    client.set_secret("name-0", "newer", enabled=False)
    try:
        client.get_secret("name-0")
        disabled = None
    except HttpResponseError as error:
        disabled = error.error.code
    patched = client.update_secret_properties("name-2", tags={"kind": "patched"}, content_type="text/html")
    client.begin_delete_secret("name-3", _polling_interval=0.01).wait()
    try:
        client.set_secret("name-3", "blocked")
        blocked = None
    except HttpResponseError as error:
        blocked = error.error.innererror["code"] if error.error.innererror else error.error.code
    listed_deleted = [deleted.name for deleted in client.list_deleted_secrets()]
    recovery = client.begin_recover_deleted_secret("name-3", _polling_interval=0.01)
    recovery.wait()
    recovered = recovery.result()
    pages = client.list_properties_of_secrets(max_page_size=2).by_page()
    deletion = client.begin_delete_secret("name-4", _polling_interval=0.01)
    deletion.wait()
    deleted = deletion.result()
    client.purge_deleted_secret("name-4")
    return {
        "value": client.get_secret("name-1").value,
        "tags": client.get_secret("name-1").properties.tags,
        "disabled": disabled,
        "pages": [len(list(page)) for page in pages],
        "versions": len(list(client.list_properties_of_secret_versions("name-0"))),
        "deleted": deleted.name,
        "patched": [patched.tags, patched.content_type, client.get_secret("name-2").value],
        "blocked": blocked,
        "listed_deleted": listed_deleted,
        "recovered": [recovered.name, client.get_secret("name-3").value],
        "left": len(list(client.list_properties_of_secrets())),
    }


def certificates(credential, vault):
    """A certificate, and its export as the secret of its name."""
    client = CertificateClient(vault, credential)
    certificate = client.get_certificate("web")
    secret = SecretClient(vault, credential).get_secret("web")
    key, own, more = pkcs12.load_key_and_certificates(base64.b64decode(secret.value), None)
    return {
        "subject": own.subject.rfc4514_string(),
        "same": own.public_bytes(Encoding.DER) == bytes(certificate.cer),
        "key_is_own": key.public_key() == own.public_key(),
        "issuers": [issuer.subject.rfc4514_string() for issuer in more],
        "exportable": certificate.policy.exportable,
        "listed": [properties.name for properties in client.list_properties_of_certificates()],
    }


def blobs(credential, account):
    service = BlobServiceClient(account, credential, max_single_put_size=64 * 1024, max_block_size=64 * 1024)
    container = service.create_container("uploads")
    try:
        service.create_container("uploads")
        again = None
    except ResourceExistsError as error:
        again = error.error_code
    small = container.get_blob_client("folder/small file.txt")
    small.upload_blob(b"hello", content_settings=ContentSettings("text/plain"), metadata={"host": "vm"})
    try:
        small.upload_blob(b"again")
        exists = None
    except ResourceExistsError as error:
        exists = error.error_code
    content = os.urandom(300_000)
    large = container.get_blob_client("large.bin")
    large.upload_blob(content, overwrite=True)
    properties = small.get_blob_properties()
    result = {
        "again": again,
        "exists": exists,
        "text": small.download_blob(encoding="utf-8").readall(),
        "content_type": properties.content_settings.content_type,
        "metadata": properties.metadata,
        "large_is_whole": large.download_blob().readall() == content,
        "part_is_right": large.download_blob(offset=70_000, length=10).readall() == content[70_000:70_010],
        "listed": [blob.name for blob in container.list_blobs(results_per_page=1)],
        "walked": [item.name for item in container.walk_blobs(delimiter="/")],
        "containers": [item.name for item in service.list_containers()],
    }
    large.delete_blob()
    result["left"] = [blob.name for blob in container.list_blobs()]
    container.delete_container()
    result["container_is_left"] = container.exists()
    return result


def main():
    arm, vault, office_vault, account, subscription, group = sys.argv[1:]
    credential = ManagedIdentityCredential()
    report = {
        "resources": resources(credential, arm, subscription, group),
        "changes": changes(credential, arm, subscription),
        "secrets": secrets(credential, vault),
        "office": office(credential, office_vault),
        "certificates": certificates(credential, office_vault),
        "blobs": blobs(credential, account),
    }
    print(json.dumps(report))


main()
