"""``POST /chatkit``: identify, decode, start or answer, stream. The data path starts here."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..auth.base import Authenticator, Identity
from ..dialects.base import Awaited, Call, Command, Dialect, RunEncoder
from ..errors import ChatKitError, FieldError, InternalError, InvalidParams, NotInitialized, RunNotFound
from ..eventlog.base import Reader
from ..events import Offset, utc_text
from ..identity import TOKEN_KEY, Metadata, RequestContext, current_context
from ..ids import uuid7_hex
from ..operations import NAME_OF, STREAMING, AttachRun, CancelRun, GetRun, StreamingOperation
from ..runs.access import RunAccess
from ..runs.engine import RunEngine
from ..store.base import RequestKey, RunRow
from ..threads import Threads
from .body import parse, read_body
from .problems import problem_response
from .sse import Detach, EventStream, stream_headers, whole_run

logger = logging.getLogger(__name__)

MAX_METADATA_BYTES = 16 * 1024
MAX_RUN_ID = 255
KEY_AGE = timedelta(hours=24)
"""How long an idempotency key stands for the run that it began."""

_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_REQUEST_ID = re.compile(r"[\x20-\x7e]{1,128}")
_LOCALE = re.compile(r"[A-Za-z0-9-]{1,35}")


@dataclass(frozen=True, slots=True)
class Running:
    """What the endpoint works with while the application runs."""

    engine: RunEngine
    runs: RunAccess
    threads: Threads


class Endpoint:
    """The ASGI application at the ChatKit URL. ``running`` is set while chat is on and its store is open."""

    def __init__(self, *, authenticator: Authenticator, dialects: Sequence[Dialect], max_body_bytes: int) -> None:
        self._authenticator = authenticator
        self._dialects = dialects
        self._max_body_bytes = max_body_bytes
        self.running: Running | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one operation."""
        await self._serve(_Exchange.operate, scope, receive, send)

    async def events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve ``GET .../runs/{run_id}/events``: a run for clients of server-sent events."""
        await self._serve(_Exchange.follow, scope, receive, send)

    async def _serve(
        self, handle: Callable[[_Exchange], Awaitable[Response]], scope: Scope, receive: Receive, send: Send
    ) -> None:
        request = Request(scope, receive, send)
        request_id = request_id_of(request)
        started = time.perf_counter()
        exchange = _Exchange(self, request, request_id)
        try:
            response = await exchange.respond(handle)
            exchange.forget()
            await response(scope, receive, send)
        except ClientDisconnect:
            return
        finally:
            exchange.report(time.perf_counter() - started)

    async def identify(self, request: Request) -> tuple[Running, Identity]:
        """What is running and the caller, in the order of the error table."""
        if self.running is None:
            raise NotInitialized
        return self.running, await self._authenticator.authenticate(request)

    async def read(self, request: Request) -> bytes:
        """The bounded body."""
        return await read_body(request, self._max_body_bytes)

    def decode(self, body: bytes) -> Call:
        """The request in the dialect that it speaks."""
        payload = parse(body)
        return next(dialect for dialect in self._dialects if dialect.accepts(payload)).call(payload)

    def guess(self, body: bytes) -> Call:
        """The dialect in which to say that the body is no JSON, or to speak where there is none."""
        return next(dialect for dialect in self._dialects if dialect.accepts_unparsed(body)).call(None)


class _Exchange:
    """One request and its response, with what is known of them for the log."""

    def __init__(self, endpoint: Endpoint, request: Request, request_id: str) -> None:
        self._endpoint = endpoint
        self._request = request
        self._request_id = request_id
        self._body = b""
        self._call: Call | None = None
        self._facts: dict[str, Any] = {"request_id": request_id}

    async def respond(self, handle: Callable[[_Exchange], Awaitable[Response]]) -> Response:
        """The response; every error becomes one."""
        response = await self._respond(handle)
        self._facts["status"] = response.status_code
        return response

    def forget(self) -> None:
        """Let go of what was asked: a response may take long to send, and needs nothing of it."""
        self._body, self._call = b"", None

    async def _respond(self, handle: Callable[[_Exchange], Awaitable[Response]]) -> Response:
        try:
            return await handle(self)
        except ChatKitError as error:
            return self._problem(error)
        except (HTTPException, ClientDisconnect):
            raise  # the application's own limits, and a client that left while sending
        except Exception as error:  # the edge of a request
            logger.error("request failed", exc_info=error, extra=self._facts)
            return self._problem(InternalError())

    async def operate(self) -> Response:
        """Do the operation in the request's body."""
        running, identity = await self._identify()
        self._body = await self._endpoint.read(self._request)
        call = self._call = self._endpoint.decode(self._body)
        command = call.command(self._request.headers.get("accept", ""))
        operation = command.operation
        self._facts["op"] = NAME_OF[type(operation)]
        context = self._context(identity, command.metadata)
        current_context.set(context)
        if isinstance(operation, STREAMING):
            return await self._run(running, call, command, operation, context)
        if isinstance(operation, AttachRun):
            row = await running.runs.find(context.owner, operation.thread_id, operation.run_id)
            return await self._attach(running, call, row, _offset(operation.after), command.awaited, context)
        if isinstance(operation, GetRun | CancelRun):
            return self._json(200, call.answer(await running.runs.answer(operation, context)))
        return self._json(200, call.answer(await running.threads.answer(operation, context)))

    async def follow(self) -> Response:
        """Stream the run in the URL, from after ``Last-Event-ID`` or ``?after=``."""
        running, identity = await self._identify()
        call = self._call = self._endpoint.guess(b"")
        self._facts["op"] = NAME_OF[AttachRun]
        context = self._context(identity, {})
        run_id: str = self._request.path_params["run_id"]
        if "\0" in run_id or len(run_id) > MAX_RUN_ID:
            raise RunNotFound
        row = await running.runs.find(context.owner, None, run_id)
        given = self._request.headers.get("last-event-id") or self._request.query_params.get("after")
        after = _offset(given or None)
        if await running.runs.has_seen_all(row, after):
            return Response(status_code=204, headers={"X-Request-ID": self._request_id})  # an EventSource stops here
        return await self._attach(running, call, row, after, None, context)

    async def _identify(self) -> tuple[Running, Identity]:
        running, identity = await self._endpoint.identify(self._request)
        self._facts["user_id"] = identity.user_id
        return running, identity

    async def _attach(
        self,
        running: Running,
        call: Call,
        row: RunRow,
        after: Offset | None,
        awaited: Awaited | None,
        context: RequestContext,
        *,
        resumable: bool = True,
    ) -> Response:
        encoder = call.encoder(row.thread_id, self._request_id, resumable=resumable, after=after)
        whole = awaited is not None or encoder.needs_all
        reader, leave = await running.runs.attach(context.owner, row, after, whole=whole, named=resumable)
        self._facts.update(run_id=row.id, thread_id=row.thread_id)
        return await self._stream(reader, encoder, leave, awaited, row.id, row.thread_id)

    async def _run(
        self, running: Running, call: Call, command: Command, operation: StreamingOperation, context: RequestContext
    ) -> Response:
        resumable = self._request.headers.get("x-chatkit-resume") == "1"
        key = self._key(operation, context)
        started = await running.engine.start(operation, context, key, resumable=resumable)
        if isinstance(started, RunRow):
            if resumable:
                running.engine.keep_going(started.id)
            return await self._attach(running, call, started, None, command.awaited, context, resumable=resumable)
        run = started
        reader = running.engine.read(run)
        self._facts.update(run_id=run.id, thread_id=run.thread_id)

        def detach(dropped: bool) -> None:
            running.engine.detach(run, dropped=dropped)

        encoder = call.encoder(run.thread_id, self._request_id, resumable=resumable)
        return await self._stream(reader, encoder, detach, command.awaited, run.id, run.thread_id)

    async def _stream(
        self, reader: Reader, encoder: RunEncoder, detach: Detach, awaited: Awaited | None, run_id: str, thread_id: str
    ) -> Response:
        if awaited is None:
            return EventStream(reader, encoder, detach, stream_headers(self._request_id, run_id, thread_id))
        events = await whole_run(reader, self._request.receive, detach)
        if events is None:
            raise ClientDisconnect
        error, body = awaited(thread_id, events, self._request_id)
        return self._json(200, body) if error is None else problem_response(error, body, self._request_id)

    def _key(self, operation: StreamingOperation, context: RequestContext) -> RequestKey | None:
        """The idempotency key with the digest of what is asked: the operation, its parameters and its metadata."""
        keys = self._request.headers.getlist("idempotency-key")
        if not keys:
            return None
        key, *others = keys
        if others or not _KEY.fullmatch(key):
            rule = "must be 1 to 255 printable ASCII characters, sent once"
            raise InvalidParams(f"`Idempotency-Key` {rule}", errors=(FieldError("Idempotency-Key", rule),))
        asked = {"op": NAME_OF[type(operation)], "params": operation.model_dump(), "metadata": dict(context.metadata)}
        digest = sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return RequestKey(key, digest, utc_text(datetime.now(UTC) - KEY_AGE))

    def _context(self, identity: Identity, given: dict[str, Any]) -> RequestContext:
        metadata = {key: value for key, value in given.items() if key != TOKEN_KEY}
        if len(orjson.dumps(metadata)) > MAX_METADATA_BYTES:
            rule = f"must be at most {MAX_METADATA_BYTES} bytes of JSON"
            raise InvalidParams(f"`metadata` {rule}", errors=(FieldError("metadata", rule),))
        return RequestContext(
            user_id=identity.user_id,
            organization_id=identity.organization_id,
            request_id=self._request_id,
            locale=_locale(self._request.headers.get("accept-language", "")),
            metadata=Metadata(metadata, identity.access_token),
            access_token=identity.access_token,
        )

    def _json(self, status: int, body: bytes) -> Response:
        headers = {"X-Request-ID": self._request_id}
        return Response(body, status_code=status, headers=headers, media_type="application/json")

    def _problem(self, error: ChatKitError) -> Response:
        self._facts["code"] = error.code
        call = self._call or self._endpoint.guess(self._body)
        return problem_response(error, call.problem(error, self._request_id), self._request_id)

    def report(self, seconds: float) -> None:
        """One line per request; without a status where the client left before there was one."""
        self._facts["ms"] = round(seconds * 1000, 1)
        logger.info("request", extra=self._facts)


def request_id_of(request: Request) -> str:
    """The client's ``X-Request-ID`` where it is 1 to 128 printable ASCII characters, else a new one."""
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else f"req_{uuid7_hex()}"


def _offset(given: str | None) -> Offset | None:
    try:
        return None if given is None else Offset.parse(given)
    except ValueError:
        raise InvalidParams(errors=(FieldError("after", "must be an offset, such as 1-42"),)) from None


def _locale(accept_language: str) -> str | None:
    first = accept_language.split(",", 1)[0].split(";", 1)[0].strip()
    return first if _LOCALE.fullmatch(first) else None
