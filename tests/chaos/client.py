"""What a user does with an endpoint. There are two clients: the suite's own, on bare HTTP, and the project's."""

from __future__ import annotations

from typing import Any, Protocol

from tests.chaos.history import Message, Reading
from tests.support.server import message as input_of


class Client(Protocol):
    """What a user does with an endpoint. Each call goes on until it is done; whoever cancels one hangs up."""

    how: str

    async def say(self, message: Message) -> None:
        """Send until it is acknowledged or refused, then read to the run's end."""
        ...

    async def follow(self, reading: Reading) -> None:
        """Go on reading after what was read last, to the run's end."""
        ...

    async def call(self, operation: str, params: dict[str, Any]) -> bool:
        """Do what does not stream, and can be done twice; whether it was there to be done."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


def operation_of(message: Message) -> tuple[str, dict[str, Any]]:
    """The operation that sends it, and its parameters."""
    if message.retry_of is not None:
        return "threads.retry_after_item", {"thread_id": message.thread_id, "item_id": message.retry_of}
    content = input_of(str(message.script))
    if message.thread_id is None:
        return "threads.create", {"input": content}
    return "threads.add_user_message", {"thread_id": message.thread_id, "input": content}
