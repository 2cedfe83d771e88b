"""Rows to put into stores."""

from dataclasses import replace
from typing import Any

from fastapi_chatkit.events import now
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import ItemRow, ThreadRow, item_row
from fastapi_chatkit.store.base import Admission, Admitted, NewMessage, RunEnd, RunStart, Store

ALICE = Owner("", "alice")
BOB = Owner("", "bob")
ALICE_AT_ACME = Owner("acme", "alice")
TIME = "2026-01-31T12:00:00.000000Z"


def thread(thread_id: str = "thr_1", created_at: str = TIME, **changes: Any) -> ThreadRow:
    return ThreadRow(thread_id, None, created_at, '{"type":"active"}', None, "{}")._replace(**changes)


def assistant(item_id: str, text: str = "text", thread_id: str = "thr_1", **fields: Any) -> ItemRow:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return item("assistant_message", item_id, thread_id, content=content, **fields)


def user_json(item_id: str, text: str = "text", thread_id: str = "thr_1", **fields: Any) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {
        "id": item_id,
        "thread_id": thread_id,
        "created_at": TIME,
        "type": "user_message",
        "content": content,
        "attachments": [],
        "inference_options": {},
        **fields,
    }


def user(item_id: str, text: str = "text", thread_id: str = "thr_1", **fields: Any) -> ItemRow:
    return item_row(user_json(item_id, text, thread_id, **fields))


def hidden(item_id: str, thread_id: str = "thr_1") -> ItemRow:
    return item("hidden_context_item", item_id, thread_id, content="hidden")


def item(kind: str, item_id: str, thread_id: str = "thr_1", **fields: Any) -> ItemRow:
    return item_row({"id": item_id, "thread_id": thread_id, "created_at": TIME, "type": kind, **fields})


def attachment(attachment_id: str, **fields: Any) -> dict[str, Any]:
    return {"type": "file", "id": attachment_id, "name": "a.txt", "mime_type": "text/plain", **fields}


def run(run_id: str = "run_1", **options: Any) -> RunStart:
    return RunStart(run_id, now(), **options)


def end(run_id: str = "run_1", *items: ItemRow, thread_id: str = "thr_1", **how: Any) -> RunEnd:
    return replace(RunEnd(run_id, thread_id, "completed", None, now(), items), **how)


def new_message(item_id: str, thread_id: str = "thr_1", *attachments: str, new: bool = False) -> NewMessage:
    return NewMessage(thread_id, user_json(item_id, thread_id=thread_id), attachments, new)


async def admit(store: Store, admission: Admission, start: RunStart, owner: Owner = ALICE) -> Admitted:
    """Admit a run that is not there yet."""
    admitted = await store.admit(owner, admission, start)
    assert isinstance(admitted, Admitted)
    return admitted


async def fill(store: Store, *rows: ItemRow, thread_id: str = "thr_1", owner: Owner = ALICE) -> None:
    """A thread with the rows."""
    await store.put_thread(owner, thread(thread_id))
    for row in rows:
        await store.put_item(owner, thread_id, row)
