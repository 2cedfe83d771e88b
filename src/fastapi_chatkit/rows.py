"""Rows of the store: threads and items as stored JSON, their public form, and the SDK's models of them."""

from __future__ import annotations

import logging
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import orjson
from chatkit import types as sdk
from pydantic import TypeAdapter, ValidationError

from .events import HIDDEN_TYPES, dumps, item_dict, local_naive, utc_text, well_formed
from .items import Item

logger = logging.getLogger(__name__)

T = TypeVar("T")

Order = Literal["asc", "desc"]

EMPTY_PAGE = '{"data":[],"has_more":false}'


class Page(NamedTuple, Generic[T]):
    """``data`` in the order asked for; ``after`` is the last row's id where there is more."""

    data: list[T]
    has_more: bool
    after: str | None


class PageQuery(NamedTuple):
    """``limit`` is 1 or more; ``after`` is the id of the last row that the caller has."""

    limit: int = 20
    order: Order = "desc"
    after: str | None = None


class ItemRow(NamedTuple):
    """A stored item: ``data`` is its JSON, private attachment metadata included."""

    id: str
    type: str
    data: str

    @property
    def hidden(self) -> bool:
        """Whether clients never see it."""
        return self.type in HIDDEN_TYPES

    @property
    def public(self) -> str:
        """Its JSON as clients see it: without attachments' private metadata.

        The key cannot occur inside a string (its quotes would be escaped), so most rows pass as they are.
        """
        if self.type != "user_message" or '"metadata":' not in self.data:
            return self.data
        item: Item = orjson.loads(self.data)
        for attachment in item.get("attachments", []):
            attachment.pop("metadata", None)
        return orjson.dumps(item).decode()


class ThreadRow(NamedTuple):
    """A stored thread; ``status``, ``allowed_image_domains`` and ``metadata`` are JSON text."""

    id: str
    title: str | None
    created_at: str
    status: str
    allowed_image_domains: str | None
    metadata: str

    def public(self, items: str = EMPTY_PAGE) -> str:
        """Its JSON as clients see it: with a page of items, without its private metadata."""
        title = "" if self.title is None else f'"title":{dumps(self.title).decode()},'
        domains = self.allowed_image_domains
        images = "" if domains is None else f'"allowed_image_domains":{domains},'
        return (
            f'{{{title}"id":{orjson.dumps(self.id).decode()},"created_at":"{self.created_at}",'
            f'"status":{self.status},{images}"metadata":{{}},"items":{items}}}'
        )


def page_json(rows: list[str], page: Page[Any]) -> str:
    """A page as clients see it; ``rows`` is the public JSON of its data."""
    after = "" if page.after is None else f',"after":{orjson.dumps(page.after).decode()}'
    return f'{{"data":[{",".join(rows)}],"has_more":{"true" if page.has_more else "false"}{after}}}'


# --- to and from the SDK's models ---------------------------------------------------------------------------------

_ITEM: TypeAdapter[sdk.ThreadItem] = TypeAdapter(sdk.ThreadItem)
_STATUS: TypeAdapter[sdk.ThreadStatus] = TypeAdapter(sdk.ThreadStatus)


def item_row(item: Item) -> ItemRow:
    """The row of an item's JSON."""
    return ItemRow(item["id"], item["type"], dumps(item).decode())


def model_row(item: sdk.ThreadItem) -> ItemRow:
    """The row of an SDK item."""
    return item_row(item_dict(item, private=True))


def item_model(row: ItemRow) -> sdk.ThreadItem:
    """:raises ValidationError: the SDK has no model for this item."""
    data: Item = orjson.loads(row.data)
    item = _ITEM.validate_python(data)
    item.created_at = local_naive(data["created_at"])
    return item


def item_models(rows: list[ItemRow]) -> list[sdk.ThreadItem]:
    """The items that the SDK has models for, in order; others (of a newer version) are left out."""
    models: list[sdk.ThreadItem] = []
    for row in rows:
        try:
            models.append(item_model(row))
        except ValidationError:
            logger.warning("item %s of type %s has no SDK model and is left out", row.id, row.type)
    return models


def thread_model(row: ThreadRow) -> sdk.ThreadMetadata:
    """A stored thread as the SDK's model."""
    return sdk.ThreadMetadata(
        id=row.id,
        title=row.title,
        created_at=local_naive(row.created_at),
        status=_STATUS.validate_json(row.status),
        allowed_image_domains=orjson.loads(row.allowed_image_domains) if row.allowed_image_domains else None,
        metadata=orjson.loads(row.metadata),
    )


def thread_row(thread: sdk.ThreadMetadata) -> ThreadRow:
    """An SDK thread as it is stored."""
    domains = thread.allowed_image_domains
    return ThreadRow(
        id=thread.id,
        title=None if thread.title is None else well_formed(thread.title).replace("\0", ""),
        created_at=utc_text(thread.created_at),
        status=dumps(thread.status.model_dump(exclude_none=True)).decode(),
        allowed_image_domains=None if domains is None else dumps(domains).decode(),
        metadata=dumps(thread.metadata).decode(),
    )
