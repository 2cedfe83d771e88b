"""This machine: which hosts it is, and whose."""

from __future__ import annotations

import getpass
from functools import lru_cache
from ipaddress import ip_address


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether a name or an address (IPv6 without brackets) can only be this machine."""
    name = host.lower().rstrip(".")
    try:
        address = ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def login() -> str:
    """The login name of who runs this process; ``local`` where there is none, as in a container."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "local"
