"""What is said of changes and questions, in short markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from fastapi_chatkit.agents.offline.texts import MAX_COUNT, MAX_WORDS, counting, long_text

from ..tool_names import DELETE_TASK
from .conversation import Call
from .dates import in_words
from .intents import Acting, Assign, Change, DateProblem, Delete, Move, Progress, Talk, Verb, Write
from .matching import Task
from .texts import CONNECT, HELP, NO_TOOLS, SIGN_IN, STILL, WHO, suggestions
from .wording import joined, listed, plain, task_line, task_name

WHICH_TASK = "Which one do you mean?"
WHICH_DATE = "Which day do you mean?"
SHALL_I_LIST = "Shall I list them?"
"""Our questions: what the user's next words answer if they are in the message before (``following.py``)."""

NOTHING_CHANGED = "Nothing was changed."

_DECLINED = re.compile(
    r"declin|not confirm|n't confirm|cancel|said no|did not (?:agree|want|allow)|denied|kept", re.IGNORECASE
)


def talk(intent: Talk, order: str, *, first: bool) -> str:
    """Answer words that want no tool."""
    tips = suggestions(len(order))
    match intent.kind:
        case "greeting":
            opening = f"Hello! {WHO}" if first else "Hello again! I am still the offline stand-in, without a model."
            return f"{opening} Try:\n\n{tips}\n\n{CONNECT}"
        case "thanks":
            return "You are welcome."
        case "help":
            return HELP
        case "about":
            return f"{WHO}\n\n{CONNECT}\n\nUntil then, try:\n\n{tips}"
        case "cancel":
            return f"All right. {NOTHING_CHANGED}"
        case "unknown":
            said = (
                "I did not understand that. I am the offline stand-in: I know task phrases, and no model is connected."
            )
            return f"{said} Try:\n\n{tips}\n\n`help` shows all that I know. {CONNECT}"


def write(intent: Write) -> str:
    """Text to watch while it streams."""
    most = MAX_COUNT if intent.what == "numbers" else MAX_WORDS
    amount = max(1, min(intent.amount, most))
    limit = f"{most} is as far as I go.\n\n" if intent.amount > most else ""
    return limit + (counting(amount) if intent.what == "numbers" else long_text(amount))


def date_question(problem: DateProblem, today: date) -> str:
    """Ask about a date that cannot be used."""
    said = plain(problem.said)
    match problem.kind:
        case "ambiguous":
            readings = " or ".join(f"{day.day} {day:%B %Y}" for day in problem.readings)
            return f"“{said}” can be read in two ways: {readings}. {WHICH_DATE}"
        case "past":
            passed = in_words(problem.readings[0], today)
            return f"“{said}” is over ({passed}), so {NOTHING_CHANGED[:1].lower()}{NOTHING_CHANGED[1:]} {WHICH_DATE}"
        case "impossible":
            return f"I know no such day as “{said}”. {NOTHING_CHANGED} {WHICH_DATE}"


def task_question(tasks: Sequence[Task], intent: Acting | None, today: date) -> str:
    """Ask which of several tasks is meant."""
    verb = "show" if intent is None else "delete" if isinstance(intent, Delete) else "change"
    return (
        f"{len(tasks)} tasks match. {WHICH_TASK}\n\n{listed([task_line(task, today) for task in tasks])}\n\nSay the "
        + (f"number, the title or `all of them`, and I will {verb} it.")
    )


def not_among(tasks: Sequence[Task]) -> str:
    """The question once more."""
    return f"That is none of them. {WHICH_TASK} Or say `none`.\n\n{listed([task_name(task) for task in tasks])}"


_NOT_SIGNED_IN = re.compile(r"\bsign(?:ed)?[- ]in\b|\btoken\b", re.IGNORECASE)


def without_tools(reasons: Sequence[str], *, begun: bool) -> str:
    """The tools are not there; ``reasons`` are lines of the server about why, a service each.

    ``begun``: some calls have been made for these words, so that something may have been changed.
    """
    lines = [line.removeprefix("- ").partition(": ")[2] for reason in reasons for line in reason.splitlines()]
    why = [*dict.fromkeys(plain(line, 300) for line in lines if line)] or [NO_TOOLS]
    then, hint = "try again in a minute.", ""
    if any(_NOT_SIGNED_IN.search(line) for line in why):
        then, hint = "say it again when you have signed in.", f" {SIGN_IN}"
    done = "I could not do all of this." if begun else f"I could not do this. {NOTHING_CHANGED}"
    return "\n\n".join([*why, f"{done} What you wrote is kept: {then}{hint} {STILL}"])


def no_such_task(words: str) -> str:
    """No task has such a title."""
    return f"There is no task like “{plain(words)}”. {NOTHING_CHANGED} {SHALL_I_LIST} Say `show my tasks`."


# --- changes ----------------------------------------------------------------------------------------------------------

_MOVED: dict[Verb, str] = {
    "start": "Started",
    "review": "Sent to review",
    "complete": "Completed",
    "reopen": "Reopened",
    "reject": "Sent back to work",
}


def added(calls: Sequence[Call], today: date) -> str:
    """What became of new tasks."""
    made = [task for call in calls if (task := task_in(call, "task"))]
    lines = [task_line(task, today) for task in made]
    said = f"Added {lines[0]}." if len(lines) == 1 else f"Added {len(lines)} tasks:\n\n{listed(lines)}"
    return _with_failures(said if made else "", calls)


def acted(intent: Acting, calls: Sequence[Call], today: date) -> str:
    """What became of changes."""
    key = "deleted" if isinstance(intent, Delete) else "task"
    done = [(call, task) for call in calls if (task := task_in(call, key))]
    said = _said_of(intent, [task for _, task in done], today) if done else ""
    following = [task for call, _ in done if (task := task_in(call, "next"))]
    if following:
        said += f" It comes again: {joined([task_line(task, today) for task in following])}."
    return _with_failures(said, calls)


def _said_of(intent: Acting, tasks: Sequence[Task], today: date) -> str:
    names = joined([task_name(task) for task in tasks])
    match intent:
        case Move(verb):
            return f"{_MOVED[verb]}: {names}."
        case Change():
            return f"Changed: {joined([task_line(task, today) for task in tasks])}."
        case Progress():
            return f"{names}: {tasks[0].get('progress', intent.percent)}% done."
        case Assign():
            return f"Given to {plain(tasks[0].get('assignee') or intent.worker)}: {names}."
        case Delete():
            return f"Deleted: {names}."


def task_in(call: Call, key: str) -> Task | None:
    """The task that a call's output holds under ``key``."""
    task: Any = (call.data or {}).get(key)
    return cast("Task", task) if isinstance(task, dict) else None


def was_declined(call: Call) -> bool:
    """Whether the user was asked before this call, and did not want it."""
    return call.name == DELETE_TASK and task_in(call, "deleted") is None and bool(_DECLINED.search(call.output or ""))


def _with_failures(said: str, calls: Sequence[Call]) -> str:
    failed = [call for call in calls if not any(isinstance(task_in(call, key), dict) for key in ("task", "deleted"))]
    declined = [call for call in failed if was_declined(call)]
    sentences = [said, *dict.fromkeys(failure(call) for call in failed if call not in declined)]
    if declined:
        kept = joined([f"**{call.arguments.get('task_id')}**" for call in declined])
        sentences.append(f"All right: task {kept} stays, and nothing was changed there.")
    return "\n\n".join(filter(None, sentences))


def failure(call: Call) -> str:
    """A failed call's own sentence, and what can be done about it."""
    data = call.data or {}
    sentence = next((str(data[key]) for key in ("error", "message", "detail") if data.get(key)), call.output or "")
    sentence = (
        plain(sentence, 300).replace("\\`", "`")
        if sentence and not sentence.startswith("{")
        else "The tool gave no answer that I can read."
    )
    return f"{sentence} {_advice(sentence)}".strip()


_ADVICE = (
    (r"no (?:such )?task|not found", "`show my tasks` has the numbers."),
    (r"no (?:such )?project", "Choose another project on the page; `list projects` shows yours."),
    (r"worker|assignee|nobody|no one", "`who is on the team?` shows whom you can ask."),
    (r"token|sign(?:ed)?[- ]in|authori[sz]ed|logged in|expired", SIGN_IN),
    (r"reach|answer|time|unavailable|try again|moment", "Try again in a moment."),
    (r"priority|progress|characters|date|tags?\b", "Say it again with another value."),
)


def _advice(sentence: str) -> str:
    if "again" in sentence:  # it advises by itself
        return SIGN_IN if "ign in" in sentence else ""
    return next((advice for pattern, advice in _ADVICE if re.search(pattern, sentence, re.IGNORECASE)), "")
