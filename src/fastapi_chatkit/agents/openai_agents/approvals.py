"""Calls that need the user's word first: asked as questions in the thread, made when they are answered with yes.

Between the question and its answer nothing is held in memory: what is to be called, with which arguments, is a hidden
item just before the questions. So an answer may come after a restart, days later, or at another replica.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, cast

from chatkit import types as sdk

from ...events import well_formed
from ...ids import new_id, uuid7_hex
from ..base import Turn

logger = logging.getLogger(__name__)

KIND = "tool_approval"
YES = "Yes"
NO = "No"
MAX_QUESTION = 1_000

Question = Callable[[Mapping[str, Any], Turn], Awaitable[str | None]]
"""Words the question for a call with these arguments; ``None`` makes the call without asking."""


@dataclass(frozen=True, slots=True)
class AskedCall:
    """A call that waits for its answer: ``question`` is the id of the question, ``arguments`` are JSON as the model
    wrote it, ``bound`` are the arguments that the application decided.
    """

    question: str
    call_id: str
    name: str
    arguments: str
    bound: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user said of a call. ``said`` is the answer where it is neither yes nor no."""

    call: AskedCall
    approved: bool
    said: str | None = None


def question_id() -> str:
    """A fresh id for a question."""
    return f"ask_{uuid7_hex()}"


def record(turn: Turn, calls: Sequence[AskedCall]) -> sdk.HiddenContextItem:
    """The item that keeps the calls; it comes just before the questions."""
    return sdk.HiddenContextItem(
        id=turn.new_id("message"),
        thread_id=turn.thread.id,
        created_at=datetime.now(),  # naive local time, as in the SDK's models
        content={"type": KIND, "calls": [asdict(call) for call in calls]},
    )


def questions(turn: Turn, texts: Sequence[tuple[AskedCall, str]]) -> sdk.StructuredInputItem:
    """The questions, each to be answered with yes or no."""
    options = [sdk.StructuredInputMultipleChoiceOption(value=value) for value in (YES, NO)]
    return sdk.StructuredInputItem(
        id=new_id("message"),
        thread_id=turn.thread.id,
        created_at=datetime.now(),  # naive local time, as in the SDK's models
        inputs=[
            sdk.StructuredInputMultipleChoice(id=call.question, question=text, options=options, multiple=False)
            for call, text in texts
        ],
    )


async def worded(wording: Question | None, arguments: Mapping[str, Any], title: str, turn: Turn) -> str | None:
    """The question: the application's words, or else the title and the arguments. ``None``: nothing is to be asked."""
    text: str | None = _plain(title, arguments)
    if wording is not None:
        try:
            text = await wording(arguments, turn)
        except Exception as error:
            logger.warning("the question for %s could not be worded", title, exc_info=error)
    return None if text is None else well_formed(text)[:MAX_QUESTION]


def _plain(title: str, arguments: Mapping[str, Any]) -> str:
    said = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    return f"{title} ({said})?" if said else f"{title}?"


async def decisions(turn: Turn) -> list[Decision]:
    """What the user has decided with the answer that this turn goes on after; empty where nothing was to be decided."""
    answered = turn.answered
    if answered is None:
        return []
    before = await turn.store.load_thread_items(turn.thread.id, answered.id, 1, "desc", turn.context)
    calls = [call for item in before.data for call in _asked(item)]
    answers = {question.id: question.answer for question in answered.inputs}
    return [_decision(call, answers[call.question]) for call in calls if call.question in answers]


def is_approval(content: object) -> bool:
    """Whether a hidden item's content is a record of calls that wait."""
    return isinstance(content, dict) and cast("dict[str, Any]", content).get("type") == KIND


def _asked(item: sdk.ThreadItem) -> list[AskedCall]:
    if not isinstance(item, sdk.HiddenContextItem) or not is_approval(item.content):
        return []
    return [AskedCall(**call) for call in cast("dict[str, Any]", item.content)["calls"]]


def _decision(call: AskedCall, answer: sdk.StructuredInputAnswer | None) -> Decision:
    if answer is None or answer.skipped or not answer.values:
        return Decision(call, approved=False)
    said = answer.values[0].strip()
    if said.casefold() in (YES.casefold(), NO.casefold()):
        return Decision(call, approved=said.casefold() == YES.casefold())
    return Decision(call, approved=False, said=said)
