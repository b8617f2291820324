"""Sends or receives a file with Microsoft's client, at its defaults.

Usage: sdk.py up|down BLOB_URL FILE

The environment has IDENTITY_ENDPOINT and IMDS_ENDPOINT, as on an Arc-enabled server, and REQUESTS_CA_BUNDLE.
"""

import socket
import sys

from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobClient

system_getaddrinfo = socket.getaddrinfo


def getaddrinfo(host, *args, **kwargs):
    """Names under .localhost are loopback (RFC 6761); not every system's resolver knows."""
    if isinstance(host, str) and host.rstrip(".").endswith(".localhost"):
        host = "127.0.0.1"
    return system_getaddrinfo(host, *args, **kwargs)


socket.getaddrinfo = getaddrinfo

way, url, path = sys.argv[1:]
blob = BlobClient.from_blob_url(url, credential=ManagedIdentityCredential())
if way == "up":
    with open(path, "rb") as file:
        blob.upload_blob(file, overwrite=True)
else:
    with open(path, "wb") as file:
        blob.download_blob().readinto(file)
