"""One run from its first event to its last: lets the agent answer, records it, and ends the run whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..agents.base import Agent, Turn, closing_stream
from ..errors import ThreadNotFound
from ..events import TextDelta, now
from ..ids import new_id
from ..rows import ItemRow, item_model, item_row
from ..store.base import RunEnd, Store
from .failure import failure_of
from .fairness import TimeSlice
from .patience import patiently
from .recorder import Recorder
from .run import Run, Status, StopReason

logger = logging.getLogger(__name__)

SLICE_SECONDS = 0.001
"""How long an agent that never awaits may hold the event loop before others get their turn."""

STOP_SECONDS = 1.0
"""How long a stopped agent may take to clean up before its run ends without it."""

STOPPED_NOTE = "The user cancelled the stream. Stop responding to the prior request."
"""The hidden item that tells the next turn of a stop; the SDK's words."""

INTERRUPTED = {
    "code": "custom",
    "message": "The server was restarted before the answer was complete",
    "allow_retry": True,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends: with which ``error`` event for its readers, which hidden ``notes`` for the next turn, and
    whether what is unfinished is to be kept.
    """

    status: Status
    reason: str | None = None
    error: dict[str, Any] | None = None
    notes: tuple[ItemRow, ...] = ()
    keep: bool = True


class RunDriver:
    """Drives ``run`` through its turn. ``on_unstored`` gets an end that the database did not take in time."""

    def __init__(
        self,
        run: Run,
        turn: Turn,
        recorder: Recorder,
        *,
        store: Store,
        agent: Agent,
        on_end: Callable[[Run], None],
        on_unstored: Callable[[Run, RunEnd], None],
    ) -> None:
        self._run = run
        self._turn = turn
        self._recorder = recorder
        self._store = store
        self._agent = agent
        self._on_end = on_end
        self._on_unstored = on_unstored
        self._recording = False
        self._context = copy_context()

    def start(self) -> None:
        """Begin the run's task."""
        self._run.task = asyncio.create_task(self._drive(), name=self._run.id)

    def stop(self, reason: StopReason) -> None:
        """Ask the run to end: its partial text is kept. Has no effect on one that is ending."""
        run = self._run
        if run.stopping is not None or run.phase not in ("admitted", "answering"):
            return
        run.stopping = reason
        if run.phase == "answering" and run.task is not None:
            if not self._recording:
                run.task.cancel()
            asyncio.get_running_loop().call_later(STOP_SECONDS, self._give_up, context=self._context)

    async def _drive(self) -> None:
        """Let the agent answer, then end the run; unless it was given up meanwhile, and has been ended already."""
        error = await self._answer()
        if self._run.phase != "abandoned":
            self._run.phase = "ending"
            await self._finish(error)

    async def _answer(self) -> BaseException | None:
        """Take the agent's answer. The error it ended with: this is the edge of a run, none goes further."""
        if self._run.stopping is not None:
            return None
        self._run.phase = "answering"
        try:
            await self._record()
        except asyncio.CancelledError as error:
            if self._run.task is not None:
                self._run.task.uncancel()  # what follows must not look cancelled
            return error
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever the agent raises
            return error
        return None

    async def _record(self) -> None:
        """Record the agent's events; yield to other runs when this one has had its share of time."""
        run, recorder = self._run, self._recorder
        stream = self._agent.act(self._turn) if self._turn.kind == "action" else self._agent.respond(self._turn)
        time_slice = TimeSlice(stream, SLICE_SECONDS)
        async with closing_stream(stream):
            async for event in time_slice:
                if run.stopping is not None:
                    return
                if type(event) is TextDelta and not recorder.holding:
                    recorder.text(event)
                else:
                    self._recording = True  # a stop waits for it: what is stored must also be logged
                    await recorder.record(event)
                    self._recording = False
                    if run.stopping is not None:
                        return
                if time_slice.is_over():
                    await asyncio.sleep(0)
                    time_slice.begin()

    def _give_up(self) -> None:
        """End a stopped run whose agent does not let go; what the agent still says is not recorded."""
        if self._run.phase != "answering":
            return
        logger.error("run %s was stopped and its agent goes on, it is abandoned", self._run.id, extra=self._run.fields)
        self._run.phase = "abandoned"
        self._run.task = asyncio.create_task(self._finish(None), name=self._run.id)

    async def _finish(self, error: BaseException | None) -> None:
        try:
            if isinstance(error, ThreadNotFound):
                self._run.stopping = "thread_deleted"
            if self._run.stopping is not None:
                await self._end_stopped()
            elif error is not None:
                await self._end_failed(error)
            else:
                await self._end(Ending("completed"))
        finally:
            self._run.report()
            self._on_end(self._run)

    async def _end_stopped(self) -> None:
        reason = self._run.stopping
        status: Status = "interrupted" if reason == "shutdown" else "cancelled"
        if reason not in ("cancelled", "disconnected"):
            error = INTERRUPTED if status == "interrupted" else None
            await self._end(Ending(status, reason, error))
        elif await self._stopped_by_agent():
            await self._end(Ending(status, reason, keep=False))
        else:
            await self._end(Ending(status, reason, notes=(_stopped_note(self._run.thread_id),)))

    async def _stopped_by_agent(self) -> bool:
        """Whether the agent has a way of its own to keep what a stop leaves, and it worked."""
        try:
            pending = [item_model(item_row(entry.item)) for entry in self._recorder.unfinished()]
            return await self._agent.stopped(self._turn, pending)
        except Exception as error:
            logger.error("the agent's handling of a stop failed", exc_info=error, extra=self._run.fields)
            return False

    async def _end_failed(self, error: BaseException) -> None:
        failure = failure_of(error)
        if failure.unexpected:
            logger.error("run %s failed", self._run.id, exc_info=error, extra=self._run.fields)
        await self._end(Ending("failed", failure.stop_reason, failure.event))

    async def _end(self, ending: Ending) -> None:
        """Store what is left and the end itself, then tell the readers; they are told in any case."""
        run, recorder, completed = self._run, self._recorder, ending.status == "completed"
        end: RunEnd | None = None
        try:
            recorder.flush()
            await recorder.save_thread()
            rows = (*recorder.settle(completed=completed, keep=ending.keep), *ending.notes)
            end = RunEnd(run.id, run.thread_id, ending.status, ending.reason, now(), rows)
            await patiently(partial(self._store.end_run, run.owner, end), run.id, run.fields)
            recorder.announce(completed=completed)
        except ThreadNotFound:
            logger.info("run %s ended in a deleted thread", run.id, extra=run.fields)
        except Exception as error:  # the database is gone, say: the stream must not just end
            failure = failure_of(error)
            ending = Ending("failed", failure.stop_reason, failure.event)
            logger.error("the end of run %s could not be stored", run.id, exc_info=error, extra=run.fields)
            if end is not None:
                self._on_unstored(run, replace(end, status="failed", stop_reason=failure.stop_reason))
        self._tell(ending)

    def break_off(self) -> None:
        """The process ends and the database has not taken the run's end: its readers are told now."""
        if self._run.status == "running":
            if self._run.task is not None:
                self._run.task.cancel()
            self._tell(Ending("interrupted", "shutdown", INTERRUPTED))

    def _tell(self, ending: Ending) -> None:
        run, recorder = self._run, self._recorder
        run.status, run.stop_reason = ending.status, ending.reason
        if ending.error is not None:
            recorder.log("error", ending.error)
        recorder.log("run.ended", {"run_id": run.id, "status": ending.status, "stop_reason": ending.reason})


def _stopped_note(thread_id: str) -> ItemRow:
    note = {
        "id": new_id("sdk_hidden_context"),
        "thread_id": thread_id,
        "created_at": now(),
        "type": "sdk_hidden_context",
        "content": STOPPED_NOTE,
    }
    return item_row(note)
