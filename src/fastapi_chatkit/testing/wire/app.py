"""The ASGI application: ``POST /v1/responses``, ``POST /v1/chat/completions`` and ``GET /v1/models``."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from fastapi_chatkit.testing.wire.chat_completions import ChatCompletionsWriter
from fastapi_chatkit.testing.wire.checks import refusal
from fastapi_chatkit.testing.wire.dialect import Writer, break_off
from fastapi_chatkit.testing.wire.encoding import JSON_MEDIA_TYPE, SSE_MEDIA_TYPE, Cut, Sleep, Step, encode, hex_id
from fastapi_chatkit.testing.wire.replies import Answer, Drop, Failure, Malformed, Stall, StreamError
from fastapi_chatkit.testing.wire.requests import Api, JsonObject, RecordedHeaders, WireRequest
from fastapi_chatkit.testing.wire.responses import ResponsesWriter
from fastapi_chatkit.testing.wire.script import Script, Source
from fastapi_chatkit.testing.wire.sending import SteppedResponse

logger = logging.getLogger(__name__)

_UNPARSEABLE = "We could not parse the JSON body of your request: the API expects a JSON object."


def wire_app(script: Source | Script, *, models: Sequence[str] | None = None, api_key: str | None = None) -> Starlette:
    """An application that answers as OpenAI's API does, from ``script``.

    With ``models``, any other model is refused (404); with ``api_key``, any other key (401). Pass a ``Script`` to keep
    hold of the requests that it records.
    """
    wire = _Wire(script if isinstance(script, Script) else Script(script), models, api_key)
    routes = [
        Route("/v1/responses", wire.responses, methods=["POST"]),
        Route("/v1/chat/completions", wire.chat_completions, methods=["POST"]),
        Route("/v1/models", wire.list_models, methods=["GET"]),
        Route("/v1/models/{model:path}", wire.get_model, methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _http_error})


class _Wire:
    """The endpoints, over one script."""

    def __init__(self, script: Script, models: Sequence[str] | None, api_key: str | None) -> None:
        self._script = script
        self._models = models
        self._api_key = api_key

    async def responses(self, request: Request) -> ASGIApp:
        """``POST /v1/responses``."""
        return await self._answer("responses", request)

    async def chat_completions(self, request: Request) -> ASGIApp:
        """``POST /v1/chat/completions``."""
        return await self._answer("chat_completions", request)

    async def list_models(self, request: Request) -> ASGIApp:
        """``GET /v1/models``."""
        if failure := self._check_key(request):
            return _error(failure)
        return _json({"object": "list", "data": [_model(name) for name in self._models or ()]})

    async def get_model(self, request: Request) -> ASGIApp:
        """``GET /v1/models/{model}``."""
        name = request.path_params["model"]
        if failure := self._check_key(request) or self._check_model(name):
            return _error(failure)
        return _json(_model(name))

    async def _answer(self, api: Api, request: Request) -> ASGIApp:
        body = _parse(await request.body())
        if body is None:
            return _error(Failure(400, _UNPARSEABLE))
        recorded = WireRequest(api, request.url.path, RecordedHeaders(raw=request.headers.raw), body)
        self._script.requests.append(recorded)
        failure = self._check_key(request) or refusal(recorded) or self._check_model(recorded.model)
        reply = failure or await self._reply(recorded)
        if isinstance(reply, Failure):
            recorded.outcome = "complete"
            return _error(reply)
        writer = ResponsesWriter(reply, recorded) if api == "responses" else ChatCompletionsWriter(reply, recorded)
        return _streamed(writer, recorded) if recorded.stream else _whole(writer, reply, recorded)

    async def _reply(self, request: WireRequest) -> Answer | Failure:
        try:
            return await self._script.next(request)
        except Exception as error:  # the user's function; the test that waits for an answer is told what went wrong
            logger.exception("the script failed")
            return Failure(500, f"The script failed: {error!r}", "script_failed", retry=False)

    def _check_key(self, request: Request) -> Failure | None:
        if self._api_key is None or request.headers.get("authorization") == f"Bearer {self._api_key}":
            return None
        return Failure(401)

    def _check_model(self, model: str) -> Failure | None:
        if self._models is None or model in self._models:
            return None
        return Failure(404, f"The model `{model}` does not exist or you do not have access to it.")


def _parse(body: bytes) -> JsonObject | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("JsonObject", value) if isinstance(value, dict) else None


def _streamed(writer: Writer, request: WireRequest) -> ASGIApp:
    headers = _headers(SSE_MEDIA_TYPE) | {"cache-control": "no-cache"}
    return SteppedResponse(writer.steps(), request, 200, headers)


def _whole(writer: Writer, answer: Answer, request: WireRequest) -> ASGIApp:
    wait = sum(step.seconds for step in writer.steps() if isinstance(step, Sleep))
    status, content = 200, encode(writer.document)
    if isinstance(answer.end, StreamError):
        status, content = 500, encode(Failure(500, answer.end.message, answer.end.code).body)
    elif isinstance(answer.end, Malformed):
        content = answer.end.data.encode()

    def steps() -> Iterator[Step]:
        yield Sleep(wait)
        match answer.end:
            case Stall():
                yield from break_off(answer.end)
            case Drop():
                yield content[: len(content) // 2]
                yield Cut()
            case _:
                yield content

    headers = _headers(JSON_MEDIA_TYPE) | {"content-length": str(len(content))}
    return SteppedResponse(steps(), request, status, headers)


def _model(name: str) -> JsonObject:
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "openai"}


def _headers(media_type: str) -> dict[str, str]:
    return {"content-type": media_type, "x-request-id": hex_id("req_", 32), "openai-version": "2020-10-01"}


def _json(value: JsonObject, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(encode(value), status, _headers(JSON_MEDIA_TYPE) | (headers or {}))


def _error(failure: Failure) -> Response:
    return _json(failure.body, failure.status, failure.headers)


async def _http_error(request: Request, error: Any) -> Response:
    """An unknown URL or method, in OpenAI's form."""
    message = f"Invalid URL ({request.method} {request.url.path})"
    body: JsonObject = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return _json({"error": body}, error.status_code)
