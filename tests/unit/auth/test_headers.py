"""Who a request is from, and from where it may come."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from fastapi_chatkit.auth.headers import HeaderAuthenticator
from fastapi_chatkit.errors import LocalOnly, MissingUser, Unauthorized


def connection(user: bytes = b"alice", client: str = "127.0.0.1", version: str = "1.1", **headers: str) -> Any:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    given_headers = [(b"x-user-id", user), (b"authorization", b"Bearer t"), *named]
    if "host" not in headers:
        given_headers.append((b"host", b"localhost:8000"))
    scope = {"type": "http", "headers": given_headers, "client": (client, 1), "http_version": version}
    return HTTPConnection(scope)


async def user_of(raw: bytes) -> str | None:
    try:
        return (await HeaderAuthenticator(local_only=False).authenticate(connection(raw))).user_id
    except Unauthorized:
        return None


@pytest.mark.parametrize(
    ("raw", "user"),
    [(b"alice", "alice"), (b" \talice ", "alice"), ("łukasz".encode(), "łukasz"), ("j\u00e0".encode(), "j\u00e0")],
)
async def test_users_are_utf8(raw: bytes, user: str) -> None:
    assert await user_of(raw) == user


@pytest.mark.parametrize("raw", [b"", b"  ", b"j\xc3", b"\xff", b"a\x00b", b"a\x7fb", b"x" * 256])
async def test_what_is_no_user_is_refused(raw: bytes) -> None:
    with pytest.raises(MissingUser):
        await HeaderAuthenticator(local_only=False).authenticate(connection(raw))


@given(st.lists(st.binary(min_size=1, max_size=6), min_size=2, max_size=2, unique_by=lambda raw: raw.strip(b" \t")))
async def test_different_bytes_are_different_users(pair: list[bytes]) -> None:
    one, other = [await user_of(raw) for raw in pair]
    assert one is None or one != other


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:80", "[::1]:8000", "app.localhost", "box:8000"]
)
async def test_local_callers(host: str) -> None:
    await HeaderAuthenticator(local_only=True).authenticate(connection(host=host))


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:8000", "https://app.localhost"])
async def test_local_pages(origin: str) -> None:
    await HeaderAuthenticator(local_only=True).authenticate(connection(origin=origin))


@pytest.mark.parametrize(
    "odd",
    [
        {"client": "10.0.0.1"},
        {"version": "1.0"},
        {"host": "evil.com"},
        {"host": "127.0.0.1.evil.com"},
        {"host": "[::1].evil.com"},
        {"host": "localhost:80@evil.com"},
        {"host": ""},
        {"x_forwarded_for": "1.2.3.4"},
        {"x_forwarded_anything": "x"},
        {"forwarded": "for=1.2.3.4"},
        {"x_real_ip": "1.2.3.4"},
        {"via": "1.1 proxy"},
        {"origin": "https://evil.com"},
        {"origin": "null"},
        {"origin": "http://evil"},
        {"origin": "file://"},
        {"origin": "chrome-extension://abc"},
    ],
)
async def test_others_are_not_local(odd: dict[str, Any]) -> None:
    with pytest.raises(LocalOnly):
        await HeaderAuthenticator(local_only=True).authenticate(connection(**odd))
