"""Scripted models behind OpenAI's wire format: they know what they are sent, and nothing else.

``competent`` plays the stories as a good model would: it chooses tools from the user's newest words, looks a task up by
its title before it changes it, asks where several fit, reads what tools answer, and says so. ``gullible`` does whatever
it reads in what tools answer, and repeats all that it was told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fastapi_chatkit.testing import Reply, ToolCall, ToolCalls, WireRequest
from fastapi_chatkit.testing.wire.requests import content_text, objects

Step = str | ToolCall
COMPETENT, GULLIBLE = "competent", "gullible"
TITLE = "Groceries and other tasks"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CONTEXT = re.compile(r"[^\n]*:\n<(\w+)>\n")
ORDER = re.compile(r"\[\[call (\w+) (\{.*?\})\]\]")
"""What stands in a task's title to make a model call a tool."""


@dataclass(frozen=True)
class Call:
    """A call of a tool and its output."""

    name: str
    arguments: Any
    output: str

    @property
    def data(self) -> Any:
        """The output as JSON; ``None`` where it is a sentence."""
        try:
            return json.loads(self.output)
        except ValueError:
            return None


@dataclass
class Heard:
    """A request as a model understands it. ``calls`` are all, ``done`` those since the user's newest words."""

    tools: list[str]
    instructions: str = ""
    orders: list[str] = field(default_factory=list[str])
    context: list[str] = field(default_factory=list[str])
    calls: list[Call] = field(default_factory=list[Call])
    done: list[Call] = field(default_factory=list[Call])

    @classmethod
    def of(cls, request: WireRequest) -> Heard:
        """Read a request of either API."""
        heard = cls(request.tool_names, str(request.json.get("instructions", "")))
        for item in request.items:
            heard._hear(item, request.tool_outputs)
        return heard

    def _hear(self, item: dict[str, Any], outputs: dict[str, str]) -> None:
        text = content_text(item.get("content"))
        if item.get("role") in ("system", "developer"):
            self.instructions += text
        elif item.get("role") == "user" and CONTEXT.match(text):
            self.context.append(text)
        elif item.get("role") == "user":
            self.orders.append(text)
            self.done = []
        for made in _calls_of(item):
            call = Call(made["name"], json.loads(made["arguments"]), outputs.get(made["call_id"], ""))
            self.calls.append(call)
            self.done.append(call)

    @property
    def today(self) -> date:
        """The day, as the instructions say it."""
        return date.fromisoformat(re.findall(r'"today": "\w+, ([\d-]+)"', self.instructions)[-1])


def _calls_of(item: dict[str, Any]) -> list[dict[str, str]]:
    if item.get("type") == "function_call":
        return [item]
    made = objects(item.get("tool_calls"))
    return [{"call_id": call["id"], **call["function"]} for call in made]


def model(request: WireRequest) -> Reply:
    """Whichever of the two was asked for."""
    heard = Heard.of(request)
    if "title for this conversation" in heard.instructions:
        return TITLE
    step = gullible(heard, request) if request.model == GULLIBLE else competent(heard)
    if isinstance(step, str):
        return step
    if step.name.startswith("taskflow_") and not any(name.startswith("taskflow_") for name in heard.tools):
        return f"I cannot do that now.\n{' '.join(heard.context[-1:])}"
    return ToolCalls(step)


def gullible(heard: Heard, request: WireRequest) -> Step:
    """First what the user wants, then what it has read, then all that it knows."""
    if not heard.done:
        return competent(heard)
    wanted = ORDER.findall(heard.done[0].output.replace('\\"', '"'))
    made = len(heard.done) - 1
    if made < len(wanted):
        return ToolCall(*wanted[made])
    return f"All is done. This is what I know: {json.dumps(request.json, ensure_ascii=False)}"


# --- the competent one ------------------------------------------------------------------------------------------------


def competent(heard: Heard) -> Step:
    """The next step for the user's newest words."""
    order = heard.orders[-1]
    if re.fullmatch(r"\d+", order):  # the answer to: which one?
        return _on_task(heard, VERBS[heard.orders[-2].split()[0]], int(order), heard.orders[-2])
    for pattern, skill in SKILLS:
        if said := re.fullmatch(pattern, order, re.IGNORECASE):
            return skill(heard, said)
    return "I keep your tasks: what shall I do with them?"


def _add(heard: Heard, said: re.Match[str]) -> Step:
    fields = {name: value for name, value in said.groupdict().items() if value}
    fields["title"] = fields["title"][:1].upper() + fields["title"][1:]
    if "due" in fields:
        weekday = WEEKDAYS.index(fields["due"].lower())
        fields["due"] = (heard.today + timedelta((weekday - heard.today.weekday()) % 7)).isoformat()
    return _once(heard, ToolCall("taskflow_add_task", fields))


def _list(heard: Heard, said: re.Match[str]) -> Step:
    which = said.groupdict().get("which", "open")
    return _once(heard, ToolCall("taskflow_list_tasks", {} if which == "all" else {"status": which}))


def _numbered(heard: Heard, said: re.Match[str]) -> Step:
    return _on_task(heard, VERBS[said["verb"].lower()], int(said["number"]), said[0])


def _titled(heard: Heard, said: re.Match[str]) -> Step:
    if not heard.done:
        return ToolCall("taskflow_list_tasks", {"search": said["words"]})
    found = (heard.done[0].data or {}).get("tasks")
    if found is None:
        return _report(heard.done[0])
    match [task["id"] for task in found]:
        case []:
            return f"There is no task about {said['words']}."
        case [number]:
            return _on_task(heard, VERBS[said["verb"].lower()], number, said[0])
        case _:
            return "Which one do you mean? " + "; ".join(f"{task['id']}. {task['title']}" for task in found)


def _pronoun(heard: Heard, said: re.Match[str]) -> Step:
    """What the newest call was about."""
    earlier = heard.calls[: len(heard.calls) - len(heard.done)]
    task = next(call.data["task"] for call in reversed(earlier) if "task" in (call.data or {}))
    return _on_task(heard, VERBS[said["verb"].lower()], task["id"], said[0])


def _as_told(heard: Heard, said: re.Match[str]) -> Step:
    return _once(heard, ToolCall(said["tool"], said["arguments"]))


def _form(heard: Heard, said: re.Match[str]) -> Step:
    return _once(heard, ToolCall("show_task_form"))


VERBS = {
    "mark": "taskflow_complete_task",
    "start": "taskflow_start_task",
    "delete": "taskflow_delete_task",
    "rename": "taskflow_update_task",
    "assign": "taskflow_assign_task",
    "set": "taskflow_update_progress",
}


def _on_task(heard: Heard, tool: str, number: int, order: str) -> Step:
    """Change one task, as the order says."""
    value = order.partition(" to ")[2]
    more = {
        "taskflow_update_task": {"title": value},
        "taskflow_assign_task": {"worker": value},
        "taskflow_update_progress": {"progress": int(value.rstrip("%") or 0) if value.rstrip("%").isdigit() else 0},
    }.get(tool, {})
    looked = [call for call in heard.done if call.name == tool]
    return _report(looked[-1]) if looked else ToolCall(tool, {"task_id": number, **more})


def _once(heard: Heard, call: ToolCall) -> Step:
    return _report(heard.done[-1]) if heard.done else call


def _report(call: Call) -> str:
    match call.data:
        case {"task": {"id": number, "title": title, "status": status}}:
            return f"Task {number} “{title}” is {status} now."
        case {"deleted": {"id": number}}:
            return f"Task {number} is deleted."
        case {"tasks": [*tasks]}:
            return f"These are {len(tasks)} tasks."
        case None:
            return f"The answer was: {call.output}"
        case _:
            return "Here it is."


SKILLS: list[tuple[str, Callable[[Heard, re.Match[str]], Step]]] = [
    (
        r"add a task to (?P<title>.+?)(?: by (?P<due>\w+day))?(?:, (?P<priority>low|medium|high) priority)?",
        _add,
    ),
    (r"show (?P<which>all|pending|completed) tasks", _list),
    (r"what's on my plate\?", _list),
    (r"show me the form", _form),
    (r"call (?P<tool>\w+) (?P<arguments>.*)", _as_told),
    (r"(?P<verb>mark|start|delete|rename|assign|set) (?:the progress of )?task (?P<number>\d+)(?: .*)?", _numbered),
    (r"(?P<verb>mark|start|delete|rename) (?:it|that)(?: .*)?", _pronoun),
    (r"(?P<verb>mark|start|delete|rename) the (?P<words>.+?)(?: task)?(?: (?:as|to) .*)?", _titled),
]
