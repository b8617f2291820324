"""Microsoft's clients with the token that a program called `az` prints.

Usage: az_credential.py ARM_URL VAULT_URL SUBSCRIPTION TENANT

`az` is the first one in PATH, and REQUESTS_CA_BUNDLE has the certificate. Prints one JSON object.
"""

import json
import sys

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import AzureCliCredential
from azure.keyvault.secrets import SecretClient
from azure.mgmt.resource.resources import ResourceManagementClient

import loopback

loopback.install()


def refusal(arm, **settings):
    """Returns the message for settings with which there must be no token."""
    try:
        AzureCliCredential(**settings).get_token(f"{arm}//.default")
    except ClientAuthenticationError as error:
        return str(error)
    return None


def main():
    arm, vault, subscription, tenant = sys.argv[1:]
    credential = AzureCliCredential()
    client = ResourceManagementClient(
        credential, subscription, base_url=arm, credential_scopes=[f"{arm}//.default"]
    )
    report = {
        "secret": SecretClient(vault, credential).get_secret("word").value,
        "groups": [group.name for group in client.resource_groups.list()],
        "tenant": bool(AzureCliCredential(tenant_id=tenant).get_token(f"{arm}//.default").token),
        "subscription": bool(AzureCliCredential(subscription="Lab").get_token(f"{arm}//.default").token),
        "refused": refusal(arm, tenant_id="10000000-0000-4000-8000-00000000000f"),
    }
    print(json.dumps(report))


main()
