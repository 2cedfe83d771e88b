"""The wire as the official SDK reads it, and the server that the wire tests share."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chatkit import types as sdk
from pydantic import TypeAdapter

from .server import HEADERS, Server

SOURCE = Path(__file__).with_name("wire_app.py").read_text()

_EVENT: TypeAdapter[sdk.ThreadStreamEvent] = TypeAdapter(sdk.ThreadStreamEvent)
_ITEM: TypeAdapter[sdk.ThreadItem] = TypeAdapter(sdk.ThreadItem)


def user(name: str, **more: str) -> dict[str, str]:
    """The headers of a user, with others added or replaced."""
    return {**HEADERS, "X-User-ID": name, "Authorization": f"Bearer token-of-{name}", **more}


def stranger() -> dict[str, str]:
    """The headers of a user that nobody has seen before."""
    return user(f"user-{uuid.uuid4().hex}")


def checked(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events, once the SDK has parsed each of them and their times, ids and visibility were checked."""
    events = list(events)
    for event in events:
        _EVENT.validate_python(event)
        if "item" in event:
            check_item(event["item"])
        if "thread" in event:
            check_thread(event["thread"])
            assert event["thread"]["items"] == {"data": [], "has_more": False}
    return events


def check_item(item: dict[str, Any]) -> None:
    """An item that clients may see."""
    _ITEM.validate_python(item)
    check_time(item["created_at"])
    assert item["type"] not in ("hidden_context_item", "sdk_hidden_context")
    assert all("metadata" not in attachment for attachment in item.get("attachments", []))


def check_thread(thread: dict[str, Any]) -> None:
    """A thread with a page of items."""
    sdk.Thread.model_validate(thread)
    check_time(thread["created_at"])
    assert thread["metadata"] == {}
    for item in thread["items"]["data"]:
        check_item(item)


def check_time(text: str) -> None:
    assert text.endswith("Z"), text
    assert "T" in text


def types_of(events: Iterable[dict[str, Any]]) -> list[str]:
    """The events' types in order; updates by the name of the update, text deltas once for all in a row."""
    names: list[str] = []
    for event in events:
        name = event["update"]["type"] if event["type"] == "thread.item.updated" else event["type"]
        if not (name.endswith("text_delta") and names and names[-1] == name):
            names.append(name)
    return names


def done(events: Iterable[dict[str, Any]], item_type: str) -> dict[str, Any]:
    """The one item of a type that was done."""
    found = [e["item"] for e in events if e["type"] == "thread.item.done" and e["item"]["type"] == item_type]
    assert len(found) == 1, found
    return found[0]


def said(server: Server, headers: dict[str, str], text: str, thread_id: str | None = None) -> list[dict[str, Any]]:
    """Send a message as somebody; the checked events of the answer."""
    params: dict[str, Any] = {"input": user_input(text)}
    if thread_id is None:
        return checked(server.events("threads.create", headers, **params))
    return checked(server.events("threads.add_user_message", headers, thread_id=thread_id, **params))


def thread_of(events: list[dict[str, Any]]) -> str:
    """The thread that a run began."""
    assert events[0]["type"] == "thread.created"
    return events[0]["thread"]["id"]


def user_input(text: str, attachments: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """A message as the composer sends it, with attachments and other fields."""
    content = [{"type": "input_text", "text": text}]
    return {"content": content, "attachments": attachments or [], "inference_options": {}, **more}
