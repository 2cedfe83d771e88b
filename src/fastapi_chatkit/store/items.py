"""Scripts over items."""

from __future__ import annotations

from ..errors import ItemNotFound, ThreadNotFound
from ..events import now
from ..identity import Owner
from ..items import Item
from ..rows import ItemRow, Page, PageQuery, ThreadRow, item_row
from . import sql
from .script import Script, scope
from .threads import get_thread, page_of

UNKNOWN_ITEM_CURSOR = "Item not found: `after` names no item of this thread, list again from the start"


def list_items(owner: Owner, thread_id: str, page: PageQuery, hidden: bool) -> Script[Page[ItemRow]]:
    """A page of items. Only an empty one costs a second statement, to tell why it is empty."""
    params = scope(owner, thread_id=thread_id, limit=page.limit + 1, **({"after": page.after} if page.after else {}))
    rows = yield sql.list_items(page.order, page.after is not None, hidden), params
    if not rows:
        yield from get_thread(owner, thread_id)
        if page.after is not None:
            found = yield sql.item_seq(hidden), scope(owner, thread_id=thread_id, item_id=page.after)
            if not found:
                raise ItemNotFound(UNKNOWN_ITEM_CURSOR)
    return page_of([ItemRow(*row) for row in rows], page.limit)


def get_thread_with_items(owner: Owner, thread_id: str, page: PageQuery) -> Script[tuple[ThreadRow, Page[ItemRow]]]:
    """A thread and a page of its visible items, from one snapshot."""
    thread = yield from get_thread(owner, thread_id)
    items = yield from list_items(owner, thread_id, page, hidden=False)
    return thread, items


def get_item(owner: Owner, thread_id: str, item_id: str, *, hidden: bool = True) -> Script[ItemRow]:
    """The item, or which of the two is not there; without ``hidden``, a hidden item is not."""
    rows = yield sql.GET_ITEM, scope(owner, thread_id=thread_id, item_id=item_id)
    if not rows or (not hidden and ItemRow(*rows[0]).hidden):
        yield from get_thread(owner, thread_id)
        raise ItemNotFound
    return ItemRow(*rows[0])


def put_item(owner: Owner, thread_id: str, row: ItemRow, run_id: str | None) -> Script[ItemRow]:
    """Append, or replace in place: an item keeps the sequence number that it was first stored with."""
    seq, _ = yield from take_seq(owner, thread_id)
    return (yield from insert_item(owner, thread_id, row, seq, run_id))


def take_seq(owner: Owner, thread_id: str) -> Script[tuple[int, ThreadRow]]:
    """The thread's next sequence number, and the thread, locked for the rest of the transaction."""
    rows = yield sql.NEXT_SEQ, scope(owner, thread_id=thread_id, now=now())
    if not rows:
        raise ThreadNotFound
    seq, *columns = rows[0]
    return seq, ThreadRow(*columns)


def insert_item(owner: Owner, thread_id: str, row: ItemRow, seq: int, run_id: str | None) -> Script[ItemRow]:
    """Store an item under the sequence number that was taken for it."""
    params = scope(
        owner,
        thread_id=thread_id,
        id=row.id,
        seq=seq,
        type=row.type,
        hidden=row.hidden,
        run_id=run_id,
        data=row.data,
    )
    yield sql.UPSERT_ITEM, params
    return row


def update_item(owner: Owner, thread_id: str, item: Item) -> Script[ItemRow]:
    """Replace the JSON of an item that is there."""
    row = item_row(item)
    yield sql.UPDATE_ITEM, scope(owner, thread_id=thread_id, item_id=row.id, data=row.data)
    return row


def delete_item(owner: Owner, thread_id: str, item_id: str) -> Script[None]:
    """Delete an item, if it is there."""
    yield sql.DELETE_ITEM, scope(owner, thread_id=thread_id, item_id=item_id)


def item_run(owner: Owner, thread_id: str, item_id: str) -> Script[tuple[bool, str | None]]:
    """Whether the item exists, and the run that wrote it."""
    rows = yield sql.ITEM_RUN, scope(owner, thread_id=thread_id, item_id=item_id)
    return bool(rows), rows[0][0] if rows else None
