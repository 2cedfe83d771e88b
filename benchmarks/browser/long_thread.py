"""A long thread, put into an SQLite database through the store, before a server opens it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.browser.talk import PARTS
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.ids import new_id
from fastapi_chatkit.rows import ThreadRow, item_row
from fastapi_chatkit.store import SQLiteStore

_STATUS = '{"type":"active"}'


def said(place: int) -> str:
    """How an item begins; no other in the thread has it. A space follows, so that none is the start of another."""
    return f"Item {place}: "


async def fill(database: Path, user: str, items: int) -> tuple[str, int]:
    """A new thread of so many items, a message and its answer by turns; its id, and the bytes of its items' JSON."""
    store = SQLiteStore(database)
    owner, thread = Owner("", user), new_id("thread")
    await store.open()
    try:
        begun = datetime.now(UTC) - timedelta(days=30)
        await store.put_thread(owner, ThreadRow(thread, "A long thread", _text(begun), _STATUS, None, "{}"))
        size = 0
        for place in range(items):
            time = _text(begun + timedelta(minutes=place))
            row = item_row({"id": new_id("message"), "thread_id": thread, "created_at": time, **_item(place)})
            size += len(row.data.encode())
            await store.put_item(owner, thread, row)
    finally:
        await store.close()
    return thread, size


def _item(place: int) -> dict[str, Any]:
    """A user's message, or the answer, which is one part of the text after the other."""
    if place % 2 == 0:
        content = [{"type": "input_text", "text": f"{said(place)}what does the ledger say of it, year by year?"}]
        return {"type": "user_message", "content": content, "attachments": [], "inference_options": {}}
    content = [
        {
            "type": "output_text",
            "text": f"{said(place)}this is known.\n\n{PARTS[place // 2 % len(PARTS)]}",
            "annotations": [],
        }
    ]
    return {"type": "assistant_message", "content": content}


def _text(time: datetime) -> str:
    return time.isoformat(timespec="microseconds")[:-6] + "Z"
