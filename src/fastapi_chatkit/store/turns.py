"""Scripts of a turn: what an operation does to its thread before the run starts, and what the run's end stores."""

from __future__ import annotations

from typing import Any, assert_never

import orjson

from ..errors import RunNotFound, ThreadLocked
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
from .items import get_item, insert_item, put_item, take_seq, update_item
from .script import Script, scope
from .threads import get_attachment, put_attachment, touch_thread

ACTIVE_STATUS = '{"type":"active"}'
PENDING_CALLS_WINDOW = 20
"""How many of the newest items are searched for client tool calls that were never answered; as the SDK does."""


def admit(owner: Owner, admission: Admission, run: RunStart) -> Script[Admitted]:
    """Prepare the thread, then store the run."""
    match admission:
        case NewMessage():
            admitted = yield from _add_message(owner, admission)
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
    yield (
        sql.INSERT_RUN,
        scope(owner, run_id=run.run_id, thread_id=admitted.thread.id, created_at=run.created_at),
    )
    return admitted


def _add_message(owner: Owner, new: NewMessage) -> Script[Admitted]:
    seq, thread = yield from (_create_thread(owner, new) if new.new_thread else take_seq(owner, new.thread_id))
    attachments = yield from _bind_attachments(owner, thread.id, new.attachment_ids)
    _require_open(thread)
    row = item_row({**new.message, "attachments": attachments})
    return Admitted(thread, (yield from insert_item(owner, thread.id, row, seq, None)))


def _create_thread(owner: Owner, new: NewMessage) -> Script[tuple[int, ThreadRow]]:
    created_at = new.message["created_at"]
    thread = ThreadRow(new.thread_id, None, created_at, ACTIVE_STATUS, None, "{}")
    yield sql.INSERT_THREAD, scope(owner, **thread._asdict(), now=created_at, seq=1)
    return 1, thread


def _bind_attachments(owner: Owner, thread_id: str, attachment_ids: tuple[str, ...]) -> Script[list[dict[str, Any]]]:
    bound: list[dict[str, Any]] = []
    for attachment_id in attachment_ids:
        record = orjson.loads((yield from get_attachment(owner, attachment_id)))
        record["thread_id"] = thread_id
        yield from put_attachment(owner, record)
        bound.append(record)
    return bound


def _require_open(thread: ThreadRow) -> None:
    if thread.status != ACTIVE_STATUS and orjson.loads(thread.status)["type"] != "active":
        raise ThreadLocked


def _complete_tool_call(owner: Owner, output: ToolOutput) -> Script[Admitted]:
    thread = yield from touch_thread(owner, output.thread_id)
    rows = yield sql.NEWEST_ITEMS, scope(owner, thread_id=thread.id, limit=PENDING_CALLS_WINDOW)
    newest = [ItemRow(*row) for row in rows]
    call = complete_tool_call(orjson.loads(newest[0].data) if newest else None, output.result)
    item = yield from update_item(owner, thread.id, call)
    for other in newest[1:]:
        if other.type == "client_tool_call" and orjson.loads(other.data).get("status", "pending") == "pending":
            yield sql.DELETE_ITEM, scope(owner, thread_id=thread.id, item_id=other.id)
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
    rows = yield sql.item_seq(hidden=True), scope(owner, thread_id=thread.id, item_id=item.id)
    yield sql.DELETE_ITEMS_AFTER, scope(owner, thread_id=thread.id, seq=rows[0][0])
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
    for item in end.items:
        yield from put_item(owner, end.thread_id, item, end.run_id)
    params = scope(owner, run_id=end.run_id, status=end.status, stop_reason=end.stop_reason, ended_at=end.ended_at)
    yield sql.END_RUN, params


def get_run(owner: Owner, run_id: str) -> Script[RunRow]:
    """The run, or :class:`RunNotFound`."""
    rows = yield sql.GET_RUN, scope(owner, run_id=run_id)
    if not rows:
        raise RunNotFound
    return RunRow(*rows[0])
