"""A user, the planner and a board: whole conversations without a server in between."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from examples.taskflow.offline.conversation import Conversation
from examples.taskflow.offline.planner import next_step

from .board import Board

TODAY = date(2026, 11, 26)
"""A Thursday."""

MOST_STEPS = 20
"""How often an agent calls its model for one answer, by default."""


class Talk:
    """A conversation. ``items`` is the model's input as it grows; ``remembers`` the calls of earlier turns or not."""

    def __init__(self, board: Board, *, tools: Iterable[str] | None = None, remembers: bool = True) -> None:
        self.board = board
        self.items: list[Any] = []
        self._tools = set(board.names() if tools is None else tools)
        self._remembers = remembers

    def say(self, text: str, *context: str) -> str:
        """The answer to ``text``; ``context`` are texts between tags that come with it."""
        if not self._remembers:
            self.items = [item for item in self.items if "role" in item]
        self.items += [{"role": "user", "content": text}, *({"role": "user", "content": words} for words in context)]
        for _ in range(MOST_STEPS):
            step = next_step(Conversation.of(self.items), self._tools, TODAY)
            if isinstance(step, str):
                self.items.append({"role": "assistant", "content": step})
                return step
            for call in step:
                call_id = f"call_{len(self.items)}"
                arguments = json.dumps(call.arguments)
                self.items.append(
                    {"type": "function_call", "call_id": call_id, "name": call.name, "arguments": arguments}
                )
                output = self.board.call(call.name, call.arguments)
                self.items.append({"type": "function_call_output", "call_id": call_id, "output": output})
        raise AssertionError("the planner has found no end")
