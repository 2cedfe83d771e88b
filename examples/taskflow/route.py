"""Every error of the API is ``{"detail": "One sentence."}``.

401 without a valid token, 403 with another user's, 404 for what is not there or not the caller's, 409 where the state
of things does not allow it, 413 for a body that no task fills, 422 for wrong input, 503 while the database does not
answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.types import Message, Receive

from fastapi_chatkit.errors import ChatKitError

from .domain.errors import Conflict, NotFound, Refused
from .sentences import sentence

MAX_BODY_BYTES = 128 * 1024
"""More than a task with all its fields at their limits, each character escaped."""

logger = logging.getLogger(__name__)

STATUS_CODES: Mapping[type[Refused], int] = {NotFound: 404, Conflict: 409}
BUSY = "TaskFlow's database does not answer now: try again in a moment."


class Route(APIRoute):
    """A route whose errors are sentences."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with its errors answered."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handler(Request(request.scope, _bounded(request)))
            except ChatKitError as error:
                return _error(error.status, error.detail, error.headers)
            except Refused as error:
                return _error(STATUS_CODES[type(error)], error.message)
            except RequestValidationError as error:
                return _error(422, sentence(error.errors()))
            except (OperationalError, NoConnection) as error:
                logger.error("database: %s", error)
                return _error(503, BUSY, {"Retry-After": "2"})

        return answer


def _bounded(request: Request) -> Receive:
    """What receives the request's body, and refuses it as soon as it is known to be too large."""
    too_large = HTTPException(413, f"The request body is too large: at most {MAX_BODY_BYTES} bytes are accepted.")
    declared = request.headers.get("content-length", "")
    received = 0

    async def receive() -> Message:
        nonlocal received
        if declared.isdigit() and int(declared[:20]) > MAX_BODY_BYTES:
            raise too_large
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY_BYTES:
            raise too_large
        return message

    return receive


def _error(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": detail}, status, headers=headers)
