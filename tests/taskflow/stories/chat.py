"""A person at the chat, over HTTP: what they write, press and answer, and what they see of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2

from tests.support.server import message, parse_native
from tests.support.taskflow import Person

Json = dict[str, Any]
T = TypeVar("T")

PATIENCE_SECONDS = 30.0


class Said:
    """What came of one request: the events of its stream, which must have ended as it should."""

    def __init__(self, events: list[Json]) -> None:
        self.events = events

    def of(self, kind: str) -> list[Json]:
        """The events of a type."""
        return [event for event in self.events if event["type"] == kind]

    def items(self, kind: str) -> list[Json]:
        """The items of a type that were done."""
        return [event["item"] for event in self.of("thread.item.done") if event["item"]["type"] == kind]

    @property
    def text(self) -> str:
        """What the assistant has said."""
        return "\n".join(part["text"] for item in self.items("assistant_message") for part in item["content"])

    @property
    def widget(self) -> Json:
        """The one item with a widget."""
        [item] = self.items("widget")
        return item

    @property
    def replaced(self) -> list[Json]:
        """The items that have taken the place of older ones."""
        return [event["item"] for event in self.of("thread.item.replaced")]

    @property
    def question(self) -> Json:
        """The one item that asks."""
        [item] = self.items("structured_input")
        return item

    @property
    def asked(self) -> str:
        """The one question."""
        [question] = self.question["inputs"]
        return question["question"]

    @property
    def effects(self) -> list[tuple[str, Json]]:
        """What the page is told, in order."""
        return [(event["name"], event["data"]) for event in self.of("client_effect")]

    @property
    def calls(self) -> list[tuple[str, str]]:
        """The tools that were seen at work: their titles, and what is said of each."""
        steps = [step for item in self.items("workflow") for step in item["workflow"]["tasks"]]
        return [(step["title"], step.get("content", "")) for step in steps]

    @property
    def error(self) -> str | None:
        """What the stream ended with, where it is an error."""
        return next((event.get("message") or event["code"] for event in self.of("error")), None)


@dataclass
class Chat:
    """One thread of a person's, begun with the first message. ``headers`` are sent besides the person's own."""

    person: Person
    thread_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def _stream(self, kind: str, params: Json, metadata: Json | None) -> Said:
        body = {"type": kind, "params": params, **({"metadata": metadata} if metadata is not None else {})}
        response = self.person.chatkit(body, self.headers)
        assert response.status_code == 200, response.text
        return Said(parse_native(response.content))

    def _op(self, kind: str, **params: Any) -> Any:
        response = self.person.chatkit({"type": kind, "params": {"thread_id": self.thread_id, **params}}, self.headers)
        assert response.status_code == 200, response.text
        return response.json()

    def say(self, text: str, metadata: Json | None = None, *, model: str | None = None) -> Said:
        """Send a message, with what the page says of itself."""
        written = message(text)
        if model is not None:
            written["inference_options"] = {"model": model}
        if self.thread_id:
            params = {"thread_id": self.thread_id, "input": written}
            return self._stream("threads.add_user_message", params, metadata)
        said = self._stream("threads.create", {"input": written}, metadata)
        self.thread_id = said.of("thread.created")[0]["thread"]["id"]
        return said

    def answer(self, item: Json, value: str | None) -> Said:
        """Answer the one question of an item, or skip it."""
        [question] = item["inputs"]
        answers = {question["id"]: {"values": [value]}} if value is not None else {}
        given = {"status": "answered" if answers else "skipped", "answers": answers}
        params = {"thread_id": self.thread_id, "item_id": item["id"], "input": given}
        return self._stream("threads.add_structured_input", params, None)

    def act(self, item_id: str, action: Json, *, kind: str = "threads.custom_action") -> httpx2.Response:
        """An action, whatever comes of it."""
        params = {"thread_id": self.thread_id, "item_id": item_id, "action": action}
        return self.person.chatkit({"type": kind, "params": params}, self.headers)

    def press(self, item: Json, action: Json) -> Said:
        """Press a button that streams."""
        response = self.act(item["id"], action)
        assert response.status_code == 200, response.text
        return Said(parse_native(response.content))

    def press_at_once(self, item: Json, action: Json) -> Json:
        """Press a button that does not stream; the changed item."""
        response = self.act(item["id"], action, kind="threads.sync_custom_action")
        assert response.status_code == 200, response.text
        return response.json()["updated_item"]

    def items(self, kind: str | None = None) -> list[Json]:
        """What a page that is loaded again shows, oldest first."""
        page = self._op("items.list", limit=100, order="asc")
        assert not page["has_more"]
        return [item for item in page["data"] if kind in (None, item["type"])]

    def stored(self, item: Json) -> Json:
        """An item as it is loaded again."""
        return next(one for one in self.items() if one["id"] == item["id"])

    @property
    def title(self) -> str | None:
        """The thread's title."""
        return self._op("threads.get_by_id").get("title")


def actions_in(widget: Json) -> list[Json]:
    """Every action that a widget has, in its order."""
    return list(_actions(widget))


def action_in(widget: Json, kind: str, **payload: Any) -> Json:
    """The one action of a type, with this in its payload, as a page sends it."""
    found = [
        action
        for action in actions_in(widget)
        if action["type"] == kind and payload.items() <= (action.get("payload") or {}).items()
    ]
    assert len(found) == 1, f"{kind} {payload}: {found}"
    return {"type": kind, "payload": dict(found[0].get("payload") or {})}


def _actions(node: Any) -> Iterator[Json]:
    if isinstance(node, list):
        for one in node:
            yield from _actions(one)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("onClickAction", "onSubmitAction", "onChangeAction", "action") and isinstance(value, dict):
                if value.get("handler") != "client":
                    yield value
            else:
                yield from _actions(value)


def until(look: Callable[[], T]) -> T:
    """What ``look`` finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "it has not happened"
        time.sleep(0.02)
    return found
