"""What the assistant asks of the client: tools that run here, and questions to the user."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import cast

from .fields import Json
from .items import Question, Questions


def local_time() -> Json:
    """The time of this machine, with its offset to UTC."""
    now = datetime.now().astimezone()
    return {"time": now.isoformat(timespec="seconds"), "timezone": now.tzname() or ""}


CLIENT_TOOLS: dict[str, Callable[[], Json]] = {"get_time": local_time, "get_local_time": local_time}
"""The tools that this client answers by itself; for any other it asks the user."""


def tool_result(typed: str) -> Json:
    """What a user typed as a tool's result: JSON where it is JSON, else the text; nothing is ``{}``."""
    if not typed:
        return {}
    try:
        return cast("Json", json.loads(typed))
    except (ValueError, RecursionError):
        return typed


async def submission(item: Questions, ask: Callable[[str, str], Awaitable[str]]) -> dict[str, Json]:
    """Put each question to the user by ``ask(question, prompt)``; the ``input`` of ``threads.add_structured_input``."""
    answers: dict[str, Json] = {}
    for question in item.questions:
        values: list[Json] = [*_chosen(question, await ask("\n".join(_asked(question)), "  answer: "))]
        answers[question.id] = {"values": values, "skipped": not values}
        question.answer = ", ".join(str(value) for value in values) or "(skipped)"
    skipped = all(question.answer == "(skipped)" for question in item.questions)
    return {"status": "skipped" if skipped else "answered", "answers": answers}


def _asked(question: Question) -> list[str]:
    lines = [f"? {question.text}", *([f"  {question.detail}"] if question.detail else [])]
    lines += [f"  {number}. {option}" for number, option in enumerate(question.options, 1)]
    if question.multiple:
        lines.append("  Numbers with commas between, or words of your own; empty skips.")
    elif question.options:
        lines.append("  A number, or words of your own; empty skips.")
    else:
        lines.append("  Empty skips.")
    return lines


def _chosen(question: Question, typed: str) -> list[str]:
    """The values meant by what was typed: numbers and names in any case stand for options, anything else for itself."""
    if not typed:
        return []
    numbers = [word.strip() for word in typed.split(",")] if question.multiple else [typed]
    if question.options and all(one.isdecimal() and 1 <= int(one) <= len(question.options) for one in numbers):
        return list(dict.fromkeys(question.options[int(one) - 1] for one in numbers))
    named = {option.casefold(): option for option in question.options}
    if all(one.casefold() in named for one in numbers):
        return list(dict.fromkeys(named[one.casefold()] for one in numbers))
    return [typed]
