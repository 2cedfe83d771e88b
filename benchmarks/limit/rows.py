"""What the limit's two stores keep, as JSON text, and how a page of it is put together."""

import os
from collections.abc import Sequence
from typing import Any

from benchmarks.limit.frames import compact

PAGE = 20

Row = Sequence[Any]
"""The cursor, and the JSON text."""


def page(rows: Sequence[Row]) -> bytes:
    """A page from at most 21 rows."""
    shown = rows[:PAGE]
    data = ",".join([row[1] for row in shown])
    has_more = "true" if len(rows) > PAGE else "false"
    return f'{{"data":[{data}],"has_more":{has_more},"after":"{shown[-1][0]}"}}'.encode()


def thread_page(rows: Sequence[Row]) -> bytes:
    """A thread, which is the first row, with a page of its items."""
    return rows[0][1].encode()[:-1] + b',"items":' + page(rows[1:]) + b"}"


def new_id(prefix: str) -> str:
    """An identifier."""
    return f"{prefix}_{os.urandom(8).hex()}"


def stored(item: dict[str, Any], item_id: str, thread_id: str) -> str:
    """An item of a thread, as it is kept."""
    return compact(item | {"id": item_id, "thread_id": thread_id})
