"""Scripts of a turn: what an operation does to its thread before the run starts, and what the run's end stores."""

from __future__ import annotations

from operator import itemgetter
from typing import Any, assert_never

import orjson

from ..errors import AttachmentNotFound, Overloaded, RunNotFound, ThreadLocked
from ..events import dumps
from ..identity import Owner
from ..items import answer_structured_input, complete_tool_call, require_type
from ..rows import ItemRow, ThreadRow, item_row
from . import sql
from .base import (
    Admission,
    Admitted,
    NewMessage,
    Retry,
    RunEnd,
    RunRow,
    RunStart,
    StructuredAnswer,
    ToolOutput,
    WidgetAction,
)
from .items import change_thread_row, get_item, item_params, update_item
from .script import Last, Params, Script, Step, scope
from .threads import get_thread, thread_params, touch_thread

ACTIVE_STATUS = '{"type":"active"}'
PENDING_CALLS_WINDOW = 20
"""How many of the newest items are searched for client tool calls that were never answered; as the SDK does."""


ITEMS_OF_RUN_WINDOW = 500
"""How many of a thread's newest items are searched for those of a run."""


def admit(owner: Owner, admission: Admission, run: RunStart) -> Script[Admitted]:
    """Prepare the thread and store the run."""
    match admission:
        case NewMessage(new_thread=True):
            return (yield from _create_thread(owner, admission, run))
        case NewMessage():
            return (yield from _add_message(owner, admission, run))
        case ToolOutput():
            admitted = yield from _complete_tool_call(owner, admission)
        case StructuredAnswer():
            admitted = yield from _answer(owner, admission)
        case Retry():
            admitted = yield from _rewind(owner, admission)
        case WidgetAction():
            admitted = yield from _find_widget(owner, admission)
        case _:
            assert_never(admission)
    yield Last(sql.INSERT_RUN, scope(owner, thread_id=admitted.thread.id, **_run_params(run)))
    return admitted


def _run_params(run: RunStart) -> Params:
    return {"run_id": run.run_id, "run_created_at": run.created_at}


def _create_thread(owner: Owner, new: NewMessage, run: RunStart) -> Script[Admitted]:
    thread = ThreadRow(new.thread_id, None, new.message["created_at"], ACTIVE_STATUS, None, "{}")
    if not new.attachment_ids:
        item = item_row({**new.message, "attachments": []})
        params = {**thread_params(owner, thread, seq=1), **item_params(owner, thread.id, item, None)}
        yield Last(sql.CREATE_THREAD, {**params, **_run_params(run)})
        return Admitted(thread, item)
    # The attachments are the thread's before they are written into the message: the thread comes first.
    yield Step(sql.INSERT_THREAD, thread_params(owner, thread, seq=0))
    return (yield from _add_message(owner, new, run))


def _add_message(owner: Owner, new: NewMessage, run: RunStart) -> Script[Admitted]:
    attachments: list[dict[str, Any]] = []
    if new.attachment_ids:
        yield from touch_thread(owner, new.thread_id)
        attachments = yield from _bind_attachments(owner, new.thread_id, new.attachment_ids)
    item = item_row({**new.message, "attachments": attachments})
    params = item_params(owner, new.thread_id, item, None)
    rows = yield Last(sql.ADD_MESSAGE, {**params, **_run_params(run), "open": ACTIVE_STATUS})
    if not rows:
        _require_open((yield from get_thread(owner, new.thread_id)))
        raise Overloaded("The thread was made anew meanwhile, try again")
    return Admitted(ThreadRow(*rows[0][1:]), item)


def _bind_attachments(owner: Owner, thread_id: str, attachment_ids: tuple[str, ...]) -> Script[list[dict[str, Any]]]:
    """Write the thread into each record, whose row is locked by then."""
    bound: list[dict[str, Any]] = []
    for attachment_id in attachment_ids:
        rows = yield Step(sql.BIND_ATTACHMENT, scope(owner, id=attachment_id, thread_id=thread_id))
        if not rows:
            raise AttachmentNotFound
        record = {**orjson.loads(rows[0][0]), "thread_id": thread_id}
        yield Step(sql.UPDATE_ATTACHMENT, scope(owner, id=attachment_id, data=dumps(record).decode()))
        bound.append(record)
    return bound


def _require_open(thread: ThreadRow) -> None:
    if thread.status != ACTIVE_STATUS:
        raise ThreadLocked


def _complete_tool_call(owner: Owner, output: ToolOutput) -> Script[Admitted]:
    thread = yield from touch_thread(owner, output.thread_id)
    rows = yield Step(sql.NEWEST_ITEMS, scope(owner, thread_id=thread.id, limit=PENDING_CALLS_WINDOW))
    newest = [ItemRow(*row) for row in rows]
    call = complete_tool_call(orjson.loads(newest[0].data) if newest else None, output.result)
    item = yield from update_item(owner, thread.id, call)
    for other in newest[1:]:
        if other.type == "client_tool_call" and orjson.loads(other.data).get("status", "pending") == "pending":
            yield Step(sql.DELETE_ITEM, scope(owner, thread_id=thread.id, item_id=other.id))
    return Admitted(thread, item)


def _answer(owner: Owner, answer: StructuredAnswer) -> Script[Admitted]:
    thread = yield from touch_thread(owner, answer.thread_id)
    stored = yield from get_item(owner, thread.id, answer.item_id, hidden=False)
    answered = answer_structured_input(orjson.loads(stored.data), answer.status, answer.answers)
    item = yield from update_item(owner, thread.id, answered)
    return Admitted(thread, item)


def _rewind(owner: Owner, retry: Retry) -> Script[Admitted]:
    thread = yield from touch_thread(owner, retry.thread_id)
    item = yield from get_item(owner, thread.id, retry.item_id, hidden=False)
    _require_open(thread)
    require_type(item.type, "user_message", "Only a user message can be retried")
    rows = yield Step(sql.item_seq(hidden=True), scope(owner, thread_id=thread.id, item_id=item.id))
    yield Step(sql.DELETE_ITEMS_AFTER, scope(owner, thread_id=thread.id, seq=rows[0][0]))
    return Admitted(thread, item)


def _find_widget(owner: Owner, action: WidgetAction) -> Script[Admitted]:
    thread = yield from touch_thread(owner, action.thread_id)
    if action.item_id is None:
        return Admitted(thread, None)
    item = yield from get_item(owner, thread.id, action.item_id, hidden=False)
    require_type(item.type, "widget", "An action's sender must be a widget")
    return Admitted(thread, item)


def end_run(owner: Owner, end: RunEnd) -> Script[None]:
    """Store the last items, then the end; a run that has ended stays as it is."""
    params = {"run_id": end.run_id, "run_status": end.status, "stop_reason": end.stop_reason, "ended_at": end.ended_at}
    if not end.items:
        yield Last(sql.END_RUN, scope(owner, **params))
        return
    *others, last = end.items
    for item in others:
        yield from change_thread_row(Step(sql.PUT_ITEM, item_params(owner, end.thread_id, item, end.run_id)))
    params |= item_params(owner, end.thread_id, last, end.run_id)
    yield from change_thread_row(Last(sql.END_RUN_WITH_ITEM, params))


def abandon_run(owner: Owner, end: RunEnd) -> Script[None]:
    """End the run if it is there; else put it there as ended, so that it can no longer be admitted.

    A run that begins its thread cannot be put there: the thread is made for a moment instead, which waits for whoever
    is about to commit one of this id.
    """
    params = {"run_id": end.run_id, "run_status": end.status, "stop_reason": end.stop_reason, "ended_at": end.ended_at}
    nothing = ThreadRow(end.thread_id, None, end.ended_at, ACTIVE_STATUS, None, "{}")
    made = yield Step(sql.INSERT_THREAD_IF_NEW, thread_params(owner, nothing, seq=0))
    if made:
        yield Last(sql.DELETE_THREAD, scope(owner, thread_id=end.thread_id))
    else:
        yield Last(sql.ABANDON_RUN, scope(owner, thread_id=end.thread_id, **params))


def get_run(owner: Owner, run_id: str) -> Script[RunRow]:
    """The run, or :class:`RunNotFound`."""
    rows = yield Step(sql.GET_RUN, scope(owner, run_id=run_id))
    if not rows:
        raise RunNotFound
    return RunRow(*rows[0])


def newest_run(owner: Owner, thread_id: str) -> Script[RunRow]:
    """The thread's newest run, or which of the two is not there."""
    rows = yield Step(sql.NEWEST_RUN, scope(owner, thread_id=thread_id, limit=1))
    if not rows:
        yield from get_thread(owner, thread_id)
        raise RunNotFound
    return RunRow(*rows[0])


def items_of_run(owner: Owner, thread_id: str, run_id: str) -> Script[list[ItemRow]]:
    """The visible items that a run stored, in order."""
    params = scope(owner, thread_id=thread_id, run_id=run_id, limit=ITEMS_OF_RUN_WINDOW)
    rows = yield Step(sql.ITEMS_OF_RUN, params)
    return [ItemRow(*row[:-1]) for row in sorted(rows, key=itemgetter(-1))]
