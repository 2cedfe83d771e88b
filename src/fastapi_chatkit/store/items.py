"""Scripts over items."""

from __future__ import annotations

from operator import itemgetter

from ..errors import ItemNotFound, ThreadNotFound
from ..events import now
from ..identity import Owner
from ..items import Item
from ..rows import ItemRow, Page, PageQuery, ThreadRow, item_row
from . import sql
from .base import RunLost
from .script import Last, Params, Script, Step, scope
from .threads import get_thread, page_of

UNKNOWN_ITEM_CURSOR = "Item not found: `after` names no item of this thread, list again from the start"


def list_items(owner: Owner, thread_id: str, page: PageQuery, hidden: bool, waiting: bool) -> Script[Page[ItemRow]]:
    """A page of items. Only an empty one costs a second statement, to tell why it is empty."""
    statement = sql.list_items(page.order, page.after is not None, hidden, waiting)
    rows = yield Step(statement, _cursor(owner, thread_id, page))
    if not rows:
        yield from get_thread(owner, thread_id)
        yield from _check_cursor(owner, thread_id, page, hidden)
    return page_of([ItemRow(*row) for row in rows], page.limit)


def get_thread_with_items(owner: Owner, thread_id: str, page: PageQuery) -> Script[tuple[ThreadRow, Page[ItemRow]]]:
    """A thread and a page of its visible items, from one snapshot."""
    rows = yield Step(sql.thread_with_items(page.order, page.after is not None), _cursor(owner, thread_id, page))
    if not rows:
        raise ThreadNotFound
    columns = len(ThreadRow._fields)
    in_order = sorted(
        (row for row in rows if row[columns] is not None), key=itemgetter(-1), reverse=page.order == "desc"
    )
    found = [ItemRow(*row[columns:-1]) for row in in_order]
    if not found:
        yield from _check_cursor(owner, thread_id, page, hidden=False)
    return ThreadRow(*rows[0][:columns]), page_of(found, page.limit)


def _cursor(owner: Owner, thread_id: str, page: PageQuery) -> Params:
    params = scope(owner, thread_id=thread_id, limit=page.limit + 1)
    return params if page.after is None else {**params, "after": page.after}


def _check_cursor(owner: Owner, thread_id: str, page: PageQuery, hidden: bool) -> Script[None]:
    if page.after is not None:
        found = yield Step(sql.item_seq(hidden), scope(owner, thread_id=thread_id, item_id=page.after))
        if not found:
            raise ItemNotFound(UNKNOWN_ITEM_CURSOR)


def get_item(owner: Owner, thread_id: str, item_id: str, *, hidden: bool = True) -> Script[ItemRow]:
    """The item, or which of the two is not there; without ``hidden``, a hidden item is not."""
    rows = yield Step(sql.GET_ITEM, scope(owner, thread_id=thread_id, item_id=item_id))
    if not rows or (not hidden and ItemRow(*rows[0]).hidden):
        yield from get_thread(owner, thread_id)
        raise ItemNotFound
    return ItemRow(*rows[0])


def put_item(owner: Owner, thread_id: str, row: ItemRow, run_id: str | None) -> Script[ItemRow]:
    """Append, or replace in place: an item keeps the sequence number that it was first stored with."""
    put = sql.PUT_ITEM if run_id is None else sql.PUT_ITEM_OF_RUN
    rows = yield Last(put, item_params(owner, thread_id, row, run_id))
    if not rows:
        yield from get_thread(owner, thread_id)
        raise RunLost
    return row


def change_thread_row(step: Step | Last) -> Script[ThreadRow]:
    """Do a chain that begins with a thread's row; the row as it is now, locked for the rest of the transaction.

    :raises ThreadNotFound: there is no such row, and nothing was written.
    """
    rows = yield step
    if not rows:
        raise ThreadNotFound
    return ThreadRow(*rows[0][1:])


def item_params(owner: Owner, thread_id: str, row: ItemRow, run_id: str | None) -> Params:
    """What a chain that stores an item is given."""
    return scope(
        owner,
        thread_id=thread_id,
        item_id=row.id,
        type=row.type,
        hidden=row.hidden,
        item_run_id=run_id,
        run_id=run_id,
        data=row.data,
        now=now(),
    )


def update_item(owner: Owner, thread_id: str, item: Item) -> Script[ItemRow]:
    """Replace the JSON of an item that is there."""
    row = item_row(item)
    yield Step(sql.UPDATE_ITEM, scope(owner, thread_id=thread_id, item_id=row.id, data=row.data))
    return row


def delete_item(owner: Owner, thread_id: str, item_id: str, run_id: str | None) -> Script[None]:
    """Delete an item, if it is there."""
    remove = sql.REMOVE_ITEM if run_id is None else sql.REMOVE_ITEM_OF_RUN
    rows = yield Last(remove, scope(owner, thread_id=thread_id, item_id=item_id, run_id=run_id, now=now()))
    if run_id is not None and not rows:
        found = yield Step(sql.GET_THREAD, scope(owner, thread_id=thread_id))
        if found:
            raise RunLost


def item_run(owner: Owner, thread_id: str, item_id: str) -> Script[tuple[bool, str | None]]:
    """Whether the item exists, and the run whose agent wrote it: of a user's message there is none."""
    rows = yield Step(sql.ITEM_RUN, scope(owner, thread_id=thread_id, item_id=item_id))
    return bool(rows), rows[0][0] if rows and rows[0][1] != "user_message" else None
