"""Scripts of an admission: what an operation does to its thread, and its run's place there.

A thread's active run is named in the thread's row, which everything that changes the thread locks first: so a
message and the run that answers it are one statement where the thread is free, and a run that has ended can write no
more.
"""

from __future__ import annotations

from typing import Any, assert_never

import orjson

from ..errors import (
    AttachmentNotFound,
    IdempotencyMismatch,
    ItemNotFound,
    QueueFull,
    RunActive,
    ThreadLocked,
)
from ..events import dumps, now
from ..identity import Owner
from ..items import answer_structured_input, complete_tool_call, require_type
from ..rows import ItemRow, ThreadRow, item_row
from . import sql
from .base import (
    Admission,
    Admitted,
    NewMessage,
    Retry,
    RunLost,
    RunRow,
    RunStart,
    StructuredAnswer,
    ToolOutput,
    WidgetAction,
)
from .items import change_thread_row, get_item, item_params, update_item
from .script import Busy, Last, Params, Script, Step, scope
from .threads import get_thread, thread_params, touch_thread

ACTIVE_STATUS = '{"type":"active"}'
PENDING_CALLS_WINDOW = 20
"""How many of the newest items are searched for client tool calls that were never answered; as the SDK does."""

LINE = 100
"""How many of a thread's runs that go on or wait are looked at: more than may wait."""


# --- in one step --------------------------------------------------------------------------------------------------


def can_be_one_step(admission: Admission) -> bool:
    """Whether :func:`admit_in_one_step` may do."""
    return isinstance(admission, NewMessage) and not admission.attachment_ids


def admit_in_one_step(owner: Owner, new: NewMessage, run: RunStart) -> Script[Admitted]:
    """Store a message without attachments in a new thread or one that is free, which is nearly always the case.

    :raises Busy: it is not free, or not there, or the key was used: :func:`admit` tells.
    """
    item = item_row({**new.message, "attachments": []})
    params = {**item_params(owner, new.thread_id, item, run.run_id), **_run_params(run, "running")}
    if new.new_thread:
        thread = _new_thread(new)
        yield Last(sql.CREATE_THREAD, {**params, **thread_params(owner, thread, seq=1, active_run_id=run.run_id)})
        return Admitted(thread, item)
    rows = yield Last(sql.ADD_MESSAGE_TO_FREE_THREAD, {**params, "open": ACTIVE_STATUS})
    if not rows:
        raise Busy
    return Admitted(ThreadRow(*rows[0][1:]), item)


def _new_thread(new: NewMessage) -> ThreadRow:
    return ThreadRow(new.thread_id, None, new.message["created_at"], ACTIVE_STATUS, None, "{}")


def _run_params(run: RunStart, status: str) -> Params:
    key = run.key
    return {
        "run_id": run.run_id,
        "run_created_at": run.created_at,
        "run_began_at": run.created_at if status == "running" else None,
        "run_status": status,
        "replica": run.replica,
        "request_key": key.value if key else None,
        "request_digest": key.digest if key else None,
    }


# --- in a transaction ---------------------------------------------------------------------------------------------


def admit(owner: Owner, admission: Admission, run: RunStart) -> Script[Admitted | RunRow]:
    """Prepare the thread and store the run, which waits where another goes on; or answer the run of the same key."""
    new = _new_thread(admission) if isinstance(admission, NewMessage) and admission.new_thread else None
    # The key is looked for when the thread is locked: whoever has used it there a moment before has come through.
    thread = (yield from touch_thread(owner, admission.thread_id)) if new is None else new
    repeated = yield from _repeated(owner, run)
    if repeated is not None:
        return repeated
    if new is not None:
        # The attachments are the thread's before they are written into the message: the thread comes first.
        yield Step(sql.INSERT_THREAD, thread_params(owner, new, seq=0))
    status = yield from _place(owner, thread.id, run)
    params = scope(owner, thread_id=thread.id, **_run_params(run, status))
    if isinstance(admission, NewMessage):
        item = yield from _message(owner, admission)
        _require_open(thread)
        params |= item_params(owner, thread.id, item, run.run_id)
        row = yield from change_thread_row(Last(sql.ADD_MESSAGE[status], params))
    else:
        item = yield from _prepare(owner, thread, admission, run, waits=status == "queued")
        row = yield from change_thread_row(Last(sql.ADD_RUN[status], {**params, "now": run.created_at}))
    return Admitted(row, item, waits=status == "queued")


def _repeated(owner: Owner, run: RunStart) -> Script[RunRow | None]:
    """The run that this key has begun already."""
    key = run.key
    if key is None:
        return None
    rows = yield Step(sql.GET_RUN_OF_KEY, scope(owner, request_key=key.value))
    if not rows:
        return None
    row, digest = RunRow(*rows[0][:-1]), rows[0][-1]
    if row.created_at < key.since:
        yield Step(sql.FORGET_KEY, scope(owner, request_key=key.value))
        return None
    if digest != key.digest:
        raise IdempotencyMismatch
    return row


def _place(owner: Owner, thread_id: str, run: RunStart) -> Script[str]:
    """The run's first status, in a thread whose row is locked."""
    others = yield Step(sql.ACTIVE_RUNS, scope(owner, thread_id=thread_id, limit=LINE))
    if not others:
        return "running"
    if run.max_waiting == 0:
        raise RunActive
    waiting = sum(RunRow(*row).status == "queued" and stopping is None for *row, stopping in others)
    if waiting >= run.max_waiting:
        raise QueueFull
    if run.stop_others is not None:
        yield Step(sql.STOP_RUNS, scope(owner, thread_id=thread_id, stop_reason=run.stop_others))
    return "queued"


def _message(owner: Owner, new: NewMessage) -> Script[ItemRow]:
    attachments = yield from _bind_attachments(owner, new.thread_id, new.attachment_ids)
    return item_row({**new.message, "attachments": attachments})


def _prepare(
    owner: Owner,
    thread: ThreadRow,
    admission: ToolOutput | StructuredAnswer | Retry | WidgetAction,
    run: RunStart,
    *,
    waits: bool,
) -> Script[ItemRow | None]:
    """Do to the thread what the operation asks. What a run that waits would do to others' items is only checked."""
    match admission:
        case ToolOutput():
            return (yield from _complete_tool_call(owner, admission))
        case StructuredAnswer():
            return (yield from _answer(owner, admission))
        case Retry():
            item = yield from _retried(owner, thread, admission)
            if not waits:
                yield from _rewind(owner, admission, run.run_id)
            return item
        case WidgetAction():
            return (yield from _widget(owner, admission))
        case _:
            assert_never(admission)


# --- its turn has come --------------------------------------------------------------------------------------------


def first_run(owner: Owner, thread_id: str) -> Script[RunRow | None]:
    """The thread's run that goes on, or the first that waits.

    One that goes on comes first wherever its place is: an admission in one step that had to wait for the thread's lock
    does not see whoever has taken a place meanwhile.
    """
    rows = yield Step(sql.ACTIVE_RUNS, scope(owner, thread_id=thread_id, limit=LINE))
    line = [RunRow(*row[:-1]) for row in rows]
    return next((run for run in line if run.status == "running"), line[0] if line else None)


def is_next(owner: Owner, thread_id: str, run_id: str) -> Script[bool]:
    """Whether nothing comes before a run that waits. :raises RunLost: it does not wait any more."""
    first = yield from first_run(owner, thread_id)
    if first is not None and first.id == run_id:
        return True
    yield from _require_waiting(owner, thread_id, run_id)
    return False


def _require_waiting(owner: Owner, thread_id: str, run_id: str) -> Script[None]:
    rows = yield Step(sql.GET_RUN, scope(owner, run_id=run_id))
    if not rows:
        yield from get_thread(owner, thread_id)
    if not rows or RunRow(*rows[0]).ended_at is not None:
        raise RunLost


def start_run(owner: Owner, admission: Admission, run_id: str) -> Script[Admitted | None]:
    """Make the run the active one, unless another comes first, and do what is left of its admission."""
    thread = yield from touch_thread(owner, admission.thread_id)
    params = scope(owner, thread_id=thread.id, run_id=run_id)
    first = yield from first_run(owner, thread.id)
    if first is None or first.id != run_id:  # any more: it was the first a moment ago
        yield from _require_waiting(owner, thread.id, run_id)
        return None
    starts = first.status == "queued"  # else an earlier attempt at this has come through, and nobody was told
    start = sql.START_QUEUED_RUN
    item: ItemRow | None = None
    match admission:
        case NewMessage():
            _require_open(thread)
            item = yield from get_item(owner, thread.id, admission.message["id"], hidden=False)
            start = sql.START_QUEUED_RUN_OF_MESSAGE
        case Retry():
            item = yield from _retried(owner, thread, admission)
            if starts:
                yield from _rewind(owner, admission, run_id)
        case WidgetAction():
            item = yield from _widget(owner, admission)
        case StructuredAnswer():
            item = yield from _answered(owner, admission)
        case ToolOutput():
            pass
        case _:
            assert_never(admission)
    if starts:
        moved = {"item_id": item.id} if item else {}
        thread = yield from change_thread_row(Last(start, {**params, **moved, "now": now()}))
    return Admitted(thread, item)


# --- parts --------------------------------------------------------------------------------------------------------


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


def _complete_tool_call(owner: Owner, output: ToolOutput) -> Script[ItemRow]:
    thread_id = output.thread_id
    rows = yield Step(sql.NEWEST_ITEMS, scope(owner, thread_id=thread_id, limit=PENDING_CALLS_WINDOW))
    newest = [ItemRow(*row) for row in rows]
    call = complete_tool_call(orjson.loads(newest[0].data) if newest else None, output.result)
    item = yield from update_item(owner, thread_id, call)
    for other in newest[1:]:
        if other.type == "client_tool_call" and orjson.loads(other.data).get("status", "pending") == "pending":
            yield Step(sql.DELETE_ITEM, scope(owner, thread_id=thread_id, item_id=other.id))
    return item


def _answer(owner: Owner, answer: StructuredAnswer) -> Script[ItemRow]:
    stored = yield from get_item(owner, answer.thread_id, answer.item_id, hidden=False)
    answered = answer_structured_input(orjson.loads(stored.data), answer.status, answer.answers)
    return (yield from update_item(owner, answer.thread_id, answered))


def _answered(owner: Owner, answer: StructuredAnswer) -> Script[ItemRow | None]:
    """The questions with the answer that was stored while it waited; a retry before it may have deleted them."""
    try:
        return (yield from get_item(owner, answer.thread_id, answer.item_id, hidden=False))
    except ItemNotFound:
        return None


def _retried(owner: Owner, thread: ThreadRow, retry: Retry) -> Script[ItemRow]:
    item = yield from get_item(owner, thread.id, retry.item_id, hidden=False)
    _require_open(thread)
    require_type(item.type, "user_message", "Only a user message can be retried")
    return item


def _rewind(owner: Owner, retry: Retry, run_id: str) -> Script[None]:
    """Delete what came after the message. One that waited in vain was never answered: it comes last now instead."""
    params = scope(owner, thread_id=retry.thread_id, item_id=retry.item_id)
    unbegun = yield Step(sql.UNBEGUN_RUN_OF_ITEM, params)
    if unbegun:
        yield Step(sql.MOVE_MESSAGE, {**params, "run_id": run_id, "now": now()})
        return
    rows = yield Step(sql.item_seq(hidden=True), params)
    yield Step(sql.DELETE_ITEMS_OF_BEGUN_RUNS_AFTER, {**params, "seq": rows[0][0]})


def _widget(owner: Owner, action: WidgetAction) -> Script[ItemRow | None]:
    if action.item_id is None:
        return None
    item = yield from get_item(owner, action.thread_id, action.item_id, hidden=False)
    require_type(item.type, "widget", "An action's sender must be a widget")
    return item
