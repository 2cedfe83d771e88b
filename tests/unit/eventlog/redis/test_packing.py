"""Entries of a stream: what is packed comes out as it was, byte by byte."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.eventlog.base import MAX_BATCH, MAX_BATCH_BYTES
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.eventlog.redis.packing import FENCE, Unreadable, pack, unpack
from fastapi_chatkit.eventlog.runlog import MemoryRunLog
from fastapi_chatkit.events import EventType, LoggedEvent, Offset

KINDS = sorted(set(get_args(EventType)) - {"run.ended"})
TEXTS = st.tuples(st.sampled_from(["msg_1", "msg:2", "ü\n0:"]), st.integers(0, 2), st.text(max_size=20))
OTHERS = st.tuples(st.sampled_from(KINDS), st.binary(max_size=30))
REPEATED = st.tuples(st.integers(1, 700), TEXTS)


def logged(said: list[Any]) -> MemoryRunLog:
    """A run that said texts, texts several times over, and other events."""
    log = MemoryEventLog().open("run_1", attempt=3)
    for one in said:
        match one:
            case (int() as times, (item_id, content_index, text)):
                for number in range(times):
                    log.append_text(item_id, content_index, f"{text}{number}")
            case (str() as item_id, int() as content_index, str() as text):
                log.append_text(item_id, content_index, text)
            case (kind, data):
                log.append(kind, data)
    return log


def packed(log: MemoryRunLog, start: int) -> list[tuple[bytes, list[bytes]]]:
    """The entries that bring the events from an index on."""
    entries: list[tuple[bytes, list[bytes]]] = []
    while start < log.count:
        fields, events = pack(log.pieces(start))
        start += events
        entries.append((b"3-%d" % start, fields))
    return entries


@given(st.lists(st.one_of(TEXTS, OTHERS, REPEATED), min_size=1, max_size=8), st.floats(0, 1, exclude_max=True))
def test_events_come_out_as_they_were(said: list[Any], where: float) -> None:
    log = logged(said)
    start = int(where * log.count)
    expected: list[LoggedEvent] = []
    while start + len(expected) < log.count:
        expected += log.batch(start + len(expected))
    entries = [unpack(*entry) for entry in packed(log, start)]
    assert [event for entry in entries for event in entry.events] == expected
    for entry in entries:
        assert entry.events[0].offset == Offset(3, entry.seq)
        assert entry.events[-1].offset == entry.last
        assert entry.size == sum(len(event.data) for event in entry.events)
        assert not entry.ended
        assert len(entry.events) <= MAX_BATCH
        assert entry.size <= MAX_BATCH_BYTES or len(entry.events) == 1


def test_an_entry_has_as_much_as_a_reader_is_given_at_once() -> None:
    log = logged([(2000, ("msg_1", 0, "x" * 300)), ("notice", b"y" * 2 * MAX_BATCH_BYTES), ("notice", b"z")])
    entries = [unpack(*entry) for entry in packed(log, 0)]
    seen = 0
    for entry in entries:
        assert entry.events == log.batch(seen)
        seen += len(entry.events)
    assert seen == 2002
    assert [len(entry.events) for entry in entries[-2:]] == [1, 1]


def test_many_small_events_share_an_entry() -> None:
    log = logged([("notice", b"{}")] * 600)
    assert [len(unpack(*entry).events) for entry in packed(log, 0)] == [MAX_BATCH, 600 - MAX_BATCH]


async def test_the_end_is_told() -> None:
    log = logged([("msg_1", 0, "the"), ("msg_1", 0, " end")])
    log.append("run.ended", b"{}")
    (entry,) = packed(log, 0)
    assert entry == (b"3-3", [b"0:msg_1", b"the\n end", b"run.ended", b"{}"])
    assert unpack(*entry).ended


def test_a_fence_has_no_events() -> None:
    assert unpack(b"4-0", [FENCE, b""]) == (Offset(4, 0), 1, [], 0, False)


@pytest.mark.parametrize(
    ("entry_id", "fields"),
    [
        (b"1-1", []),
        (b"1-1", [b"run.begun", b"{}"]),
        (b"1-1", [b"x:msg_1", b"text"]),
        (b"1-1", [b"0:\xff", b"text"]),
        (b"1-1", [b"notice"]),
        (b"1-1", [b"fence.v2", b""]),
        (b"one", [b"notice", b"{}"]),
        (b"1-1", [b"notice", b"{}", b"notice", b"{}"]),
    ],
)
def test_what_is_no_entry_of_ours_is_not_read(entry_id: bytes, fields: list[bytes]) -> None:
    with pytest.raises(Unreadable):
        unpack(entry_id, fields)
