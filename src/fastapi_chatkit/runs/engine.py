"""The engine: owns every run's task, from admission to its end."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from functools import partial
from typing import Literal, cast

from chatkit import types as sdk

from ..agents.base import Agent, Turn
from ..errors import Draining, NotEnabled, ThreadNotFound
from ..eventlog.base import EventLog, Reader
from ..events import AgentEvent, Offset, TextDelta, now
from ..identity import RequestContext
from ..ids import new_id
from ..operations import AddStructuredInput, AddUserMessage, CreateThread, CustomAction, StreamingOperation
from ..rows import ItemRow, item_model, item_row
from ..store.base import Admitted, RunEnd, RunStart, Store
from .admission import admission_of, turn_of
from .failure import failure_of
from .fairness import TimeSlice
from .recorder import Recorder
from .run import Run, Status, StopReason

logger = logging.getLogger(__name__)

OnDisconnect = Literal["cancel", "continue"]

SLICE_SECONDS = 0.001
"""How long an agent that never awaits may hold the event loop before others get their turn."""

STOP_SECONDS = 1.0
"""How long a stopped agent may take to clean up before its run ends without it."""

STOPPED_NOTE = "The user cancelled the stream. Stop responding to the prior request."
"""The hidden item that tells the next turn of a stop; the SDK's words."""


class RunEngine:
    """Starts runs, gives readers access to them, stops them."""

    def __init__(
        self,
        *,
        store: Store,
        log: EventLog,
        agent: Agent,
        on_disconnect: OnDisconnect = "cancel",
        coalesce_seconds: float = 0.02,
        heartbeat_seconds: float = 15.0,
    ) -> None:
        self._store = store
        self._log = log
        self._agent = agent
        self._on_disconnect: OnDisconnect = on_disconnect
        self._coalesce_seconds = coalesce_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._runs: dict[str, Run] = {}
        self._draining = False
        self._closed = False

    # --- starting -------------------------------------------------------------------------------------------------

    async def start(self, operation: StreamingOperation, context: RequestContext) -> Run:
        """Admit the operation and start its run; what it stores is committed when this returns.

        :raises ChatKitError: the operation cannot be done; nothing was changed.
        """
        if self._draining:
            raise Draining
        if isinstance(operation, CustomAction) and not self._agent.can_act():
            raise NotEnabled("This server handles no widget actions")
        run_id = new_id("run")
        admission = admission_of(operation)
        admitted = await self._store.admit(context.owner, admission, RunStart(run_id, now()))
        run = Run(run_id, context.owner, admitted.thread.id, context.request_id)
        try:
            turn = turn_of(operation, admitted, context, run_id, self._store)
            options = self._agent.stream_options(turn)
        except Exception:
            await self._store.end_run(run.owner, RunEnd(run_id, run.thread_id, "failed", "internal", now()))
            raise
        recorder = Recorder(
            store=self._store,
            log=self._log.open(run_id, attempt=1),
            owner=run.owner,
            thread=turn.thread,
            run_id=run_id,
            window=self._coalesce_seconds,
        )
        _log_opening(recorder, run, operation, admitted, options)
        run.give_up = partial(self._give_up, run, turn, recorder)
        self._runs[run_id] = run
        run.task = asyncio.create_task(self._drive(run, turn, recorder), name=run_id)
        _report(run)
        return run

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self, run: Run, after: Offset | None = None, *, resumable: bool = False) -> Reader:
        """A reader of the run, which counts until :meth:`detach`."""
        reader = self._log.read(run.id, after, self._heartbeat_seconds)
        run.readers += 1
        run.resumable = run.resumable or resumable
        return reader

    def detach(self, run: Run, *, dropped: bool) -> None:
        """A reader has left: at the end, or because its connection ``dropped``."""
        run.readers -= 1
        if run.readers > 0:
            return
        if run.status != "running":
            self._forget(run)
        elif dropped and not run.resumable and self._on_disconnect == "cancel":
            self.stop(run, "disconnected")

    # --- stopping -------------------------------------------------------------------------------------------------

    def stop(self, run: Run, reason: StopReason) -> None:
        """Ask a run to end: its partial text is kept. Has no effect on one that is ending."""
        if run.stopping is not None or run.phase not in ("admitted", "answering"):
            return
        run.stopping = reason
        if run.phase == "answering" and run.task is not None:
            run.task.cancel()
            asyncio.get_running_loop().call_later(STOP_SECONDS, run.give_up)

    async def stop_thread(self, context: RequestContext, thread_id: str, reason: StopReason) -> None:
        """Stop the runs of a thread and wait for their ends."""
        runs = [run for run in self._runs.values() if (run.owner, run.thread_id) == (context.owner, thread_id)]
        for run in runs:
            self.stop(run, reason)
        await self._wait(runs)

    @property
    def active(self) -> int:
        """How many runs have not ended."""
        return sum(run.status == "running" for run in self._runs.values())

    def drain(self) -> None:
        """Take no more runs."""
        self._draining = True

    async def close(self, grace_seconds: float = 10.0) -> None:
        """Take no more runs, stop those under way and wait for their ends; idempotent."""
        self.drain()
        if self._closed:
            return
        self._closed = True
        runs = list(self._runs.values())
        for run in runs:
            self.stop(run, "shutdown")
        await self._wait(runs, grace_seconds)
        await self._agent.close()

    async def _wait(self, runs: list[Run], grace_seconds: float = 10.0) -> None:
        tasks = [run.task for run in runs if run.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace_seconds)
            for task in late:
                logger.error("run %s did not end within %s s and is abandoned", task.get_name(), grace_seconds)

    def _forget(self, run: Run) -> None:
        self._runs.pop(run.id, None)
        self._log.drop(run.id)

    # --- one run --------------------------------------------------------------------------------------------------

    async def _drive(self, run: Run, turn: Turn, recorder: Recorder) -> None:
        """Let the agent answer, then end the run; unless it was given up meanwhile, and has been ended already."""
        error = await self._answer(run, turn, recorder)
        if run.phase != "abandoned":
            run.phase = "ending"
            await self._finish(run, turn, recorder, error)

    async def _answer(self, run: Run, turn: Turn, recorder: Recorder) -> BaseException | None:
        """Take the agent's answer. The error it ended with: this is the edge of a run, none goes further."""
        if run.stopping is not None:
            return None
        run.phase = "answering"
        try:
            await self._record(run, turn, recorder)
        except (Exception, asyncio.CancelledError, SystemExit) as error:  # noqa: BLE001 - whatever the agent raises
            return error
        return None

    async def _record(self, run: Run, turn: Turn, recorder: Recorder) -> None:
        """Record the agent's events; yield to other runs when this one has had its share of time."""
        time_slice = TimeSlice(SLICE_SECONDS)
        stream = self._agent.act(turn) if turn.kind == "action" else self._agent.respond(turn)
        async with _closing(stream):
            async for event in stream:
                if run.stopping is not None:
                    return
                if type(event) is TextDelta and not recorder.holding:
                    recorder.text(event)
                else:
                    await recorder.record(event)
                if time_slice.is_over():
                    await asyncio.sleep(0)
                    time_slice.begin()
        recorder.flush()
        await recorder.save_thread()

    def _give_up(self, run: Run, turn: Turn, recorder: Recorder) -> None:
        """End a stopped run whose agent does not let go; what the agent still says is not recorded."""
        if run.phase != "answering":
            return
        logger.error("run %s was stopped and its agent goes on, it is abandoned", run.id, extra=_fields(run))
        run.phase = "abandoned"
        run.task = asyncio.create_task(self._finish(run, turn, recorder, None), name=run.id)

    async def _finish(self, run: Run, turn: Turn, recorder: Recorder, error: BaseException | None) -> None:
        try:
            if isinstance(error, ThreadNotFound):
                run.stopping = "thread_deleted"
            if run.stopping is not None:
                await self._end_stopped(run, turn, recorder)
            elif error is not None:
                await self._end_failed(run, recorder, error)
            else:
                await self._end(run, recorder, "completed", None)
        finally:
            _report(run)
            if run.readers <= 0:
                self._forget(run)

    async def _end_stopped(self, run: Run, turn: Turn, recorder: Recorder) -> None:
        recorder.flush()
        reason = run.stopping
        status: Status = "interrupted" if reason == "shutdown" else "cancelled"
        notes: list[ItemRow] = []
        if reason in ("cancelled", "disconnected"):
            if await self._stopped_by_agent(run, turn, recorder):
                await self._end(run, recorder, status, reason, kept_elsewhere=True)
                return
            notes.append(_stopped_note(run.thread_id))
        if status == "interrupted":
            recorder.log("error", {"code": "custom", "message": "The server was restarted", "allow_retry": True})
        await self._end(run, recorder, status, reason, notes)

    async def _stopped_by_agent(self, run: Run, turn: Turn, recorder: Recorder) -> bool:
        """Whether the agent has a way of its own to keep what a stop leaves, and it worked."""
        pending = [item_model(item_row(entry.item)) for entry in recorder.unfinished()]
        try:
            return await self._agent.stopped(turn, pending)
        except Exception as error:
            logger.error("the agent's handling of a stop failed", exc_info=error, extra=_fields(run))
            return False

    async def _end_failed(self, run: Run, recorder: Recorder, error: BaseException) -> None:
        recorder.flush()
        failure = failure_of(error)
        if failure.unexpected:
            logger.error("run %s failed", run.id, exc_info=error, extra=_fields(run))
        await self._end(run, recorder, "failed", failure.stop_reason, error_event=failure.event)

    async def _end(
        self,
        run: Run,
        recorder: Recorder,
        status: Status,
        reason: str | None,
        notes: list[ItemRow] | None = None,
        *,
        kept_elsewhere: bool = False,
        error_event: dict[str, object] | None = None,
    ) -> None:
        """Store what is left and the end itself, then tell the readers; they are told in any case."""
        completed = status == "completed"
        rows = recorder.settle(completed=completed, keep=not kept_elsewhere)
        end = RunEnd(run.id, run.thread_id, status, reason, now(), (*rows, *(notes or [])))
        try:
            await self._store.end_run(run.owner, end)
            recorder.announce(completed=completed)
        except ThreadNotFound:
            logger.info("run %s ended in a deleted thread", run.id, extra=_fields(run))
        except Exception as error:  # the database is gone: the stream must not just end
            failure = failure_of(error)
            status, reason, error_event = "failed", failure.stop_reason, failure.event
            logger.error("the end of run %s could not be stored", run.id, exc_info=error, extra=_fields(run))
        run.status = status
        if error_event is not None:
            recorder.log("error", error_event)
        recorder.log("run.ended", {"run_id": run.id, "status": status, "stop_reason": reason})


def _closing(stream: AsyncIterator[AgentEvent]) -> AbstractAsyncContextManager[object]:
    """Close an agent's generator with its run, so that its clean-up does not wait for the garbage collector."""
    if inspect.isasyncgen(stream):
        return aclosing(cast("AsyncGenerator[AgentEvent, None]", stream))
    return nullcontext()


def _log_opening(
    recorder: Recorder, run: Run, operation: StreamingOperation, admitted: Admitted, options: sdk.StreamOptions
) -> None:
    """What every stream begins with, in the SDK's order."""
    recorder.log("run.started", {"run_id": run.id, "thread_id": run.thread_id, "attempt": 1})
    if isinstance(operation, CreateThread):
        recorder.log_json("thread.created", '"thread":' + admitted.thread.public())
    if isinstance(operation, (CreateThread, AddUserMessage)) and admitted.item is not None:
        recorder.log_item("thread.item.done", admitted.item)
    recorder.log("stream_options", {"stream_options": options.model_dump()})
    if isinstance(operation, AddStructuredInput) and admitted.item is not None:
        recorder.log_item("thread.item.replaced", admitted.item)


def _stopped_note(thread_id: str) -> ItemRow:
    note = {
        "id": new_id("sdk_hidden_context"),
        "thread_id": thread_id,
        "created_at": now(),
        "type": "sdk_hidden_context",
        "content": STOPPED_NOTE,
    }
    return item_row(note)


def _fields(run: Run) -> dict[str, str]:
    return {
        "run_id": run.id,
        "thread_id": run.thread_id,
        "user_id": run.owner.user_id,
        "request_id": run.request_id,
        "status": run.status,
    }


def _report(run: Run) -> None:
    """One line per transition."""
    logger.info("run %s", run.status, extra=_fields(run))
