"""The operations that do not stream: one function each, from a validated operation to native JSON."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any, assert_never

from chatkit import types as sdk
from chatkit.actions import Action
from chatkit.store import AttachmentStore

from .agents.base import Agent, Turn
from .errors import FieldError, InvalidParams, ItemNotFound, ItemState, NotEnabled
from .events import dumps, item_dict, public_dict
from .identity import RequestContext, given_context
from .item_locks import item_locks
from .operations import (
    CreateAttachment,
    DeleteAttachment,
    DeleteThread,
    GetThread,
    GiveFeedback,
    ListItems,
    ListThreads,
    Query,
    SyncCustomAction,
    Transcribe,
    UpdateThread,
)
from .rows import ItemRow, Page, PageQuery, item_model, model_row, page_json, thread_model
from .store.base import Store, ThreadChanges

DEFAULT_PAGE = PageQuery(limit=20, order="asc")
"""What ``threads.get_by_id`` shows: the oldest items first, as the SDK does."""

EMPTY = b"{}"

StopThread = Callable[[RequestContext, str], Awaitable[None]]


class Threads:
    """Answers queries. ``stop_runs`` ends a thread's runs before it is deleted."""

    def __init__(
        self,
        *,
        store: Store,
        agent: Agent,
        attachment_store: AttachmentStore[Any] | None,
        stop_runs: StopThread,
    ) -> None:
        self._store = store
        self._agent = agent
        self._attachment_store = attachment_store
        self._stop_runs = stop_runs

    async def answer(self, query: Query, context: RequestContext) -> bytes:  # noqa: C901 - one case per operation
        """The reply's native JSON.

        :raises ChatKitError: the query cannot be answered.
        """
        match query:
            case ListThreads():
                return await self._list_threads(query, context)
            case GetThread():
                return await self._get_thread(query, context)
            case ListItems():
                return await self._list_items(query, context)
            case UpdateThread():
                return await self._update_thread(query, context)
            case DeleteThread():
                return await self._delete_thread(query, context)
            case GiveFeedback():
                return await self._give_feedback(query, context)
            case CreateAttachment():
                return await self._create_attachment(query, context)
            case DeleteAttachment():
                return await self._delete_attachment(query, context)
            case Transcribe():
                return await self._transcribe(query, context)
            case SyncCustomAction():
                return await self._sync_action(query, context)
            case _:
                assert_never(query)

    async def _list_threads(self, query: ListThreads, context: RequestContext) -> bytes:
        page = await self._store.list_threads(context.owner, PageQuery(query.page_size, query.order, query.after))
        return page_json([row.public() for row in page.data], page).encode()

    async def _get_thread(self, query: GetThread, context: RequestContext) -> bytes:
        thread, items = await self._store.get_thread_with_items(context.owner, query.thread_id, DEFAULT_PAGE)
        return thread.public(_items_json(items)).encode()

    async def _list_items(self, query: ListItems, context: RequestContext) -> bytes:
        wanted = PageQuery(query.page_size, query.order, query.after)
        return _items_json(await self._store.list_items(context.owner, query.thread_id, wanted)).encode()

    async def _update_thread(self, query: UpdateThread, context: RequestContext) -> bytes:
        changes = ThreadChanges({"title": query.title})
        return (await self._store.change_thread(context.owner, query.thread_id, changes)).public().encode()

    async def _delete_thread(self, query: DeleteThread, context: RequestContext) -> bytes:
        await self._stop_runs(context, query.thread_id)
        await self._store.remove_thread(context.owner, query.thread_id)
        await self._stop_runs(context, query.thread_id)  # one that was admitted meanwhile
        return EMPTY

    async def _give_feedback(self, query: GiveFeedback, context: RequestContext) -> bytes:
        await self._store.put_feedback(context.owner, query.thread_id, tuple(query.item_ids), query.kind)
        await self._agent.feedback(query.thread_id, query.item_ids, query.kind, context)
        return EMPTY

    async def _create_attachment(self, query: CreateAttachment, context: RequestContext) -> bytes:
        params = sdk.AttachmentCreateParams(name=query.name, size=query.size, mime_type=query.mime_type)
        attachment = await self._attachments().create_attachment(params, given_context(context))
        record = attachment.model_dump(mode="json", exclude_none=True)
        await self._store.put_attachment(context.owner, record)
        return dumps(public_dict(attachment))

    async def _delete_attachment(self, query: DeleteAttachment, context: RequestContext) -> bytes:
        attachments = self._attachments()
        await self._store.get_attachment(context.owner, query.attachment_id)
        await attachments.delete_attachment(query.attachment_id, given_context(context))
        await self._store.remove_attachment(context.owner, query.attachment_id)
        return EMPTY

    def _attachments(self) -> AttachmentStore[Any]:
        if self._attachment_store is None:
            raise NotEnabled("Attachments are not enabled on this server")
        return self._attachment_store

    async def _transcribe(self, query: Transcribe, context: RequestContext) -> bytes:
        try:
            data = base64.b64decode(query.audio_base64, validate=True)
        except ValueError:
            raise InvalidParams(errors=(FieldError("params.audio_base64", "must be base64"),)) from None
        audio = sdk.AudioInput(data=data, mime_type=query.mime_type)
        return dumps(public_dict(await self._agent.transcribe(audio, context)))

    async def _sync_action(self, query: SyncCustomAction, context: RequestContext) -> bytes:
        if query.item_id is None:
            return await self._act_at_once(query, context)
        await self._store.get_thread(context.owner, query.thread_id)  # so that no stranger holds the lock
        async with item_locks().hold(query.thread_id, query.item_id):
            return await self._act_at_once(query, context)

    async def _act_at_once(self, query: SyncCustomAction, context: RequestContext) -> bytes:
        thread = await self._store.get_thread(context.owner, query.thread_id)
        turn = Turn("", "action", thread_model(thread), None, context, self._store.models)
        turn.action = Action(type=query.action.type, payload=query.action.payload)
        if query.item_id is not None:
            turn.sender = _widget(await self._store.get_item(context.owner, thread.id, query.item_id))
        item = (await self._agent.sync_act(turn)).updated_item
        if item is None:
            return EMPTY
        row = model_row(item)
        # Beyond the SDK, which shows the updated item and forgets it at the next reload.
        await self._store.put_item(context.owner, thread.id, row)
        return EMPTY if row.hidden else dumps({"updated_item": item_dict(item)})


def _items_json(page: Page[ItemRow]) -> str:
    return page_json([row.public for row in page.data], page)


def _widget(row: ItemRow) -> sdk.WidgetItem:
    if row.hidden:
        raise ItemNotFound
    item = item_model(row)
    if not isinstance(item, sdk.WidgetItem):
        raise ItemState("An action's sender must be a widget")
    return item
