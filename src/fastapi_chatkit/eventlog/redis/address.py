"""From a URL to where a Redis is. What is wrong with a URL is said without its password."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ..base import LogUnavailable

DEFAULT_PORT = 6379

SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster")

_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_PARAMETERS = {
    "unix": ("db", "password"),
    "rediss": (*_FILES, "ssl_cert_reqs", "ssl_check_hostname"),
    "rediss+cluster": (*_FILES, "ssl_cert_reqs", "ssl_check_hostname"),
}
_CERT_REQS = ("none", "optional", "required")
_FALSE = ("0", "f", "false", "n", "no")
_HOST = re.compile(r"(\[[^\]]*\]|[^:]+)(:\d+)?|")

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
    url = url.strip()  # a file that it was read from ends with a newline
    scheme, there, _ = url.partition("://")
    if not there or scheme not in SCHEMES:
        raise _wrong(url, f"must begin with one of {', '.join(f'{name}://' for name in SCHEMES)}")
    parts = _or_wrong(url, "cannot be read", lambda: urlsplit(url))
    if parts.fragment:
        raise _wrong(url, "has a `#`, which in a password is written %23")
    given = _parameters(url, scheme, parts)
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    unix, tls, clustered = scheme == "unix", scheme.startswith("rediss"), scheme.endswith("+cluster")
    database = _database(url, given.pop("db", "") if unix else parts.path.removeprefix("/"))
    if clustered and database:
        raise _wrong(url, "names a database, but a cluster has only database 0")
    options = {
        "username": unquote(user) or None,
        "password": given.pop("password", "") or unquote(password) or None,
        "db": database,
        **given,
    }
    if tls:
        options["ssl_check_hostname"] = given.get("ssl_check_hostname", "yes").lower() not in _FALSE
    hosts = () if unix else _hosts(url, parts, clustered)
    return Address(shown(url), clustered, tls, hosts, _socket(url, parts) if unix else "", options)


def shown(url: str) -> str:
    """The URL for people: without password and parameters, and without what may be one because something else was
    forgotten: a user without a password, and whatever stands where a port or a database is no number.
    """
    scheme, there, rest = url.partition("://")
    if not there:
        return "…"
    secret, _, place = rest.rpartition("@")
    user, has_password, _ = secret.partition(":")
    where, slash, path = re.split("[?#]", place)[0].partition("/")
    if not all(_HOST.fullmatch(one) for one in where.split(",")):
        where, slash, path = where.partition(":")[0], "", ""
    if scheme != "unix" and not path.isdecimal():
        slash = path = ""
    return f"{scheme}://{f'{user}@' if user and has_password else ''}{where}{slash}{path}"


def _parameters(url: str, scheme: str, parts: SplitResult) -> dict[str, str]:
    """What stands after the `?`."""
    known = _PARAMETERS.get(scheme, ())
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name, value in given.items():
        if name not in known:
            takes = f"only {', '.join(known)}" if known else "nothing after a `?`"
            raise _wrong(url, f"has `{name}`, but {scheme}:// takes {takes}")
        if name in _FILES and not Path(value).is_file():
            raise _wrong(url, f"is wrong: `{name}` is no file that can be read")
        if name == "ssl_cert_reqs" and value not in _CERT_REQS:
            raise _wrong(url, f"is wrong: `ssl_cert_reqs` must be {', '.join(_CERT_REQS[:-1])} or {_CERT_REQS[-1]}")
    _certificates(url, given)
    return given


def _certificates(url: str, given: Mapping[str, str]) -> None:
    """Look whether the files that are named are what they should be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority, certificate, key = (given.get(name) for name in _FILES)
    try:
        if authority:
            context.load_verify_locations(authority)
    except OSError:
        raise _wrong(url, "is wrong: `ssl_ca_certs` has no certificates in PEM form") from None
    if key and not certificate:
        raise _wrong(url, "is wrong: it has an `ssl_keyfile`, but no `ssl_certfile`")
    try:
        if certificate:
            context.load_cert_chain(certificate, key, password="")  # or it would be asked for on the terminal
    except (OSError, ValueError):
        what = "with the key of `ssl_keyfile`" if key else "and its key"
        raise _wrong(url, f"is wrong: `ssl_certfile` must have a certificate in PEM form, {what}") from None


def _hosts(url: str, parts: SplitResult, clustered: bool) -> tuple[tuple[str, int], ...]:
    """The hosts that the URL names, one after the other with commas between."""
    written = parts.netloc.rpartition("@")[2].split(",")
    if len(written) > 1 and not clustered:
        raise _wrong(url, "names several hosts, which only redis+cluster:// and rediss+cluster:// do")
    return tuple(
        _or_wrong(url, "has a port that is no number from 1 to 65535", lambda one=one: _host(one)) for one in written
    )


def _host(written: str) -> tuple[str, int]:
    one = urlsplit(f"//{written}")
    if one.port == 0:
        raise ValueError
    return one.hostname or "localhost", one.port or DEFAULT_PORT


def _socket(url: str, parts: SplitResult) -> str:
    if parts.netloc.rpartition("@")[2]:
        raise _wrong(url, "names a host and a socket: write unix:///path/to/redis.sock, with three slashes")
    if not parts.path.removeprefix("/"):
        raise _wrong(url, "names no socket: write unix:///path/to/redis.sock")
    return unquote(parts.path)


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
