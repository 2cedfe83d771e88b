"""HTTP as the suite's own client speaks it: one POST an operation, frames of server-sent events. It shares no code with
the project's client.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

SILENCE = 25.0
"""How long nothing may come on a stream, in seconds; servers send a comment after at most 5 s here."""


class Lost(Exception):
    """The connection was lost, or never made, or something between has no server for it: it can be tried again."""


@dataclass
class Refused(Exception):
    """The server said no."""

    status: int
    code: str

    @property
    def passes(self) -> bool:
        """Whether it is not for ever."""
        return self.status in (429, 503)

    def __str__(self) -> str:
        return f"{self.status} {self.code}"


@dataclass
class Stream:
    """A response of events: pairs of their id and their JSON, as it came."""

    run_id: str
    thread_id: str
    events: AsyncGenerator[tuple[str, bytes]]


class Wire:
    """One user's way to an endpoint."""

    def __init__(self, url: str, user: str) -> None:
        self._url = url
        headers = {"X-User-ID": user, "Authorization": "Bearer chaos", "X-ChatKit-Resume": "1"}
        self._http = httpx2.AsyncClient(
            headers=headers, trust_env=False, timeout=httpx2.Timeout(10, read=SILENCE), limits=httpx2.Limits()
        )

    async def close(self) -> None:
        """Close what is open."""
        await self._http.aclose()

    async def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The JSON that an operation answers. :raises Lost, Refused:"""
        request = self._request(operation, params, None)
        try:
            response = await self._http.send(request)
        except httpx2.TransportError as error:
            raise Lost(repr(error)) from error
        _check(response.status_code, response.content)
        return response.json()

    @asynccontextmanager
    async def stream(
        self, operation: str, params: dict[str, Any], key: str | None = None, patience: float | None = None
    ) -> AsyncGenerator[Stream]:
        """A streaming operation; hung up where the response does not begin within ``patience`` seconds.

        :raises Lost, Refused: also while it is read.
        """
        async with self._open(self._request(operation, params, key), patience) as stream:
            yield stream

    @asynccontextmanager
    async def follow(self, run_id: str, after: str) -> AsyncGenerator[Stream]:
        """The same by GET, as an EventSource does. A run that was seen whole has no events."""
        headers = {"Last-Event-ID": after} if after else {}
        request = self._http.build_request("GET", f"{self._url}/runs/{run_id}/events", headers=headers)
        async with self._open(request) as stream:
            yield stream

    @asynccontextmanager
    async def _open(self, request: httpx2.Request, patience: float | None = None) -> AsyncGenerator[Stream]:
        try:
            async with asyncio.timeout(patience):
                response = await self._http.send(request, stream=True)
        except (httpx2.TransportError, TimeoutError) as error:
            raise Lost(repr(error)) from error
        events = _events(response)
        try:
            if response.status_code not in (200, 204):
                try:
                    body = await response.aread()
                except httpx2.TransportError as error:
                    raise Lost(repr(error)) from error
                _check(response.status_code, body)
            headers = response.headers
            yield Stream(headers.get("X-ChatKit-Run-ID", ""), headers.get("X-ChatKit-Thread-ID", ""), events)
        finally:
            await events.aclose()
            await response.aclose()

    def _request(self, operation: str, params: dict[str, Any], key: str | None) -> httpx2.Request:
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        body = json.dumps({"type": operation, "params": params}).encode()
        return self._http.build_request("POST", self._url, content=body, headers=headers)


def _check(status: int, body: bytes) -> None:
    if status in (200, 204):
        return
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError):
        if status in (502, 504):  # of the proxy: it has no server
            raise Lost(f"{status} of the proxy") from None
        code = body[:60].decode(errors="replace")
    raise Refused(status, code)


async def _events(response: httpx2.Response) -> AsyncGenerator[tuple[str, bytes]]:
    """Whole frames: what a break cuts in two is nothing."""
    rest = b""
    try:
        async for chunk in response.aiter_raw():
            *frames, rest = (rest + chunk).split(b"\n\n")
            for frame in frames:
                fields = dict(line.split(b": ", 1) for line in frame.split(b"\n") if not line.startswith(b":"))
                if b"data" in fields:
                    yield fields[b"id"].decode(), fields[b"data"]
    except httpx2.TransportError as error:
        raise Lost(repr(error)) from error
