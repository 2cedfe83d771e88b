"""The stand-in behind OpenAI's wire format, to try the path that a real model takes, without a key or a network::

    python -m examples.taskflow.offline.wire --port 8091

It speaks the Responses and the Chat Completions API, streams, and calls the tools that it is given.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

from fastapi_chatkit.testing import OpenAIWireServer, Text, ToolCall, ToolCalls, WireRequest

from .conversation import Conversation
from .model import asks_for_title, title_of
from .planner import next_step


def reply(request: WireRequest, *, delay: float = 0.0, today: Callable[[], date] = date.today) -> Text | ToolCalls:
    """The stand-in's answer; ``delay`` is the time before each word of it, in seconds."""
    conversation = Conversation.of(_items(request))
    if asks_for_title(_instructions(request)):
        return Text(title_of(conversation))
    step = next_step(conversation, set(request.tool_names), today())
    if isinstance(step, str):
        return Text(step, delay=delay)
    return ToolCalls(*(ToolCall(call.name, dict(call.arguments)) for call in step))


def _instructions(request: WireRequest) -> str:
    messages = (item for item in request.items if item.get("role") in ("system", "developer"))
    return " ".join([str(request.json.get("instructions") or ""), *(json.dumps(item) for item in messages)])


def _items(request: WireRequest) -> list[dict[str, Any]]:
    """The conversation in the form of the Responses API."""
    if request.api == "responses":
        return request.items
    return [piece for message in request.items for piece in _pieces(message)]


def _pieces(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if message.get("role") == "tool":
        output = {"call_id": message.get("tool_call_id"), "output": message.get("content")}
        yield {"type": "function_call_output", **output}
        return
    if message.get("content"):
        yield message
    for call in message.get("tool_calls") or ():
        yield {"type": "function_call", "call_id": call.get("id"), **call.get("function", {})}


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="TaskFlow's stand-in as a local OpenAI API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8091, help="0 picks a free one (default: 8091)")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds between words (default: 0.02)")
    options = parser.parse_args()
    with OpenAIWireServer(partial(reply, delay=options.delay), host=options.host, port=options.port) as server:
        print(f"export OPENAI_BASE_URL={server.base_url} OPENAI_API_KEY=anything", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
