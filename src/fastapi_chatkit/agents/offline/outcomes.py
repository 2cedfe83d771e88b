"""What the offline agent says of what came back to it: a client tool's output, the answers to its questions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from chatkit import types as sdk

from ...events import dumps
from .texts import emphasized, quoted, shortened

TIME_TOOL = "get_local_time"
"""The client tool that the agent calls; ``fastapi-chatkit chat`` has it."""

MAX_SHOWN = 600
"""How much of a tool's output is repeated, in characters of JSON."""


def tool_answer(call: sdk.ClientToolCallItem | None) -> str:
    """What a client tool's output says."""
    if call is None:
        return "A client tool has answered, but its call is not in this thread any more."
    if call.name == TIME_TOOL and (clock := _clock(call.output)):
        return f"It is {emphasized(clock)}, says your client. Its answer is stored in the thread."
    return f"The client tool {quoted(call.name)} answered:\n\n```json\n{_json(call.output)}\n```"


def _clock(output: Any) -> str | None:
    """The time that a client told, in words; it tells ``{"time": <ISO 8601>, "timezone": <name>}``."""
    told = cast("dict[str, Any]", output) if isinstance(output, dict) else {}
    try:
        moment = datetime.fromisoformat(str(told.get("time")))
    except ValueError:
        return None
    zone = shortened(str(told.get("timezone") or ""), 40)
    return f"{moment:%H:%M} on {moment:%A}, {moment.day} {moment:%B} {moment.year}" + (f" ({zone})" if zone else "")


def _json(value: Any) -> str:
    text = dumps(value).decode()
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def answers_repeated(item: sdk.StructuredInputItem | None) -> str:
    """Thanks for the answers, and what they were."""
    if item is None:
        return "Questions were answered, but they are not in this thread any more."
    if item.status == "skipped":
        return "You skipped the questions, and that is fine: the thread keeps that as an answer, too."
    lines = [f"- {question.question} {emphasized(_answer(question))}" for question in item.inputs]
    return "\n".join(["Thank you. You answered:", "", *lines, "", "The answers are stored in the thread."])


def _answer(question: sdk.StructuredInput) -> str:
    answer = question.answer
    values = [] if answer is None or answer.skipped else answer.values
    return ", ".join(shortened(value, 200) for value in values[:20]) or "(skipped)"
