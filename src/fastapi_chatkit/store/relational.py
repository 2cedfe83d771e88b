"""The store's calls, each one script; a database only has to run scripts as read or write transactions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from ..identity import Owner
from ..rows import ItemRow, Page, PageQuery, ThreadRow
from . import items, sql, threads, turns
from .base import (
    Admission,
    Admitted,
    RunEnd,
    RunRow,
    RunStart,
    ThreadChanges,
)
from .migrations import check_version
from .models import ModelStore
from .script import Script, Step

P = ParamSpec("P")
T = TypeVar("T")


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
    @abstractmethod
    def is_open(self) -> bool:
        """Whether :meth:`open` has run, and :meth:`close` has not."""

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

    async def change_thread(self, owner: Owner, thread_id: str, changes: ThreadChanges) -> ThreadRow:
        return await self._write(threads.change_thread, owner, thread_id, changes)

    async def remove_thread(self, owner: Owner, thread_id: str) -> None:
        await self._write_once(threads.delete_thread, owner, thread_id)

    async def list_items(self, owner: Owner, thread_id: str, page: PageQuery, *, hidden: bool = False) -> Page[ItemRow]:
        return await self._read(items.list_items, owner, thread_id, page, hidden)

    async def get_item(self, owner: Owner, thread_id: str, item_id: str) -> ItemRow:
        return await self._read(items.get_item, owner, thread_id, item_id)

    async def put_item(self, owner: Owner, thread_id: str, item: ItemRow, run_id: str | None = None) -> None:
        await self._write(items.put_item, owner, thread_id, item, run_id)

    async def remove_item(self, owner: Owner, thread_id: str, item_id: str) -> None:
        await self._write(items.delete_item, owner, thread_id, item_id)

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

    async def admit(self, owner: Owner, admission: Admission, run: RunStart) -> Admitted:
        return await self._write_once(turns.admit, owner, admission, run)

    async def end_run(self, owner: Owner, end: RunEnd) -> None:
        await self._write(turns.end_run, owner, end)

    async def abandon_run(self, owner: Owner, end: RunEnd) -> None:
        await self._write(turns.abandon_run, owner, end)

    async def get_run(self, owner: Owner, run_id: str) -> RunRow:
        return await self._read(turns.get_run, owner, run_id)

    async def newest_run(self, owner: Owner, thread_id: str) -> RunRow:
        return await self._read(turns.newest_run, owner, thread_id)

    async def items_of_run(self, owner: Owner, thread_id: str, run_id: str) -> list[ItemRow]:
        return await self._read(turns.items_of_run, owner, thread_id, run_id)


def stored_version() -> Script[str | None]:
    """The schema's version, in a database that has one."""
    rows = yield Step(sql.SCHEMA_VERSION, {})
    return rows[0][0] if rows else None
