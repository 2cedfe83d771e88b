"""The official SDK's ``Store`` over the store's own calls, for agents and servers written against the SDK.

Works for any context object with a ``user_id`` (and an ``organization_id`` where there is one). Models carry naive
local times, as the SDK computes with them. What the SDK's models cannot parse (an item of a newer version) is left out
of pages and stays in the database as it is (``rows.item_models``).
"""

from __future__ import annotations

import logging
from typing import Any, cast

from chatkit import store as sdk_store
from chatkit import types as sdk
from pydantic import TypeAdapter

from ..errors import NotFound, ThreadNotFound
from ..identity import owner_of
from ..ids import new_id
from ..rows import Order, PageQuery, item_model, item_models, model_row, thread_model, thread_row
from .base import Store

logger = logging.getLogger(__name__)

_ATTACHMENT: TypeAdapter[sdk.Attachment] = TypeAdapter(sdk.Attachment)


class ModelStore(sdk_store.Store[Any]):
    """The SDK's twelve methods; the mixing class provides the calls of :class:`Store` that they use.

    Ids are UUIDv7. Unknown ids, and other owners', raise the SDK's ``NotFoundError``; the items of such a thread are an
    empty page, as in the SDK. Adding and saving an item are
    both upserts, deletions are idempotent: the SDK relies on it. Messages that wait for others to be answered are not
    there yet: an agent would answer them too soon.
    """

    @property
    def models(self) -> sdk_store.Store[Any]:
        """This object: it is the SDK's store as well."""
        return self

    @property
    def _rows(self) -> Store:
        return cast("Store", self)

    def generate_thread_id(self, context: Any) -> str:
        return new_id("thread")

    def generate_item_id(self, item_type: sdk_store.StoreItemType, thread: sdk.ThreadMetadata, context: Any) -> str:
        return new_id(item_type)

    async def load_thread(self, thread_id: str, context: Any) -> sdk.ThreadMetadata:
        try:
            return thread_model(await self._rows.get_thread(owner_of(context), thread_id))
        except NotFound as error:
            raise sdk_store.NotFoundError(f"Thread {thread_id} not found") from error

    async def save_thread(self, thread: sdk.ThreadMetadata, context: Any) -> None:
        await self._rows.put_thread(owner_of(context), thread_row(thread))

    async def load_threads(
        self, limit: int, after: str | None, order: str, context: Any
    ) -> sdk.Page[sdk.ThreadMetadata]:
        try:
            page = await self._rows.list_threads(owner_of(context), _query(limit, after, order))
        except NotFound as error:
            raise sdk_store.NotFoundError(error.detail) from error
        return sdk.Page(data=[thread_model(row) for row in page.data], has_more=page.has_more, after=page.after)

    async def delete_thread(self, thread_id: str, context: Any) -> None:
        try:
            await self._rows.remove_thread(owner_of(context), thread_id)
        except NotFound:
            logger.debug("thread %s was already gone", thread_id)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Any
    ) -> sdk.Page[sdk.ThreadItem]:
        query = _query(limit, after, order)
        try:
            page = await self._rows.list_items(owner_of(context), thread_id, query, hidden=True, waiting=False)
        except ThreadNotFound:
            return sdk.Page()
        except NotFound as error:
            raise sdk_store.NotFoundError(error.detail) from error
        return sdk.Page(data=item_models(page.data), has_more=page.has_more, after=page.after)

    async def add_thread_item(self, thread_id: str, item: sdk.ThreadItem, context: Any) -> None:
        try:
            await self._rows.put_item(owner_of(context), thread_id, model_row(item))
        except NotFound as error:
            raise sdk_store.NotFoundError(error.detail) from error

    async def save_item(self, thread_id: str, item: sdk.ThreadItem, context: Any) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: Any) -> sdk.ThreadItem:
        try:
            return item_model(await self._rows.get_item(owner_of(context), thread_id, item_id))
        except NotFound as error:
            raise sdk_store.NotFoundError(f"Item {item_id} not found in thread {thread_id}") from error

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        await self._rows.remove_item(owner_of(context), thread_id, item_id)

    async def save_attachment(self, attachment: sdk.Attachment, context: Any) -> None:
        await self._rows.put_attachment(owner_of(context), attachment.model_dump(mode="json", exclude_none=True))

    async def load_attachment(self, attachment_id: str, context: Any) -> sdk.Attachment:
        try:
            return _ATTACHMENT.validate_json(await self._rows.get_attachment(owner_of(context), attachment_id))
        except NotFound as error:
            raise sdk_store.NotFoundError(f"Attachment {attachment_id} not found") from error

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        await self._rows.remove_attachment(owner_of(context), attachment_id)


def _query(limit: int, after: str | None, order: str) -> PageQuery:
    direction: Order = "asc" if order == "asc" else "desc"
    return PageQuery(max(1, limit), direction, after)
