"""Two requests at once in one thread, and one request twice, as clients see them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.dropping import DroppingClient, create, submit
from tests.support.problems import check_problem, check_rpc_problem
from tests.support.server import HEADERS, Server, message, parse_native, serve_app, text_of
from tests.support.wire import SOURCE

RESUME = {"X-ChatKit-Resume": "1"}
BOB = {**HEADERS, "X-User-ID": "bob"}
SLOW = "slow 400"


@pytest.fixture(scope="module", params=["enqueue", "reject", "interrupt"])
def busy(
    request: pytest.FixtureRequest, empty_environment: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str]]:
    """A server under each of the policies."""
    with serve_app(tmp_path_factory.mktemp("busy"), SOURCE, CHATKIT_ON_BUSY=request.param) as server:
        yield server, request.param


class Talking:
    """A thread in which an answer is being written."""

    def __init__(self, server: Server, text: str = SLOW) -> None:
        self.client = DroppingClient(server.endpoint, create(text), RESUME)
        self.client.read_until(b"word0")
        events = self.client.events
        self.thread_id: str = next(e for e in events if e["type"] == "thread.created")["thread"]["id"]
        self.run_id: str = events[0]["run_id"]
        self.message_id: str = next(e for e in events if e["type"] == "thread.item.done")["item"]["id"]

    def __enter__(self) -> "Talking":
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()


def add(thread_id: str, text: str = "say 2") -> dict[str, Any]:
    return {"type": "threads.add_user_message", "params": {"thread_id": thread_id, "input": message(text)}}


def state(server: Server, thread_id: str, run_id: str) -> tuple[str, str | None]:
    run = server.op("runs.get", thread_id=thread_id, run_id=run_id)["run"]
    return run["status"], run.get("stop_reason")


def kinds(server: Server, thread_id: str) -> list[str]:
    return [item["type"] for item in server.op("items.list", thread_id=thread_id, order="asc", limit=100)["data"]]


def streaming_operations(server: Server, talking: Talking) -> list[dict[str, Any]]:
    """One of each kind that can be asked of a thread in which an answer is being written."""
    thread_id = talking.thread_id
    retry = {"thread_id": thread_id, "item_id": talking.message_id}
    action = {"thread_id": thread_id, "action": {"type": "again", "payload": {}}}
    return [
        add(thread_id),
        {"type": "threads.retry_after_item", "params": retry},
        {"type": "threads.custom_action", "params": action},
    ]


@pytest.mark.parametrize("which", range(3), ids=["message", "retry", "action"])
def test_every_streaming_operation_comes_second(busy: tuple[Server, str], which: int) -> None:
    server, on_busy = busy
    with Talking(server, "slow 40") as talking:
        operation = streaming_operations(server, talking)[which]
        if on_busy == "reject":
            check_problem(server.post(operation), "run_active")
            call = {"jsonrpc": "2.0", "id": 1, "method": operation["type"], "params": operation["params"]}
            check_rpc_problem(server.post(call), "run_active")
            assert kinds(server, talking.thread_id) == ["user_message"]
            assert state(server, talking.thread_id, talking.run_id)[0] == "running"
            server.op("runs.cancel", thread_id=talking.thread_id)
            return
        with DroppingClient(server.endpoint, operation, RESUME) as second:
            second.read_until(b"progress_update")
            run_id = second.events[0]["run_id"]
            if on_busy == "enqueue":
                assert state(server, talking.thread_id, run_id) == ("queued", None)
                server.op("runs.cancel", thread_id=talking.thread_id)  # the one that goes on, not the one that waits
            second.read_all()
            assert second.complete
            assert second.events[-1] == {
                "type": "run.ended",
                "run_id": run_id,
                "status": "completed",
                "stop_reason": None,
            }
        talking.client.read_all()
        reason = "cancelled" if on_busy == "enqueue" else "superseded"
        assert state(server, talking.thread_id, talking.run_id) == ("cancelled", reason)


def test_a_second_message_keeps_the_first_ones_text(busy: tuple[Server, str]) -> None:
    server, on_busy = busy
    with Talking(server) as talking:
        if on_busy == "reject":
            check_problem(server.post(add(talking.thread_id)), "run_active")
            server.op("runs.cancel", thread_id=talking.thread_id)
            talking.client.read_all()
            assert kinds(server, talking.thread_id) == ["user_message", "assistant_message"]
            return
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(server.post, add(talking.thread_id))
            if on_busy == "enqueue":
                talking.client.read_until(b"word5")
                server.op("runs.cancel", thread_id=talking.thread_id, run_id=talking.run_id)
            assert text_of(parse_native(answer.result().content)) == "word0 word1 "
        items = server.op("items.list", thread_id=talking.thread_id, order="asc")["data"]
        assert [item["type"] for item in items] == ["user_message", "assistant_message"] * 2
        assert items[1]["content"][0]["text"].startswith("word0 ")


def test_at_most_eight_wait(server: Server) -> None:
    with Talking(server) as talking:
        waiting = [DroppingClient(server.endpoint, add(talking.thread_id, f"say {n}"), RESUME) for n in range(1, 9)]
        for client in waiting:
            client.read_until(b"progress_update")
        reply = server.post(add(talking.thread_id))
        check_problem(reply, "queue_full")
        assert int(reply.headers["retry-after"]) > 0
        assert kinds(server, talking.thread_id).count("user_message") == 9
        server.op("runs.cancel", thread_id=talking.thread_id)
        for count, client in enumerate(waiting, 1):
            client.read_all()
            client.close()
            assert text_of(client.events) == "".join(f"word{n} " for n in range(count))
        assert kinds(server, talking.thread_id) == ["user_message", "assistant_message"] * 9


def test_two_tabs_send_at_once_100_times(busy: tuple[Server, str]) -> None:
    server, on_busy = busy
    thread_id = server.send("say 1")[0]["thread"]["id"]
    sent = 0
    with ThreadPoolExecutor(2) as pool:
        for number in range(100):
            texts = [f"echo {tab}{number}" for tab in "ab"]
            replies = list(pool.map(server.post, [add(thread_id, text) for text in texts]))
            taken = [reply for reply in replies if reply.status_code == 200]
            for reply in replies:
                if reply.status_code != 200:
                    assert on_busy == "reject"
                    check_problem(reply, "run_active")
            assert taken
            sent += len(taken)
    items: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    while True:
        page = server.op("items.list", thread_id=thread_id, order="asc", limit=100, **after)
        items += page["data"]
        if not page["has_more"]:
            break
        after = {"after": page["after"]}
    texts = [item["content"][0]["text"] for item in items if item["type"] == "user_message"]
    assert len(texts) == len(set(texts)) == sent + 1
    assert len({item["id"] for item in items}) == len(items)
    if on_busy != "interrupt":
        assert [item["type"] for item in items] == ["user_message", "assistant_message"] * (sent + 1)
    assert sent == 200 or on_busy == "reject"


# --- the same request twice -------------------------------------------------------------------------------------------


def keyed(key: str, **headers: str) -> dict[str, str]:
    return {**HEADERS, "Idempotency-Key": key, **headers}


def threads_of(server: Server, headers: dict[str, str] | None = None) -> list[str]:
    return [thread["id"] for thread in server.op("threads.list", headers, limit=100)["data"]]


def test_a_key_begins_one_run(plain_server: Server) -> None:
    before = len(threads_of(plain_server))
    first = plain_server.post(create("say 3"), keyed("once", **RESUME))
    again = plain_server.post(create("say 3"), keyed("once", **RESUME))
    assert again.content == first.content
    assert again.headers["x-chatkit-run-id"] == first.headers["x-chatkit-run-id"]
    stock = plain_server.post(create("say 3"), keyed("once"))
    assert text_of(parse_native(stock.content)) == "word0 word1 word2 "
    assert len(threads_of(plain_server)) == before + 1
    thread_id = first.headers["x-chatkit-thread-id"]
    assert kinds(plain_server, thread_id) == ["user_message", "assistant_message"]


def test_a_key_attaches_to_the_run_that_goes_on(plain_server: Server) -> None:
    with DroppingClient(plain_server.endpoint, create("slow 20"), {**RESUME, "Idempotency-Key": "live"}) as client:
        client.read_until(b"word3")
        second = plain_server.post(create("slow 20"), keyed("live", **RESUME))
        client.read_all()
    assert second.content == client.body


def test_many_at_once_with_one_key(plain_server: Server) -> None:
    before = len(threads_of(plain_server))
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: plain_server.post(create("say 2"), keyed("many", **RESUME)), range(16)))
    assert len({reply.content for reply in replies}) == 1
    assert len(threads_of(plain_server)) == before + 1


def test_a_key_with_another_request_is_refused(plain_server: Server) -> None:
    thread_id = plain_server.post(create("say 1"), keyed("other", **RESUME)).headers["x-chatkit-thread-id"]
    for body, headers in (
        (create("say 2"), {}),
        ({**create("say 1"), "metadata": {"project": "another"}}, {}),
        (add(thread_id, "say 1"), {}),
    ):
        check_problem(plain_server.post(body, keyed("other", **headers)), "idempotency_mismatch")
    check_rpc_problem(plain_server.post(submit("say 2"), keyed("other")), "idempotency_mismatch")
    check_problem(plain_server.post(add("thr_unknown"), keyed("other")), "thread_not_found")  # which comes first


def test_a_key_is_its_users_own(plain_server: Server) -> None:
    mine = plain_server.post(create("say 1"), keyed("shared"))
    theirs = plain_server.post(create("say 2"), {**BOB, "Idempotency-Key": "shared"})
    assert theirs.status_code == 200
    assert theirs.headers["x-chatkit-run-id"] != mine.headers["x-chatkit-run-id"]


def test_a_key_works_over_json_rpc_too(plain_server: Server) -> None:
    first = plain_server.post(submit("say 2", 1), keyed("rpc")).json()
    again = plain_server.post(submit("say 2", 2), keyed("rpc")).json()
    assert again["result"] == first["result"]
    assert again["id"] == 2
    assert [item["type"] for item in first["result"]["items"]] == ["user_message", "assistant_message"]


def test_a_retry_with_a_key_is_done_once(plain_server: Server) -> None:
    events = plain_server.send("say 2")
    thread_id = events[0]["thread"]["id"]
    item_id = next(event["item"]["id"] for event in events if event["type"] == "thread.item.done")
    retry = {"type": "threads.retry_after_item", "params": {"thread_id": thread_id, "item_id": item_id}}
    first = plain_server.post(retry, keyed("retry", **RESUME))
    kept = plain_server.op("items.list", thread_id=thread_id)["data"]
    assert plain_server.post(retry, keyed("retry", **RESUME)).content == first.content
    assert plain_server.op("items.list", thread_id=thread_id)["data"] == kept


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tbed"])
def test_a_key_that_is_none(plain_server: Server, key: str) -> None:
    body = check_problem(plain_server.post(create("say 1"), keyed(key)), "invalid_request")
    assert body["errors"][0]["path"] == "Idempotency-Key"


def test_a_request_that_was_refused_does_not_use_its_key(plain_server: Server) -> None:
    check_problem(plain_server.post(add("thr_unknown"), keyed("refused")), "thread_not_found")
    assert plain_server.post(create("say 1"), keyed("refused")).status_code == 200
