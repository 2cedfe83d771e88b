"""What a message can ask of TaskFlow: one frozen class for each kind of wish, free of how it was worded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Priority = Literal["low", "medium", "high"]
Recurrence = Literal["none", "daily", "weekly", "monthly"]
Verb = Literal["start", "review", "complete", "reopen", "reject"]

# --- which task is meant ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Numbers:
    """Tasks by their numbers, in the order in which they were said."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Title:
    """A task by words of its title, as they were typed; of those between quotation marks each one counts."""

    words: str
    quoted: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Position:
    """A task by its place in what was listed last: 0 is the first, -1 the last."""

    index: int


@dataclass(frozen=True, slots=True)
class Mentioned:
    """ "It", "that one": the task that was spoken of last. ``every`` is for "both" and "all of them"."""

    every: bool = False


Target = Numbers | Title | Position | Mentioned

# --- what is wanted ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A task to add; ``fields`` are arguments of the tool besides the title: only those that were said."""

    title: str
    fields: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Add:
    """Add tasks."""

    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class ShowForm:
    """Show the form in which a task can be written."""


@dataclass(frozen=True, slots=True)
class ListTasks:
    """Show tasks. ``filters`` are the tool's arguments.

    ``focus`` is what the answer is about: the list itself, only how many there are, or what to do next. ``day`` and
    ``assignee`` are questions that the tool has no filter for.
    """

    filters: dict[str, Any] = field(default_factory=dict[str, Any])
    focus: Literal["list", "count", "next"] = "list"
    day: date | None = None
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class ShowTask:
    """Tell all of a task."""

    target: Target


@dataclass(frozen=True, slots=True)
class Look:
    """Show the projects or the people and agents that work in one."""

    at: Literal["projects", "workers"]


@dataclass(frozen=True, slots=True)
class History:
    """Show what happened, in the project or to one task."""

    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Bring tasks into another state."""

    verb: Verb
    target: Target


@dataclass(frozen=True, slots=True)
class Change:
    """Set fields of tasks: arguments of the tool.

    ``add_tags``, ``drop_tags`` and ``note``, a line to add to the description, go by what is there.
    """

    target: Target
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    add_tags: tuple[str, ...] = ()
    drop_tags: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Set how much of a task is done, in percent."""

    target: Target
    percent: int


@dataclass(frozen=True, slots=True)
class Assign:
    """Give tasks to somebody, by id or name."""

    target: Target
    worker: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete tasks for good."""

    target: Target


@dataclass(frozen=True, slots=True)
class Write:
    """Text to look at while it streams: numbers up to ``amount``, or that many words."""

    what: Literal["numbers", "words"]
    amount: int


@dataclass(frozen=True, slots=True)
class DateProblem:
    """A date that cannot be used as it stands. ``said`` are the user's words, ``readings`` what they may mean."""

    kind: Literal["ambiguous", "past", "impossible"]
    said: str
    readings: tuple[date, ...] = ()


TalkKind = Literal["greeting", "thanks", "help", "about", "cancel", "unknown"]
"""Talk that needs no tool."""

UnsureKind = Literal[
    "bulk",
    "condition",
    "nothing_new",
    "no_project",
    "no_unassign",
    "not_asked",
    "plan",
    "question",
    "recurrence",
    "relative_due",
    "rename",
    "several",
    "too_long",
    "too_many",
    "which",
]
"""Why a message that speaks of a change does not lead to one."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Words that want words."""

    kind: TalkKind


@dataclass(frozen=True, slots=True)
class Unsure:
    """A change is spoken of, and nothing is done."""

    kind: UnsureKind


Acting = Move | Change | Progress | Assign | Delete
"""What changes tasks that exist."""

Intent = Add | ShowForm | ListTasks | ShowTask | Look | History | Acting | Write | DateProblem | Talk | Unsure
