"""The store's calls, each one script; a database only has to run scripts as read or write transactions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from ..errors import Overloaded
from ..identity import Owner
from ..rows import ItemRow, Page, PageQuery, ThreadRow
from . import items, runs, sql, threads, turns
from .base import (
    Admission,
    Admitted,
    Checkpoint,
    NewMessage,
    OwnedRun,
    Replica,
    RunEnd,
    RunRow,
    RunSoFar,
    RunStart,
    ThreadChanges,
)
from .migrations import check_version
from .models import ModelStore
from .script import Busy, Conflict, Script, Step

P = ParamSpec("P")
T = TypeVar("T")

CONFLICTS = 3
"""How often an admission is tried that others get in the way of: a key is used once, and then it is there."""

LEASES_KEPT_SECONDS = 3600.0
"""How long leases that were not given back are kept, for whoever looks into what happened."""


class RelationalStore(ModelStore):
    """Implements :class:`~fastapi_chatkit.store.base.Store` over two primitives."""

    @abstractmethod
    def _read(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Run a script that only reads. Each of its statements sees one moment."""

    @abstractmethod
    def _write(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Run a script as one durable transaction: it is committed when this returns.

        Where it cannot be known whether it was committed, it is run again, within the time that a caller waits.
        """

    @abstractmethod
    def _write_once(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """As :meth:`_write`, for a script that would do something else the second time: ``Overloaded`` instead."""

    @property
    def label(self) -> str:
        """Where the threads are, without passwords, for people."""
        return type(self).__name__

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether :meth:`open` has run, and :meth:`close` has not."""

    @property
    def shares_runs(self) -> bool:
        """They are rows like all else."""
        return True

    @abstractmethod
    async def open(self) -> None:
        """Open the database; does nothing when it is open."""

    @abstractmethod
    async def initialize_schema(self) -> None:
        """Bring the database's schema up to date and open it; does nothing when it is open."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what is under way and release the database; idempotent."""

    async def ping(self) -> None:
        """Read the schema's version, which must still be the one that was opened."""
        check_version(await self._read(stored_version))

    async def list_threads(self, owner: Owner, page: PageQuery) -> Page[ThreadRow]:
        return await self._read(threads.list_threads, owner, page)

    async def get_thread(self, owner: Owner, thread_id: str) -> ThreadRow:
        return await self._read(threads.get_thread, owner, thread_id)

    async def get_thread_with_items(
        self, owner: Owner, thread_id: str, page: PageQuery
    ) -> tuple[ThreadRow, Page[ItemRow]]:
        return await self._read(items.get_thread_with_items, owner, thread_id, page)

    async def put_thread(self, owner: Owner, thread: ThreadRow) -> None:
        await self._write(threads.put_thread, owner, thread)

    async def change_thread(
        self, owner: Owner, thread_id: str, changes: ThreadChanges, run_id: str | None = None
    ) -> ThreadRow:
        return await self._write(threads.change_thread, owner, thread_id, changes, run_id)

    async def remove_thread(self, owner: Owner, thread_id: str) -> None:
        await self._write_once(threads.delete_thread, owner, thread_id)

    async def list_items(
        self, owner: Owner, thread_id: str, page: PageQuery, *, hidden: bool = False, waiting: bool = True
    ) -> Page[ItemRow]:
        return await self._read(items.list_items, owner, thread_id, page, hidden, waiting)

    async def get_item(self, owner: Owner, thread_id: str, item_id: str) -> ItemRow:
        return await self._read(items.get_item, owner, thread_id, item_id)

    async def put_item(self, owner: Owner, thread_id: str, item: ItemRow, run_id: str | None = None) -> None:
        await self._write(items.put_item, owner, thread_id, item, run_id)

    async def remove_item(self, owner: Owner, thread_id: str, item_id: str, run_id: str | None = None) -> None:
        await self._write(items.delete_item, owner, thread_id, item_id, run_id)

    async def item_run(self, owner: Owner, thread_id: str, item_id: str) -> tuple[bool, str | None]:
        return await self._read(items.item_run, owner, thread_id, item_id)

    async def put_attachment(self, owner: Owner, attachment: dict[str, Any]) -> None:
        await self._write(threads.put_attachment, owner, attachment)

    async def get_attachment(self, owner: Owner, attachment_id: str) -> str:
        return await self._read(threads.get_attachment, owner, attachment_id)

    async def remove_attachment(self, owner: Owner, attachment_id: str) -> None:
        await self._write(threads.delete_attachment, owner, attachment_id)

    async def put_feedback(self, owner: Owner, thread_id: str, item_ids: tuple[str, ...], kind: str) -> None:
        await self._write(threads.add_feedback, owner, thread_id, item_ids, kind)

    # --- runs -----------------------------------------------------------------------------------------------------

    async def admit(self, owner: Owner, admission: Admission, run: RunStart) -> Admitted | RunRow:
        """In one step where that may do, else in a transaction, again where others were faster to use the same key."""
        if isinstance(admission, NewMessage) and turns.can_be_one_step(admission):
            with suppress(Busy, Conflict):
                return await self._write_once(turns.admit_in_one_step, owner, admission, run)
        for _ in range(CONFLICTS):
            with suppress(Conflict):
                return await self._write_once(turns.admit, owner, admission, run)
        raise Overloaded

    async def start_run(self, owner: Owner, admission: Admission, run_id: str) -> Admitted | None:
        """Looks first, and writes only when the run's turn has come."""
        if not await self._read(turns.is_next, owner, admission.thread_id, run_id):
            return None
        return await self._write(turns.start_run, owner, admission, run_id)

    async def checkpoint_runs(self, checkpoints: Sequence[Checkpoint]) -> None:
        if checkpoints:
            await self._write(runs.checkpoint_runs, checkpoints)

    async def end_run(self, owner: Owner, end: RunEnd) -> None:
        await self._write(runs.end_run, owner, end)

    async def withdraw_run(self, owner: Owner, end: RunEnd) -> bool:
        return await self._write(runs.withdraw_run, owner, end)

    async def abandon_run(self, owner: Owner, end: RunEnd, *, new_thread: bool) -> None:
        await self._write(runs.abandon_run, owner, end, new_thread)

    async def confirm_run(self, owner: Owner, run_id: str) -> bool:
        return await self._write(runs.confirm_run, owner, run_id)

    async def request_stop(self, owner: Owner, run_id: str, reason: str) -> str | None:
        return await self._write(runs.request_stop, owner, run_id, reason)

    async def get_run(self, owner: Owner, run_id: str) -> RunRow:
        return await self._read(runs.get_run, owner, run_id)

    async def current_run(self, owner: Owner, thread_id: str) -> RunRow:
        return await self._read(runs.current_run, owner, thread_id)

    async def run_so_far(self, owner: Owner, thread_id: str, run_id: str) -> RunSoFar:
        return await self._read(runs.run_so_far, owner, thread_id, run_id)

    # --- processes ------------------------------------------------------------------------------------------------

    @abstractmethod
    def apart(self) -> RelationalStore | None:
        """Another store of the same database, for another thread."""

    async def renew_lease(self, replica: str, seconds: float, *, log_id: str | None = None) -> bool:
        return await self._write(runs.renew_lease, replica, seconds, log_id)

    async def replicas(self) -> list[Replica]:
        return await self._read(runs.replicas)

    async def release_lease(self, replica: str) -> None:
        await self._write(runs.release_lease, replica)
        await self._write(runs.forget_leases, LEASES_KEPT_SECONDS)

    async def runs_of_replica(self, replica: str) -> dict[str, str | None]:
        return await self._read(runs.runs_of_replica, replica)

    async def orphaned_runs(self) -> list[OwnedRun]:
        return await self._read(runs.orphaned_runs)

    async def recover_run(self, orphan: OwnedRun, end: RunEnd, *, keep: bool = True) -> bool:
        return await self._write(runs.recover_run, orphan, end, keep)

    async def active_runs(self, limit: int) -> list[OwnedRun]:
        return await self._read(runs.active_runs, limit)


def stored_version() -> Script[str | None]:
    """The schema's version, in a database that has one."""
    rows = yield Step(sql.SCHEMA_VERSION, {})
    return rows[0][0] if rows else None
