"""The component's files, as browsers and their caches ask for them."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from fastapi_chatkit import ChatKit
from fastapi_chatkit.http.ui import files_route
from fastapi_chatkit.store import SQLiteStore
from fastapi_chatkit.ui import ASSETS

ENTRY = b'import("./chunks/math-0a1B2c_-.js");\n' * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "assets"
    (folder / "chunks").mkdir(parents=True)
    (folder / "chatkit.js").write_bytes(ENTRY)
    (folder / "chunks/math-0a1B2c_-.js").write_bytes(b"export {};\n")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    app = FastAPI()
    app.router.routes.append(files_route("/chatkit/ui", folder))
    with TestClient(app, headers={"Accept-Encoding": "identity"}) as client:
        yield client


def test_the_entry_is_asked_for_each_time_and_sent_when_it_has_changed(client: TestClient, folder: Path) -> None:
    first = client.get("/chatkit/ui/chatkit.js")
    assert (first.status_code, first.content) == (200, ENTRY)
    assert first.headers["content-type"].startswith("text/javascript")
    assert first.headers["cache-control"] == "no-cache"
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get("/chatkit/ui/chatkit.js", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"
    (folder / "chatkit.js").write_bytes(ENTRY + b"//\n")
    assert client.get("/chatkit/ui/chatkit.js", headers=known).status_code == 200


def test_a_chunk_is_never_asked_for_again(client: TestClient) -> None:
    chunk = client.get("/chatkit/ui/chunks/math-0a1B2c_-.js")
    assert chunk.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert chunk.headers["content-type"].startswith("text/javascript")


def test_pages_of_other_origins_may_load_it_as_a_module(client: TestClient) -> None:
    response = client.get("/chatkit/ui/chatkit.js", headers={"Origin": "https://elsewhere.example"})
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_it_is_compressed_for_those_who_take_that(client: TestClient) -> None:
    with client.stream("GET", "/chatkit/ui/chatkit.js", headers={"Accept-Encoding": "gzip, br"}) as response:
        assert response.headers["content-encoding"] == "gzip"
        assert response.headers["vary"] == "Accept-Encoding"
        assert gzip.decompress(b"".join(response.iter_raw())) == ENTRY


def test_the_head_of_it_can_be_had(client: TestClient) -> None:
    head = client.head("/chatkit/ui/chatkit.js")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(ENTRY))


@pytest.mark.parametrize(
    "path",
    ["", "missing.js", "chunks", "chunks/", "chunks/missing-00000000.js", "../secret.txt", "%2e%2e/secret.txt",
     "..%2fsecret.txt", "chunks/../../secret.txt", "%5c..%5csecret.txt", "%00", "/etc/hostname", "//etc/hostname",
     "x" * 5000],
)  # fmt: skip
def test_there_is_nothing_else(client: TestClient, path: str) -> None:
    response = client.get(f"/chatkit/ui/{path}")
    assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_is_only_read(client: TestClient, method: str) -> None:
    assert client.request(method, "/chatkit/ui/chatkit.js").status_code == 405


def chatkit(**options: bool | str) -> TestClient:
    app = FastAPI()
    ChatKit(app, store=SQLiteStore(":memory:"), **options)  # pyright: ignore[reportArgumentType] - strings or bools
    return TestClient(app)


def test_it_is_below_the_endpoint_without_a_user() -> None:
    assert (ASSETS / "chatkit.js").is_file()
    assert chatkit().get("/chatkit/ui/chatkit.js").status_code == 200
    assert chatkit(path="/api/chat").get("/api/chat/ui/chatkit.js").status_code == 200


def test_it_can_be_left_out() -> None:
    assert chatkit(ui=False).get("/chatkit/ui/chatkit.js").status_code == 404
