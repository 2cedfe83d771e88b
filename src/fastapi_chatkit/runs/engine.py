"""The engine: owns every run's task, from admission to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Literal

from chatkit import types as sdk

from ..agents.base import Agent, Turn
from ..errors import Draining, InDoubt
from ..eventlog.base import EventLog, Reader
from ..events import Offset, now
from ..identity import Owner, RequestContext
from ..ids import new_id
from ..operations import AddStructuredInput, AddUserMessage, CreateThread, StreamingOperation
from ..store.base import Admitted, RunEnd, RunStart, Store
from .admission import Ids, NewIds, admission_of, turn_of
from .driver import RunDriver
from .patience import at_last
from .recorder import Recorder
from .run import Run, StopReason

logger = logging.getLogger(__name__)

OnDisconnect = Literal["cancel", "continue"]

CLOSE_SECONDS = 10.0
"""How long runs that were stopped are waited for."""


Leave = Callable[[bool], None]
"""Called once when a reader leaves, with whether its connection was dropped before the end."""


class _Starting:
    """A run between its admission and its first event; somebody may want to stop it already."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.stopping: StopReason | None = None


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
        ids: Ids | None = None,
    ) -> None:
        self._store = store
        self._log = log
        self._agent = agent
        self._on_disconnect: OnDisconnect = on_disconnect
        self._coalesce_seconds = coalesce_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._ids = ids or NewIds()
        self._drivers: dict[str, tuple[Run, RunDriver]] = {}
        self._starting: dict[str, _Starting] = {}
        self._trying: set[asyncio.Task[None]] = set()
        self.draining = False
        self._closed = False

    # --- starting -------------------------------------------------------------------------------------------------

    async def start(self, operation: StreamingOperation, context: RequestContext) -> Run:
        """Admit the operation and start its run; what it stores is committed when this returns.

        A caller that is cancelled meanwhile has left: its run is treated as one whose connection was dropped.

        :raises ChatKitError: the operation cannot be done; nothing was changed.
        """
        starting = asyncio.create_task(self._start(operation, context))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._unwanted)
            raise

    def _unwanted(self, starting: asyncio.Task[Run]) -> None:
        if not starting.cancelled() and starting.exception() is None:
            run = starting.result()
            run.readers += 1
            self.detach(run, dropped=True)

    async def _start(self, operation: StreamingOperation, context: RequestContext) -> Run:
        if self.draining:
            raise Draining
        self._agent.check(operation)
        run_id = new_id("run")
        starting = self._starting[run_id] = _Starting()
        try:
            return await self._begin(run_id, starting, operation, context)
        finally:
            del self._starting[run_id]
            starting.over.set()

    async def _begin(
        self, run_id: str, starting: _Starting, operation: StreamingOperation, context: RequestContext
    ) -> Run:
        admission = await admission_of(operation, self._ids, context)
        created_at = now()
        try:
            admitted = await self._store.admit(context.owner, admission, RunStart(run_id, created_at))
        except InDoubt:
            self._abandon(context, RunEnd(run_id, admission.thread_id, "failed", "overloaded", now()))
            raise
        run = Run(run_id, context.owner, admitted.thread.id, context.request_id, created_at)
        try:
            turn = turn_of(operation, admitted, context, run_id, self._store)
        except Exception:
            await self._store.end_run(run.owner, RunEnd(run_id, run.thread_id, "failed", "internal", now()))
            raise
        options = self._stream_options(turn)
        recorder = Recorder(
            store=self._store,
            log=self._log.open(run_id, attempt=1),
            owner=run.owner,
            thread=turn.thread,
            stored=admitted.thread,
            run_id=run_id,
            window=self._coalesce_seconds,
        )
        _log_opening(recorder, run, operation, admitted, options)
        driver = RunDriver(
            run,
            turn,
            recorder,
            store=self._store,
            agent=self._agent,
            on_end=self._ended,
            on_unstored=self._store_later,
        )
        self._drivers[run_id] = run, driver
        if starting.stopping is not None:
            driver.stop(starting.stopping)
        driver.start()
        run.report()
        return run

    def _abandon(self, context: RequestContext, end: RunEnd) -> None:
        """End a run that may have been stored, and that nobody drives: its caller is told to try again."""
        fields = {"run_id": end.run_id, "request_id": context.request_id, "user_id": context.user_id}
        self._keep_trying(partial(self._store.abandon_run, context.owner, end), end.run_id, fields)

    def _store_later(self, run: Run, end: RunEnd) -> None:
        """The database did not take a run's end, and its readers have been told: the text is kept all the same."""
        self._keep_trying(partial(self._store.end_run, run.owner, end), run.id, run.fields)

    def _keep_trying(self, call: Callable[[], Awaitable[None]], run_id: str, fields: dict[str, Any]) -> None:
        task = asyncio.create_task(at_last(call, run_id, fields))
        self._trying.add(task)
        task.add_done_callback(self._trying.discard)

    def _stream_options(self, turn: Turn) -> sdk.StreamOptions:
        try:
            return self._agent.stream_options(turn)
        except Exception as error:  # the message is stored: a hook that fails must not take the answer away
            logger.error("the agent's stream options failed", exc_info=error)
            return sdk.StreamOptions(allow_cancel=True)

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self, run: Run, after: Offset | None = None, *, resumable: bool = False) -> Reader:
        """A reader of the run, which counts until :meth:`detach`."""
        reader = self._log.read(run.id, after, self._heartbeat_seconds)
        run.readers += 1
        run.resumable = run.resumable or resumable
        return reader

    async def started(self, run_id: str) -> None:
        """Wait for a run that is stored already and has not begun yet."""
        starting = self._starting.get(run_id)
        if starting is not None:
            await starting.over.wait()

    def follow(self, run_id: str, after: Offset | None) -> tuple[Reader, Leave] | None:
        """Another reader of a run that goes on, and what to call when it leaves; ``None`` if the run has ended."""
        run = self.find(run_id)
        if run is None or run.status != "running":
            return None
        run.followers += 1

        def leave(dropped: bool) -> None:
            run.followers -= 1

        return self._log.read(run_id, after, self._heartbeat_seconds), leave

    def live(self, owner: Owner, thread_id: str | None, run_id: str | None) -> Run | None:
        """The owner's run of this id, or the newest of the thread, among those that go on."""
        runs = [run for run, _ in self._drivers.values() if run.owner == owner and thread_id in (None, run.thread_id)]
        return next((run for run in reversed(runs) if run_id in (None, run.id)), None)

    def detach(self, run: Run, *, dropped: bool) -> None:
        """A reader has left: at the end, or because its connection ``dropped``."""
        run.readers -= 1
        alone = run.readers <= 0 and run.followers <= 0
        if alone and dropped and not run.resumable and self._on_disconnect == "cancel":
            self.stop(run, "disconnected")

    def find(self, run_id: str) -> Run | None:
        """A run that goes on."""
        found = self._drivers.get(run_id)
        return found[0] if found is not None else None

    # --- stopping -------------------------------------------------------------------------------------------------

    def stop(self, run: Run, reason: StopReason) -> None:
        """Ask a run to end: its partial text is kept. Has no effect on one that has ended, or is about to."""
        if run.id in self._drivers:
            self._drivers[run.id][1].stop(reason)

    def cancel(self, run_id: str) -> None:
        """Stop a run because somebody asked for it; has no effect on one that has ended."""
        run = self.find(run_id)
        if run is not None:
            self.stop(run, "cancelled")
        elif run_id in self._starting:
            self._starting[run_id].stopping = "cancelled"

    async def stop_thread(self, context: RequestContext, thread_id: str, reason: StopReason) -> None:
        """Stop the runs of a thread and wait for their ends."""
        place = context.owner, thread_id
        await self._stop_all([run for run, _ in self._drivers.values() if (run.owner, run.thread_id) == place], reason)

    async def ended(self, *runs: Run) -> None:
        """Wait for the ends of runs that were stopped, for at most :data:`CLOSE_SECONDS`."""
        deadline = asyncio.get_running_loop().time() + CLOSE_SECONDS
        while pending := [run.task for run in runs if run.status == "running" and run.task is not None]:
            patience = deadline - asyncio.get_running_loop().time()
            if patience <= 0:
                logger.error("%d runs did not end within %g s", len(pending), CLOSE_SECONDS)
                return
            # An abandoned run gets another task for its end, so this looks again.
            await asyncio.wait(pending, timeout=min(patience, 0.1))

    @property
    def active(self) -> int:
        """How many runs have not ended."""
        return sum(run.status == "running" for run, _ in self._drivers.values())

    def drain(self) -> None:
        """Take no more runs."""
        self.draining = True

    async def close(self) -> None:
        """Take no more runs, stop those under way and wait for their ends, within reason; idempotent."""
        self.drain()
        if not self._closed:
            self._closed = True
            await self._stop_all([run for run, _ in self._drivers.values()], "shutdown")
            for _, driver in list(self._drivers.values()):
                driver.break_off()
            await self._stop_trying()
            await self._agent.close()

    async def _stop_trying(self) -> None:
        if not self._trying:
            return
        _, pending = await asyncio.wait(self._trying, timeout=CLOSE_SECONDS)
        for task in pending:
            task.cancel()
        if pending:
            logger.error("the ends of %d runs were not stored", len(pending))

    async def _stop_all(self, runs: Sequence[Run], reason: StopReason) -> None:
        for run in runs:
            self.stop(run, reason)
        await self.ended(*runs)

    def _ended(self, run: Run) -> None:
        """Its log stays for a while, for whoever comes late."""
        self._drivers.pop(run.id, None)


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
