"""The chat page of ``serve``, and who its user is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from fastapi_chatkit import create_app
from fastapi_chatkit.auth.development import DevelopmentTokens, development_key
from fastapi_chatkit.hosts import login
from fastapi_chatkit.page import add_page
from fastapi_chatkit.settings import Settings

LOCAL = "http://127.0.0.1"


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings.load()), base_url=LOCAL) as client:
        yield client


def test_the_page_and_all_that_it_names_is_there(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "<style" not in page.text
    assert "{chatkit}" not in page.text
    named = [part.split('"')[0] for name in ("src", "href") for part in page.text.split(f'{name}="')[1:]]
    assert sorted(named) == [
        "chatkit/page/icon.svg", "chatkit/page/page.css", "chatkit/page/page.js", "chatkit/ui/chatkit.js",
    ]  # fmt: skip
    for name in named:
        assert client.get(f"/{name}").status_code == 200


def test_its_user_is_the_one_of_the_terminal(client: TestClient) -> None:
    response = client.get("/chatkit/page/identity")
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["user"] == login()
    assert DevelopmentTokens(development_key()).verify(response.json()["token"]) == login()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_nobody_elsewhere_is_somebody(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/chatkit/page/identity", headers=headers).status_code == 404


def test_behind_a_gateway_the_page_says_nothing_of_its_user() -> None:
    client = TestClient(create_app(Settings.load(auth="trust")), base_url=LOCAL)
    assert client.get("/").status_code == 200
    assert client.get("/chatkit/page/identity").status_code == 404
    assert not Path("chatkit.key").exists()


def test_a_page_of_ones_own_stays(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    for route in (
        Route("/", lambda request: PlainTextResponse("mine")),
        Mount("/", StaticFiles(directory=tmp_path, html=True)),
    ):
        app = FastAPI(routes=[route])
        assert not add_page(app, "/chatkit", Settings.load())
        assert TestClient(app).get("/").text == "mine"


def test_an_endpoint_elsewhere_has_its_page_too() -> None:
    app = FastAPI()
    assert add_page(app, '/chat"/', Settings.load())
    client = TestClient(app)
    assert 'src="chat&quot;/page/page.js"' in client.get("/").text
