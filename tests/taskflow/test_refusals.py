"""Who is not let in, and what is not taken, over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from examples.taskflow.route import MAX_BODY_BYTES
from tests.support.taskflow import TOKENS, Person, somebody

PATH = "/projects/default/tasks"
USER = "X-User-ID"


@pytest.mark.parametrize(
    ("headers", "status", "detail"),
    [
        ({}, 401, "Missing Authorization header with Bearer token"),
        ({"Authorization": "Basic abc"}, 401, "Missing Authorization header with Bearer token"),
        ({"Authorization": "Bearer made-up"}, 401, "The bearer token is not valid"),
        ({"Authorization": f"Bearer {TOKENS.sign('alice', seconds=-60)}"}, 401, "The bearer token is not valid"),
        (
            {"Authorization": f"Bearer {TOKENS.sign('alice')}", USER: "bob"},
            403,
            "The bearer token belongs to another user than X-User-ID",
        ),
        ({"Authorization": f"Bearer {TOKENS.sign('alice')}", USER: ""}, 401, "Missing X-User-ID header"),
    ],
)
@pytest.mark.parametrize("path", ["/api/projects", "/api/projects/default/tasks/x", "/mcp"])
def test_only_a_users_own_token_lets_them_in(
    alice: Person, path: str, headers: dict[str, str], status: int, detail: str
) -> None:
    method = "POST" if path == "/mcp" else "GET"
    response = httpx2.request(method, alice.url + path, headers=headers, json={} if method == "POST" else None)
    assert (response.status_code, response.json()) == (status, {"detail": detail})
    assert response.headers.get("www-authenticate", "").startswith("Bearer") == ("token" in detail and status == 401)


def test_the_users_header_may_be_left_out(alice: Person) -> None:
    headers = {"Authorization": alice.headers["Authorization"]}
    response = httpx2.get(f"{alice.url}/api/projects", headers=headers)
    assert response.status_code == 200


def test_a_users_name_may_be_any_text(alice: Person) -> None:
    person = somebody(alice.url, "zoë ☃")
    headers = {b"authorization": person.headers["Authorization"].encode(), b"x-user-id": person.user_id.encode()}
    httpx2.post(f"{alice.url}/api{PATH}", headers=headers, json={"title": "x"})
    response = httpx2.get(f"{alice.url}/api/projects/default/audit", headers=headers)
    assert response.json()["entries"][0]["actor"] == person.user_id


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "`title` is missing."),
        ({"title": " \n "}, "`title` must have at least 1 character."),
        ({"title": "x" * 201}, "`title` must have at most 200 characters."),
        ({"title": "a\0b"}, "`title` must be plain text."),
        ({"title": 7}, "`title` must be a valid string."),
        ({"title": "x", "description": "x" * 4001}, "`description` must have at most 4000 characters."),
        ({"title": "x", "description": "\0"}, "`description` must be plain text."),
        ({"title": "x", "priority": "urgent"}, "`priority` must be 'low', 'medium' or 'high'."),
        ({"title": "x", "due": "tomorrow"}, "`due` must be a date as YYYY-MM-DD."),
        ({"title": "x", "due": "2027-02-30"}, "`due` must be a date as YYYY-MM-DD."),
        ({"title": "x", "due": 1}, "`due` must be a date as YYYY-MM-DD."),
        ({"title": "x", "due": "0001-01-01"}, "`due` must be a date from 1970-01-01 to 2999-12-31."),
        ({"title": "x", "tags": "home"}, "`tags` must be a valid list."),
        ({"title": "x", "tags": [str(n) for n in range(11)]}, None),
        ({"title": "x", "tags": ["#"]}, "`tags.0` must have at least 1 character."),
        ({"title": "x", "tags": ["x" * 31]}, "`tags.0` must have at most 30 characters."),
        ({"title": "x", "recurrence": "yearly"}, "`recurrence` must be 'none', 'daily', 'weekly' or 'monthly'."),
        ({"title": "x", "request_id": ""}, "`request_id` must have at least 1 character."),
        ({"title": "x", "assignee": ""}, "`assignee` must have at least 1 character."),
        ({"title": "x", "deadline": "2027-01-01"}, "There is no `deadline` here."),
        ([], None),
    ],
)
def test_a_task_that_breaks_a_limit_is_refused_and_nothing_is_added(
    alice: Person, body: Any, detail: str | None
) -> None:
    said = alice.refused(422, "POST", PATH, json=body)
    assert said.endswith(".")
    assert detail is None or said == detail
    assert alice.get()["total"] == 0


def test_text_that_is_no_text_is_refused(alice: Person) -> None:
    content = b'{"title": "half a character: \\ud83d"}'
    headers = {"Content-Type": "application/json"}
    response = httpx2.post(f"{alice.url}/api{PATH}", headers={**alice.headers, **headers}, content=content)
    assert (response.status_code, response.json()) == (422, {"detail": "`title` must be plain text."})


def test_a_body_that_is_not_json_is_refused(alice: Person) -> None:
    headers = {**alice.headers, "Content-Type": "application/json"}
    response = httpx2.post(f"{alice.url}/api{PATH}", headers=headers, content=b"{")
    assert (response.status_code, response.json()) == (422, {"detail": "The request is not valid JSON."})


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"title": None}, "`title` must be a valid string."),
        ({"progress": 101}, "`progress` must be less than or equal to 100."),
        ({"progress": -1}, "`progress` must be greater than or equal to 0."),
        ({"progress": "half"}, "`progress` must be a valid integer."),
        ({"status": "done"}, "`status` must be 'pending', 'in_progress', 'review' or 'completed'."),
        ({"id": 2}, "There is no `id` here."),
    ],
)
def test_a_change_that_breaks_a_limit_is_refused_and_nothing_changes(
    alice: Person, body: dict[str, Any], detail: str
) -> None:
    task = alice.add("x")
    assert alice.refused(422, "PATCH", f"{PATH}/1", json=body) == detail
    assert alice.get(f"{PATH}/1")["task"] == task


@pytest.mark.parametrize(
    ("path", "params", "detail"),
    [
        (PATH, {"limit": 0}, "`limit` must be greater than or equal to 1."),
        (PATH, {"limit": 101}, "`limit` must be less than or equal to 100."),
        (PATH, {"status": "done"}, None),
        (PATH, {"due": "tomorrow"}, "`due` must be 'overdue', 'today' or 'week'."),
        (PATH, {"sort": "title"}, "`sort` must be 'id', 'due', 'priority' or 'created'."),
        (PATH, {"search": "x" * 201}, "`search` must have at most 200 characters."),
        (PATH, {"search": "\0"}, "`search` must be plain text."),
        (PATH, {"assignee": "bob"}, "There is no `assignee` here."),
        (f"{PATH}/0", {}, "`task_id` must be greater than or equal to 1."),
        (f"{PATH}/2147483648", {}, "`task_id` must be less than or equal to 2147483647."),
        (f"{PATH}/one", {}, "`task_id` must be a valid integer."),
        ("/projects/default/audit", {"task_id": 10**20}, "`task_id` must be less than or equal to 2147483647."),
        ("/projects/default/audit", {"limit": 101}, "`limit` must be less than or equal to 100."),
    ],
)
def test_a_question_that_breaks_a_limit_is_refused(
    alice: Person, path: str, params: dict[str, Any], detail: str | None
) -> None:
    said = alice.refused(422, "GET", path, params=params)
    assert detail is None or said == detail


def test_a_change_comes_via_the_api_or_the_chat(alice: Person) -> None:
    path = f"{alice.url}/api{PATH}"
    for via, status in (("chat", 201), ("api", 201), ("elsewhere", 422)):
        headers = {**alice.headers, "X-TaskFlow-Via": via}
        assert httpx2.post(path, headers=headers, json={"title": via}).status_code == status
    assert [entry["via"] for entry in alice.log()] == ["chat", "api"]


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_project_needs_a_name(alice: Person, name: str) -> None:
    assert alice.refused(422, "POST", "/projects", json={"name": name}).startswith("`name` must have at ")


@pytest.mark.parametrize("project", ["0", "-1", "2147483648", "00000000001" + "9" * 30, "9" * 5000, "٣", "1.0"])
def test_what_is_no_projects_id_is_no_project(alice: Person, project: str) -> None:
    assert alice.refused(404, "GET", f"/projects/{project}/tasks") == "There is no such project."


def _in_pieces(size: int) -> Iterator[bytes]:
    yield b'{"title": "'
    for _ in range(size // 1000):
        yield b"x" * 1000


@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_body_that_no_task_fills_is_refused_unread(alice: Person, in_pieces: bool) -> None:
    content = _in_pieces(3 * MAX_BODY_BYTES) if in_pieces else b'"' + b"x" * MAX_BODY_BYTES
    headers = {**alice.headers, "Content-Type": "application/json"}
    response = httpx2.post(f"{alice.url}/api{PATH}", headers=headers, content=content)
    detail = f"The request body is too large: at most {MAX_BODY_BYTES} bytes are accepted."
    assert (response.status_code, response.json()) == (413, {"detail": detail})


def test_a_task_at_all_its_limits_is_not_too_large(alice: Person) -> None:
    most = {"title": "\U0001f600" * 200, "description": "\U0001f600" * 4000, "tags": ["\u00e9" * 30] * 10}
    assert alice.post(**most)["task"]["description"] == most["description"]
