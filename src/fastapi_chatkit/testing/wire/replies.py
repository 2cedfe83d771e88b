"""What a script answers a request with: parts of an answer with an ending, or an HTTP error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi_chatkit.testing.wire.parts import Part, Reasoning, Refusal, Text, ToolCall


@dataclass(frozen=True)
class Completed:
    """The answer ends as it should."""


@dataclass(frozen=True)
class Incomplete:
    """The model stops early: ``response.incomplete``, or ``finish_reason`` ``length`` or ``content_filter``."""

    reason: Literal["max_output_tokens", "content_filter"] = "max_output_tokens"
    after: str | Part | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class StreamError:
    """An error once the stream has begun: ``response.failed``, or the bare ``error`` event.

    Chat Completions has one form for both. A request that did not ask for a stream gets it as HTTP 500.
    """

    message: str = "The server had an error while processing your request. Sorry about that!"
    code: str = "server_error"
    event: Literal["response.failed", "error"] = field(default="response.failed", kw_only=True)
    after: str | Part | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Stall:
    """Sends nothing more until the client leaves; after ``limit`` seconds the connection is dropped."""

    after: str | Part | None = None
    limit: float = field(default=30.0, kw_only=True)


@dataclass(frozen=True)
class Drop:
    """Closes the connection in mid-stream, without a terminal event."""

    after: str | Part | None = None


@dataclass(frozen=True)
class Malformed:
    """Sends ``data`` where JSON should be (as one SSE frame, or as the body), and ends."""

    after: str | Part | None = None
    data: str = field(default='{"type":"response.output_text.del', kw_only=True)


BreakOff = Stall | Drop | Malformed
Ending = Completed | Incomplete | StreamError | BreakOff


@dataclass(frozen=True)
class Usage:
    """Tokens to report in place of the estimate."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0


class Answer:
    """Parts in the order in which they are streamed, then an ending, whose ``after`` is one part more.

    An ending that breaks off leaves the last part open: its deltas are sent, its ``done`` events are not.
    """

    def __init__(self, *parts: str | Part, end: Ending | None = None, usage: Usage | None = None) -> None:
        self.end: Ending = end or Completed()
        if not isinstance(self.end, Completed) and self.end.after is not None:
            parts = (*parts, self.end.after)
        self.parts: tuple[Part, ...] = tuple(Text(part) if isinstance(part, str) else part for part in parts)
        self.usage = usage

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.parts))}, end={self.end!r})"

    def is_cut_at(self, index: int) -> bool:
        """Whether the part at ``index`` is the one that the ending leaves open."""
        return index == len(self.parts) - 1 and not isinstance(self.end, Completed | Incomplete)

    def status_at(self, index: int) -> Literal["completed", "incomplete"]:
        """The final status of the part at ``index``: only the last one can be incomplete."""
        last = index == len(self.parts) - 1
        return "incomplete" if last and isinstance(self.end, Incomplete) else "completed"


class ToolCalls(Answer):
    """Calls of tools, in parallel, and nothing else."""

    def __init__(self, *calls: ToolCall) -> None:
        super().__init__(*calls)


_DEFAULTS: Mapping[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "The request is invalid."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: ("invalid_request_error", "unsupported_country_region_territory", "You may not use this."),
    404: ("invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached. Please try again later."),
    503: ("server_error", None, "The engine is currently overloaded, please try again later."),
}
_SERVER_ERROR = ("server_error", None, "The server had an error while processing your request. Sorry about that!")


@dataclass(frozen=True)
class Failure:
    """An HTTP error in OpenAI's form; what is not given is what OpenAI sends with that status.

    ``retry_after`` is in seconds. The official client repeats 408, 409, 429 and 5xx by itself (``max_retries``), and
    each attempt takes the script's next reply, unless ``retry`` tells it not to (the ``x-should-retry`` header).
    """

    status: int = 500
    message: str | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    retry_after: float | None = field(default=None, kw_only=True)
    retry: bool | None = field(default=None, kw_only=True)

    @property
    def body(self) -> dict[str, Any]:
        """``{"error": {"message", "type", "param", "code"}}``."""
        kind, code, message = _DEFAULTS.get(self.status, _SERVER_ERROR)
        error = {
            "message": self.message or message,
            "type": self.type or kind,
            "param": self.param,
            "code": self.code or code,
        }
        return {"error": error}

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go with it."""
        headers: dict[str, str] = {}
        if self.retry_after is not None:
            headers["retry-after"] = f"{self.retry_after:g}"
        if self.retry is not None:
            headers["x-should-retry"] = "true" if self.retry else "false"
        return headers


Reply = str | Part | Ending | Answer | Failure


def as_answer(reply: Reply) -> Answer | Failure:
    """The full form of a reply: a text, a part or an ending alone is an answer of just that."""
    match reply:
        case Answer() | Failure():
            return reply
        case Completed() | Incomplete() | StreamError() | Stall() | Drop() | Malformed():
            return Answer(end=reply)
        case str() | Text() | Refusal() | Reasoning() | ToolCall():
            return Answer(reply)
        case _:  # a function that forgets to return something is the usual reason
            raise TypeError(f"a reply is a str, a part, an ending, an Answer or a Failure, not {reply!r}")
