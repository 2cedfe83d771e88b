"""What can go wrong between a client and a server.

::

    ClientError
    ├── Unreachable         nobody listens at the URL; nothing was sent
    ├── Broken              the connection ended, and did not come back
    ├── BadReply            the reply is none of ChatKit's
    ├── Refused             an HTTP error: status, code, detail, request_id, retry_after, errors
    │   ├── Unauthorized    401, 403
    │   ├── NotFound        404
    │   ├── Conflict        409
    │   └── Busy            429, 503
    └── AnswerFailed        the answer ended in an error; raised where text alone is asked for

``str()`` of each is a sentence. What a server has sent is in it as it came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from ..errors import FieldError


class ClientError(Exception):
    """Base of what the client raises."""


class Unreachable(ClientError):
    """No server answers at the URL. Nothing was sent."""


class Broken(ClientError):
    """The exchange ended before it was complete. A run of a server that keeps runs goes on without the client."""


class BadReply(ClientError):
    """Something answered, but not as a ChatKit server does."""


class Refused(ClientError):
    """The server said no.

    ``code`` is the machine-readable reason and ``request_id`` what the server's log has it under, both "" where none
    came. ``retry_after`` is in seconds; ``errors`` are the invalid fields of a 422.
    """

    def __init__(
        self,
        status: int,
        *,
        code: str = "",
        detail: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        errors: tuple[FieldError, ...] = (),
    ) -> None:
        self.status = status
        self.code = code
        self.detail = detail or f"The server answered with HTTP status {status}."
        self.request_id = request_id
        self.retry_after = retry_after
        self.errors = errors
        super().__init__(f"{self.detail} ({code}, {status})" if code else f"{self.detail} ({status})")


class Unauthorized(Refused):
    """401 and 403: the server does not know the caller, or takes the token for another user's."""


class NotFound(Refused):
    """404: no such thread, item, attachment or run of this user; without a ``code``, perhaps no endpoint."""


class Conflict(Refused):
    """409: the thread or item is in no state for this."""


class Busy(Refused):
    """429 and 503: not now. With a ``retry_after``, the client has tried again as long as its patience allows."""


class AnswerFailed(ClientError):
    """An answer ended in an error. What was said before is stored.

    ``code`` is ``custom`` where the agent has worded ``message``; ``allow_retry``: ``retry`` may help.
    """

    def __init__(self, code: str, message: str, *, allow_retry: bool) -> None:
        self.code = code
        self.message = message
        self.allow_retry = allow_retry
        super().__init__(message or f"The answer failed ({code}).")


_KINDS: dict[int, type[Refused]] = {
    401: Unauthorized,
    403: Unauthorized,
    404: NotFound,
    409: Conflict,
    429: Busy,
    503: Busy,
}


def refusal(status: int, body: bytes, headers: Mapping[str, str]) -> Refused:
    """The error for a reply that is not 200. A field of another type than expected reads as absent."""
    fields = _object(body)
    return _KINDS.get(status, Refused)(
        status,
        code=_text(fields, "code"),
        detail=_text(fields, "detail"),
        request_id=_text(fields, "request_id") or headers.get("X-Request-ID", ""),
        retry_after=_seconds(headers.get("Retry-After", "")),
        errors=_problems(fields.get("errors")),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _problems(value: object) -> tuple[FieldError, ...]:
    if not isinstance(value, list):
        return ()
    problems = [cast("dict[str, Any]", one) for one in cast("list[object]", value) if isinstance(one, dict)]
    return tuple(FieldError(_text(one, "path"), _text(one, "message")) for one in problems)


def _seconds(retry_after: str) -> float | None:
    """``Retry-After`` in either of its forms; None for neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
