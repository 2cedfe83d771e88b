"""What a turn does to thread items, as pure functions over their wire JSON.

Items are kept as JSON, not as models, so that fields which this version does not know survive a round trip.
"""

from __future__ import annotations

from typing import Any

from .errors import ItemState

Item = dict[str, Any]
"""A thread item as wire JSON: ``id``, ``thread_id``, ``created_at``, ``type`` and the type's own fields."""


def complete_tool_call(item: Item | None, result: Any) -> Item:
    """The pending client tool call with its ``result`` as output.

    :raises ItemState: the thread's newest item is not a client tool call that still waits.
    """
    if item is None or item.get("type") != "client_tool_call" or item.get("status", "pending") != "pending":
        raise ItemState("The thread's last item is not a pending client tool call")
    return {**item, "status": "completed", "output": result}


def answer_structured_input(item: Item, status: str, answers: dict[str, dict[str, Any]]) -> Item:
    """The pending structured input with its answers; unknown questions are ignored, missing ones are skipped.

    ``answers`` maps question ids to ``{"values": [str], "skipped": bool}``. A single-choice question keeps one value.

    :raises ItemState: the item is no structured input, or was answered before.
    """
    if item.get("type") != "structured_input" or item.get("status", "pending") != "pending":
        raise ItemState("The item is not a pending structured input")
    answered = [
        {**question, "answer": _answer(question, status, answers.get(question["id"]))} for question in item["inputs"]
    ]
    return {**item, "status": status, "inputs": answered}


def _answer(question: dict[str, Any], status: str, answer: dict[str, Any] | None) -> dict[str, Any]:
    values: list[str] = (answer or {}).get("values") or []
    if status == "skipped" or answer is None or answer.get("skipped") or not values:
        return {"values": [], "skipped": True}
    if question.get("type") == "multiple_choice" and not question.get("multiple"):
        values = values[:1]
    return {"values": values, "skipped": False}


def require_type(actual: str, expected: str, detail: str) -> None:
    """:raises ItemState: the item is of another type than the operation works on."""
    if actual != expected:
        raise ItemState(detail)
