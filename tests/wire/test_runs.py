"""Runs from outside: attaching after an offset, cancelling, asking, in both dialects and by GET."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.dropping import DroppingClient, create
from tests.support.problems import check_problem
from tests.support.server import HEADERS, Server, message, serve_app, text_of

RESUME = {"X-ChatKit-Resume": "1"}
BOB = {**HEADERS, "X-User-ID": "bob"}


class Frame:
    """One frame of a resumable stream."""

    def __init__(self, text: str) -> None:
        fields = dict(line.split(": ", 1) for line in text.split("\n"))
        self.id = fields.get("id", "")
        self.event = fields.get("event", "")
        self.data: dict[str, Any] = json.loads(fields["data"])


def frames(body: bytes) -> list[Frame]:
    parts = body.decode().split("\n\n")
    assert parts[-1] == ""
    return [Frame(part) for part in parts[:-1] if not part.startswith(":")]


def attach(server: Server, thread_id: str, headers: dict[str, str] | None = None, **params: Any) -> Any:
    return server.post({"type": "runs.attach", "params": {"thread_id": thread_id, **params}}, headers)


def run_of(server: Server, thread_id: str, **params: Any) -> dict[str, Any]:
    return server.op("runs.get", thread_id=thread_id, **params)["run"]


def whole_stream(server: Server, text: str = "say 20") -> tuple[bytes, str, str]:
    """A resumable stream, its thread and its run."""
    response = server.post(create(text), {**HEADERS, **RESUME})
    assert response.status_code == 200
    return response.content, response.headers["x-chatkit-thread-id"], response.headers["x-chatkit-run-id"]


@pytest.fixture
def ended(plain_server: Server) -> tuple[bytes, str, str]:
    return whole_stream(plain_server)


def test_offsets_have_no_gaps_and_the_run_is_announced(ended: tuple[bytes, str, str]) -> None:
    body, thread_id, run_id = ended
    found = frames(body)
    assert [frame.id for frame in found] == [f"1-{number}" for number in range(1, len(found) + 1)]
    assert (found[0].event, found[-1].event) == ("run.started", "run.ended")
    assert found[0].data == {"type": "run.started", "run_id": run_id, "thread_id": thread_id, "attempt": 1}
    assert found[-1].data["status"] == "completed"


def test_a_replay_is_byte_equal_from_every_offset(plain_server: Server, ended: tuple[bytes, str, str]) -> None:
    body, thread_id, run_id = ended
    assert attach(plain_server, thread_id).content == body
    for frame in frames(body):
        at = body.index(f"id: {frame.id}\n".encode())
        rest = body[body.index(b"\n\n", at) + 2 :]
        assert attach(plain_server, thread_id, run_id=run_id, after=frame.id).content == rest
        got = plain_server.client.get(
            f"{plain_server.endpoint}/runs/{run_id}/events", headers={**HEADERS, "Last-Event-ID": frame.id}
        )
        assert got.content == rest
        assert got.status_code == (200 if rest else 204)
    url = f"{plain_server.endpoint}/runs/{run_id}/events?after=1-2"
    assert plain_server.client.get(url, headers=HEADERS).content == attach(plain_server, thread_id, after="1-2").content


def test_a_reader_that_was_cut_off_sees_every_event_once(plain_server: Server) -> None:
    seen: list[Frame] = []
    with DroppingClient(plain_server.endpoint, create("slow 30"), RESUME) as client:
        client.read_until(b"word5 ")
        seen += frames(b"".join(frame + b"\n\n" for frame in client.frames))
        client.drop()
    thread_id = seen[0].data["thread_id"]
    for _ in range(3):
        params = {"thread_id": thread_id, "after": seen[-1].id}
        with DroppingClient(plain_server.endpoint, {"type": "runs.attach", "params": params}) as client:
            client.receive()
            client.receive()
            seen += frames(b"".join(frame + b"\n\n" for frame in client.frames))
            client.drop()
    seen += frames(attach(plain_server, thread_id, after=seen[-1].id).content)
    assert [frame.id for frame in seen] == [f"1-{number}" for number in range(1, len(seen) + 1)]
    assert text_of([frame.data for frame in seen]) == "".join(f"word{number} " for number in range(30))
    stored = plain_server.op("items.list", thread_id=thread_id, order="asc")["data"][-1]
    assert stored["content"][0]["text"] == text_of([frame.data for frame in seen])


def test_a_run_is_cancelled_by_somebody_else_and_keeps_its_text(plain_server: Server) -> None:
    with DroppingClient(plain_server.endpoint, create("slow 200"), RESUME) as client:
        client.read_until(b"word5 ")
        thread_id = client.events[0]["thread_id"]
        started = time.monotonic()
        assert plain_server.op("runs.cancel", thread_id=thread_id)["run"]["status"] == "running"
        client.read_all(5)
        assert time.monotonic() - started < 2
        end = client.events[-1]
    assert (end["type"], end["status"], end["stop_reason"]) == ("run.ended", "cancelled", "cancelled")
    run = run_of(plain_server, thread_id)
    assert (run["status"], run["stop_reason"], run["attempt"]) == ("cancelled", "cancelled", 1)
    assert run["created_at"] < run["ended_at"]
    text = plain_server.op("items.list", thread_id=thread_id, order="asc")["data"][-1]["content"][0]["text"]
    assert text.startswith("word0 word1 ")
    assert len(text.split()) < 200
    again = plain_server.op("runs.cancel", thread_id=thread_id, run_id=run["id"])["run"]
    assert again == run


def test_the_newest_run_is_meant_unless_one_is_named(plain_server: Server) -> None:
    first, thread_id, run_id = whole_stream(plain_server)
    body = {"type": "threads.add_user_message", "params": {"thread_id": thread_id, "input": message("say 2")}}
    second = plain_server.post(body, {**HEADERS, **RESUME})
    assert attach(plain_server, thread_id).content == second.content
    assert attach(plain_server, thread_id, run_id=run_id).content == first
    assert run_of(plain_server, thread_id)["id"] == second.headers["x-chatkit-run-id"]
    assert run_of(plain_server, thread_id, run_id=run_id)["last_event_id"] == frames(first)[-1].id


def test_json_rpc_attaches_with_the_whole_result(plain_server: Server) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "threads.runs.submitMessage", "params": {"input": {
        "message": {"content": [{"type": "text", "text": "say 5"}]}}}}  # fmt: skip
    headers = {**HEADERS, "Accept": "text/event-stream"}
    whole = plain_server.post(request, {**headers, **RESUME}).content
    thread_id = frames(whole)[0].data["thread_id"]
    call = {"jsonrpc": "2.0", "id": 1, "method": "runs.attach", "params": {"threadId": thread_id}}
    assert plain_server.post(call, headers).content == whole
    for frame in frames(whole)[:-1]:
        call["params"] = {"threadId": thread_id, "after": frame.id}
        rest = plain_server.post(call, headers).content
        assert whole.endswith(rest)
        assert frames(rest)[-1].data == frames(whole)[-1].data
    awaited = plain_server.post(call).json()
    assert awaited == frames(whole)[-1].data
    state = plain_server.post({**call, "method": "runs.get", "params": {"threadId": thread_id}}).json()
    assert state["result"]["run"]["status"] == "completed"


@pytest.mark.parametrize("name", ["runs.attach", "runs.cancel", "runs.get"])
def test_another_users_run_is_as_if_it_were_not_there(
    plain_server: Server, ended: tuple[bytes, str, str], name: str
) -> None:
    _, thread_id, run_id = ended
    for params, code in (
        ({"thread_id": thread_id}, "thread_not_found"),
        ({"thread_id": thread_id, "run_id": run_id}, "run_not_found"),
    ):
        check_problem(plain_server.post({"type": name, "params": params}, BOB), code)
        unknown = {key: value[:-4] + "0000" for key, value in params.items()}
        check_problem(plain_server.post({"type": name, "params": unknown}), code)
    check_problem(
        plain_server.client.get(f"{plain_server.endpoint}/runs/{run_id}/events", headers=BOB), "run_not_found"
    )


def test_a_run_of_another_thread_is_not_found(plain_server: Server, ended: tuple[bytes, str, str]) -> None:
    other = whole_stream(plain_server)
    check_problem(attach(plain_server, ended[1], run_id=other[2]), "run_not_found")


@pytest.mark.parametrize("after", ["", "1", "0-1", "1-", "-1", "1-1-1", "a-b", "01-1", "1-1 ", "9" * 30, 7, "1-٣"])
def test_a_malformed_offset_is_refused(plain_server: Server, ended: tuple[bytes, str, str], after: Any) -> None:
    problem = check_problem(attach(plain_server, ended[1], after=after), "invalid_request")
    assert problem["errors"][0]["path"] == "params.after"


@pytest.mark.parametrize("after", ["1-999999", "2-1", "999999999-0"])
def test_an_offset_that_the_run_has_not_had_is_refused(
    plain_server: Server, ended: tuple[bytes, str, str], after: str
) -> None:
    check_problem(attach(plain_server, ended[1], after=after), "invalid_request")
    url = f"{plain_server.endpoint}/runs/{ended[2]}/events?after={after}"
    check_problem(plain_server.client.get(url, headers=HEADERS), "invalid_request")


@pytest.mark.parametrize("run_id", ["%00", "run_%00x", "x" * 300, "%ff", "%F0%9F%98%80"])
def test_an_odd_run_is_not_found(plain_server: Server, run_id: str) -> None:
    response = plain_server.client.get(f"{plain_server.endpoint}/runs/{run_id}/events", headers=HEADERS)
    check_problem(response, "run_not_found")


def test_a_get_with_a_malformed_offset_or_nobody_is_refused(
    plain_server: Server, ended: tuple[bytes, str, str]
) -> None:
    url = f"{plain_server.endpoint}/runs/{ended[2]}/events"
    check_problem(plain_server.client.get(f"{url}?after=soon", headers=HEADERS), "invalid_request")
    check_problem(plain_server.client.get(url), "missing_user")


@pytest.fixture
def restarted(empty_environment: None, tmp_path: Path) -> Iterator[tuple[Server, str, str]]:
    """A server after a restart: it has the rows of a run, and not its log."""
    with serve_app(tmp_path) as server:
        _, thread_id, run_id = whole_stream(server)
    with serve_app(tmp_path) as server:
        yield server, thread_id, run_id


def test_a_run_whose_log_is_gone_is_a_snapshot(restarted: tuple[Server, str, str]) -> None:
    server, thread_id, run_id = restarted
    for params in ({}, {"after": "1-3"}):
        found = frames(attach(server, thread_id, None, **params).content)
        assert [frame.event for frame in found] == ["run.snapshot", "run.ended"]
        snapshot, end = (frame.data for frame in found)
        assert (snapshot["run_id"], snapshot["thread_id"]) == (run_id, thread_id)
        assert [item["type"] for item in snapshot["items"]] == ["user_message", "assistant_message"]
        assert end == {"type": "run.ended", "run_id": run_id, "status": "completed", "stop_reason": None}
        again = attach(server, thread_id, after=found[-1].id)
        assert [frame.event for frame in frames(again.content)] == ["run.snapshot", "run.ended"]
    assert run_of(server, thread_id)["last_event_id"] is None
    call = {"jsonrpc": "2.0", "id": 1, "method": "runs.attach", "params": {"threadId": thread_id}}
    items = server.post(call).json()["result"]["items"]
    assert [item["type"] for item in items] == ["user_message", "assistant_message"]
