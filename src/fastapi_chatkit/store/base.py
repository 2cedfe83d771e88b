"""The port to durable threads, items, attachments, feedback and runs.

Every call names the owner and touches nothing else: another owner's id behaves exactly as an unknown one. Items travel
as JSON text, so a read passes stored bytes on. Times are UTC text with microseconds and ``Z``. Items are ordered by a
sequence number per thread, never by time; threads by creation time, then id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from chatkit.store import Store as ModelStore

from ..identity import Owner
from ..items import Item
from ..rows import ItemRow, Page, PageQuery, ThreadRow


class RunRow(NamedTuple):
    """A stored run."""

    id: str
    thread_id: str
    status: str
    attempt: int
    created_at: str
    ended_at: str | None
    stop_reason: str | None


# --- admission: what a streaming operation does to a thread before its run starts ---------------------------------


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Append a user message; ``new_thread`` creates the thread in the same transaction.

    ``message`` is the item without its ``attachments``: the owner's own attachments are bound to the thread and
    written into it, and an unknown one fails the whole admission.
    """

    thread_id: str
    message: Item
    attachment_ids: tuple[str, ...] = ()
    new_thread: bool = False


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """Complete the pending client tool call at the thread's end; other pending calls near the end are dropped."""

    thread_id: str
    result: Any


@dataclass(frozen=True, slots=True)
class StructuredAnswer:
    """Answer the pending structured input ``item_id``."""

    thread_id: str
    item_id: str
    status: str
    answers: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Retry:
    """Delete everything after the user message ``item_id`` and answer it again."""

    thread_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class WidgetAction:
    """Run an action of the widget ``item_id``, or of none."""

    thread_id: str
    item_id: str | None


Admission = NewMessage | ToolOutput | StructuredAnswer | Retry | WidgetAction


class Admitted(NamedTuple):
    """The thread as it is now, and the item that the operation is about: message, tool call, answer or widget."""

    thread: ThreadRow
    item: ItemRow | None


@dataclass(frozen=True, slots=True)
class RunStart:
    """The run to store with an admission."""

    run_id: str
    created_at: str


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended, and what to store with it: the partial items that a stop leaves."""

    run_id: str
    thread_id: str
    status: str
    stop_reason: str | None
    ended_at: str
    items: tuple[ItemRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadChanges:
    """Columns to set on a thread: ``title``, ``status``, ``allowed_image_domains``, ``metadata``; others stay."""

    values: dict[str, str | None] = field(default_factory=dict[str, str | None])


class Store(Protocol):
    """Durable storage. All calls may raise ``Overloaded`` when the database cannot take them in time."""

    @property
    def models(self) -> ModelStore[Any]:
        """The same threads through the SDK's ``Store``, for code that works with its models."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether it is open: who opens a store closes it."""
        ...

    async def open(self) -> None:
        """Open the database, whose schema must be this version's; a file of one's own is brought up to date.

        :raises StoreError: it cannot be opened or is of another version; the message says what to do.
        """
        ...

    async def initialize_schema(self) -> None:
        """Bring the database's schema up to date, and open it.

        :raises StoreError: it cannot be opened or is of a newer version; the message says what to do.
        """
        ...

    async def close(self) -> None:
        """Finish what is under way and release the database; idempotent."""
        ...

    async def ping(self) -> None:
        """Answer, or raise: for readiness checks."""
        ...

    async def list_threads(self, owner: Owner, page: PageQuery) -> Page[ThreadRow]:
        """A page of threads by creation. :raises ThreadNotFound: the cursor names no thread."""
        ...

    async def get_thread(self, owner: Owner, thread_id: str) -> ThreadRow:
        """:raises ThreadNotFound:"""
        ...

    async def get_thread_with_items(
        self, owner: Owner, thread_id: str, page: PageQuery
    ) -> tuple[ThreadRow, Page[ItemRow]]:
        """A thread and a page of its visible items. :raises ThreadNotFound:"""
        ...

    async def put_thread(self, owner: Owner, thread: ThreadRow) -> None:
        """Create a thread, or replace its columns; its ``created_at`` stays, and with it its place in the list."""
        ...

    async def change_thread(self, owner: Owner, thread_id: str, changes: ThreadChanges) -> ThreadRow:
        """Set some columns and return the thread. :raises ThreadNotFound:"""
        ...

    async def remove_thread(self, owner: Owner, thread_id: str) -> None:
        """Delete a thread with all that belongs to it. :raises ThreadNotFound:"""
        ...

    async def list_items(self, owner: Owner, thread_id: str, page: PageQuery, *, hidden: bool = False) -> Page[ItemRow]:
        """A page of items; ``hidden`` includes hidden context. :raises ThreadNotFound, ItemNotFound: the cursor."""
        ...

    async def get_item(self, owner: Owner, thread_id: str, item_id: str) -> ItemRow:
        """:raises ThreadNotFound, ItemNotFound:"""
        ...

    async def put_item(self, owner: Owner, thread_id: str, item: ItemRow, run_id: str | None = None) -> None:
        """Append an item, or replace the one with its id in place. :raises ThreadNotFound:"""
        ...

    async def remove_item(self, owner: Owner, thread_id: str, item_id: str) -> None:
        """Delete an item; one that is not there is no error."""
        ...

    async def item_run(self, owner: Owner, thread_id: str, item_id: str) -> tuple[bool, str | None]:
        """Whether the item exists, and the run that wrote it."""
        ...

    async def put_attachment(self, owner: Owner, attachment: dict[str, Any]) -> None:
        """Store an attachment's record (JSON of the SDK's model), or replace it.

        :raises ThreadNotFound: the thread that it names is not there.
        """
        ...

    async def get_attachment(self, owner: Owner, attachment_id: str) -> str:
        """Its record as JSON text. :raises AttachmentNotFound:"""
        ...

    async def remove_attachment(self, owner: Owner, attachment_id: str) -> None:
        """Delete an attachment's record; one that is not there is no error."""
        ...

    async def put_feedback(self, owner: Owner, thread_id: str, item_ids: tuple[str, ...], kind: str) -> None:
        """Remember the user's verdict on items, the last one counts. :raises ThreadNotFound, ItemNotFound:"""
        ...

    async def admit(self, owner: Owner, admission: Admission, run: RunStart) -> Admitted:
        """Do what the operation asks to the thread and store its run, in one transaction. Its new ids are unused.

        :raises ThreadNotFound, ThreadLocked, ItemNotFound, AttachmentNotFound, ItemState: nothing was changed.
        :raises InDoubt: it may have been stored, and nobody was told.
        """
        ...

    async def end_run(self, owner: Owner, end: RunEnd) -> None:
        """Store a run's end with its last items; a run that has ended, or is unknown, stays as it is.

        :raises ThreadNotFound: there are items, and the thread was deleted meanwhile; nothing was changed.
        """
        ...

    async def abandon_run(self, owner: Owner, end: RunEnd) -> None:
        """After ``InDoubt``: see to it that the run has ended as ``end`` says, or is not stored and never will be."""
        ...

    async def get_run(self, owner: Owner, run_id: str) -> RunRow:
        """:raises RunNotFound:"""
        ...

    async def newest_run(self, owner: Owner, thread_id: str) -> RunRow:
        """The thread's newest run. :raises ThreadNotFound, RunNotFound:"""
        ...

    async def items_of_run(self, owner: Owner, thread_id: str, run_id: str) -> list[ItemRow]:
        """The visible items that a run stored, in order, among the newest 500 of its thread."""
        ...


class StoreError(Exception):
    """The store cannot be used; the message is for the operator and says what to do."""


_HOST = r"(?:[\w.%-]*|\[[\w:.%]+\])(?::\d*)?"
_LOCATION = re.compile(
    rf"([\w+]+://)(?:([^:/?#@]*)(?::[^/?#@]*)?(@))?({_HOST}(?:,{_HOST})*(?:/[\w.%/-]*)?)(?:\?[^@]*)?"
)


def shown(url: str) -> str:
    """A database's URL without its password and parameters; little of one that cannot be told apart safely."""
    if url.partition(":")[0] in ("", "sqlite"):
        return url
    match = _LOCATION.fullmatch(url)
    if match is None:
        return f"{url.partition(':')[0]}://…" if "://" in url else "…"
    scheme, user, at, place = match.groups(default="")
    return f"{scheme}{user}{at}{place}"
