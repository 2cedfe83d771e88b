"""From a URL to where a Redis is. What is wrong with a URL is said without its password."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ..base import LogUnavailable

DEFAULT_PORT = 6379

SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster")

_TLS_OPTIONS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"})
_UNIX_OPTIONS = frozenset({"db", "password"})
_FALSE = ("0", "f", "false", "n", "no")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Redis is: at ``hosts`` (of a cluster, some of its nodes), or at a Unix socket's ``path``.

    ``options`` are redis-py's arguments for a connection; ``shown`` is for people.
    """

    shown: str
    clustered: bool
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    path: str
    options: Mapping[str, Any] = field(repr=False)


def address_of(url: str) -> Address:
    """Parse a URL.

    :raises LogUnavailable: it names no Redis; the message holds no password.
    """
    scheme = url.partition(":")[0]
    if scheme not in SCHEMES:
        written = ", ".join(f"{name}://" for name in SCHEMES)
        raise _wrong(url, f"must begin with one of {written}")
    parts = _or_wrong(url, "cannot be read", lambda: urlsplit(url))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    unix, tls, clustered = scheme == "unix", scheme.startswith("rediss"), scheme.endswith("+cluster")
    known = _UNIX_OPTIONS if unix else _TLS_OPTIONS if tls else frozenset[str]()
    if unknown := sorted(query.keys() - known):
        takes = f"only {', '.join(sorted(known))}" if known else "nothing after a `?`"
        raise _wrong(url, f"has `{unknown[0]}`, but {scheme}:// takes {takes}")
    if parts.fragment:
        raise _wrong(url, "has a `#`, which in a password is written %23")
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    options: dict[str, Any] = {
        "username": unquote(user) or None,
        "password": query.pop("password", "") or unquote(password) or None,
        "db": _database(url, query.pop("db", "") if unix else parts.path.removeprefix("/")),
        **query,
    }
    if tls:
        options["ssl_check_hostname"] = query.get("ssl_check_hostname", "yes").lower() not in _FALSE
    if clustered and options["db"]:
        raise _wrong(url, "names a database, but a cluster has only database 0")
    if unix and not parts.path.removeprefix("/"):
        raise _wrong(url, "names no socket: write unix:///path/to/redis.sock")
    hosts = () if unix else _hosts(url, parts, clustered)
    return Address(shown(url), clustered, tls, hosts, unquote(parts.path) if unix else "", options)


def shown(url: str) -> str:
    """The URL for people: without password and parameters. A user without a password may be one, and is left out."""
    scheme, there, rest = url.partition("://")
    if not there:
        return "…"
    secret, _, place = rest.rpartition("@")
    user, has_password, _ = secret.partition(":")
    return f"{scheme}://{f'{user}@' if user and has_password else ''}{re.split('[?#]', place)[0]}"


def _hosts(url: str, parts: SplitResult, clustered: bool) -> tuple[tuple[str, int], ...]:
    """The hosts that the URL names, one after the other with commas between."""
    written = parts.netloc.rpartition("@")[2].split(",")
    if len(written) > 1 and not clustered:
        raise _wrong(url, "names several hosts, which only redis+cluster:// and rediss+cluster:// do")
    return tuple(_or_wrong(url, "has a port that is no number", lambda one=one: _host(one)) for one in written)


def _host(written: str) -> tuple[str, int]:
    one = urlsplit(f"//{written}")
    return one.hostname or "localhost", one.port or DEFAULT_PORT


def _database(url: str, written: str) -> int:
    if written and not written.isdecimal():
        raise _wrong(url, "names a database that is no number")
    return int(written or 0)


def _or_wrong(url: str, what: str, parse: Callable[[], T]) -> T:
    try:
        return parse()
    except ValueError:
        raise _wrong(url, what) from None


def _wrong(url: str, what: str) -> LogUnavailable:
    return LogUnavailable(
        f"CHATKIT_REDIS_URL ({shown(url)}) {what}. Write redis://USER:PASSWORD@HOST:6379/0, and in user and password "
        "%40 for @, %3A for :, %2F for /, %3F for ?, %23 for #"
    )
