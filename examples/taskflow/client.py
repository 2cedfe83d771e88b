"""How the MCP server asks the REST API: one pool of connections, and each call as the user whose tool call it is."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx2

from .identity import Caller

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
NOT_ANSWERING = "TaskFlow is not answering now: try again in a moment."
NOT_ACCEPTED = "TaskFlow does not accept this user's token: sign in again."


class APIError(Exception):
    """The API refused, or did not answer; ``message`` is one sentence for the user and the model."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class TaskFlowAPI:
    """Calls the API with ``client``, whose base URL is the API's, and which the caller closes."""

    def __init__(self, client: httpx2.AsyncClient, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._client = client
        self._timeout = timeout

    async def call(self, caller: Caller, method: str, path: str, **content: Any) -> Any:
        """The answer's JSON; ``content`` is ``json`` or ``params``. Nothing is tried twice: it may have been done.

        :raises APIError:
        """
        headers = {
            b"Authorization": f"Bearer {caller.token.get_secret_value()}".encode(),
            b"X-User-ID": caller.user_id.encode(),
            b"X-TaskFlow-Via": b"chat",
        }
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.request(method, path, headers=headers, **content)
                return _json(response)
        except (httpx2.HTTPError, TimeoutError, ValueError) as error:
            logger.warning("TaskFlow's API: %s %s: %r", method, path, error)
            raise APIError(NOT_ANSWERING) from error


def _json(response: httpx2.Response) -> Any:
    if response.is_success:
        return response.json()
    if response.status_code in (401, 403):
        raise APIError(NOT_ACCEPTED)
    if response.status_code in (404, 409, 422):
        match response.json():
            case {"detail": str(detail)}:
                raise APIError(detail)
            case _:
                pass
    raise ValueError(f"answered {response.status_code}")
