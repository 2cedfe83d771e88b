"""Errors as HTTP responses: the one place that renders the error tree."""

from __future__ import annotations

from starlette.responses import Response

from ..errors import ChatKitError


def problem_response(error: ChatKitError, body: bytes, request_id: str) -> Response:
    """A response with the error's status and headers; ``body`` is written by the request's dialect."""
    headers = {"X-Request-ID": request_id, **error.headers}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(body, status_code=error.status, headers=headers, media_type="application/json")
