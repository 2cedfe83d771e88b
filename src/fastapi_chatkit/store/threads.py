"""Scripts over threads, attachments and feedback."""

from __future__ import annotations

from typing import Any

from ..errors import AttachmentNotFound, ItemNotFound, ThreadNotFound
from ..events import dumps, now
from ..identity import Owner
from ..rows import Page, PageQuery, ThreadRow
from . import sql
from .base import RunLost, ThreadChanges
from .script import Last, Params, Rows, Script, Step, scope

UNKNOWN_THREAD_CURSOR = "Thread not found: `after` names no thread of this user, list again from the start"


def page_of(rows: list[Any], limit: int) -> Page[Any]:
    """A page from at most ``limit + 1`` rows whose first column is the id."""
    has_more = len(rows) > limit
    data = rows[:limit]
    return Page(data, has_more, data[-1][0] if has_more else None)


def list_threads(owner: Owner, page: PageQuery) -> Script[Page[ThreadRow]]:
    """A page of threads; a cursor that names nothing is an error, not an empty page."""
    params = scope(owner, limit=page.limit + 1, **({} if page.after is None else {"after": page.after}))
    rows = yield Step(sql.list_threads(page.order, page.after is not None), params)
    if not rows and page.after is not None:
        found = yield Step(sql.GET_THREAD, scope(owner, thread_id=page.after))
        if not found:
            raise ThreadNotFound(UNKNOWN_THREAD_CURSOR)
    return page_of([ThreadRow(*row) for row in rows], page.limit)


def get_thread(owner: Owner, thread_id: str) -> Script[ThreadRow]:
    """The thread, or :class:`ThreadNotFound`."""
    rows = yield Step(sql.GET_THREAD, scope(owner, thread_id=thread_id))
    return _one_thread(rows)


def put_thread(owner: Owner, thread: ThreadRow) -> Script[None]:
    """Create or replace a thread."""
    yield Last(sql.UPSERT_THREAD, thread_params(owner, thread, seq=0))


def change_thread(owner: Owner, thread_id: str, changes: ThreadChanges, run_id: str | None) -> Script[ThreadRow]:
    """Set the given columns and no others; a title stays where the changes are for a thread without one."""
    if not changes.values:
        return (yield from get_thread(owner, thread_id))
    params = scope(owner, thread_id=thread_id, now=now(), run_id=run_id, **changes.values)
    statement = sql.change_thread(tuple(sorted(changes.values)), run_id is not None, changes.untitled)
    rows = yield Last(statement, params)
    if not rows:
        yield from get_thread(owner, thread_id)
        raise RunLost
    return ThreadRow(*rows[0])


def touch_thread(owner: Owner, thread_id: str) -> Script[ThreadRow]:
    """The thread, locked for the rest of the transaction."""
    rows = yield Step(sql.TOUCH_THREAD, scope(owner, thread_id=thread_id, now=now()))
    return _one_thread(rows)


def delete_thread(owner: Owner, thread_id: str) -> Script[None]:
    """Delete a thread; foreign keys take its items, runs, feedback and attachments along."""
    rows = yield Last(sql.DELETE_THREAD, scope(owner, thread_id=thread_id))
    if not rows:
        raise ThreadNotFound


def _one_thread(rows: Rows) -> ThreadRow:
    if not rows:
        raise ThreadNotFound
    return ThreadRow(*rows[0])


def thread_params(owner: Owner, thread: ThreadRow, seq: int, active_run_id: str | None = None) -> Params:
    """What a thread's row is made of."""
    columns = thread._asdict()
    return scope(owner, thread_id=columns.pop("id"), **columns, now=now(), seq=seq, active_run_id=active_run_id)


def put_attachment(owner: Owner, attachment: dict[str, Any]) -> Script[None]:
    """Create or replace an attachment's record; where it names a thread, that must be there."""
    thread_id = attachment.get("thread_id")
    if thread_id is not None:
        yield from touch_thread(owner, thread_id)
    data = dumps(attachment).decode()
    yield Last(sql.UPSERT_ATTACHMENT, scope(owner, id=attachment["id"], thread_id=thread_id, data=data))


def get_attachment(owner: Owner, attachment_id: str) -> Script[str]:
    """The attachment's record as JSON text, or :class:`AttachmentNotFound`."""
    rows = yield Step(sql.GET_ATTACHMENT, scope(owner, id=attachment_id))
    if not rows:
        raise AttachmentNotFound
    return rows[0][0]


def delete_attachment(owner: Owner, attachment_id: str) -> Script[None]:
    """Delete an attachment's record, if it is there."""
    yield Last(sql.DELETE_ATTACHMENT, scope(owner, id=attachment_id))


def add_feedback(owner: Owner, thread_id: str, item_ids: tuple[str, ...], kind: str) -> Script[None]:
    """Store a verdict on each item; all items must exist."""
    yield from touch_thread(owner, thread_id)
    for item_id in item_ids:
        found = yield Step(sql.item_seq(hidden=False), scope(owner, thread_id=thread_id, item_id=item_id))
        if not found:
            raise ItemNotFound
        yield Step(sql.UPSERT_FEEDBACK, scope(owner, thread_id=thread_id, item_id=item_id, kind=kind, now=now()))
