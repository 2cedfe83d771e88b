"""TaskFlow's widgets are what ChatKit draws, offer what fits, and take people's words for words."""

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from chatkit import types as sdk
from chatkit import widgets as sdk_widgets
from chatkit.widgets import DynamicWidgetRoot
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from examples.taskflow.payloads import NewTask
from examples.taskflow.tool_names import SHOW_FORM
from examples.taskflow.widgets import tool_widgets
from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.offers import offers
from fastapi_chatkit.agents.tool_result import ToolResult
from fastapi_chatkit.agents.widgets import ShownWidget, item_of, shown
from fastapi_chatkit.events import public_dict
from fastapi_chatkit.identity import RequestContext
from tests.taskflow.tools import PROJECT, Json, listing, task

STRICT: TypeAdapter[Any] = TypeAdapter(sdk_widgets.StrictWidgetRoot)
ENTRY = {
    "id": 1,
    "at": "2026-01-31T10:05:00.000000Z",
    "actor": "alice",
    "via": "chat",
    "action": "completed",
    "task_id": 3,
    "title": "Buy groceries",
    "changes": {"status": ["in_progress", "completed"], "tags": [[], ["home", "food"]], "due": [None, "2026-02-01"]},
}
NO_TASKS = {"pending": 0, "in_progress": 0, "review": 0, "completed": 0}
FULL = task(
    3,
    description="Milk, bread",
    priority="high",
    due="2026-01-30",
    tags=["home", "food"],
    assignee="bob",
    progress=40,
    recurrence="weekly",
)
EVERY_STATE = [task(n, status=state) for n, state in enumerate(["pending", "in_progress", "review", "completed"], 1)]

ANSWERS: dict[str, tuple[str, Any]] = {
    "projects": (
        "taskflow_list_projects",
        {
            "projects": [
                {**PROJECT, "counts": {**NO_TASKS, "pending": 2}},
                {"id": 8, "name": "Work", "counts": NO_TASKS},
            ]
        },
    ),
    "no projects": ("taskflow_list_projects", {"projects": []}),
    "tasks": (
        "taskflow_list_tasks",
        listing({**FULL, "id": 5}, *EVERY_STATE, total=9, status="open", search="milk", tags=["home"]),
    ),
    "no tasks": ("taskflow_list_tasks", listing(due="overdue")),
    "added": ("taskflow_add_task", {"project": PROJECT, "task": FULL}),
    "changed": ("taskflow_update_task", {"project": PROJECT, "task": task(1)}),
    "started": ("taskflow_start_task", {"project": PROJECT, "task": EVERY_STATE[1], "next": None}),
    "to review": ("taskflow_request_review", {"project": PROJECT, "task": EVERY_STATE[2], "next": None}),
    "completed": ("taskflow_complete_task", {"project": PROJECT, "task": EVERY_STATE[3], "next": FULL}),
    "progress": ("taskflow_update_progress", {"project": PROJECT, "task": FULL}),
    "assigned": ("taskflow_assign_task", {"project": PROJECT, "task": FULL}),
    "deleted": ("taskflow_delete_task", {"project": PROJECT, "deleted": FULL}),
    "workers": (
        "taskflow_list_workers",
        {
            "project": PROJECT,
            "workers": [
                {"id": "bob", "name": "Bob", "kind": "human"},
                {"id": "assistant", "name": "Assistant", "kind": "agent"},
            ],
        },
    ),
    "audit": (
        "taskflow_audit_log",
        {"project": PROJECT, "entries": [ENTRY, {**ENTRY, "id": 2, "task_id": None, "title": None}]},
    ),
    "long audit": ("taskflow_audit_log", {"project": PROJECT, "entries": [{**ENTRY, "id": n} for n in range(40)]}),
    "no audit": ("taskflow_audit_log", {"project": PROJECT, "entries": []}),
    "form": (SHOW_FORM, {"project": PROJECT}),
    "form of the default project": (SHOW_FORM, None),
}


def turn() -> Turn:
    thread = sdk.ThreadMetadata(id="thr_1", created_at=cast("Any", "2026-01-01T00:00:00"))
    return Turn("run_1", "message", thread, None, RequestContext("alice", "req-1"), cast("Any", None))


def built(name: str, data: Any, arguments: Json | None = None) -> ShownWidget:
    widget = tool_widgets[name](ToolResult(name, arguments or {}, "text", data), turn())
    assert widget is not None
    return shown(widget)


def tree(widget: ShownWidget) -> Json:
    """The widget as the wire has it."""
    return public_dict(widget.widget)


def nodes(component: Json) -> Iterator[Json]:
    yield component
    for child in component.get("children", []):
        yield from nodes(child)


def node(widget: ShownWidget, node_id: str) -> Json:
    (found,) = (one for one in nodes(tree(widget)) if one.get("id") == node_id)
    return found


def texts(widget: ShownWidget) -> list[str]:
    values = (one.get("value") or one.get("label") for one in nodes(tree(widget)))
    return [value for value in values if isinstance(value, str)]


def labels(widget: ShownWidget, prefix: str = "") -> list[str]:
    """The labels of the buttons, without those that the page handles by itself."""
    buttons = [one for one in nodes(tree(widget)) if one["type"] == "Button" and one["id"].startswith(prefix)]
    return [one["label"] for one in buttons if one["onClickAction"].get("handler") != "client"]


# --- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ANSWERS)
def test_every_component_is_one_of_the_sdks_with_its_properties(answer: str) -> None:
    widget = built(*ANSWERS[answer])
    assert isinstance(widget.widget, DynamicWidgetRoot)
    STRICT.validate_python(tree(widget))
    for one in nodes(tree(widget)):
        model = getattr(sdk_widgets, one["type"])
        model.model_validate({**one, "children": []} if "children" in one else one)
        assert set(one) <= set(model.model_fields), one["id"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_ids_are_there_and_occur_once(answer: str) -> None:
    ids = [one.get("id") for one in nodes(tree(built(*ANSWERS[answer])))]
    assert None not in ids
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("answer", ANSWERS)
def test_every_widget_has_words_to_copy(answer: str) -> None:
    words = built(*ANSWERS[answer]).copy_text
    assert words
    assert "None" not in words


def test_every_tool_of_taskflow_has_a_widget_and_a_failed_one_has_none() -> None:
    assert {name for name, _ in ANSWERS.values()} == set(tool_widgets)
    for name, data in ANSWERS.values():
        assert item_of(tool_widgets, ToolResult(name, {}, "text", data), turn()) is not None
        assert item_of(tool_widgets, ToolResult(name, {}, "No.", failed=True), turn()) is None


MARKUP = "[win](https://evil.example) **now** <b>x</b>\n# yes"


def test_what_people_wrote_is_never_markup() -> None:
    evil = {**FULL, "title": MARKUP, "description": MARKUP, "tags": [MARKUP], "assignee": MARKUP}
    project = {"id": 7, "name": MARKUP, "counts": NO_TASKS}
    for name, data in [
        ("taskflow_list_tasks", {**listing(evil, search=MARKUP, tags=[MARKUP]), "project": project}),
        ("taskflow_add_task", {"project": project, "task": evil}),
        ("taskflow_delete_task", {"project": project, "deleted": evil}),
        ("taskflow_list_projects", {"projects": [project]}),
        ("taskflow_audit_log", {"project": project, "entries": [{**ENTRY, "title": MARKUP, "actor": MARKUP}]}),
        ("taskflow_list_workers", {"project": project, "workers": [{"id": "b", "name": MARKUP, "kind": "human"}]}),
    ]:
        kinds = {one["type"] for one in nodes(tree(built(name, data))) if "win" in json.dumps({**one, "children": []})}
        assert kinds
        assert kinds <= {"Text", "Title", "Caption", "Badge", "Button"}


TITLES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200)
TASKS = st.builds(
    task,
    st.integers(1, 2**31 - 1),
    TITLES,
    description=st.text(max_size=50),
    status=st.sampled_from(["pending", "in_progress", "review", "completed"]),
    priority=st.sampled_from(["low", "medium", "high"]),
    due=st.none() | st.dates().map(lambda day: day.isoformat()),
    tags=st.lists(st.text(min_size=1, max_size=30), max_size=10, unique=True),
    assignee=st.none() | TITLES,
    progress=st.integers(0, 100),
    recurrence=st.sampled_from(["none", "daily", "weekly", "monthly"]),
)


@settings(max_examples=30)
@given(st.lists(TASKS, max_size=4, unique_by=lambda one: one["id"]), st.integers(0, 10))
def test_any_tasks_are_drawn_and_their_buttons_work(tasks: list[Json], more: int) -> None:
    widget = built("taskflow_list_tasks", listing(*tasks, total=len(tasks) + more, limit=4))
    STRICT.validate_python(tree(widget))
    stored = tree(widget)
    for one in nodes(stored):
        if "onClickAction" in one:
            assert offers(stored, one["onClickAction"]["type"], one["onClickAction"]["payload"]) is not None
    assert len((widget.copy_text or "").split("\n")) == 1 + len(tasks) + (more > 0)


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_says_where_it_is_from_and_what_it_holds() -> None:
    widget = built("taskflow_list_tasks", listing(*EVERY_STATE, search="milk", tags=["home"], due="week"))
    assert node(widget, "tasks.title")["value"] == "All tasks"
    assert node(widget, "tasks.project")["label"] == "Default"
    assert node(widget, "tasks.counts")["value"] == "4 tasks: 1 pending, 1 in progress, 1 in review, 1 completed"
    assert node(widget, "tasks.filters")["value"] == "due within a week, with “milk”, #home"
    assert (widget.copy_text or "").startswith("All tasks in Default, due within a week, with “milk”, #home: 4 tasks")


@pytest.mark.parametrize(
    ("status", "title"), [("open", "Open tasks"), ("review", "Tasks in review"), ("completed", "Completed tasks")]
)
def test_the_title_is_the_filter(status: str, title: str) -> None:
    assert node(built("taskflow_list_tasks", listing(task(1), status=status)), "tasks.title")["value"] == title


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("pending", ["Start", "Complete"]),
        ("in_progress", ["Request review", "Complete"]),
        ("review", ["Complete", "Reject"]),
        ("completed", ["Reopen"]),
    ],
)
def test_the_buttons_fit_the_state(state: str, expected: list[str]) -> None:
    one = task(1, status=state)
    assert labels(built("taskflow_list_tasks", listing(one)), "task.1.") == expected
    assert labels(built("taskflow_update_task", {"project": PROJECT, "task": one})) == expected


def test_a_lists_buttons_carry_its_filters() -> None:
    filters = {"status": "open", "tags": ["home"], "limit": 5}
    widget = built("taskflow_list_tasks", listing(task(3), **filters))
    start = node(widget, "task.3.start")["onClickAction"]
    assert (start["type"], start["payload"]) == ("task.start", {"project_id": 7, "task_id": 3, "list": filters})
    refresh = node(widget, "tasks.refresh")["onClickAction"]
    assert (refresh["type"], refresh["payload"]) == ("task.refresh", {"project_id": 7, "list": filters})


@pytest.mark.parametrize(
    ("due", "state", "words", "color"),
    [
        ("2000-01-31", "pending", "Overdue since Mon 31 Jan 2000", "danger"),
        ("2000-01-31", "completed", "Due Mon 31 Jan 2000", "secondary"),
        ("2999-02-01", "review", "Due Fri 1 Feb 2999", "secondary"),
    ],
)
def test_what_is_overdue_is_red(due: str, state: str, words: str, color: str) -> None:
    shown_due = node(built("taskflow_list_tasks", listing(task(1, due=due, status=state))), "task.1.due")
    assert (shown_due["value"], shown_due["color"]) == (words, color)


def test_status_and_priority_have_their_colours() -> None:
    widget = built("taskflow_list_tasks", listing(*EVERY_STATE, task(5, priority="high")))
    assert [node(widget, f"task.{n}.status")["color"] for n in (1, 2, 3, 4)] == [
        "secondary",
        "info",
        "discovery",
        "success",
    ]
    assert node(widget, "task.5.priority")["color"] == "danger"


def test_progress_is_a_bar_until_the_task_is_completed() -> None:
    widget = built(
        "taskflow_list_tasks",
        listing(task(1, progress=40), task(2, progress=100), task(3, progress=40, status="completed")),
    )
    assert node(widget, "task.1.bar.done")["width"] == "40%"
    assert [text for text in texts(widget) if "%" in text] == ["40 % done"]


def test_a_long_list_is_counted_not_drawn() -> None:
    widget = built("taskflow_list_tasks", listing(*(task(n) for n in range(1, 31)), total=200))
    assert node(widget, "tasks.more")["value"] == "… and 175 more"
    assert node(widget, "tasks.counts")["value"] == "200 tasks"
    assert (widget.copy_text or "").endswith("… and 175 more")


def test_a_long_title_is_shortened_where_it_is_one_of_many() -> None:
    title = "x" * 200
    assert node(built("taskflow_list_tasks", listing(task(1, title))), "task.1.title")["value"] == "x" * 119 + "…"
    assert (
        node(built("taskflow_add_task", {"project": PROJECT, "task": task(1, title)}), "task.title")["value"] == title
    )


def test_an_empty_list_says_how_a_task_is_made() -> None:
    widget = built("taskflow_list_tasks", listing(status="open"))
    assert "New task" in node(widget, "tasks.empty.hint")["value"]
    assert widget.copy_text == "Open tasks in Default: 0 tasks"


# --- one task ---------------------------------------------------------------------------------------------------------


def test_a_new_task_can_be_started_or_completed() -> None:
    widget = built("taskflow_add_task", {"project": PROJECT, "task": FULL})
    assert tree(widget)["status"]["text"] == "Task added"
    assert labels(widget) == ["Start", "Complete"]
    assert node(widget, "task.start")["onClickAction"]["payload"] == {"project_id": 7, "task_id": 3}
    shown_texts = texts(widget)
    for words in ("Buy groceries", "Milk, bread", "High", "#home", "#food", "Task 3 in Default", "Assigned to bob"):
        assert words in shown_texts
    assert widget.copy_text == (
        "Task added in Default:\n3. Buy groceries (pending, high priority, due 2026-01-30 (overdue), assigned to bob, "
        "40 % done, #home, #food)"
    )


def test_a_task_can_be_shown_by_the_page_around_the_chat() -> None:
    widget = built("taskflow_add_task", {"project": PROJECT, "task": FULL})
    action = node(widget, "task.show")["onClickAction"]
    assert action == {"type": "task.show", "payload": {"project_id": 7, "task_id": 3}, "handler": "client"}
    assert offers(tree(widget), action["type"], action["payload"]) is None


def test_a_task_that_recurs_says_when_it_comes_again() -> None:
    data = {"project": PROJECT, "task": EVERY_STATE[3], "next": task(9, due="2999-02-01")}
    widget = built("taskflow_complete_task", data)
    assert node(widget, "task.next")["value"] == "It comes again as task 9, due Fri 1 Feb 2999."


def test_a_deleted_task_has_no_buttons() -> None:
    widget = built("taskflow_delete_task", {"project": PROJECT, "deleted": FULL})
    assert labels(widget) == []
    assert widget.copy_text == "Deleted from Default: 3. Buy groceries"


# --- the form ---------------------------------------------------------------------------------------------------------

FIELDS = {"title": "Milk", "description": "two", "priority": "high", "due": "2026-01-31", "tags": "home"}


def test_the_form_offers_its_fields_under_a_request_of_its_own() -> None:
    one, other = (tree(built(SHOW_FORM, {"project": PROJECT})) for _ in range(2))
    fixed = one["confirm"]["action"]["payload"]
    assert fixed["project_id"] == 7
    assert fixed["request_id"] != other["confirm"]["action"]["payload"]["request_id"]
    assert offers(one, "task.create", {**fixed, **FIELDS}) is not None
    assert offers(one, "task.create", {**fixed, **FIELDS, "assignee": "bob"}) is None
    assert offers(one, "task.create", {**fixed, **FIELDS, "project_id": 8}) is None
    assert offers(other, "task.create", {**fixed, **FIELDS}) is None
    assert offers(one, "task.cancel", {"request_id": fixed["request_id"], **FIELDS}) is not None


def test_what_the_model_knows_already_is_filled_in() -> None:
    arguments = {"title": "Milk", "due": "2026-01-31", "tags": ["home", "food"], "priority": "high"}
    widget = built(SHOW_FORM, None, arguments)
    filled = {one["name"]: one.get("defaultValue") for one in nodes(tree(widget)) if "name" in one}
    assert filled == {**arguments, "tags": "home, food", "description": None}


@pytest.mark.parametrize(
    "arguments", [{"due": "Friday", "priority": "urgent", "title": 5, "tags": 3}, {"tags": [1, None]}]
)
def test_what_a_model_made_up_does_not_spoil_the_form(arguments: Json) -> None:
    widget = built(SHOW_FORM, None, arguments)
    STRICT.validate_python(tree(widget))
    assert node(widget, "form.priority")["defaultValue"] == "medium"
    assert "defaultValue" not in node(widget, "form.due")


LONG = {
    "title": "x " * 300,
    "description": "y" * 5000,
    "due": "2026-02-30",
    "tags": [f"#{n} {'z' * 40}" for n in range(20)],
}


@pytest.mark.parametrize("arguments", [LONG, {**LONG, "tags": ",".join(LONG["tags"]), "due": "9999-01-01"}])
def test_what_is_filled_in_can_be_sent(arguments: Json) -> None:
    form = tree(built(SHOW_FORM, None, arguments))
    filled = {one["name"]: one["defaultValue"] for one in nodes(form) if "defaultValue" in one}
    assert filled.keys() == {"title", "description", "priority", "tags"}
    new = NewTask.model_validate({"request_id": "1", **filled})
    assert (len(new.title), len(new.description), len(new.tags)) == (199, 4000, 10)


def test_halves_of_characters_are_not_filled_in() -> None:
    form = tree(built(SHOW_FORM, None, {"title": "\ud83d", "description": "a\0", "tags": ["\ud83d", "home"]}))
    filled = {one["name"]: one["defaultValue"] for one in nodes(form) if "defaultValue" in one}
    assert filled == {"priority": "medium", "tags": "home"}


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_projects_are_counted_by_state() -> None:
    widget = built(*ANSWERS["projects"])
    assert node(widget, "project.7.pending")["label"] == "2 pending"
    assert node(widget, "project.8.none")["value"] == "No tasks"
    assert widget.copy_text == "Projects:\n7. Default (2 pending)\n8. Work (no tasks)"


def test_workers_are_people_or_agents() -> None:
    widget = built(*ANSWERS["workers"])
    assert (node(widget, "worker.0.kind")["label"], node(widget, "worker.1.kind")["label"]) == ("Person", "Agent")


def test_the_audit_log_is_told_in_words() -> None:
    widget = built("taskflow_audit_log", {"project": PROJECT, "entries": [ENTRY]})
    assert node(widget, "audit.1.what")["value"] == "alice: task 3 completed"
    assert node(widget, "audit.1.change.status")["value"] == "status: in progress → completed"
    assert node(widget, "audit.1.change.tags")["value"] == "tags: none → home, food"
    assert node(widget, "audit.1.at")["value"] == "Sat 31 Jan 2026, 10:05 UTC"
    assert (widget.copy_text or "").split("\n")[1] == (
        "Sat 31 Jan 2026, 10:05 UTC: alice: task 3 completed “Buy groceries” "
        "(status: in progress → completed; tags: none → home, food; due: none → 2026-02-01)"
    )
