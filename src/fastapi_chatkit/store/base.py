"""The port to durable threads, items, attachments, feedback and runs.

Every call names the owner and touches nothing else: another owner's id behaves exactly as an unknown one. Items travel
as JSON text, so a read passes stored bytes on. Times are UTC text with microseconds and ``Z``. Items are ordered by a
sequence number per thread, never by time; threads by creation time, then id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from chatkit.store import Store as ModelStore

from ..identity import Owner
from ..items import Item
from ..rows import ItemRow, Page, PageQuery, ThreadRow


class RunRow(NamedTuple):
    """A stored run; ``status`` is one of :data:`~fastapi_chatkit.events.RunStatus`."""

    id: str
    thread_id: str
    status: str
    attempt: int
    created_at: str
    ended_at: str | None
    stop_reason: str | None


class OwnedRun(NamedTuple):
    """A run of anybody's, for what a process or an operator does."""

    owner: Owner
    run: RunRow


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
    """The thread as it is now, and the item that the operation is about: message, tool call, answer or widget.

    ``waits`` where another run goes on: what a retry does is not done yet.
    """

    thread: ThreadRow
    item: ItemRow | None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An idempotency key, and the ``digest`` of what was asked with it; forgotten by runs created before ``since``."""

    value: str
    digest: str
    since: str


@dataclass(frozen=True, slots=True)
class RunStart:
    """The run to store with an admission, and which process drives it.

    While another run of the thread goes on, it waits in line, with ``max_waiting`` others at most; 0 refuses it.
    ``stop_others`` asks all others of the thread to stop, with this as the reason.
    """

    run_id: str
    created_at: str
    replica: str = ""
    max_waiting: int = 8
    stop_others: str | None = None
    key: RequestKey | None = None


class Checkpoint(NamedTuple):
    """What a run has begun and not stored: ``items`` is the JSON of a list, for whoever ends the run after a crash.

    They are as they were when the newest event in the run's log was ``seq``.
    """

    owner: Owner
    run_id: str
    items: str
    seq: int


class RunSoFar(NamedTuple):
    """The visible items of a run, and the event after which its log goes on from there; 0 before any checkpoint."""

    items: list[ItemRow]
    seq: int


class Replica(NamedTuple):
    """A process that is alive, and which event log it writes: ``None`` for one of its own, "" if it does not know."""

    id: str
    log_id: str | None


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
    """Columns to set on a thread: ``title``, ``status``, ``allowed_image_domains``, ``metadata``; others stay.

    With ``untitled`` the title is only for a thread that has none.
    """

    values: dict[str, str | None] = field(default_factory=dict[str, str | None])
    untitled: bool = False


class Store(Protocol):
    """Durable storage. All calls may raise ``Overloaded`` when the database cannot take them in time.

    Calls that are given a ``run_id`` write for that run, and raise :class:`RunLost` once it is no longer the thread's
    active one: somebody has ended it, and what it still has to say is refused.
    """

    @property
    def models(self) -> ModelStore[Any]:
        """The same threads through the SDK's ``Store``, for code that works with its models."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether it is open: who opens a store closes it."""
        ...

    @property
    def shares_runs(self) -> bool:
        """Whether other processes on the same database know of this one's runs."""
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

    async def change_thread(
        self, owner: Owner, thread_id: str, changes: ThreadChanges, run_id: str | None = None
    ) -> ThreadRow:
        """Set some columns and return the thread. :raises ThreadNotFound, RunLost:"""
        ...

    async def remove_thread(self, owner: Owner, thread_id: str) -> None:
        """Delete a thread with all that belongs to it. :raises ThreadNotFound:"""
        ...

    async def list_items(
        self, owner: Owner, thread_id: str, page: PageQuery, *, hidden: bool = False, waiting: bool = True
    ) -> Page[ItemRow]:
        """A page of items; ``hidden`` includes hidden context, ``waiting`` messages whose run has yet to begin.

        :raises ThreadNotFound, ItemNotFound: the cursor.
        """
        ...

    async def get_item(self, owner: Owner, thread_id: str, item_id: str) -> ItemRow:
        """:raises ThreadNotFound, ItemNotFound:"""
        ...

    async def put_item(self, owner: Owner, thread_id: str, item: ItemRow, run_id: str | None = None) -> None:
        """Append an item, or replace the one with its id in place. :raises ThreadNotFound, RunLost:"""
        ...

    async def remove_item(self, owner: Owner, thread_id: str, item_id: str, run_id: str | None = None) -> None:
        """Delete an item; one that is not there is no error, nor is its thread. :raises RunLost:"""
        ...

    async def item_run(self, owner: Owner, thread_id: str, item_id: str) -> tuple[bool, str | None]:
        """Whether the item exists, and the run whose agent wrote it: of a user's message there is none."""
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

    async def admit(self, owner: Owner, admission: Admission, run: RunStart) -> Admitted | RunRow:
        """Do what the operation asks to the thread and store its run, in one transaction. Its new ids are unused.

        The run is the thread's active one from now on, or waits. Where its key has begun a run already, that is
        answered instead, and nothing changed.

        :raises ThreadNotFound, ThreadLocked, ItemNotFound, AttachmentNotFound, ItemState: nothing was changed.
        :raises RunActive, QueueFull, IdempotencyMismatch: nothing was changed.
        :raises InDoubt: it may have been stored, and nobody was told.
        """
        ...

    async def start_run(self, owner: Owner, admission: Admission, run_id: str) -> Admitted | None:
        """Make a run that waits the active one, if its turn has come, and do what was left of its admission.

        A message moves to the thread's end. ``None`` while others come before it. An answer has no item where its
        questions were deleted meanwhile.

        :raises ThreadNotFound, ThreadLocked, ItemNotFound, ItemState: it can no longer be done; nothing was changed.
        :raises RunLost: it does not wait any more.
        """
        ...

    async def checkpoint_runs(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Replace the checkpoints of runs that go on; those of others stay as they are."""
        ...

    async def end_run(self, owner: Owner, end: RunEnd) -> None:
        """Store the active run's end with its last items.

        Nothing is done where this very end is stored already.

        :raises ThreadNotFound: the thread was deleted meanwhile; nothing was changed.
        :raises RunLost: it has ended otherwise, or waits; nothing was changed.
        """
        ...

    async def withdraw_run(self, owner: Owner, end: RunEnd) -> bool:
        """Store the end of a run that waits, with what is to be kept of it; ``False`` if it does not wait, unless this
        very end is stored already.
        """
        ...

    async def abandon_run(self, owner: Owner, end: RunEnd, *, new_thread: bool) -> None:
        """After ``InDoubt``: see to it that the run has ended as ``end`` says, or is not stored and never will be.

        Its message and its key are gone then, and its thread, if it was to begin one and nothing else was begun
        there; unless it was confirmed.
        """
        ...

    async def confirm_run(self, owner: Owner, run_id: str) -> bool:
        """A repeated request is about to be answered with this run of its key: it is not taken back any more.

        ``False`` if that has happened already.
        """
        ...

    async def request_stop(self, owner: Owner, run_id: str, reason: str) -> str | None:
        """Ask the process that drives a run to stop it; the first reason stays. Answers which process that is, ``None``
        where the run has ended.
        """
        ...

    async def get_run(self, owner: Owner, run_id: str) -> RunRow:
        """:raises RunNotFound:"""
        ...

    async def current_run(self, owner: Owner, thread_id: str) -> RunRow:
        """The thread's run that goes on, or waits first, or came last. :raises ThreadNotFound, RunNotFound:"""
        ...

    async def run_so_far(self, owner: Owner, thread_id: str, run_id: str) -> RunSoFar:
        """The visible items that a run stored, in order, among the newest 500 of its thread, then its checkpoint's.

        What is in both is as the checkpoint has it: the log brings what came after that.
        """
        ...

    # --- processes ------------------------------------------------------------------------------------------------

    def apart(self) -> Store | None:
        """Another store of the same database, not open, for another thread's event loop; ``None`` where the database is
        this process's own.
        """
        ...

    async def renew_lease(self, replica: str, seconds: float, *, log_id: str | None = None) -> bool:
        """Say that a process is alive, and will be for so long without saying it again, by the database's clock.

        ``False`` if it was not taken to be alive until now.
        """
        ...

    async def replicas(self) -> list[Replica]:
        """The processes that are alive."""
        ...

    async def release_lease(self, replica: str) -> None:
        """Say that a process has ended, and drives nothing any more."""
        ...

    async def runs_of_replica(self, replica: str) -> dict[str, str | None]:
        """The runs of a process that have not ended, each with the reason why it is to be stopped, if it is."""
        ...

    async def orphaned_runs(self) -> list[OwnedRun]:
        """Runs that have not ended and whose process is dead, some of them."""
        ...

    async def recover_run(self, orphan: OwnedRun, end: RunEnd, *, keep: bool = True) -> bool:
        """End an orphan in a new attempt, its checkpoint's items kept unless ``keep`` is false.

        Whether it was one, or has this very end.
        """
        ...

    async def active_runs(self, limit: int) -> list[OwnedRun]:
        """Everybody's runs that have not ended, the oldest first."""
        ...


class RunLost(Exception):
    """A run has written after its end: somebody else took it for dead and ended it. Nothing was changed."""


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
