"""What a run is at any moment, and what each event makes of it: a pure machine, which its driver obeys.

::

    queued ──turn──▶ admitted ──begin──▶ answering ──done──▶ ending ──ended──▶ ended
      │                 │                    │                 ▲
      │                 │                   stop               │
      │                 │                    ▼                 │
      │                 │                stopping ─done, late──┤
      └────stop, done───┴──────────────────────────────────────┘

In the database and to users, ``queued`` is ``queued``, what is before ``ended`` is ``running``, and ``ended`` is one of
``completed``, ``failed``, ``cancelled`` and ``interrupted``. An event that is not in the picture changes nothing: a
stop that comes too late, say. ``ended`` alone is taken in every phase: a process that ends has to tell its readers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

Phase = Literal["queued", "admitted", "answering", "stopping", "ending", "ended"]

EndStatus = Literal["completed", "failed", "cancelled", "interrupted"]

Status = Literal["queued", "running"] | EndStatus

StopReason = Literal["cancelled", "disconnected", "superseded", "thread_deleted", "timeout", "shutdown", "lost"]
"""Why a run is stopped from outside: its user asked, or left, or sent another message; its thread has gone; it took too
long; its process ends; or that could not say that it lives, and others have ended the run, or are about to.
"""

STATUS_OF: Final[dict[StopReason, EndStatus]] = {
    "cancelled": "cancelled",
    "disconnected": "cancelled",
    "superseded": "cancelled",
    "thread_deleted": "cancelled",
    "timeout": "failed",
    "shutdown": "interrupted",
    "lost": "interrupted",
}
"""How a run ends that was stopped."""


# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """No other run comes before it in its thread."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Its task runs."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody wants it to end."""

    reason: StopReason


@dataclass(frozen=True, slots=True)
class Done:
    """The agent has come to its end, or failed, or was stopped."""


@dataclass(frozen=True, slots=True)
class Late:
    """The agent was asked to stop, and has had its time to do so."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Its end is stored as well as it could be, and its readers have been told."""

    status: EndStatus
    reason: str | None


Event = Turn | Begin | Stop | Done | Late | Ended

# --- effects ------------------------------------------------------------------------------------------------------

Effect = Literal["answer", "stop_agent", "leave", "finish"]
"""What the driver has to do: let the agent answer; ask it to stop, and set a limit to that; go on without whatever its
task is doing; store the end.
"""


@dataclass(frozen=True, slots=True)
class State:
    """Where a run is. ``stopping`` is the first reason that counted; ``ended`` is set at the end."""

    phase: Phase
    stopping: StopReason | None = None
    ended: Ended | None = None

    @property
    def status(self) -> Status:
        """What users and the database call it."""
        if self.ended is not None:
            return self.ended.status
        return "queued" if self.phase == "queued" else "running"


class Transition(NamedTuple):
    """What comes next, and what is to be done for it."""

    state: State
    effects: tuple[Effect, ...] = ()


def after(state: State, event: Event) -> Transition:
    """What an event makes of a state."""
    match state.phase, event:
        case "queued", Turn():
            return Transition(State("admitted"))
        case "admitted", Begin():
            return Transition(State("answering"), ("answer",))
        case (("queued" | "admitted"), Stop(reason)):
            return Transition(State("ending", reason), ("leave", "finish"))
        case "answering", Stop(reason):
            return Transition(State("stopping", reason), ("stop_agent",))
        case (("queued" | "admitted" | "answering" | "stopping"), Done()):
            return Transition(replace(state, phase="ending"), ("finish",))
        case "stopping", Late():
            return Transition(replace(state, phase="ending"), ("leave", "finish"))
        case phase, Ended() if phase != "ended":
            return Transition(replace(state, phase="ended", ended=event))
        case _:
            return Transition(state)
