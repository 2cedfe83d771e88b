"""Any SDK ``Store`` behind this project's port, for servers that bring their own.

Each call becomes the SDK's calls, one after the other: such a store has no transactions and keeps no feedback, and what
is known of runs is in this process's memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

import orjson
from chatkit import store as sdk_store
from chatkit import types as sdk
from pydantic import TypeAdapter

from ..errors import AttachmentNotFound, ItemNotFound, ItemState, ThreadLocked, ThreadNotFound
from ..events import HIDDEN_TYPES, now
from ..identity import Owner, RequestContext, current_context
from ..item_locks import item_locks
from ..items import answer_structured_input, complete_tool_call, require_type
from ..rows import ItemRow, Page, PageQuery, ThreadRow, item_model, item_row, model_row, thread_model, thread_row
from .base import (
    Admission,
    Admitted,
    Checkpoint,
    NewMessage,
    OwnedRun,
    Replica,
    Retry,
    RunEnd,
    RunLost,
    RunRow,
    RunSoFar,
    RunStart,
    StructuredAnswer,
    ThreadChanges,
    ToolOutput,
    WidgetAction,
)
from .run_table import RunTable
from .turns import ACTIVE_STATUS, PENDING_CALLS_WINDOW

_ATTACHMENT: TypeAdapter[sdk.Attachment] = TypeAdapter(sdk.Attachment)


class SDKStore:
    """Adapts ``models``, a store written against the SDK."""

    def __init__(self, models: sdk_store.Store[Any]) -> None:
        self.models = models
        self._runs = RunTable()

    @property
    def is_open(self) -> bool:
        """Always: the store's owner opens it, and closes it."""
        return True

    async def open(self) -> None:
        """The store's owner opens it."""

    async def initialize_schema(self) -> None:
        """The store's owner does that too."""

    async def close(self) -> None:
        """The store's owner closes it."""

    async def ping(self) -> None:
        """Nothing is known of it."""

    # --- threads --------------------------------------------------------------------------------------------------

    async def list_threads(self, owner: Owner, page: PageQuery) -> Page[ThreadRow]:
        found = await self.models.load_threads(page.limit, page.after, page.order, _context(owner))
        return Page([thread_row(thread) for thread in found.data], found.has_more, found.after)

    async def get_thread(self, owner: Owner, thread_id: str) -> ThreadRow:
        return thread_row(await self._thread(owner, thread_id))

    async def get_thread_with_items(
        self, owner: Owner, thread_id: str, page: PageQuery
    ) -> tuple[ThreadRow, Page[ItemRow]]:
        return await self.get_thread(owner, thread_id), await self.list_items(owner, thread_id, page)

    async def put_thread(self, owner: Owner, thread: ThreadRow) -> None:
        await self.models.save_thread(thread_model(thread), _context(owner))

    async def change_thread(
        self, owner: Owner, thread_id: str, changes: ThreadChanges, run_id: str | None = None
    ) -> ThreadRow:
        """Read and written back, for that is all that such a store can. One at a time for each thread; what the
        application saves on it in between by itself is lost.
        """
        async with item_locks().hold(thread_id):
            await self._fence(owner, thread_id, run_id)
            row = await self.get_thread(owner, thread_id)
            values = dict(changes.values)
            if changes.untitled and row.title is not None:
                values.pop("title", None)
            changed = row._replace(**values)
            if changed != row:
                await self.put_thread(owner, changed)
        return changed

    async def remove_thread(self, owner: Owner, thread_id: str) -> None:
        await self._thread(owner, thread_id)
        await self.models.delete_thread(thread_id, _context(owner))
        self._runs.forget_thread(owner, thread_id)

    async def _fence(self, owner: Owner, thread_id: str, run_id: str | None) -> None:
        """:raises RunLost, ThreadNotFound: it is no longer the thread's active run."""
        if run_id is not None and not self._runs.is_active(owner, thread_id, run_id):
            await self._thread(owner, thread_id)
            raise RunLost

    async def _thread(self, owner: Owner, thread_id: str) -> sdk.ThreadMetadata:
        try:
            return await self.models.load_thread(thread_id, _context(owner))
        except sdk_store.NotFoundError:
            raise ThreadNotFound from None

    # --- items ----------------------------------------------------------------------------------------------------

    async def list_items(
        self, owner: Owner, thread_id: str, page: PageQuery, *, hidden: bool = False, waiting: bool = True
    ) -> Page[ItemRow]:
        """As the store pages, except that hidden items do not count: pages are read on until one is full."""
        await self._thread(owner, thread_id)
        rows: list[ItemRow] = []
        after, more = page.after, True
        while more and len(rows) <= page.limit:
            found = await self.models.load_thread_items(thread_id, after, page.limit + 1, page.order, _context(owner))
            rows += [model_row(item) for item in found.data if hidden or item.type not in HIDDEN_TYPES]
            more, after = found.has_more and bool(found.data), found.data[-1].id if found.data else None
        has_more = len(rows) > page.limit
        data = rows[: page.limit]
        return Page(data, has_more, data[-1].id if has_more else None)

    async def get_item(self, owner: Owner, thread_id: str, item_id: str) -> ItemRow:
        await self._thread(owner, thread_id)
        try:
            return model_row(await self.models.load_item(thread_id, item_id, _context(owner)))
        except sdk_store.NotFoundError:
            raise ItemNotFound from None

    async def put_item(self, owner: Owner, thread_id: str, item: ItemRow, run_id: str | None = None) -> None:
        """New items are added and known ones saved, for stores whose ``add_thread_item`` is a plain insert."""
        await self._fence(owner, thread_id, run_id)
        exists, _ = await self.item_run(owner, thread_id, item.id)
        write = self.models.save_item if exists else self.models.add_thread_item
        await write(thread_id, item_model(item), _context(owner))

    async def remove_item(self, owner: Owner, thread_id: str, item_id: str, run_id: str | None = None) -> None:
        try:
            await self._fence(owner, thread_id, run_id)
        except ThreadNotFound:
            return
        exists, _ = await self.item_run(owner, thread_id, item_id)
        if exists:
            await self.models.delete_thread_item(thread_id, item_id, _context(owner))

    async def item_run(self, owner: Owner, thread_id: str, item_id: str) -> tuple[bool, str | None]:
        try:
            await self.models.load_item(thread_id, item_id, _context(owner))
        except (sdk_store.NotFoundError, KeyError):
            return False, None
        return True, None

    # --- attachments and feedback ---------------------------------------------------------------------------------

    async def put_attachment(self, owner: Owner, attachment: dict[str, Any]) -> None:
        await self.models.save_attachment(_ATTACHMENT.validate_python(attachment), _context(owner))

    async def get_attachment(self, owner: Owner, attachment_id: str) -> str:
        try:
            attachment = await self.models.load_attachment(attachment_id, _context(owner))
        except sdk_store.NotFoundError:
            raise AttachmentNotFound from None
        return attachment.model_dump_json(exclude_none=True)

    async def remove_attachment(self, owner: Owner, attachment_id: str) -> None:
        await self.models.delete_attachment(attachment_id, _context(owner))

    async def put_feedback(self, owner: Owner, thread_id: str, item_ids: tuple[str, ...], kind: str) -> None:
        """The SDK's stores have no place for it; the server's ``add_feedback`` is called either way."""
        for item_id in item_ids:
            await self.get_item(owner, thread_id, item_id)

    # --- turns ----------------------------------------------------------------------------------------------------

    async def admit(self, owner: Owner, admission: Admission, run: RunStart) -> Admitted | RunRow:
        if (repeated := self._runs.repeated(owner, run)) is not None:
            return repeated
        self._runs.check(owner, admission.thread_id, run)
        message_id = admission.message["id"] if isinstance(admission, NewMessage) else None
        waits = self._runs.add(owner, admission.thread_id, run, message_id)
        try:
            thread, item = await self._prepare(owner, admission, waits=waits)
        except BaseException:
            self._runs.forget(owner, run.run_id)
            raise
        return Admitted(thread, item, waits)

    async def start_run(self, owner: Owner, admission: Admission, run_id: str) -> Admitted | None:
        """A message stays where it is: such a store orders items by time."""
        thread = await self.get_thread(owner, admission.thread_id)
        if not self._runs.is_next(owner, thread.id, run_id):
            return None
        item: ItemRow | None = None
        match admission:
            case NewMessage():
                _require_open(thread)
                item = await self.get_item(owner, thread.id, admission.message["id"])
            case Retry() if self._runs.waits(owner, thread.id, run_id):
                item = await self._rewind(owner, thread, admission)
            case Retry():
                item = await self._retried(owner, thread, admission)
            case WidgetAction():
                item = await self._widget(owner, admission)
            case StructuredAnswer():
                item = await self._answered(owner, admission)
            case ToolOutput():
                pass
            case _:
                assert_never(admission)
        self._runs.start(owner, run_id)
        return Admitted(thread, item)

    async def _prepare(self, owner: Owner, admission: Admission, *, waits: bool) -> tuple[ThreadRow, ItemRow | None]:
        if isinstance(admission, NewMessage):
            return await self._add_message(owner, admission)
        thread = await self.get_thread(owner, admission.thread_id)
        match admission:
            case ToolOutput():
                return thread, await self._complete_tool_call(owner, admission)
            case StructuredAnswer():
                stored = await self.get_item(owner, thread.id, admission.item_id)
                row = item_row(answer_structured_input(orjson.loads(stored.data), admission.status, admission.answers))
                await self.put_item(owner, thread.id, row)
                return await self.get_thread(owner, thread.id), row
            case Retry() if waits:
                return thread, await self._retried(owner, thread, admission)
            case Retry():
                return thread, await self._rewind(owner, thread, admission)
            case WidgetAction():
                return thread, await self._widget(owner, admission)
            case _:
                assert_never(admission)

    async def _widget(self, owner: Owner, action: WidgetAction) -> ItemRow | None:
        if action.item_id is None:
            return None
        item = await self.get_item(owner, action.thread_id, action.item_id)
        require_type(item.type, "widget", "An action's sender must be a widget")
        return item

    async def _answered(self, owner: Owner, answer: StructuredAnswer) -> ItemRow | None:
        """The questions with the answer that was stored while it waited; a retry before it may have deleted them."""
        try:
            return await self.get_item(owner, answer.thread_id, answer.item_id)
        except ItemNotFound:
            return None

    async def _add_message(self, owner: Owner, new: NewMessage) -> tuple[ThreadRow, ItemRow]:
        records = [orjson.loads(await self.get_attachment(owner, name)) for name in new.attachment_ids]
        attachments = [{**record, "thread_id": new.thread_id} for record in records]
        if new.new_thread:
            thread = ThreadRow(new.thread_id, None, new.message["created_at"], ACTIVE_STATUS, None, "{}")
            await self.put_thread(owner, thread)
        else:
            thread = await self.get_thread(owner, new.thread_id)
            _require_open(thread)
        for attachment in attachments:
            await self.put_attachment(owner, attachment)
        item = item_row({**new.message, "attachments": attachments})
        await self.models.add_thread_item(thread.id, item_model(item), _context(owner))
        return thread, item

    async def _complete_tool_call(self, owner: Owner, output: ToolOutput) -> ItemRow:
        query = PageQuery(PENDING_CALLS_WINDOW, "desc")
        newest = (await self.list_items(owner, output.thread_id, query, hidden=True)).data
        call = complete_tool_call(orjson.loads(newest[0].data) if newest else None, output.result)
        item = item_row(call)
        await self.put_item(owner, output.thread_id, item)
        for other in newest[1:]:
            if other.type == "client_tool_call" and orjson.loads(other.data).get("status") == "pending":
                await self.remove_item(owner, output.thread_id, other.id)
        return item

    async def _retried(self, owner: Owner, thread: ThreadRow, retry: Retry) -> ItemRow:
        item = await self.get_item(owner, thread.id, retry.item_id)
        _require_open(thread)
        require_type(item.type, "user_message", "Only a user message can be retried")
        return item

    async def _rewind(self, owner: Owner, thread: ThreadRow, retry: Retry) -> ItemRow:
        """Delete what came after the message, but for the messages that still wait for their answers."""
        item = await self._retried(owner, thread, retry)
        waiting = self._runs.waiting_messages(owner, thread.id)
        later: list[str] = []
        page, found = PageQuery(50, "desc"), False
        while not found:
            rows = await self.list_items(owner, thread.id, page, hidden=True)
            for row in rows.data:
                found = found or row.id == item.id
                if not found and row.id not in waiting:
                    later.append(row.id)
            if not rows.has_more and not found:
                raise ItemState("The item is not in its thread")
            page = page._replace(after=rows.after)
        for item_id in later:
            await self.models.delete_thread_item(thread.id, item_id, _context(owner))
        return item

    # --- runs -----------------------------------------------------------------------------------------------------

    async def checkpoint_runs(self, checkpoints: Sequence[Checkpoint]) -> None:
        """A crash takes the runs along: nobody would look for what is left of them."""

    async def end_run(self, owner: Owner, end: RunEnd) -> None:
        """Where an item cannot be stored, the run goes on: whoever asks again stores it."""
        if self._runs.is_done(owner, end):
            return
        await self._fence(owner, end.thread_id, end.run_id)
        try:
            for item in end.items:
                await self.put_item(owner, end.thread_id, item, end.run_id)
        except Exception:
            await self._forget_if_gone(owner, end.thread_id)
            raise
        self._runs.end(owner, end)

    async def _forget_if_gone(self, owner: Owner, thread_id: str) -> None:
        """:raises ThreadNotFound: somebody has deleted the thread past this, and its runs are forgotten."""
        try:
            await self._thread(owner, thread_id)
        except ThreadNotFound:
            self._runs.forget_thread(owner, thread_id)
            raise

    async def withdraw_run(self, owner: Owner, end: RunEnd) -> bool:
        if not self._runs.waits(owner, end.thread_id, end.run_id):
            return self._runs.is_done(owner, end)
        self._runs.end(owner, end)
        for item in end.items:
            await self.put_item(owner, end.thread_id, item)
        return True

    async def abandon_run(self, owner: Owner, end: RunEnd, *, new_thread: bool) -> None:
        """Nothing is ever in doubt: such a store's errors are its own."""

    async def confirm_run(self, owner: Owner, run_id: str) -> bool:
        """Nor is anything taken back."""
        return True

    async def request_stop(self, owner: Owner, run_id: str, reason: str) -> str | None:
        """Its runs are this process's."""
        return None

    async def get_run(self, owner: Owner, run_id: str) -> RunRow:
        return self._runs.get(owner, run_id)

    async def current_run(self, owner: Owner, thread_id: str) -> RunRow:
        await self._thread(owner, thread_id)
        return self._runs.current(owner, thread_id)

    async def run_so_far(self, owner: Owner, thread_id: str, run_id: str) -> RunSoFar:
        """Such a store does not know which run stored what."""
        return RunSoFar([], 0)

    @property
    def shares_runs(self) -> bool:
        """There is no place for them in such a store."""
        return False

    # --- processes: there is one ----------------------------------------------------------------------------------

    def apart(self) -> None:
        """There is no lease to renew."""

    async def renew_lease(self, replica: str, seconds: float, *, log_id: str | None = None) -> bool:
        """Nobody asks."""
        return True

    async def replicas(self) -> list[Replica]:
        """Nobody else can be seen."""
        return []

    async def release_lease(self, replica: str) -> None:
        """Nobody asks."""

    async def runs_of_replica(self, replica: str) -> dict[str, str | None]:
        return self._runs.active()

    async def orphaned_runs(self) -> list[OwnedRun]:
        return []

    async def recover_run(self, orphan: OwnedRun, end: RunEnd, *, keep: bool = True) -> bool:
        return False

    async def active_runs(self, limit: int) -> list[OwnedRun]:
        return []


def _context(owner: Owner) -> RequestContext:
    """The request's context, or one with the owner alone where no request is served."""
    context = current_context.get()
    if context is not None and context.owner == owner:
        return context
    return RequestContext(
        user_id=owner.user_id, organization_id=owner.organization_id or None, request_id=f"store-{now()}"
    )


def _require_open(thread: ThreadRow) -> None:
    if orjson.loads(thread.status)["type"] != "active":
        raise ThreadLocked
