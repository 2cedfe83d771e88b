"""Refuses what OpenAI refuses, in its words: the mistakes that code which builds a model's input makes.

Missing and mistyped parameters, content parts of the other API, tool outputs that answer no call, calls that were left
unanswered. Everything else is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fastapi_chatkit.testing.wire.replies import Failure
from fastapi_chatkit.testing.wire.requests import JsonObject, WireRequest, objects

_INPUT_PARTS = ("input_text", "input_image", "input_file", "input_audio", "computer_screenshot", "summary_text")
_RESPONSES_PARTS: Mapping[str, tuple[str, ...]] = {
    "user": _INPUT_PARTS,
    "system": _INPUT_PARTS,
    "developer": _INPUT_PARTS,
    "assistant": ("output_text", "refusal"),
}
_CHAT_PARTS: Mapping[str, tuple[str, ...]] = {
    "user": ("text", "image_url", "input_audio", "file"),
    "system": ("text",),
    "developer": ("text",),
    "assistant": ("text", "refusal"),
    "tool": ("text",),
    "function": ("text",),
}


def refusal(request: WireRequest) -> Failure | None:
    """The error for a request that is wrong, or None."""
    return next(_problems(request), None)


def _problems(request: WireRequest) -> Iterator[Failure]:
    body = request.json
    if not isinstance(body.get("model"), str) or not body["model"]:
        yield _missing_or_mistyped(body, "model", "a string")
    if not isinstance(body.get("stream"), bool | None):
        yield _missing_or_mistyped(body, "stream", "a boolean")
    if request.api == "responses":
        yield from _responses_problems(body, request)
    else:
        yield from _chat_problems(body, request)


def _responses_problems(body: JsonObject, request: WireRequest) -> Iterator[Failure]:
    stored = any(body.get(name) for name in ("previous_response_id", "conversation", "prompt"))
    if not isinstance(body.get("input"), str | list) and not (stored and body.get("input") is None):
        yield _missing_or_mistyped(body, "input", "a string or an array")
    for index, tool in enumerate(objects(body.get("tools"))):
        if tool.get("type") == "function" and "name" not in tool:
            yield _missing(f"tools[{index}].name")
    yield from _part_problems(request.items, "input", _RESPONSES_PARTS)
    if not stored:  # otherwise the calls may be in what the server is supposed to remember
        yield from _unpaired_items(request.items)


def _chat_problems(body: JsonObject, request: WireRequest) -> Iterator[Failure]:
    if not isinstance(body.get("messages"), list):
        yield _missing_or_mistyped(body, "messages", "an array")
    if not body["messages"]:
        yield _invalid("Invalid 'messages': empty array. Expected at least one message.", "empty_array", "messages")
    if body.get("n") not in (None, 1):
        yield _invalid("This server gives one choice only.", "unsupported_value", "n")
    for index, tool in enumerate(objects(body.get("tools"))):
        if tool.get("type") == "function" and "function" not in tool:
            yield _missing(f"tools[{index}].function")
    yield from _part_problems(request.items, "messages", _CHAT_PARTS)
    yield from _unpaired_messages(request.items)


def _part_problems(items: list[JsonObject], name: str, allowed: Mapping[str, tuple[str, ...]]) -> Iterator[Failure]:
    for index, item in enumerate(items):
        role: str | None = item.get("role")
        if role is None and name == "input":
            continue  # an item that is no message
        if role is None or role not in allowed:
            yield _unsupported(role, tuple(allowed), f"{name}[{index}].role")
            continue
        for number, part in enumerate(objects(item.get("content"))):
            if part.get("type") not in allowed[role]:
                yield _unsupported(part.get("type"), allowed[role], f"{name}[{index}].content[{number}].type")


def _unpaired_items(items: list[JsonObject]) -> Iterator[Failure]:
    calls = [item.get("call_id") for item in items if item.get("type") == "function_call"]
    outputs = [item.get("call_id") for item in items if item.get("type") == "function_call_output"]
    for call_id in outputs:
        if call_id not in calls:
            yield _invalid(f"No tool call found for function call output with call_id {call_id}.", None, "input")
    for call_id in calls:
        if call_id not in outputs:
            yield _invalid(f"No tool output found for function call {call_id}.", None, "input")


def _unpaired_messages(messages: list[JsonObject]) -> Iterator[Failure]:
    waiting: list[object] = []
    for index, message in enumerate(messages):
        if message.get("role") == "tool":
            if message.get("tool_call_id") not in waiting:
                text = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
                yield _invalid(f"Invalid parameter: {text}", None, f"messages[{index}].role")
            waiting = [call_id for call_id in waiting if call_id != message.get("tool_call_id")]
            continue
        if waiting:
            break
        waiting = [call.get("id") for call in objects(message.get("tool_calls"))]
    if waiting:
        rule = "tool messages responding to each 'tool_call_id'."
        text = f"An assistant message with 'tool_calls' must be followed by {rule}"
        missing = ", ".join(map(str, waiting))
        yield _invalid(
            f"{text} The following tool_call_ids did not have response messages: {missing}", None, "messages"
        )


def _missing(param: str) -> Failure:
    return _invalid(f"Missing required parameter: '{param}'.", "missing_required_parameter", param)


def _missing_or_mistyped(body: JsonObject, param: str, expected: str) -> Failure:
    if body.get(param) is None:
        return _missing(param)
    found = type(body[param]).__name__
    return _invalid(f"Invalid type for '{param}': expected {expected}, but got {found} instead.", "invalid_type", param)


def _unsupported(value: object, allowed: tuple[str, ...], param: str) -> Failure:
    values = ", ".join(f"'{name}'" for name in allowed)
    return _invalid(f"Invalid value: '{value}'. Supported values are: {values}.", "invalid_value", param)


def _invalid(message: str, code: str | None, param: str) -> Failure:
    return Failure(400, message, code, param=param)
