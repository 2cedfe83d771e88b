"""Merging of deltas, on a clock that the test turns."""

import asyncio
from collections.abc import Callable
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.runs.coalesce import MAX_TEXT, Coalescer

WINDOW = 0.02


class Timer:
    def __init__(self, when: float, callback: Callable[[], None]) -> None:
        self.when = when
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """What a coalescer asks of an event loop."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        timer = Timer(when, callback)
        self.timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass, and fire what falls due."""
        end = self.now + seconds
        while due := [timer for timer in self.timers if not timer.cancelled and timer.when <= end]:
            first = min(due, key=lambda timer: timer.when)
            self.now = max(self.now, first.when)
            self.timers.remove(first)
            first.callback()
        self.now = end


class Recorded:
    """A coalescer with its clock, and what it emitted when."""

    def __init__(self, window: float = WINDOW) -> None:
        self.clock = Clock()
        self.emitted: list[tuple[float, str, int, str]] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncio, "get_running_loop", lambda: self.clock)
            self.coalescer = Coalescer(window, self._emit)

    def _emit(self, item_id: str, index: int, text: str) -> None:
        self.emitted.append((self.clock.now, item_id, index, text))

    @property
    def texts(self) -> list[str]:
        return [text for *_, text in self.emitted]


def test_the_first_delta_never_waits_and_the_next_ones_go_together() -> None:
    it = Recorded()
    for text in "abc":
        it.coalescer.add("msg", 0, text)
    assert it.texts == ["a"]
    it.clock.advance(WINDOW)
    assert it.texts == ["a", "bc"]
    it.coalescer.add("msg", 0, "d")
    assert it.texts == ["a", "bc"]
    it.clock.advance(WINDOW)
    assert it.texts == ["a", "bc", "d"]


def test_a_delta_after_a_silence_does_not_wait() -> None:
    it = Recorded()
    it.coalescer.add("msg", 0, "a")
    it.clock.advance(1)
    it.coalescer.add("msg", 0, "b")
    assert it.texts == ["a", "b"]


def test_another_part_does_not_wait_and_comes_after_what_waited() -> None:
    it = Recorded()
    it.coalescer.add("msg", 0, "a")
    it.coalescer.add("msg", 0, "b")
    it.coalescer.add("msg", 1, "c")
    it.coalescer.add("msg_2", 1, "d")
    assert [event[1:] for event in it.emitted] == [
        ("msg", 0, "a"),
        ("msg", 0, "b"),
        ("msg", 1, "c"),
        ("msg_2", 1, "d"),
    ]


def test_a_flush_emits_what_waits_once_and_leaves_no_timer() -> None:
    it = Recorded()
    for text in "ab":
        it.coalescer.add("msg", 0, text)
    it.coalescer.flush()
    it.coalescer.flush()
    assert it.texts == ["a", "b"]
    it.clock.advance(1)
    assert it.texts == ["a", "b"]
    assert all(timer.cancelled for timer in it.clock.timers)


@pytest.mark.parametrize("wait", [0.0, 0.5])
def test_an_empty_delta_does_not_part_the_halves_of_a_surrogate_pair(wait: float) -> None:
    it = Recorded()
    for text in ("a", "\ud83d", "", "\ude00"):
        it.clock.advance(wait)
        it.coalescer.add("msg", 0, text)
    it.clock.advance(1)
    assert it.texts == ["a", "\ud83d\ude00"]


def test_without_a_window_nothing_waits() -> None:
    it = Recorded(window=0)
    for text in "abc":
        it.coalescer.add("msg", 0, text)
    assert it.texts == ["a", "b", "c"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(["m1", "m2"]), st.integers(0, 1), st.text(min_size=1, max_size=3)),
        st.tuples(st.just("wait"), st.sampled_from([0.0, 0.001, 0.005, 0.019, 0.02, 0.021, 0.5])),
        st.tuples(st.just("flush")),
    ),
    max_size=60,
)


@given(STEPS)
def test_text_is_neither_lost_nor_reordered_nor_late(steps: list[tuple[Any, ...]]) -> None:
    it = Recorded()
    added: list[tuple[str, int, str]] = []
    times: list[float] = []  # of every character
    for step in steps:
        match step:
            case ("add", item_id, index, text):
                it.coalescer.add(item_id, index, text)
                added.append((item_id, index, text))
                times += [it.clock.now] * len(text)
            case ("wait", seconds):
                it.clock.advance(seconds)
            case _:
                it.coalescer.flush()
    it.clock.advance(1)
    assert _by_part([(a, b, c) for _, a, b, c in it.emitted]) == _by_part(added)
    emitted_at = [moment for moment, *_, text in it.emitted for _ in text]
    assert all(late - early <= WINDOW + 1e-9 for early, late in zip(times, emitted_at, strict=True))


@given(st.lists(st.sampled_from([0.0, 0.001, 0.005, 0.019, 0.02, 0.021, 0.5]), max_size=60))
def test_one_part_is_emitted_once_per_window_at_most(waits: list[float]) -> None:
    it = Recorded()
    for wait in waits:
        it.coalescer.add("msg", 0, "x")
        it.clock.advance(wait)
    it.clock.advance(1)
    moments = [moment for moment, *_ in it.emitted]
    assert all(late - early >= WINDOW - 1e-9 for early, late in pairwise(moments))
    assert "".join(it.texts) == "x" * len(waits)


@pytest.mark.parametrize("size", [MAX_TEXT, MAX_TEXT + 1, 3 * MAX_TEXT, 3 * MAX_TEXT + 7])
def test_long_text_comes_in_pieces(size: int) -> None:
    it = Recorded()
    text = "".join(chr(ord("a") + number % 26) for number in range(size))
    it.coalescer.add("msg", 0, text)
    assert "".join(it.texts) == text
    assert len(it.texts) == -(-size // MAX_TEXT)
    assert max(map(len, it.texts)) == MAX_TEXT


def test_no_piece_ends_in_the_middle_of_a_surrogate_pair() -> None:
    it = Recorded()
    text = "x" + "\ud83d\ude00" * MAX_TEXT
    it.coalescer.add("msg", 0, text)
    assert "".join(it.texts) == text
    assert not any(piece.endswith("\ud83d") for piece in it.texts)
    assert max(map(len, it.texts)) <= MAX_TEXT


def _by_part(events: list[tuple[str, int, str]]) -> list[tuple[tuple[str, int], str]]:
    """Consecutive text of one part put together."""
    return [(part, "".join(text for *_, text in group)) for part, group in groupby(events, key=lambda e: (e[0], e[1]))]


async def test_on_a_real_event_loop() -> None:
    emitted: list[str] = []
    coalescer = Coalescer(0.01, lambda item_id, index, text: emitted.append(text))
    for number in range(20):
        coalescer.add("msg", 0, f"{number} ")
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.03)
    assert "".join(emitted) == "".join(f"{number} " for number in range(20))
    assert 1 < len(emitted) < 20
    assert emitted[0] == "0 "
