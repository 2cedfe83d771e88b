"""From a PostgreSQL URL, as libpq and SQLAlchemy take it, to what asyncpg is called with."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from ..base import StoreError, shown

logger = logging.getLogger(__name__)

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
CONNECT_SECONDS = 4.0

_NAME = re.compile(r"[A-Za-z_.]+")
_IN_OPTIONS = re.compile(r"(?:-c\s*|--)([A-Za-z_.]+)\s*=")

_HARMLESS = frozenset(
    {
        "channel_binding",
        "client_encoding",
        "fallback_application_name",
        "gssencmode",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "load_balance_hosts",
        "max_protocol_version",
        "min_protocol_version",
        "sslcompression",
        "sslsni",
        "tcp_user_timeout",
    }
)
"""libpq's parameters that change nothing in what is stored, and that asyncpg has no counterpart for."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is. ``shown`` is for logs: without password and parameters; ``given`` are the server's settings
    that the URL brings.
    """

    dsn: str = field(repr=False)
    shown: str
    given: frozenset[str] = field(default=frozenset(), repr=False)
    timeout: float = CONNECT_SECONDS
    statement_cache_size: int | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """asyncpg's own arguments; every other parameter of the URL is in ``dsn``."""
        cache = {} if self.statement_cache_size is None else {"statement_cache_size": self.statement_cache_size}
        return {"dsn": self.dsn, "timeout": self.timeout, **cache}


def address_of(url: str) -> Address:
    """Parse a URL.

    :raises StoreError: it is not one that names a PostgreSQL database; the message holds no password.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port if "," not in parts.netloc else None  # raises for one that is no number
        given = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise _wrong(url) from None
    somewhere = parts.netloc or "host" in given or "service" in given
    if parts.scheme not in SCHEMES or parts.fragment or not somewhere or not all(map(_NAME.fullmatch, given)):
        raise _wrong(url)
    timeout, cache = CONNECT_SECONDS, None
    parameters: dict[str, str] = {}
    for name, value in given.items():
        match name:
            case "ssl":
                parameters["sslmode"] = {"true": "require", "false": "disable"}.get(value.lower(), value)
            case "connect_timeout":
                timeout = _number(name, value) or CONNECT_SECONDS
            case "statement_cache_size" | "prepared_statement_cache_size":
                cache = _number(name, value)
            case _ if name in _HARMLESS:
                logger.warning("CHATKIT_DATABASE_URL: `%s` has no effect here", name)
            case _:
                parameters[name] = value
    if "," in parts.netloc.rpartition("@")[2] or "," in parameters.get("host", ""):
        parameters.setdefault("target_session_attrs", "read-write")
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    dsn = f"postgresql://{parts.netloc}{parts.path}{'?' if query else ''}{query}"
    given_settings = {*parameters, *_IN_OPTIONS.findall(parameters.get("options", ""))}
    return Address(dsn, shown(url), frozenset(given_settings), timeout, cache)


def _number(name: str, value: str) -> int:
    if not value.isdecimal():
        raise StoreError(f"CHATKIT_DATABASE_URL: `{name}` must be a whole number")
    return int(value)


def _wrong(url: str) -> StoreError:
    return StoreError(
        f"CHATKIT_DATABASE_URL ({shown(url)}) is not a PostgreSQL URL: write "
        "postgresql://USER:PASSWORD@HOST:5432/DATABASE, and in user and password %40 for @, %3A for :, %2F for /, "
        "%3F for ?, %23 for #"
    )
