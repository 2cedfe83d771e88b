"""The error table of the endpoint, as its callers see it."""

from __future__ import annotations

from typing import Any, Protocol

STATUS: dict[str, int] = {
    "not_initialized": 503,
    "missing_user": 401,
    "missing_token": 401,
    "local_only": 401,
    "unsupported_media_type": 415,
    "too_large": 413,
    "invalid_json": 400,
    "invalid_request": 422,
    "thread_not_found": 404,
    "item_not_found": 404,
    "run_not_found": 404,
    "attachment_not_found": 404,
    "run_active": 409,
    "thread_locked": 409,
    "item_state": 409,
    "idempotency_mismatch": 422,
    "queue_full": 429,
    "draining": 503,
    "internal": 500,
}

DETAIL: dict[str, str] = {
    "not_initialized": "ChatKit server not initialized",
    "missing_user": "Missing X-User-ID header",
    "missing_token": "Missing Authorization header with Bearer token",
    "invalid_json": "Invalid JSON payload",
    "internal": "Error: internal error",
}
"""How ``detail`` begins, where that is fixed."""


class Reply(Protocol):
    """What is read of a response, of whichever client."""

    @property
    def status_code(self) -> int: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any: ...


def check_problem(reply: Reply, *codes: str) -> dict[str, Any]:
    """The native error body, checked to be one of the given ``codes`` with its status and the exact shape."""
    body = reply.json()
    check_problem_body(body, reply.status_code, *codes)
    return body


def check_rpc_problem(reply: Reply, *codes: str) -> dict[str, Any]:
    """The JSON-RPC ``error`` object, checked in the same way; its ``data`` is the native body."""
    body = reply.json()
    assert set(body) == {"jsonrpc", "id", "error"}, body
    assert body["jsonrpc"] == "2.0"
    error = body["error"]
    assert set(error) == {"code", "message", "data"}
    check_problem_body(error["data"], reply.status_code, *codes)
    assert error["message"] == error["data"]["detail"]
    assert error["code"] in rpc_codes(error["data"]["code"]), error
    return error


def check_problem_body(body: dict[str, Any], status: int, *codes: str) -> None:
    """The shape ``{"detail", "code", "request_id"}``, with ``errors`` for 422 alone."""
    assert body.get("code") in codes, body
    code = body["code"]
    assert status == STATUS[code], body
    assert set(body) - {"errors"} == {"detail", "code", "request_id"}, body
    assert all(isinstance(body[key], str) and body[key] for key in ("detail", "code", "request_id"))
    assert body["detail"].startswith(DETAIL.get(code, ""))
    if status != 422:
        assert "errors" not in body
    for error in body.get("errors", []):
        assert set(error) == {"path", "message"}
        assert all(isinstance(value, str) for value in error.values())


def rpc_codes(code: str) -> set[int]:
    """The JSON-RPC codes that may stand for a code of ours."""
    match code:
        case "invalid_json":
            return {-32700}
        case "invalid_request":
            return {-32600, -32601, -32602}
        case "internal":
            return {-32603}
        case _:
            return set(range(-32099, -31999))
