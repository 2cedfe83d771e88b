"""The engine: owns every run's task, from admission to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Literal, overload

from chatkit import types as sdk

from ..agents.base import Agent, Turn
from ..errors import Draining, InDoubt, Overloaded
from ..eventlog.base import EventLog, Reader
from ..events import Offset, now
from ..identity import RequestContext
from ..ids import new_id, uuid7_hex
from ..operations import StreamingOperation
from ..store.base import Admission, Admitted, NewMessage, RequestKey, RunEnd, RunRow, RunStart, Store
from .admission import Ids, NewIds, admission_of, turn_of
from .driver import RunDriver, Watcher
from .elsewhere import Elsewhere
from .line import Place
from .live import LiveRun
from .opening import log_opening
from .patience import Belated
from .peers import Peers
from .recorder import Recorder
from .registry import Registry
from .run import State, StopReason
from .upkeep import Upkeep

logger = logging.getLogger(__name__)

OnDisconnect = Literal["cancel", "continue"]
OnBusy = Literal["enqueue", "reject", "interrupt"]

MAX_WAITING = 8
"""How many messages may wait in one thread."""

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
        on_busy: OnBusy = "enqueue",
        run_timeout_seconds: float = 600.0,
        coalesce_seconds: float = 0.02,
        heartbeat_seconds: float = 15.0,
        ids: Ids | None = None,
    ) -> None:
        self._store = store
        self._log = log
        self._agent = agent
        self._on_disconnect: OnDisconnect = on_disconnect
        self._on_busy: OnBusy = on_busy
        self._run_timeout_seconds = run_timeout_seconds
        self._coalesce_seconds = coalesce_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._ids = ids or NewIds()
        self.registry = Registry()
        self._starting: dict[str, _Starting] = {}
        self._belated = Belated()
        self._stopping: set[asyncio.Task[None]] = set()
        self._abandoned: set[str] = set()
        self._watcher = Watcher(ended=self._ended, unstored=self._store_later)
        self.replica = f"rep_{uuid7_hex()}"
        self._upkeep = Upkeep(store, log, self.registry, self.replica)
        self.elsewhere = Elsewhere(store, log.doorbell)
        self.draining = False
        self._closed = False

    # --- starting -------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin what goes on beside the runs; done by the first run where nobody did."""
        self._upkeep.start()

    @overload
    async def start(
        self, operation: StreamingOperation, context: RequestContext, key: None = None, *, resumable: bool = False
    ) -> LiveRun: ...

    @overload
    async def start(
        self, operation: StreamingOperation, context: RequestContext, key: RequestKey | None, *, resumable: bool = False
    ) -> LiveRun | RunRow: ...

    async def start(
        self,
        operation: StreamingOperation,
        context: RequestContext,
        key: RequestKey | None = None,
        *,
        resumable: bool = False,
    ) -> LiveRun | RunRow:
        """Admit the operation and start its run; what it stores is committed when this returns.

        Where ``key`` has begun a run already, that one is answered, and nothing was changed. A caller that is
        cancelled meanwhile has left: its run is treated as one whose connection was dropped.

        :raises ChatKitError: the operation cannot be done; nothing was changed.
        """
        starting = asyncio.create_task(self._start(operation, context, key))
        try:
            run = await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(partial(self._unwanted, resumable))
            raise
        if isinstance(run, LiveRun):
            run.resumable = resumable
        return run

    def _unwanted(self, resumable: bool, starting: asyncio.Task[LiveRun | RunRow]) -> None:
        if not starting.cancelled() and starting.exception() is None:
            run = starting.result()
            if isinstance(run, LiveRun):
                run.resumable = resumable
                run.readers += 1
                self.detach(run, dropped=True)

    async def _start(
        self, operation: StreamingOperation, context: RequestContext, key: RequestKey | None
    ) -> LiveRun | RunRow:
        if self.draining:
            raise Draining
        self._agent.check(operation)
        await self._upkeep.ready()
        if self._closed:
            raise Draining
        run_id = new_id("run")
        starting = self._starting[run_id] = _Starting()
        try:
            return await self._begin(run_id, starting, operation, context, key)
        finally:
            del self._starting[run_id]
            starting.over.set()

    async def _begin(
        self,
        run_id: str,
        starting: _Starting,
        operation: StreamingOperation,
        context: RequestContext,
        key: RequestKey | None,
    ) -> LiveRun | RunRow:
        admission = await admission_of(operation, self._ids, context)
        start = RunStart(
            run_id,
            now(),
            self.replica,
            max_waiting=0 if self._on_busy == "reject" else MAX_WAITING,
            stop_others="superseded" if self._on_busy == "interrupt" else None,
            key=key,
        )
        try:
            admitted = await self._store.admit(context.owner, admission, start)
        except InDoubt:
            self._abandon(context, admission, run_id)
            raise
        if isinstance(admitted, RunRow):
            if admitted.id in self._abandoned or not await self._store.confirm_run(context.owner, admitted.id):
                raise Overloaded  # it is taken back
            return admitted
        state = State("queued" if admitted.waits else "admitted")
        run = LiveRun(run_id, context.owner, admitted.thread.id, context.request_id, start.created_at, state)
        try:
            driver = self._driver(run, operation, admission, admitted, context)
        except Exception:
            self._belated.keep_trying(partial(self._take_back, run), run.id, run.fields)
            raise
        if admitted.waits and start.stop_others is not None:
            self._stop_others(run)
        self.registry.add(run, driver)
        driver.start()
        if starting.stopping is not None:
            driver.stop(starting.stopping)
        run.report()
        return run

    def _driver(
        self,
        run: LiveRun,
        operation: StreamingOperation,
        admission: Admission,
        admitted: Admitted,
        context: RequestContext,
    ) -> RunDriver:
        def turn_from(admitted: Admitted) -> Turn:
            return turn_of(operation, admitted, context, run.id, self._store)

        turn = turn_from(admitted)
        options = self._stream_options(turn)
        recorder = Recorder(
            store=self._store,
            log=self._log.open(run.id, attempt=1, refused=self._upkeep.look),
            owner=run.owner,
            thread=turn.thread,
            stored=admitted.thread,
            run_id=run.id,
            window=self._coalesce_seconds,
        )
        log_opening(recorder, run, operation, admitted, options)
        start = partial(self._store.start_run, run.owner, admission, run.id)
        listen = partial(self._log.doorbell.listen, f"thread:{run.thread_id}")
        place = Place(start, turn_from, listen) if admitted.waits else None
        return RunDriver(
            run,
            turn,
            recorder,
            store=self._store,
            agent=self._agent,
            watcher=self._watcher,
            timeout=self._run_timeout_seconds,
            place=place,
        )

    async def _take_back(self, run: LiveRun) -> None:
        end = RunEnd(run.id, run.thread_id, "failed", "internal", now())
        if not (run.state.phase == "queued" and await self._store.withdraw_run(run.owner, end)):
            await self._store.end_run(run.owner, end)

    def _stop_others(self, run: LiveRun) -> None:
        """Those of this process at once; other processes hear of it from the database, and are told to look."""
        here = self.registry.in_thread(run.owner, run.thread_id)
        for other in here:
            self.stop(other, "superseded")
        if not here and self._log.is_shared:
            stopping = asyncio.create_task(
                self.elsewhere.stop_thread(run.owner, run.thread_id, "superseded", but=run.id)
            )
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)

    def _abandon(self, context: RequestContext, admission: Admission, run_id: str) -> None:
        """Take back what may have been stored, and nobody drives: its caller is told to try again."""
        end = RunEnd(run_id, admission.thread_id, "failed", "overloaded", now())
        new_thread = isinstance(admission, NewMessage) and admission.new_thread
        take_back = partial(self._store.abandon_run, context.owner, end, new_thread=new_thread)
        fields = {"run_id": run_id, "request_id": context.request_id, "user_id": context.user_id}
        self._abandoned.add(run_id)
        task = self._belated.keep_trying(take_back, run_id, fields)
        task.add_done_callback(lambda _: self._abandoned.discard(run_id))

    def _store_later(self, run: LiveRun, store_end: Callable[[], Awaitable[None]]) -> None:
        """The database did not take a run's end, and its readers have been told: the text is kept all the same."""
        self._belated.keep_trying(store_end, run.id, run.fields)

    def _stream_options(self, turn: Turn) -> sdk.StreamOptions:
        try:
            return self._agent.stream_options(turn)
        except Exception as error:  # the message is stored: a hook that fails must not take the answer away
            logger.error("the agent's stream options failed", exc_info=error)
            return sdk.StreamOptions(allow_cancel=True)

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self, run: LiveRun, after: Offset | None = None) -> Reader:
        """A reader of the run, which counts until :meth:`detach`."""
        reader = self._log.read(run.id, after, self._heartbeat_seconds)
        run.readers += 1
        return reader

    async def started(self, run_id: str) -> None:
        """Wait for a run that is stored already and has not begun yet."""
        starting = self._starting.get(run_id)
        if starting is not None:
            await starting.over.wait()

    def follow(self, run_id: str, after: Offset | None) -> tuple[Reader, Leave] | None:
        """Another reader of a run that goes on, and what to call when it leaves; ``None`` if the run has ended."""
        run = self.find(run_id)
        if run is None or run.has_ended:
            return None
        reader = self._log.read(run_id, after, self._heartbeat_seconds)
        run.followers += 1

        def leave(dropped: bool) -> None:
            run.followers -= 1

        return reader, leave

    def detach(self, run: LiveRun, *, dropped: bool) -> None:
        """A reader has left: at the end, or because its connection ``dropped``."""
        run.readers -= 1
        alone = run.readers <= 0 and run.followers <= 0
        if alone and dropped and not run.resumable and self._on_disconnect == "cancel":
            self.stop(run, "disconnected")

    def keep_going(self, run_id: str) -> None:
        """Whoever began this run can come back to it: that a connection drops does not stop it."""
        run = self.find(run_id)
        if run is not None:
            run.resumable = True

    def find(self, run_id: str) -> LiveRun | None:
        """A run that goes on here."""
        return self.registry.find(run_id)

    # --- stopping -------------------------------------------------------------------------------------------------

    def stop(self, run: LiveRun, reason: StopReason) -> None:
        """Ask a run to end: its partial text is kept. Has no effect on one that has ended, or is about to."""
        self.registry.stop(run.id, reason)

    def cancel(self, run_id: str) -> bool:
        """Stop a run because somebody asked for it; whether it goes on here, or is about to."""
        run = self.find(run_id)
        if run is not None:
            self.stop(run, "cancelled")
        elif run_id in self._starting:
            self._starting[run_id].stopping = "cancelled"
        else:
            return False
        return True

    async def stop_thread(self, context: RequestContext, thread_id: str, reason: StopReason) -> None:
        """Stop the runs of a thread and wait for their ends; ask other processes to stop theirs."""
        await self._stop_all(self.registry.in_thread(context.owner, thread_id), reason)
        if self._log.is_shared:
            await self.elsewhere.stop_thread(context.owner, thread_id, reason)

    async def ended(self, *runs: LiveRun) -> None:
        """Wait for the ends of runs that were stopped, for at most :data:`CLOSE_SECONDS`."""
        deadline = asyncio.get_running_loop().time() + CLOSE_SECONDS
        while pending := [run.task for run in runs if not run.has_ended and run.task is not None]:
            patience = deadline - asyncio.get_running_loop().time()
            if patience <= 0:
                logger.error("%d runs did not end within %g s", len(pending), CLOSE_SECONDS)
                return
            # An abandoned run gets another task for its end, so this looks again.
            await asyncio.wait(pending, timeout=min(patience, 0.1))

    @property
    def active(self) -> int:
        """How many runs have not ended."""
        return len(self.registry) + len(self._starting)

    @property
    def peers(self) -> Peers:
        """The processes that work on the same database."""
        return self._upkeep.peers

    def drain(self) -> None:
        """Take no more runs."""
        self.draining = True

    async def close(self) -> None:
        """Take no more runs, stop those under way and wait for their ends, within reason; idempotent."""
        self.drain()
        if not self._closed:
            self._closed = True
            try:
                await self._stop_runs()
            finally:
                await self._upkeep.close()
                await self._agent.close()

    async def _stop_runs(self) -> None:
        await asyncio.gather(self._stop_starting(), self._stop_all([run for run, _ in self.registry], "shutdown"))
        await self.ended(*(run for run, _ in self.registry))
        for _, driver in self.registry:
            driver.break_off()
        await self._belated.close(CLOSE_SECONDS)
        if self._stopping:
            await asyncio.wait(self._stopping, timeout=CLOSE_SECONDS)

    async def _stop_starting(self) -> None:
        """What is being admitted ends when it begins; wait for that, within reason."""
        starting = list(self._starting.values())
        for one in starting:
            one.stopping = one.stopping or "shutdown"
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                for one in starting:
                    await one.over.wait()

    async def _stop_all(self, runs: Sequence[LiveRun], reason: StopReason) -> None:
        for run in runs:
            self.stop(run, reason)
        await self.ended(*runs)

    def _ended(self, run: LiveRun) -> None:
        """Its log stays for a while, for whoever comes late; the next one in its thread may begin."""
        self.registry.remove(run)
        self._log.doorbell.ring(f"thread:{run.thread_id}")
        following = self.registry.first_waiting(run)
        if following is not None:
            following.wake()
