"""From a request's bytes to plain data, strictly: bounded, UTF-8, no surprises for whoever handles it next."""

from __future__ import annotations

import json
import math
from typing import Any, cast

from starlette.requests import Request

from ..errors import FieldError, InvalidJSON, InvalidRequest, TooLarge, UnsupportedMediaType
from ..operations import field_names

MAX_DEPTH = 64
KNOWN_KEYS = frozenset({"type", "params", "metadata", "jsonrpc", "method", "id", "message"}) | field_names()
INT64 = 2**63


async def read_body(request: Request, limit: int) -> bytes:
    """The body, at most ``limit`` bytes.

    :raises UnsupportedMediaType, TooLarge: in this order.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType
    too_large = TooLarge(f"The request body is too large: at most {limit} bytes are accepted")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


def parse(body: bytes) -> object:
    """The JSON value in ``body``.

    :raises InvalidJSON: it is not JSON in UTF-8, or is ambiguous (duplicate keys).
    :raises InvalidRequest: it is JSON with values that cannot be stored: NUL or half a surrogate pair in text, numbers
        beyond 64 bits, nesting beyond 64 levels.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidJSON("Invalid JSON payload: the body must be UTF-8") from None
    if text.startswith("\ufeff"):
        raise InvalidJSON("Invalid JSON payload: remove the byte-order mark")
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise InvalidJSON from None
    if "\\u" in text or text.count("{") + text.count("[") > MAX_DEPTH:
        _check(value, "", 0)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InvalidJSON("Invalid JSON payload: an object has duplicate keys")
    return value


def _no_constant(_: str) -> float:
    raise ValueError


def _int(digits: str) -> int:
    if len(digits) > 20 or not -INT64 <= (value := int(digits)) < INT64:
        raise InvalidRequest("A number in the request is out of range: integers must fit in 64 bits")
    return value


def _float(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise InvalidRequest("A number in the request is out of range")
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_int, parse_float=_float)


def _check(value: object, path: str, depth: int) -> None:
    if isinstance(value, (dict, list)) and depth >= MAX_DEPTH:
        raise InvalidRequest(f"The request is nested too deeply: at most {MAX_DEPTH} levels are accepted")
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict):
        for key, child in cast("dict[str, Any]", value).items():
            _check_text(key, path)
            _check(child, _joined(path, key), depth + 1)
    elif isinstance(value, list):
        for index, child in enumerate(cast("list[Any]", value)):
            _check(child, _joined(path, str(index)), depth + 1)


def _joined(path: str, part: str) -> str:
    """The path one level down; keys that the protocol does not know are the client's own and are not repeated."""
    part = part if part.isdigit() or part in KNOWN_KEYS else "*"
    return f"{path}.{part}" if path else part


def _check_text(text: str, path: str) -> None:
    if "\0" in text:
        raise _bad_text(path, "must not contain NUL characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _bad_text(path, "must not contain lone surrogates") from None


def _bad_text(path: str, rule: str) -> InvalidRequest:
    return InvalidRequest(f"Text in the request {rule}", errors=(FieldError(path, rule),))
