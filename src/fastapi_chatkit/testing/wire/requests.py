"""A request as it was received, with what tests ask of it most often."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from starlette.datastructures import Headers

JsonObject = dict[str, Any]
Api = Literal["responses", "chat_completions"]

Outcome = Literal["open", "complete", "cut", "client_left"]
"""``open`` while the reply is being sent; ``cut`` when the script broke it off; ``client_left`` when the client did."""

_SECRET = frozenset({"authorization", "proxy-authorization", "api-key", "x-api-key", "cookie"})


class RecordedHeaders(Headers):
    """Case-insensitive headers whose secrets can be read, but are not printed when a test fails."""

    def __repr__(self) -> str:
        shown = {name: "<redacted>" if name in _SECRET else value for name, value in self.items()}
        return f"RecordedHeaders({shown!r})"


@dataclass(eq=False)
class WireRequest:
    """One call of the model: ``json`` is the body as it came. ``outcome`` changes while the reply is sent."""

    api: Api
    path: str
    headers: RecordedHeaders
    json: JsonObject
    outcome: Outcome = field(default="open")

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.json.get("model", ""))

    @property
    def stream(self) -> bool:
        """Whether the client wants server-sent events."""
        return self.json.get("stream") is True

    @property
    def user_text(self) -> str:
        """The text of the newest message of the user; ``""`` without one."""
        if isinstance(self.json.get("input"), str):
            return self.json["input"]
        texts = [content_text(item.get("content")) for item in self.items if item.get("role") == "user"]
        return texts[-1] if texts else ""

    @property
    def items(self) -> list[JsonObject]:
        """What the model is given: the objects of ``input`` or of ``messages``."""
        return objects(self.json.get("input" if self.api == "responses" else "messages"))

    @property
    def tool_names(self) -> list[str]:
        """The names of the function tools on offer, in order."""
        tools = [
            tool.get("function", tool) for tool in objects(self.json.get("tools")) if tool.get("type") == "function"
        ]
        return [tool["name"] for tool in objects(tools) if "name" in tool]

    @property
    def tool_outputs(self) -> dict[str, str]:
        """What tools have returned so far, as text, by call id."""
        if self.api == "responses":
            outputs = (item for item in self.items if item.get("type") == "function_call_output")
            return {str(item.get("call_id")): content_text(item.get("output")) for item in outputs}
        messages = (item for item in self.items if item.get("role") == "tool")
        return {str(item.get("tool_call_id")): content_text(item.get("content")) for item in messages}


def objects(value: object) -> list[JsonObject]:
    """The JSON objects of a JSON array; none where ``value`` is no array."""
    members = cast("Iterable[object]", value) if isinstance(value, list) else ()
    return [cast("JsonObject", member) for member in members if isinstance(member, dict)]


def content_text(content: object) -> str:
    """The text of a message's content: a string, or the text parts of an array joined."""
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in objects(content) if isinstance(part.get("text"), str))
