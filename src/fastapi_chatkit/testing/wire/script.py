"""Where replies come from: a list that is used up, one reply for every request, or a function of the request."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from fastapi_chatkit.testing.wire.replies import Answer, Failure, Reply, as_answer
from fastapi_chatkit.testing.wire.requests import WireRequest

Respond = Callable[[WireRequest], Reply | Awaitable[Reply]]
"""Chooses the reply to a request; may be ``async``. It runs in the server's thread, so it must not block."""

Source = Reply | Iterable[Reply] | Respond


_EXHAUSTED = "The script has no more replies: {used} were given, and this is request {number}."


class Script:
    """The replies to give, and the requests that were received.

    A list is used up in the order in which requests arrive; a single reply answers every request; a function is asked
    each time. A request for which there is no reply gets HTTP 500 with the code ``script_exhausted``, at once.
    """

    def __init__(self, source: Source = ()) -> None:
        self.requests: list[WireRequest] = []
        self.load(source)

    def load(self, source: Source) -> None:
        """Start over with other replies, and forget the requests."""
        self.requests.clear()
        self._replies: deque[Reply] = deque()
        self._used = 0
        self._respond: Respond | None = None
        if callable(source):
            self._respond = source
        elif isinstance(source, Iterable) and not isinstance(source, str):
            self._replies.extend(source)
        else:
            self._respond = lambda request: source

    def add(self, *replies: Reply) -> None:
        """Append to the list of replies."""
        if self._respond is not None:
            raise TypeError("replies can be added to a list of replies, not to a function or to a constant reply")
        self._replies.extend(replies)

    @property
    def remaining(self) -> int:
        """How many replies of the list were not asked for yet."""
        return len(self._replies)

    async def next(self, request: WireRequest) -> Answer | Failure:
        """The reply to ``request``."""
        if self._respond is not None:
            reply = self._respond(request)
            return as_answer(await reply if inspect.isawaitable(reply) else reply)
        try:
            reply = self._replies.popleft()
        except IndexError:
            message = _EXHAUSTED.format(used=self._used, number=len(self.requests))
            return Failure(500, message, "script_exhausted", retry=False)
        self._used += 1
        return as_answer(reply)
