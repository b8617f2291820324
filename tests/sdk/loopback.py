"""Names under .localhost are loopback (RFC 6761); not every system's resolver knows."""

import socket

system_getaddrinfo = socket.getaddrinfo


def getaddrinfo(host, *args, **kwargs):
    if isinstance(host, str) and host.rstrip(".").endswith(".localhost"):
        host = "127.0.0.1"
    return system_getaddrinfo(host, *args, **kwargs)


def install():
    """Makes every connection of this process go by that rule."""
    socket.getaddrinfo = getaddrinfo
