"""The limit's tables: a row per thread and per item, nothing but JSON text and what finds it."""

from collections.abc import Iterable

from benchmarks.fill.base import Part, Row, Thread, item_number
from benchmarks.limit.frames import assistant_message, compact, stored_thread, user_message
from benchmarks.limit.postgres import SCHEMA
from benchmarks.limit.rows import stored


class LimitTables:
    """The rows that the limit's server writes."""

    schema = "public"
    columns = {  # noqa: RUF012 - never changed
        "threads": ("id", "data"),
        "items": ("thread_id", "seq", "id", "data"),
    }
    before = SCHEMA
    after = ""

    def thread_id(self, thread: Thread) -> str:
        return f"thr_{thread.number:016x}"

    def item_id(self, thread: Thread, place: int) -> str:
        return f"msg_{item_number(thread, place):016x}"

    def rows(self, table: str, part: Part) -> Iterable[Row]:
        return self._threads(part) if table == "threads" else self._items(part)

    def _threads(self, part: Part) -> Iterable[Row]:
        thread = self.thread_id(part.thread)
        yield thread, compact(stored_thread(thread))

    def _items(self, part: Part) -> Iterable[Row]:
        thread = self.thread_id(part.thread)
        said, answer = user_message(part.script), assistant_message(part.script)
        for place, _, by_user in part:
            item = self.item_id(part.thread, place)
            yield thread, place + 1, item, stored(said if by_user else answer, item, thread)
