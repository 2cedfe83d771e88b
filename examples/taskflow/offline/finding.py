"""Finds the tasks that are meant, and the calls that were made for the user's newest words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ..tool_names import LIST_TASKS
from . import overviews, replies, tools
from .conversation import Call, Conversation
from .following import referred
from .intents import Acting, Assign, Mentioned, Move, Numbers, Position, Progress, Target
from .matching import Task, matches, search_word
from .texts import UNSURE
from .tools import ToolCall


@dataclass(slots=True)
class Finder:
    """Looks at one conversation. ``done`` are the calls since the newest words."""

    conversation: Conversation
    today: date
    done: list[Call] = field(init=False)

    def __post_init__(self) -> None:
        self.done = self.conversation.calls

    def made(self, calls: list[ToolCall]) -> list[Call | None]:
        """For each of these calls the one that was made, each used once."""
        left = list(self.done)
        made: list[Call | None] = []
        for call in calls:
            found = next((other for other in left if other.is_for(call.name, call.arguments)), None)
            if found is not None:
                left.remove(found)
            made.append(found)
        return made

    def already(self, intent: Acting) -> list[Task]:
        """The tasks of changes that were made before the answer was interrupted, with the look-up forgotten since."""
        looked_up = any(call.name == LIST_TASKS and call.data is not None for call in self.done)
        if isinstance(intent.target, Numbers) or looked_up:
            return []
        made = [call for call in self.done if call.name == tools.acting_tool(intent)]
        return [{"id": call.arguments.get("task_id")} for call in made]

    def find(
        self, target: Target, intent: Acting | None = None, *, everything: bool = False
    ) -> list[Task] | str | ToolCall:
        """The tasks that are meant, or what to say instead, or the call that has to be made for it.

        ``everything``: all of the tasks is needed, not only their numbers.
        """
        if isinstance(target, Position | Mentioned):
            numbers = referred(target, self.conversation)
            if numbers is None:
                return UNSURE["which"]
            target = numbers
        if isinstance(target, Numbers):
            return self._by_number(target) if everything else [{"id": number} for number in target.numbers]
        call = ToolCall(LIST_TASKS, {"search": search_word(target.words), "limit": tools.MOST_LISTED})
        (made,) = self.made([call])
        if made is None:
            return call
        if made.data is None or "tasks" not in made.data:
            return replies.failure(made)
        found = _fitting(matches(target.words, overviews.tasks_in(made), quoted=target.quoted), intent)
        if not found:
            return replies.no_such_task(target.words)
        return found if len(found) == 1 else replies.task_question(found, intent, self.today)

    def _by_number(self, target: Numbers) -> list[Task] | str | ToolCall:
        one = len(target.numbers) == 1
        call = ToolCall(LIST_TASKS, {"task_id": target.numbers[0]} if one else {"limit": tools.MOST_LISTED})
        (made,) = self.made([call])
        if made is None:
            return call
        if made.data is None or "tasks" not in made.data:
            return replies.failure(made)
        tasks = {task.get("id"): task for task in overviews.tasks_in(made)}
        missing = [number for number in target.numbers if number not in tasks]
        if missing:
            return f"I can see no task {missing[0]}. {replies.NOTHING_CHANGED} `show my tasks` has the numbers."
        return [tasks[number] for number in target.numbers]


def _fitting(tasks: list[Task], intent: Acting | None) -> list[Task]:
    """Of several tasks those in a state that the change is made for; all if none is."""
    match intent:
        case Move("reopen"):
            wanted = {"completed"}
        case Move("reject"):
            wanted = {"review"}
        case Move() | Progress() | Assign():
            wanted = {"pending", "in_progress", "review"}
        case _:
            return tasks
    return [task for task in tasks if task.get("status") in wanted] or tasks
