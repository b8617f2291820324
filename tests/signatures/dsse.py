"""Signs and verifies with securesystemslib, for the tests of arcbook's signatures.

    dsse.py verify PUBLIC ENVELOPE      ends with 0 if the envelope has a signature of the key
    dsse.py sign PRIVATE ENVELOPE       signs the payload of an envelope anew, and prints the new envelope
"""

import json
import sys

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey


def main(command, key, path):
    with open(key, "rb") as file:
        pem = file.read()
    with open(path, encoding="utf-8") as file:
        envelope = Envelope.from_dict(json.load(file))
    if command == "verify":
        # The id is a hint of the signer, by which the library finds the key.
        keys = [SSlibKey.from_crypto(load_pem_public_key(pem), keyid) for keyid in envelope.signatures]
        envelope.verify(keys, 1)
    else:
        envelope.signatures.clear()
        envelope.sign(CryptoSigner(load_pem_private_key(pem, None)))
        print(json.dumps(envelope.to_dict()))


main(*sys.argv[1:])
