"""The token that the local page fetches, and that nobody else can."""

from pathlib import Path

import httpx2
import pytest

from tests.support.forking import Forks
from tests.support.taskflow import KEY, TOKENS, Person, source


def fetch(url: str, user: str | None = "zoë", **headers: str) -> httpx2.Response:
    params = {} if user is None else {"user": user}
    return httpx2.get(f"{url}/dev/token", params=params, headers=headers)


def test_a_page_of_this_machine_gets_a_token_for_any_user(alice: Person) -> None:
    response = fetch(alice.url)
    assert response.json()["user"] == "zoë"
    assert TOKENS.verify(response.json()["token"]) == "zoë"
    assert response.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in response.headers
    token = response.json()["token"]
    assert httpx2.get(f"{alice.url}/api/projects", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert fetch(alice.url, Origin="http://localhost:8000").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_nobody_else_gets_one(alice: Person, headers: dict[str, str]) -> None:
    response = fetch(alice.url, **headers)
    assert response.status_code == 403
    assert response.json() == {"detail": "Development tokens are for pages that are served on this machine."}


@pytest.mark.parametrize("user", ["", " ", "a\nb", "x" * 256, None])
def test_a_user_needs_a_name(alice: Person, user: str | None) -> None:
    assert fetch(alice.url, user).status_code == 422


def test_a_server_for_others_gives_none(forks: Forks, tmp_path: Path) -> None:
    with forks.serve_app(tmp_path, source("create_app"), TASKFLOW_TOKEN_KEY=KEY, CHATKIT_AUTH="trust") as server:
        assert fetch(server.url).status_code == 404
        headers = {"Authorization": f"Bearer {TOKENS.sign('alice')}"}
        assert httpx2.get(f"{server.url}/api/projects", headers=headers).status_code == 200
