"""What every server is asked for and what it must answer: the user's message is the script of the reply.

`stream 2000` asks for 2,000 text deltas; a word after it says how they come (see `Pace`), a number after that how many
a second, where they come at their time.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

TOKENS_PER_SECOND = 20

_SCRIPT = re.compile(r"stream (\d+) ?([a-z]*) ?(\d*)")


class Pace(StrEnum):
    """How the deltas of a reply come."""

    PLAIN = "plain"
    """One after the other: the agent never awaits."""
    YIELD = "yield"
    """The agent lets the event loop go round after each."""
    PACED = "paced"
    """So many a second, each at its time."""
    TIMED = "timed"
    """The same, and each is the time at which it was said: microseconds of the clock that all processes share."""
    HOLD = "hold"
    """All at once, and then the stream stays open until the reader leaves."""


@lru_cache
def words(count: int) -> tuple[str, ...]:
    """The deltas of a reply: `count` words, each with a space after it and none like another."""
    return tuple(f"w{number} " for number in range(count))


@dataclass(frozen=True, slots=True)
class Script:
    """A reply of `count` text deltas."""

    count: int
    pace: Pace = Pace.PLAIN
    rate: int = TOKENS_PER_SECOND

    @classmethod
    def parse(cls, text: str) -> "Script":
        """The script that a user's message asks for; a ValueError if it asks for none."""
        match = _SCRIPT.search(text)
        if match is None:
            raise ValueError("the message has no script, such as `stream 20`")
        return cls(int(match[1]), Pace(match[2] or Pace.PLAIN), int(match[3] or TOKENS_PER_SECOND))

    @property
    def message(self) -> str:
        """What the user says to get this reply."""
        rate = f" {self.rate}" if self.rate != TOKENS_PER_SECOND else ""
        return f"stream {self.count} {self.pace}{rate}"

    @property
    def text(self) -> str:
        """The whole reply, unless its words are times."""
        return "".join(words(self.count))

    async def pieces(self) -> AsyncIterator[str]:
        """The deltas, at the script's pace. This is the whole of the function agent, for ours and for the pattern."""
        started = asyncio.get_running_loop().time()
        for number, word in enumerate(words(self.count)):
            if self.pace is Pace.YIELD:
                await asyncio.sleep(0)
            elif self.pace in (Pace.PACED, Pace.TIMED):
                due = started + number / self.rate
                await asyncio.sleep(due - asyncio.get_running_loop().time())
            yield f"{time.monotonic_ns() // 1000} " if self.pace is Pace.TIMED else word
        if self.pace is Pace.HOLD:
            await asyncio.get_running_loop().create_future()


def create_thread(script: Script) -> bytes:
    """The body of a `threads.create` that asks for `script`."""
    return say(script.message)


def say(message: str) -> bytes:
    """The body of a `threads.create` that begins with this message."""
    return _body("threads.create", {"input": _input(message)})


def add_message(thread_id: str, script: Script) -> bytes:
    """The body of a `threads.add_user_message` that asks for `script`."""
    return say_in(thread_id, script.message)


def say_in(thread_id: str, message: str) -> bytes:
    """The body of a `threads.add_user_message` with this message."""
    return _body("threads.add_user_message", {"thread_id": thread_id, "input": _input(message)})


def operation(kind: str, **params: object) -> bytes:
    """The body of any other operation."""
    return _body(kind, params)


def _input(message: str) -> dict[str, object]:
    content = [{"type": "input_text", "text": message}]
    return {"content": content, "attachments": [], "inference_options": {}}


def _body(kind: str, params: dict[str, object]) -> bytes:
    return json.dumps({"type": kind, "params": params}).encode()
