"""One run from its first event to its last: waits for its turn, lets the agent answer, records it, and ends the run
whatever happens.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..agents.base import Agent, Turn, closing_stream
from ..errors import NotFound, Overloaded, ThreadNotFound
from ..events import TextDelta, now
from ..ids import new_id
from ..rows import ItemRow, item_model, item_row
from ..store.base import RunEnd, RunLost, RunRow, Store
from .failure import INTERRUPTED, TIMED_OUT, failure_of
from .fairness import TimeSlice
from .line import Place
from .live import LiveRun
from .patience import patiently
from .recorder import Recorder
from .run import STATUS_OF, Begin, Done, Effect, Ended, EndStatus, Event, Late, Stop, StopReason, after
from .run import Turn as TurnCame

logger = logging.getLogger(__name__)

SLICE_SECONDS = 0.001
"""How long an agent that never awaits may hold the event loop before others get their turn."""

STOP_SECONDS = 1.0
"""How long a stopped agent may take to clean up before its run ends without it."""

KEEP_SECONDS = 10.0
"""How long an agent may take to keep what a stop leaves in its own way, before that is done for it."""

STOPPED_NOTE = "The user cancelled the stream. Stop responding to the prior request."
"""The hidden item that tells the next turn of a stop; the SDK's words."""

SUPERSEDED_NOTE = "The user sent another message before this answer was complete."

WITHDRAWN_NOTE = "The user took a message back before it was answered. Do not answer it. It began: "

WITHDRAWN_CHARS = 200
"""How much of a message is repeated, so that the model knows which one was taken back."""

BY_USER: frozenset[StopReason] = frozenset({"cancelled", "disconnected", "superseded"})
"""Stops that the next turn is told of."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends: with which ``error`` event for its readers, which hidden ``notes`` for the next turn, and
    whether what is unfinished is to be kept.
    """

    status: EndStatus
    reason: str | None = None
    error: dict[str, Any] | None = None
    notes: tuple[ItemRow, ...] = ()
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who hears of a run: ``ended`` in any case, ``unstored`` of an end that the database did not take in time, with
    what stores it.
    """

    ended: Callable[[LiveRun], None]
    unstored: Callable[[LiveRun, Callable[[], Awaitable[None]]], None]


class RunDriver:
    """Drives ``run`` through its ``turn``, of at most ``timeout`` seconds. In line, the turn is made when it begins."""

    def __init__(
        self,
        run: LiveRun,
        turn: Turn,
        recorder: Recorder,
        *,
        store: Store,
        agent: Agent,
        watcher: Watcher,
        timeout: float,
        place: Place | None = None,
    ) -> None:
        self._run = run
        self._turn = turn
        self._recorder = recorder
        self._store = store
        self._agent = agent
        self._watcher = watcher
        self._timeout = timeout
        self._place = place
        self._recording = False
        self._in_doubt = False
        self._begun = False
        self._queued = place is not None
        self._context = copy_context()
        self._timer: asyncio.TimerHandle | None = None
        self._agents_task: asyncio.Task[BaseException | None] | None = None

    def start(self) -> None:
        """Begin the run's task."""
        self._run.task = asyncio.create_task(self._drive(), name=self._run.id)

    def stop(self, reason: StopReason) -> None:
        """Ask the run to end: its partial text is kept. Has no effect on one that is ending."""
        self._on(Stop(reason))

    def wake(self) -> None:
        """The run before this one in its thread has ended."""
        if self._place is not None:
            self._place.wake()

    @property
    def waits(self) -> bool:
        """Whether the run is in line."""
        return self._run.state.phase == "queued"

    def checkpoint(self) -> tuple[str, int] | None:
        """What a crash would lose, as the JSON of items, and where in the log; ``None`` where nothing is new."""
        return self._recorder.checkpoint() if self._run.state.phase in ("answering", "stopping") else None

    def checkpoint_again(self) -> None:
        """The last checkpoint was not stored."""
        self._recorder.checkpoint_again()

    # --- the machine ----------------------------------------------------------------------------------------------

    def _on(self, event: Event) -> bool:
        """Take an event; whether the caller, which is the run's task, is to go on with what it brings about."""
        self._run.state, effects = after(self._run.state, event)
        for effect in effects:
            self._do(effect)
        return bool(effects)

    def _do(self, effect: Effect) -> None:
        loop = asyncio.get_running_loop()
        match effect:
            case "answer":
                self._begun = True
                self._timer = loop.call_later(self._timeout, self.stop, "timeout", context=self._context)
            case "stop_agent":
                if self._agents_task is not None and not self._recording:
                    self._agents_task.cancel()
                loop.call_later(STOP_SECONDS, self._on, Late(), context=self._context)
            case "leave":
                self._leave()
            case "finish":
                if self._timer is not None:
                    self._timer.cancel()

    def _leave(self) -> None:
        """What the run's task still does is of no consequence: another one ends the run."""
        if self._place is not None:
            self._place.leave()
        if self._begun:
            logger.error("run %s was stopped and its agent goes on, it is left", self._run.id, extra=self._run.fields)
        self._run.task = asyncio.create_task(self._finish(None), name=self._run.id)

    async def _drive(self) -> None:
        """Wait for the turn, let the agent answer, and end the run, unless that was done without this task.

        The agent has a task of its own: what it does to that, cancelling it for one, does not touch the run's end.
        """
        error: BaseException | None = None
        if self._place is not None:
            error = await self._wait(self._place)
        if error is None and self._on(Begin()):
            task = self._agents_task = asyncio.create_task(self._answer(), name=self._run.id)
            try:
                error = await task
            except asyncio.CancelledError as cancelled:
                if not task.cancelled():
                    raise  # it is this task that somebody has cancelled
                error = cancelled
        if self._on(Done()):
            await self._finish(error)

    async def _wait(self, place: Place) -> BaseException | None:
        """Wait for the turn; the error why it never comes."""
        try:
            came = await place.turn()
        except Exception as error:  # noqa: BLE001 - the edge of a run
            return error
        if came is not None:
            self._turn, thread = came
            self._recorder.resume(self._turn.thread, thread)
            self._queued, self._place = False, None
            self._on(TurnCame())
            self._run.report()
        return None

    async def _answer(self) -> BaseException | None:
        """Record the agent's events; yield to other runs when this one has had its share of time.

        The error it ended with: this is the edge of a run, none goes further. One coroutine, for each token that an
        agent waits for wakes all those that wait for it.
        """
        run, recorder = self._run, self._recorder
        try:
            stream = self._agent.act(self._turn) if self._turn.kind == "action" else self._agent.respond(self._turn)
            time_slice = TimeSlice(stream, SLICE_SECONDS)
            async with closing_stream(stream):
                async for event in time_slice:
                    if run.state.phase != "answering":
                        return None
                    if type(event) is TextDelta and not recorder.holding:
                        recorder.text(event)
                    else:
                        self._recording = True  # a stop waits for it: what is stored must also be logged
                        try:
                            await recorder.record(event)
                        finally:
                            self._recording = False
                        if run.state.phase != "answering":
                            return None
                    if time_slice.is_over():
                        await asyncio.sleep(0)
                        time_slice.begin()
        except BaseException as error:  # noqa: BLE001 - whatever the agent raises
            return error
        return None

    # --- the end --------------------------------------------------------------------------------------------------

    async def _finish(self, error: BaseException | None) -> None:
        try:
            await self._end_after(error)
        finally:
            self._run.report()
            self._watcher.ended(self._run)

    async def _end_after(self, error: BaseException | None) -> None:
        # What was being stored when it failed, or was left, may be stored, and was not logged.
        self._in_doubt = self._recording or isinstance(error, Overloaded)
        stopped = "thread_deleted" if isinstance(error, ThreadNotFound) else self._run.state.stopping
        if isinstance(error, RunLost):
            await self._lost()
        elif stopped is not None:
            await self._end_stopped(stopped)
        elif error is not None:
            await self._end_failed(error)
        else:
            await self._end(Ending("completed"))

    async def _lost(self) -> None:
        """Another process has ended the run, with the text that it knew: that is what readers are to have."""
        logger.error("run %s was taken for dead and has been ended elsewhere", self._run.id, extra=self._run.fields)
        self._recorder.flush()
        ending = Ending("interrupted", "lost", INTERRUPTED)
        row = await self._log_stored()
        self._tell(replace(ending, reason=row.stop_reason) if row and row.status == "interrupted" else ending)

    async def _log_stored(self) -> RunRow | None:
        """Tell readers what is stored, which may be other than what was logged; the run's row, if it can be read."""
        run = self._run
        try:
            row = await self._store.get_run(run.owner, run.id)
            so_far = await self._store.run_so_far(run.owner, run.thread_id, run.id)
        except (NotFound, Overloaded):
            logger.warning("run %s: what is stored of it could not be read", run.id, extra=run.fields)
            return None
        self._recorder.log_snapshot(row, so_far.items)
        return row

    async def _end_stopped(self, reason: StopReason) -> None:
        status = STATUS_OF[reason]
        if reason not in BY_USER:
            error = INTERRUPTED if status == "interrupted" else TIMED_OUT if reason == "timeout" else None
            await self._end(Ending(status, reason, error))
        elif self._begun and await self._stopped_by_agent():
            await self._end(Ending(status, reason, keep=False))
        else:
            await self._end(Ending(status, reason, notes=self._notes(reason)))

    def _notes(self, reason: StopReason) -> tuple[ItemRow, ...]:
        """What the next turn is told."""
        if not self._queued:
            return (_hidden_note(self._run.thread_id, SUPERSEDED_NOTE if reason == "superseded" else STOPPED_NOTE),)
        if reason == "superseded" or not self._turn.text:
            return ()
        return (_hidden_note(self._run.thread_id, WITHDRAWN_NOTE + self._turn.text[:WITHDRAWN_CHARS]),)

    async def _stopped_by_agent(self) -> bool:
        """Whether the agent has a way of its own to keep what a stop leaves, and it worked."""
        try:
            pending = [item_model(item_row(entry.item)) for entry in self._recorder.unfinished()]
            async with asyncio.timeout(KEEP_SECONDS):
                return await self._agent.stopped(self._turn, pending)
        except (Exception, asyncio.CancelledError) as error:
            if self._run.has_ended:  # it was broken off
                raise
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
            if self._begun:
                await recorder.save_thread()
            rows = (*recorder.settle(completed=completed, keep=ending.keep), *ending.notes)
            end = RunEnd(run.id, run.thread_id, ending.status, ending.reason, now(), rows)
            await patiently(partial(self._store_end, end), run.id, run.fields)
            recorder.announce(completed=completed)
            if self._in_doubt:
                await self._log_stored()
        except ThreadNotFound:
            ending = Ending("cancelled", "thread_deleted")
            logger.info("run %s ended in a deleted thread", run.id, extra=run.fields)
        except RunLost:
            await self._lost()
            return
        except Exception as error:  # the database is gone, say: the stream must not just end
            failure = failure_of(error)
            ending = Ending("failed", failure.stop_reason, failure.event)
            logger.error("the end of run %s could not be stored", run.id, exc_info=error, extra=run.fields)
            end = end or RunEnd(run.id, run.thread_id, ending.status, ending.reason, now())
            end = replace(end, status=ending.status, stop_reason=ending.reason)
            self._watcher.unstored(run, partial(self._store_end_at_least, end))
        self._tell(ending)

    async def _store_end(self, end: RunEnd) -> None:
        """A run that was about to begin while it was stopped may have begun in the database."""
        if self._queued and await self._store.withdraw_run(self._run.owner, end):
            return
        await self._store.end_run(self._run.owner, end)

    async def _store_end_at_least(self, end: RunEnd) -> None:
        """The end with its items; without them, where they are what no database takes: the thread must go on."""
        try:
            await self._store_end(end)
        except (NotFound, Overloaded, RunLost):
            raise
        except Exception as error:
            logger.error("the items of run %s cannot be stored", self._run.id, exc_info=error, extra=self._run.fields)
            await self._store_end(replace(end, items=()))

    def break_off(self) -> None:
        """The process ends and the database has not taken the run's end: its readers are told now."""
        if not self._run.has_ended:
            if self._run.task is not None:
                self._run.task.cancel()
            self._tell(Ending("interrupted", "shutdown", INTERRUPTED))

    def _tell(self, ending: Ending) -> None:
        run, recorder = self._run, self._recorder
        self._on(Ended(ending.status, ending.reason))
        if ending.error is not None:
            recorder.log("error", ending.error)
        recorder.log("run.ended", {"run_id": run.id, "status": ending.status, "stop_reason": ending.reason})


def _hidden_note(thread_id: str, text: str) -> ItemRow:
    note = {
        "id": new_id("sdk_hidden_context"),
        "thread_id": thread_id,
        "created_at": now(),
        "type": "sdk_hidden_context",
        "content": text,
    }
    return item_row(note)
