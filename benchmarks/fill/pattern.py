"""The pattern's tables: a row per thread and per item, each with the SDK's model of it as JSON."""

from collections.abc import Iterable
from datetime import datetime
from json import dumps
from typing import Any

from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    InferenceOptions,
    ThreadMetadata,
    UserMessageContent,
    UserMessageItem,
    UserMessageTextContent,
)

from benchmarks.fill.base import Part, Row, Thread, item_number
from benchmarks.workload import Script


class PatternTables:
    """The rows that the pattern's store writes."""

    schema = "public"
    columns = {  # noqa: RUF012 - never changed
        "threads": ("id", "user_id", "created_at", "data"),
        "items": ("id", "thread_id", "user_id", "created_at", "data"),
    }
    before = ""
    after = ""

    def thread_id(self, thread: Thread) -> str:
        return _id("thr", thread.number)

    def item_id(self, thread: Thread, place: int) -> str:
        return _id("msg", item_number(thread, place))

    def rows(self, table: str, part: Part) -> Iterable[Row]:
        return self._threads(part) if table == "threads" else self._items(part)

    def _threads(self, part: Part) -> Iterable[Row]:
        thread, time = self.thread_id(part.thread), _local(part.at)
        data = dumps(ThreadMetadata(id=thread, created_at=time).model_dump(mode="json"))
        yield thread, part.thread.user, time, data

    def _items(self, part: Part) -> Iterable[Row]:
        thread, user = self.thread_id(part.thread), part.thread.user
        said, answer = _message(part.script, thread), _answer(part.script, thread)
        for place, at, by_user in part:
            item, time = self.item_id(part.thread, place), _local(at)
            data = (said if by_user else answer) | {"id": item, "created_at": time.isoformat()}
            yield item, thread, user, time, dumps(data)


def _id(prefix: str, number: int) -> str:
    """An id like the SDK's, and a digit longer, so that none of the server's is among them."""
    return f"{prefix}_{number:09x}"


def _local(time: datetime) -> datetime:
    """As `datetime.now()` has it, which is what the SDK keeps."""
    return time.astimezone().replace(tzinfo=None)


def _message(script: Script, thread: str) -> dict[str, Any]:
    content: list[UserMessageContent] = [UserMessageTextContent(text=script.message)]
    common: dict[str, Any] = {"id": "", "thread_id": thread, "created_at": datetime.now()}
    options = InferenceOptions()
    return UserMessageItem(**common, content=content, attachments=[], inference_options=options).model_dump(mode="json")


def _answer(script: Script, thread: str) -> dict[str, Any]:
    content = [AssistantMessageContent(text=script.text)]
    common: dict[str, Any] = {"id": "", "thread_id": thread, "created_at": datetime.now()}
    return AssistantMessageItem(**common, content=content).model_dump(mode="json")
