"""Answers over connections that break: each event once, in order, or a failure that says so."""

import asyncio

import httpx2
import pytest
from chatkit import types as sdk
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapi_chatkit.client import (
    AnswerFailed,
    AsyncChatKitClient,
    BadReply,
    Broken,
    Busy,
    NotFound,
    Outcome,
    Patience,
    Reconnecting,
    RunEnded,
    RunSnapshot,
    RunStarted,
    UnknownEvent,
    Unreachable,
)
from tests.unit.cli.fake_server import FakeServer
from tests.unit.client.scripted import (
    ANSWER,
    RUN,
    SOON,
    STARTED,
    Body,
    Json,
    Server,
    added,
    delta,
    done,
    ended,
    frame,
    message,
    refused,
    reset,
    snapshot,
)

TEXT = "Grüße an\u2028alle 🙂"
WHOLE = [*ANSWER, ended()]
LENGTH = len(b"".join(Server().log))


async def events_of(server: Server, patience: Patience = SOON) -> list[Json]:
    async with server.client(patience) as client, client.send("hello", thread_id="thr_1") as answer:
        return [event async for event in answer.json()]


async def test_every_event_comes_once_whichever_byte_the_connection_breaks_at() -> None:
    for at in range(LENGTH + 1):
        server = Server(WHOLE, at)
        assert await events_of(server) == WHOLE
        seen = b"".join(server.log)[:at].count(b"\n\n")
        if seen < len(WHOLE):
            place = {"after": f"1-{seen}"} if seen else {}
            assert server.params[1] == {"thread_id": "thr_1", "run_id": "run_1", **place}
        assert server.operations == ["threads.add_user_message", *["runs.attach"] * (seen < len(WHOLE))]


@settings(deadline=None)
@given(st.lists(st.integers(-1, LENGTH), max_size=40))
def test_every_event_comes_once_however_often_the_connection_breaks(cuts: list[int]) -> None:
    async def run() -> None:
        server = Server(WHOLE, *(cut if cut < 0 or index else max(cut, 0) for index, cut in enumerate(cuts)))
        async with server.client(Patience(attempts=50, first_delay=0)) as client, client.send("hello") as answer:
            assert "".join([text async for text in answer.text()]) == TEXT
            assert await answer.final_text() == TEXT
        assert answer.outcome == Outcome("completed")

    asyncio.run(run())


async def test_a_stream_that_ends_before_its_run_is_resumed() -> None:
    asked = httpx2.Response(200, json={"run": RUN})  # it goes on
    server = Server(WHOLE, lambda content: Body([content[:200]]), asked, lambda content: Body([content[:1]]))
    assert await events_of(server) == WHOLE
    assert server.operations[1:] == ["runs.get", "runs.attach"] * 2


async def test_a_stream_that_brings_nothing_because_its_run_has_ended_is_over() -> None:
    server = Server(WHOLE)
    server.replies["runs.get"] = {"run": {**RUN, "status": "failed", "last_event_id": f"1-{len(WHOLE)}"}}
    async with server.client() as client, client.runs.attach("thr_1", "run_1", after=f"1-{len(WHOLE)}") as answer:
        assert [event async for event in answer.json()] == []
    assert answer.outcome == ("failed", None)
    assert server.operations == ["runs.attach", "runs.get"]


async def test_silence_is_a_broken_connection() -> None:
    def silent(content: bytes) -> Body:
        return Body([content[:300]], asyncio.Event().wait)

    server = Server(WHOLE, silent, silent)
    assert await events_of(server, Patience(first_delay=0, silence=0.05)) == WHOLE
    assert len(server.requests) == 3
    assert all(body.closed for body in server.bodies)


async def test_heartbeats_are_no_silence() -> None:
    class Beating(Body):
        async def __aiter__(self):
            for _ in range(8):
                await asyncio.sleep(0.1)
                yield b": ping\n\n"
            async for chunk in super().__aiter__():
                yield chunk

    server = Server(WHOLE, lambda content: Beating([content]))
    assert await events_of(server, Patience(silence=0.6)) == WHOLE
    assert len(server.requests) == 1


async def test_a_request_that_broke_before_its_response_is_repeated_with_its_key() -> None:
    server = Server(WHOLE, None, -1, httpx2.ConnectError("refused"), -1)
    async with server.client() as client:
        for _ in range(2):
            async with client.send("hello") as answer:
                assert await answer.final_text() == TEXT
    first, *repeated = server.keys("threads.create")
    assert server.operations == ["threads.create"] * 5
    assert len(set(repeated)) == 1
    assert first not in repeated
    assert server.params[1] == server.params[4]


async def test_a_server_that_has_not_shown_that_it_keeps_runs_is_asked_before_a_request_is_repeated() -> None:
    server = Server(WHOLE, -1, refused(502), refused(404, "thread_not_found"), refused(500))
    async with server.client() as client, client.send("hello") as answer:
        assert await answer.final_text() == TEXT
    assert server.operations == ["threads.create", "runs.get", "runs.get", "threads.create", "threads.create"]
    assert len(set(server.keys("threads.create"))) == 1


@pytest.mark.parametrize("reply", [refused(500), refused(404), refused(422, "invalid_request"), httpx2.Response(200)])
async def test_a_server_without_runs_does_not_get_a_message_twice(reply: httpx2.Response) -> None:
    server = Server(WHOLE, -1, reply, runs=False)
    with pytest.raises(Broken):
        await events_of(server)
    assert server.operations == ["threads.add_user_message", "runs.get"]


async def test_nobody_there_is_said_at_once() -> None:
    server = Server(WHOLE, httpx2.ConnectError("refused"))
    with pytest.raises(Unreachable, match="No server at http://chat"):
        await events_of(server)
    assert len(server.requests) == 1


async def test_a_server_that_is_busy_is_asked_again_when_it_says() -> None:
    server = Server(WHOLE, refused(503, "overloaded", {"Retry-After": "0"}), refused(429, "", {"Retry-After": "0"}))
    assert await events_of(server) == WHOLE
    assert len(set(server.keys("threads.add_user_message"))) == 1


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "1000"}])
async def test_a_server_that_does_not_say_when_or_much_too_late_is_busy(headers: dict[str, str]) -> None:
    server = Server(WHOLE, refused(503, "not_initialized", headers))
    with pytest.raises(Busy) as caught:
        await events_of(server)
    assert (caught.value.code, caught.value.request_id, len(server.requests)) == ("not_initialized", "req_7", 1)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_coming_back_outlasts_a_server_that_restarts(status: int) -> None:
    server = Server(WHOLE, 300, httpx2.ConnectError("refused"), refused(status), httpx2.ReadTimeout("slow"), 20)
    assert await events_of(server) == WHOLE


async def test_a_run_that_is_gone_is_not_waited_for() -> None:
    server = Server(WHOLE, 300, refused(404, "run_not_found"))
    with pytest.raises(NotFound):
        await events_of(server)
    assert len(server.requests) == 2


async def test_patience_has_an_end_and_progress_renews_it() -> None:
    away = [httpx2.ConnectError("refused")] * 3
    server = Server(WHOLE, 300, *away, 200, *away, *away)
    news: list[Reconnecting] = []
    async with server.client(Patience(attempts=4, first_delay=0)) as client, client.send("hello") as answer:
        answer.on_reconnect = news.append
        with pytest.raises(Unreachable):
            await answer.final_text()
    assert [one.attempt for one in news] == [1, 2, 3, 4, 1, 2, 3, 4]
    assert isinstance(news[0].error, Broken)


async def test_a_snapshot_again_and_again_is_no_progress() -> None:
    whole = frame(snapshot(message("Half")), "2-0")
    cut = [lambda _: Body([whole], reset)] * 4
    server = Server(WHOLE, 300, *cut)
    async with server.client(Patience(attempts=2, first_delay=0)) as client, client.send("hello") as answer:
        with pytest.raises(Broken):
            await answer.final_text()


async def test_a_snapshot_replaces_what_is_known_and_the_stream_goes_on() -> None:
    rest = [
        frame(snapshot(message("One tw")), "2-0"),
        frame(delta("o three"), "2-1"),
        frame(done(message("One two three")), "2-2"),
        frame(ended(), "2-3"),
    ]
    begun = [STARTED, added(message("")), delta("One two th"), added(message("", "gone"))]
    server = Server(begun, lambda content: Body([content], reset), lambda _: Body(rest))
    async with server.client() as client, client.send("hello") as answer:
        typed = [event async for event in answer]
        assert await answer.final_text() == "One two three"
    assert isinstance(typed[0], RunStarted)
    (told,) = [event for event in typed if isinstance(event, RunSnapshot)]
    assert isinstance(told.items[0], sdk.AssistantMessageItem)
    assert told.items[0].content[0].text == "One tw"
    assert isinstance(typed[-1], RunEnded)


async def test_text_that_was_said_is_not_said_again_after_a_snapshot() -> None:
    rest = [frame(snapshot(message("One")), "2-0"), frame(delta(" two"), "2-1"), frame(delta(" three"), "2-2")]
    server = Server(
        [STARTED, added(message("")), delta("One two")],
        lambda content: Body([content], reset),
        lambda _: Body([*rest, frame(ended(), "2-3")]),
    )
    async with server.client() as client, client.send("hello") as answer:
        assert [text async for text in answer.text()] == ["One two", " three"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [("cancelled", "cancelled"), ("failed", None), ("interrupted", "shutdown"), ("completed", None)],
)
async def test_the_outcome_is_what_the_run_ended_with(status: str, reason: str | None) -> None:
    server = Server([STARTED, ended(status, reason)])
    async with server.client() as client, client.send("hello") as answer:
        assert answer.outcome is None
        assert (answer.run_id, answer.thread_id) == ("run_1", "thr_1")
        if status in ("failed", "interrupted"):
            with pytest.raises(AnswerFailed, match=status):
                await answer.final_text()
        else:
            assert await answer.final_text() == ""
        assert answer.outcome == (status, reason)
        assert answer.last_event_id == "1-2"


async def test_an_end_that_is_none_of_the_contracts_is_a_bad_reply() -> None:
    with pytest.raises(BadReply, match="ended the run"):
        await events_of(Server([STARTED, {"type": "run.ended", "status": "evaporated"}]))


@pytest.mark.parametrize("runs", [True, False])
async def test_an_error_is_an_event_and_an_exception_for_who_wants_text(runs: bool) -> None:
    error: Json = {"type": "error", "code": "overloaded", "allow_retry": True}
    last = [ended("failed")] if runs else []
    events = [STARTED, added(message("")), delta("Half"), error, *last]
    async with Server(events, runs=runs).client() as client:
        async with client.send("hello") as answer:
            text = answer.text()
            said = await anext(text)
            with pytest.raises(AnswerFailed, match=r"The answer failed \(overloaded\)") as caught:
                await anext(text)
        assert (said, caught.value.code, caught.value.allow_retry) == ("Half", "overloaded", True)
        assert answer.outcome is not None
        assert answer.outcome.status == "failed"
        async with client.send("hello") as answer:
            (told,) = [event async for event in answer if isinstance(event, sdk.ErrorEvent)]
        assert (told.code, told.message, told.allow_retry) == ("custom", "The answer failed (overloaded).", True)


async def test_an_event_that_is_newer_than_this_client_is_handed_on() -> None:
    strange: list[Json] = [
        {"type": "thread.levitated", "height": 3},
        done({**message("x"), "type": "hologram"}),
        {"type": "thread.item.updated", "item_id": "x", "update": {"type": "hologram.turned"}},
    ]
    async with Server([STARTED, *strange, ended()]).client() as client, client.send("hello") as answer:
        events = [event async for event in answer]
    assert events[1:-1] == [UnknownEvent(one["type"], one) for one in strange]


async def test_leaving_early_hangs_up_and_stops_nothing() -> None:
    def waiting(content: bytes) -> Body:
        return Body([content[:300]], asyncio.Event().wait)

    server = Server(WHOLE, waiting, waiting)
    async with server.client() as client:
        async with client.send("hello") as answer:
            async for _ in answer:
                break
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_read(client.send("hello")), 0.05)
    assert all(body.closed for body in server.bodies)
    assert set(server.operations) == {"threads.create"}
    assert answer.outcome is None


async def _read(answer) -> None:
    async with answer:
        await answer.final_text()


async def test_a_read_that_was_given_up_can_be_taken_up_again() -> None:
    server = Server(WHOLE, lambda content: Body([content[:500]], asyncio.Event().wait))
    async with server.client() as client, client.send("hello") as answer:
        first = await anext(answer.json())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(answer.final_text(), 0.05)
        seen = answer.last_event_id
        rest = [event async for event in answer.json()]
    assert first == STARTED
    assert seen == "1-3"
    assert rest == WHOLE[3:]


async def test_a_stop_cancels_the_run_and_the_events_go_on_to_its_end() -> None:
    server = Server([*ANSWER[:3], ended("cancelled", "cancelled")])
    async with server.client() as client, client.send("hello") as answer:
        await anext(answer.json())
        await answer.stop()
        assert answer.outcome is None
        assert await answer.final_text() == "Grüße"
        assert answer.outcome == ("cancelled", "cancelled")
        await answer.stop()
    assert server.operations == ["threads.create", "runs.cancel"]
    assert server.params[1] == {"thread_id": "thr_1", "run_id": "run_1"}


async def test_a_stop_before_the_beginning_holds_as_soon_as_there_is_a_run() -> None:
    server = Server([STARTED, ended("cancelled", "cancelled")], None, refused(404, "run_not_found"))
    async with server.client() as client:
        answer = client.send("hello")
        await answer.stop()
        async with answer:
            await answer.final_text()
    assert server.operations == ["threads.create", "runs.cancel"]


async def test_a_stop_while_the_connection_is_away_is_told_when_it_is_back() -> None:
    last = [*ANSWER[:3], ended("cancelled", "cancelled")]
    server = Server(last, 300, None, httpx2.ReadError("x"), httpx2.ConnectError("refused"), None)
    async with server.client() as client, client.send("hello") as answer:
        stops: list[asyncio.Task[None]] = []
        answer.on_reconnect = lambda _: stops.append(asyncio.create_task(answer.stop()))
        assert await answer.final_text() == "Grüße"
        await asyncio.gather(*stops)
    assert server.operations == [
        "threads.create",
        "runs.attach",
        *["runs.cancel"] * 2,
        "runs.attach",
        "runs.cancel",
    ]


async def test_an_answer_must_be_entered() -> None:
    async with Server().client() as client:
        with pytest.raises(RuntimeError, match="async with"):
            await client.send("hello").final_text()


async def test_attaching_begins_after_an_offset_and_resumes_from_the_first_byte_on() -> None:
    server = Server(WHOLE, -1, httpx2.ConnectError("refused"), 0)
    async with server.client() as client, client.runs.attach("thr_1", after="1-3") as answer:
        assert [event async for event in answer.json()] == WHOLE[3:]
    assert [params.get("after") for params in server.params] == ["1-3"] * 4


# --- servers without runs ---------------------------------------------------------------------------------------------


async def test_without_runs_the_end_of_the_stream_is_the_end() -> None:
    created: Json = {"type": "thread.created", "thread": {"id": "thr_9"}}
    server = Server([created, *ANSWER[1:]], runs=False)
    async with server.client() as client, client.send("hello") as answer:
        assert await answer.final_text() == TEXT
    assert (answer.run_id, answer.thread_id, answer.outcome) == ("", "thr_9", ("completed", None))
    assert len(server.requests) == 1


async def test_without_runs_what_breaks_is_broken() -> None:
    server = Server(WHOLE, 300, runs=False)
    with pytest.raises(Broken):
        await events_of(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize("reading", [True, False])
async def test_without_runs_a_stop_hangs_up(fake: FakeServer, reading: bool) -> None:
    async with AsyncChatKitClient(fake.url, user="ada", token="x") as client, client.send("slow") as answer:
        events = answer.json()
        kinds = [(await anext(events))["type"] for _ in range(9)]
        assert kinds[0] == "thread.created"
        rest = asyncio.create_task(_count(events)) if reading else None
        await asyncio.sleep(0.1 if reading else 0)
        await answer.stop()
        if rest is not None:
            await asyncio.wait_for(rest, 5)
        assert [event async for event in answer.json()] == []
        assert answer.outcome == ("cancelled", "disconnected")
        assert await asyncio.to_thread(fake.hung_up.wait, 5)


async def _count(events) -> int:
    return len([event async for event in events])
