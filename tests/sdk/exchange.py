"""Microsoft's clients read what another program wrote, and write what it is to read.

Usage: exchange.py VAULT_URL BLOB_URL

The environment has a token for each (VAULT_TOKEN, BLOB_TOKEN) and REQUESTS_CA_BUNDLE. Prints one JSON object.
"""

import json
import os
import sys
import time

from azure.core.credentials import AccessToken
from azure.keyvault.secrets import SecretClient
from azure.storage.blob import BlobServiceClient

import loopback

loopback.install()


class Given:
    """A credential with a token that the test has made."""

    def __init__(self, name):
        self.token = os.environ[name]

    def get_token(self, *_scopes, **_options):
        return AccessToken(self.token, int(time.time()) + 3600)


def main():
    vault, account = sys.argv[1:]
    secrets = SecretClient(vault, Given("VAULT_TOKEN"))
    ours = secrets.get_secret("from-arcbook")
    expires = ours.properties.expires_on
    report = {
        "secret": [ours.value, ours.properties.content_type, ours.properties.tags, expires.isoformat()],
        "deleted": secrets.get_deleted_secret("retired").name,
    }
    secrets.set_secret("from-python", "written by Python", content_type="text/plain", tags={"by": "python"})
    container = BlobServiceClient(account, Given("BLOB_TOKEN")).get_container_client("shared")
    blob = container.get_blob_client("from arcbook.txt").download_blob(encoding="utf-8")
    report["blob"] = [blob.readall(), blob.properties.content_settings.content_type]
    for number in range(3):
        container.upload_blob(f"python/{number}", b"hello", metadata={"number": str(number)})
    print(json.dumps(report))


main()
