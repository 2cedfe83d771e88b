"""What is in a server's SQLite file, read past the server."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


def stored_items(path: Path, thread_id: str) -> list[dict[str, Any]]:
    """All items of a thread in their order, hidden ones included."""
    rows = query(path, "SELECT data FROM items WHERE thread_id = ? ORDER BY seq", thread_id)
    return [json.loads(row[0]) for row in rows]


def stored_text(path: Path, thread_id: str) -> str:
    """The text of a thread's assistant messages."""
    messages = [item for item in stored_items(path, thread_id) if item["type"] == "assistant_message"]
    return "".join(part["text"] for item in messages for part in item["content"])


def query(path: Path, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement."""
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        return connection.execute(statement, values).fetchall()
