"""The machine of a run: every phase with every event, and what holds for every history."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.runs.run import (
    STATUS_OF,
    Begin,
    Done,
    Ended,
    Event,
    Late,
    Phase,
    State,
    Status,
    Stop,
    StopReason,
    Turn,
    after,
)

PHASES: tuple[Phase, ...] = get_args(Phase)
END = Ended("completed", None)
EVENTS: tuple[Event, ...] = (Turn(), Begin(), Stop("cancelled"), Done(), Late(), END)

MOVES: dict[tuple[Phase, Event], tuple[Phase, tuple[str, ...]]] = {
    ("queued", Turn()): ("admitted", ()),
    ("queued", Stop("cancelled")): ("ending", ("leave", "finish")),
    ("queued", Done()): ("ending", ("finish",)),
    ("queued", END): ("ended", ()),
    ("admitted", Begin()): ("answering", ("answer",)),
    ("admitted", Stop("cancelled")): ("ending", ("leave", "finish")),
    ("admitted", Done()): ("ending", ("finish",)),
    ("admitted", END): ("ended", ()),
    ("answering", Stop("cancelled")): ("stopping", ("stop_agent",)),
    ("answering", Done()): ("ending", ("finish",)),
    ("answering", END): ("ended", ()),
    ("stopping", Done()): ("ending", ("finish",)),
    ("stopping", Late()): ("ending", ("leave", "finish")),
    ("stopping", END): ("ended", ()),
    ("ending", END): ("ended", ()),
}
"""All that changes anything."""

STATUSES: dict[Phase, Status] = {
    "queued": "queued",
    "admitted": "running",
    "answering": "running",
    "stopping": "running",
    "ending": "running",
    "ended": "failed",
}


def in_phase(phase: Phase) -> State:
    stopping: StopReason | None = "timeout" if phase in ("stopping", "ending", "ended") else None
    return State(phase, stopping, Ended("failed", "timeout") if phase == "ended" else None)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_takes_every_event(phase: Phase, event: Event) -> None:
    state = in_phase(phase)
    following, effects = after(state, event)
    if (phase, event) not in MOVES:
        assert (following, effects) == (state, ())
        return
    assert (following.phase, effects) == MOVES[phase, event]
    if isinstance(event, Stop):
        assert following.stopping == event.reason
    else:
        assert following.stopping == state.stopping
    assert following.ended == (event if isinstance(event, Ended) else None)


@pytest.mark.parametrize("phase", PHASES)
def test_what_a_phase_is_called(phase: Phase) -> None:
    assert in_phase(phase).status == STATUSES[phase]


def test_every_reason_to_stop_has_its_end() -> None:
    assert STATUS_OF.keys() == set(get_args(StopReason))


@given(st.sampled_from(("queued", "admitted")), st.lists(st.sampled_from(EVENTS), max_size=12))
def test_a_run_is_answered_and_finished_once_at_most(first: Any, events: list[Event]) -> None:
    state, done = State(first), list[str]()
    for event in events:
        was = state
        state, effects = after(state, event)
        done += effects
        assert PHASES.index(state.phase) >= PHASES.index(was.phase)
    for effect in ("answer", "stop_agent", "leave", "finish"):
        assert done.count(effect) <= 1
    if "leave" in done:
        assert done[done.index("leave") + 1] == "finish"
    if state.phase == "ending":
        assert "finish" in done
