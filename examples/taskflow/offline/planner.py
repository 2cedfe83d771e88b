"""The next step: tool calls to make, or what to say.

Each step is found anew from the conversation: the calls that an intent needs are listed, those that were made since the
user's words are taken off, and when none is left their results are put into words. So an answer goes on where it was
interrupted, and no call is made twice. What tools and context say is only ever put into words, never read as an order.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import date

from ..tool_names import AUDIT_LOG, LIST_PROJECTS, LIST_TASKS, LIST_WORKERS, SHOW_FORM
from . import overviews, replies, tools
from .conversation import Call, Conversation
from .finding import Finder
from .following import NotAmongThem, is_answer_to_form, referred, understood
from .intents import (
    Acting,
    Add,
    DateProblem,
    Delete,
    History,
    Intent,
    ListTasks,
    Look,
    Mentioned,
    Numbers,
    Position,
    ShowForm,
    ShowTask,
    Talk,
    Target,
    Title,
    Unsure,
    Write,
)
from .texts import ANSWER_ABOVE, UNSURE
from .tools import ToolCall

Step = str | list[ToolCall]
"""What to say, or what to call."""


def next_step(conversation: Conversation, available: Set[str], today: date) -> Step:
    """The next step of the answer to the newest words, with the tools that are ``available``."""
    if conversation.order is None:
        return replies.talk(Talk("greeting"), "", first=True)
    if is_answer_to_form(conversation):
        return ANSWER_ABOVE
    intent = understood(conversation, today)
    if isinstance(intent, NotAmongThem):
        return replies.not_among(intent.choices)
    step = _Planner(conversation, today, Finder(conversation, today)).step(intent)
    if not isinstance(step, str) and any(call.name not in available for call in step):
        return replies.without_tools(conversation.told("unavailable"), begun=bool(conversation.calls))
    return step


@dataclass(slots=True)
class _Planner:
    conversation: Conversation
    today: date
    finder: Finder

    def step(self, intent: Intent) -> Step:
        match intent:
            case Talk():
                return replies.talk(intent, self.conversation.order or "", first=self.conversation.is_beginning())
            case Write():
                return replies.write(intent)
            case Unsure(kind):
                return UNSURE[kind]
            case DateProblem():
                return replies.date_question(intent, self.today)
            case _:
                return self._with_tools(intent)

    def _with_tools(self, intent: Add | ShowForm | ListTasks | ShowTask | Look | History | Acting) -> Step:
        match intent:
            case ShowForm():
                return self._form()
            case Add():
                return self._add(intent)
            case ListTasks():
                return self._list(intent)
            case ShowTask(target):
                return self._show_task(target)
            case Look("projects"):
                return self._tell(ToolCall(LIST_PROJECTS), "projects", overviews.projects)
            case Look():
                return self._tell(ToolCall(LIST_WORKERS), "workers", overviews.workers)
            case History(target):
                return self._history(target)
            case _:
                return self._act(intent)

    # --- calls --------------------------------------------------------------------------------------------------------

    def _tell(self, call: ToolCall, key: str, words: Callable[[Call], str]) -> Step:
        """Make one call, then tell what is under ``key`` of its output."""
        (made,) = self.finder.made([call])
        if made is None:
            return [call]
        return words(made) if isinstance((made.data or {}).get(key), list) else replies.failure(made)

    def _all_made(self, calls: list[ToolCall], words: Callable[[list[Call]], str], *, one_by_one: bool) -> Step:
        made = self.finder.made(calls)
        missing = [call for call, other in zip(calls, made, strict=True) if other is None]
        if missing:
            return missing[:1] if one_by_one else missing
        return words([call for call in made if call is not None])

    # --- looking ------------------------------------------------------------------------------------------------------

    def _list(self, intent: ListTasks) -> Step:
        everything = intent.day is not None or intent.assignee is not None or intent.focus == "next"
        arguments = {**intent.filters, "limit": tools.MOST_LISTED} if everything else intent.filters
        call = ToolCall(LIST_TASKS, arguments)
        return self._tell(call, "tasks", lambda made: overviews.overview(intent, made, self.today))

    def _form(self) -> Step:
        (made,) = self.finder.made([call := ToolCall(SHOW_FORM)])
        return [call] if made is None else "Here is the form. Fill it in and send it; only the title is needed."

    def _show_task(self, target: Target) -> Step:
        found = self.finder.find(target, everything=True)
        if not isinstance(found, list):
            return found if isinstance(found, str) else [found]
        return "\n\n".join(overviews.details(task, self.today) for task in found)

    def _history(self, target: Target | None) -> Step:
        if isinstance(target, Position | Mentioned):
            target = referred(target, self.conversation)
        if isinstance(target, Numbers):
            call = ToolCall(AUDIT_LOG, {"task_id": target.numbers[0]})
            return self._tell(call, "entries", overviews.history)
        words = target.words if isinstance(target, Title) else None
        call = ToolCall(AUDIT_LOG, {"limit": tools.MOST_LISTED} if words else {})
        return self._tell(call, "entries", lambda made: overviews.history(made, words))

    # --- changing -----------------------------------------------------------------------------------------------------

    def _add(self, intent: Add) -> Step:
        calls = [tools.adding_call(draft) for draft in intent.drafts]  # one by one: their numbers go up in this order
        return self._all_made(calls, lambda made: replies.added(made, self.today), one_by_one=True)

    def _act(self, intent: Acting) -> Step:
        if isinstance(intent, Delete) and self._was_refused():
            return f"All right. {replies.NOTHING_CHANGED}"
        everything = tools.goes_by_the_task(intent)
        found = self.finder.already(intent) or self.finder.find(intent.target, intent, everything=everything)
        if not isinstance(found, list):
            return found if isinstance(found, str) else [found]
        calls = [tools.acting_call(intent, task) for task in found]
        return self._all_made(
            calls, lambda made: replies.acted(intent, made, self.today), one_by_one=isinstance(intent, Delete)
        )

    def _was_refused(self) -> bool:
        """Whether the user was asked in a form of the chat, and did not want it, and no call has told so."""
        answers = [text.lower().rstrip() for text in self.conversation.told("structured_input")]
        return not self.finder.done and any(text.endswith((": no", "(skipped)")) for text in answers)
