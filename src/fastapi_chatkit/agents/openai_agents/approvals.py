"""Calls that need the user's word first: asked as questions in the thread, made when they are answered with yes.

Between the question and its answer nothing is held in memory: what is to be called, with which arguments, is a hidden
item before the questions. So an answer may come after a restart, days later, or at another replica. A Yes is for the
very call that was shown: the same tool of the same server or agent, with the same arguments, once.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, cast

from chatkit import types as sdk

from ...events import well_formed
from ...ids import new_id, uuid7_hex
from ..base import Turn
from ..tool_log import KIND as CALLS
from ..tool_log import ToolRecord, records_in
from .arguments import parsed

logger = logging.getLogger(__name__)

KIND = "tool_approval"
YES = "Yes"
NO = "No"
MAX_QUESTION = 4_000
MAX_VALUE = 200
"""How many characters of an argument are shown in a question that the application has not worded."""

LOST = "The user was asked, but the call was not made: the answer was ended before. Ask again if it is still wanted."

LOOKED_BACK = 20
"""How many items before the questions may be what was asked: others may be stored in between."""

Question = Callable[[Mapping[str, Any], Turn], Awaitable[str | None]]
"""Words the question for a call with these arguments; ``None`` makes the call without asking."""


@dataclass(frozen=True, slots=True)
class AskedCall:
    """A call that waits for its answer.

    ``question`` is the id of the question, ``name`` the tool's as the model knows it, ``arguments`` are JSON as the
    model wrote it, ``bound`` are the arguments that the application decided. ``owner`` is whose tool it is: the MCP
    server and the server's name for the tool, or ``""`` and the agent's name.
    """

    question: str
    call_id: str
    name: str
    arguments: str
    owner: tuple[str, str]
    bound: dict[str, Any] = field(default_factory=dict[str, Any])

    def record(self, output: str) -> ToolRecord:
        """What came of it."""
        return ToolRecord(self.name, parsed(self.arguments) or {}, output, self.call_id)


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
        content={"type": KIND, "user_id": turn.context.user_id, "calls": [asdict(call) for call in calls]},
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
    """Each argument is shortened by itself, so that a long one does not hide the others."""
    said = ", ".join(f"{name}: {_short(str(value))}" for name, value in arguments.items())
    return f"{title} ({said})?" if said else f"{title}?"


def _short(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}… ({len(text)} characters)"


async def decisions(turn: Turn) -> list[Decision]:
    """What the user has decided with the answer that this turn goes on after; empty where nothing was to be decided."""
    answered = turn.answered
    if answered is None:
        return []
    answers = {question.id: question.answer for question in answered.inputs}
    before = await turn.store.load_thread_items(turn.thread.id, answered.id, LOOKED_BACK, "desc", turn.context)
    asked = [item for item in before.data if _was_asked_of(turn.context.user_id, item)]
    calls = [call for item in asked for call in asked_in(item)]
    return [_decision(call, answers[call.question]) for call in calls if call.question in answers]


def with_lost_decisions(items: Sequence[sdk.ThreadItem], decided: Sequence[Decision]) -> list[sdk.ThreadItem]:
    """The items, in which a call that was decided upon and never made says so: its run was ended before.

    ``decided`` are the decisions that this turn carries out.
    """
    questions = [item for item in items if isinstance(item, sdk.StructuredInputItem) and item.status != "pending"]
    answered = {question.id for item in questions for question in item.inputs}
    known = {record.call_id for item in items for record in _records(item)}
    known |= {decision.call.call_id for decision in decided}
    shown: list[sdk.ThreadItem] = []
    for item in items:
        lost = [call for call in asked_in(item) if call.question in answered and call.call_id not in known]
        content = _content(call.record(LOST) for call in lost)
        shown.append(item.model_copy(update={"content": content}) if lost else item)
    return shown


def is_approval(content: object) -> bool:
    """Whether a hidden item's content is a record of calls that wait."""
    return isinstance(content, dict) and cast("dict[str, Any]", content).get("type") == KIND


def _was_asked_of(user_id: str, item: sdk.ThreadItem) -> bool:
    """A store without owners shows a thread to anybody: a Yes is for calls of one's own alone."""
    content: Any = item.content if isinstance(item, sdk.HiddenContextItem) else None
    return is_approval(content) and content.get("user_id") == user_id


def asked_in(item: sdk.ThreadItem) -> list[AskedCall]:
    """The calls that an item keeps until they are decided upon; none in any other item."""
    if not isinstance(item, sdk.HiddenContextItem) or not is_approval(item.content):
        return []
    calls: list[object] = cast("dict[str, Any]", item.content).get("calls") or []
    return [asked for call in calls if (asked := _asked(call)) is not None]


def _asked(call: object) -> AskedCall | None:
    match call:
        case {
            "question": str(question),
            "call_id": str(call_id),
            "name": str(name),
            "arguments": str(arguments),
            "owner": [str(holder), str(own_name)],
            "bound": dict(),
        }:
            fields = cast("dict[str, Any]", call)
            return AskedCall(question, call_id, name, arguments, (holder, own_name), fields["bound"])
        case _:  # written by another version
            return None


def _content(records: Iterable[ToolRecord]) -> dict[str, Any]:
    return {"type": CALLS, "calls": [asdict(record) for record in records]}


def _records(item: sdk.ThreadItem) -> list[ToolRecord]:
    return (records_in(item.content) or []) if isinstance(item, sdk.HiddenContextItem) else []


def _decision(call: AskedCall, answer: sdk.StructuredInputAnswer | None) -> Decision:
    if answer is None or answer.skipped or not answer.values:
        return Decision(call, approved=False)
    said = answer.values[0].strip()
    if said.casefold() in (YES.casefold(), NO.casefold()):
        return Decision(call, approved=said.casefold() == YES.casefold())
    return Decision(call, approved=False, said=said)
