"""Identity from ``X-User-ID`` and a bearer token that nobody verifies here.

Two ways to use that safely: on a laptop (``local_only``), where the caller is on this machine and no proxy is between;
and behind a gateway that has verified both headers (``AUTH=trust``).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from ..errors import LocalOnly, MissingToken, MissingUser
from ..hosts import is_loopback
from .base import Identity

MAX_USER_ID = 255
MAX_TOKEN = 16 * 1024

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:@/\[\]\s]+)(:[0-9]{1,5})?")

FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip"})
"""Headers that a proxy adds. One that adds none, and speaks HTTP/1.1, cannot be told from a caller on this machine."""

# Starlette's TestClient; a socket's peer is always an IP address, and a proxy's word for it is refused above.
_TEST_CLIENT = "testclient"


class HeaderAuthenticator:
    """Believes the headers; with ``local_only``, from this machine alone."""

    def __init__(self, *, local_only: bool) -> None:
        self._local_only = local_only

    async def authenticate(self, connection: HTTPConnection) -> Identity:
        """The user that the headers name."""
        headers = connection.headers
        user_id = user_id_in(headers)
        token = bearer_token_in(headers)
        if self._local_only and not is_local(connection):
            raise LocalOnly
        return Identity(user_id, None, token)


def user_id_in(headers: Headers) -> str:
    """The one ``X-User-ID``: 1 to 255 printable characters of UTF-8, so that different bytes are different users.

    :raises MissingUser:
    """
    values = [value for name, value in headers.raw if name == b"x-user-id"]
    if len(values) > 1:
        raise MissingUser("Missing X-User-ID header: it was sent more than once, send exactly one")
    raw = values[0].strip(b" \t") if values else b""
    if not raw:
        raise MissingUser
    try:
        user_id = raw.decode()
    except UnicodeDecodeError:
        raise MissingUser("Missing X-User-ID header: the value must be UTF-8") from None
    if len(user_id) > MAX_USER_ID or not user_id.isprintable():
        raise MissingUser(f"Missing X-User-ID header: the value must be 1 to {MAX_USER_ID} printable characters")
    return user_id


def bearer_token_in(headers: Headers) -> SecretStr:
    """The token of the one ``Authorization: Bearer`` header; the scheme in any case.

    :raises MissingToken:
    """
    values = headers.getlist("authorization")
    if len(values) > 1:
        raise MissingToken("Missing Authorization header with Bearer token: it was sent more than once")
    scheme, _, token = (values[0] if values else "").strip(" \t").partition(" ")
    token = token.strip(" \t")
    if scheme.lower() != "bearer" or not token:
        raise MissingToken
    if len(token) > MAX_TOKEN or not token.isprintable():
        raise MissingToken(f"Missing Authorization header with Bearer token: at most {MAX_TOKEN} printable characters")
    return SecretStr(token)


def is_local(connection: HTTPConnection) -> bool:
    """Whether the caller is a program on this machine or a page that it serves, with no proxy between."""
    headers = connection.headers
    if any(name in FORWARDED or name.startswith("x-forwarded-") for name in headers):
        return False
    if connection.scope.get("http_version") == "1.0" or not _is_own_page(headers.get("origin", "")):
        return False
    client = connection.client
    if client is None:
        return False
    return client.host == _TEST_CLIENT or (is_loopback(client.host) and _names_this_machine(headers.get("host", "")))


def _is_own_page(origin: str) -> bool:
    """Whether the request is from no page, or from one that this machine serves."""
    if not origin:
        return True
    url = urlsplit(origin)
    name = url.hostname or ""
    return url.scheme in ("http", "https") and is_loopback(name)


def _names_this_machine(host: str) -> bool:
    """Whether the ``Host`` header is a loopback address or a name without a dot.

    A page of another site that points its own domain at 127.0.0.1 (DNS rebinding) reaches this machine's loopback from
    the user's browser, but with its own domain as the host.
    """
    match = _HOST.fullmatch(host.lower())
    if match is None:
        return False
    name = match["name"].strip("[]").rstrip(".")
    return ("." not in name and ":" not in name) or is_loopback(name)
