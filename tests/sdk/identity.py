"""Microsoft's azure-identity as a process that gets one token for each line of its input.

A line is a JSON object: `credential` (a class of azure-identity), `arguments` (of its constructor; `certificate_data` is
base64), `environment` (variables of this line only; null removes one), and `scope`. The answer is a line: `claims` of the
token (who, for whom), or `error` and `message`.

Discovery is off: with a login host that azure-identity does not know, it would ask Microsoft's about it. It is on if the
line has `login_port`: then Microsoft's login hosts are on that port of this machine.
"""

import base64
import json
import logging
import os
import socket
import sys

import azure.identity

system_getaddrinfo = socket.getaddrinfo
login_port = None


def getaddrinfo(host, port, *args, **kwargs):
    """Names under .localhost are loopback (RFC 6761); not every system's resolver knows."""
    if isinstance(host, str) and host.rstrip(".").endswith(".localhost"):
        host = "127.0.0.1"
    if login_port and host in ("login.microsoftonline.com", "login.microsoft.com"):
        host, port = "127.0.0.1", login_port
    return system_getaddrinfo(host, port, *args, **kwargs)


socket.getaddrinfo = getaddrinfo

# The answers hold the errors, so the log would say them twice.
logging.disable(logging.CRITICAL)

WITHOUT_DISCOVERY = {"ManagedIdentityCredential", "AzureCliCredential"}


def set_environment(variables):
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def claims(token):
    part = token.split(".")[1]
    decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return {name: decoded.get(name) for name in ("aud", "appid", "oid", "tid")}


def answer(request):
    name, arguments = request["credential"], dict(request.get("arguments", {}))
    if "certificate_data" in arguments:
        arguments["certificate_data"] = base64.b64decode(arguments["certificate_data"])
    global login_port
    login_port = request.get("login_port")
    if not login_port and name not in WITHOUT_DISCOVERY:
        arguments["disable_instance_discovery"] = True
    try:
        credential = getattr(azure.identity, name)(**arguments)
        token = credential.get_token(request["scope"])
    except Exception as error:  # the test compares whatever it is
        return {"error": type(error).__name__, "message": str(error)}
    return {"claims": claims(token.token)}


def main():
    before = dict(os.environ)
    for line in sys.stdin:
        request = json.loads(line)
        set_environment(request.get("environment", {}))
        print(json.dumps(answer(request)), flush=True)
        os.environ.clear()
        os.environ.update(before)


main()
