"""Our tables: a row per thread, item and run."""

from collections.abc import Iterable
from datetime import datetime

from benchmarks.fill.base import Part, Row, Thread, item_number
from fastapi_chatkit.rows import item_row

_OWNER = ("organization_id", "user_id")
_ACTIVE = '{"type":"active"}'


class OurTables:
    """The rows that `store/turns.py` writes for a thread and for each turn of it."""

    schema = "chatkit"
    columns = {  # noqa: RUF012 - never changed
        "threads": (*_OWNER, "id", "created_at", "updated_at", "status", "metadata", "last_seq"),
        "items": (*_OWNER, "thread_id", "id", "seq", "type", "hidden", "run_id", "data"),
        "runs": (*_OWNER, "id", "thread_id", "seq", "status", "attempt", "created_at", "began_at", "ended_at"),
    }
    before = ""
    after = "UPDATE chatkit.threads SET last_seq = $2 WHERE organization_id = '' AND id = $1"

    def thread_id(self, thread: Thread) -> str:
        return _id("thr", thread.number)

    def item_id(self, thread: Thread, place: int) -> str:
        return _id("msg", item_number(thread, place))

    def rows(self, table: str, part: Part) -> Iterable[Row]:
        match table:
            case "threads":
                return self._threads(part)
            case "items":
                return self._items(part)
            case _:
                return self._runs(part)

    def _threads(self, part: Part) -> Iterable[Row]:
        owner, thread, time = ("", part.thread.user), self.thread_id(part.thread), _text(part.at)
        yield (*owner, thread, time, time, _ACTIVE, "{}", part.first + part.count)

    def _items(self, part: Part) -> Iterable[Row]:
        owner, thread, run = ("", part.thread.user), self.thread_id(part.thread), None
        said = {"type": "user_message", "content": [{"type": "input_text", "text": part.script.message}]}
        said |= {"attachments": [], "inference_options": {}}
        content = [{"annotations": [], "text": part.script.text, "type": "output_text"}]
        answer = {"type": "assistant_message", "content": content}
        for place, time, by_user in part:
            item = {"id": self.item_id(part.thread, place), "thread_id": thread, "created_at": _text(time)}
            row = item_row(item | (said if by_user else answer))
            yield (*owner, thread, row.id, place + 1, row.type, False, None if by_user else run, row.data)
            run = _id("run", item_number(part.thread, place))

    def _runs(self, part: Part) -> Iterable[Row]:
        owner, thread = ("", part.thread.user), self.thread_id(part.thread)
        for place, time, by_user in part:
            if by_user:
                run, text = _id("run", item_number(part.thread, place)), _text(time)
                yield (*owner, run, thread, place + 1, "completed", 1, text, text, text)


def _id(prefix: str, number: int) -> str:
    """An id as long, and of the same form, as `fastapi_chatkit.ids.new_id` makes it; sorted by number."""
    return f"{prefix}_{number:012x}7{number:019x}"


def _text(time: datetime) -> str:
    return time.isoformat(timespec="microseconds")[:-6] + "Z"
