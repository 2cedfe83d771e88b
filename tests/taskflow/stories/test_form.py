"""The form for a new task: filled in, with fields missing, sent twice, cancelled."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.taskflow.stories.chat import Chat, Json, action_in
from tests.taskflow.stories.conftest import House, everywhere, scripted

WORDS = "show me the form"
FIELDS = {
    "title": "Paint the fence",
    "description": "White",
    "priority": "high",
    "due": "2031-05-01",
    "tags": "home, garden",
}
GONE = "This button is no longer there"


def filled(item: Json, **fields: Any) -> Json:
    """What the form sends."""
    action = action_in(item["widget"], "task.create")
    return {**action, "payload": {**action["payload"], **fields}}


@everywhere
def test_a_form_that_is_filled_in_becomes_its_confirmation(house: House, chat: Chat) -> None:
    said = chat.say(WORDS)
    form = said.widget
    if house.is_offline:
        assert said.text == "Here is the form. Fill it in and send it; only the title is needed."
    sent = chat.press(form, filled(form, **FIELDS))
    [task] = chat.person.get()["tasks"]
    assert {name: task[name] for name in FIELDS} == {**FIELDS, "tags": ["home", "garden"]}
    assert sent.text == "Task 1 is added."
    assert [(name, data["action"]) for name, data in sent.effects] == [("tasks.changed", "create")]
    [card] = sent.replaced
    assert card["id"] == form["id"]
    assert chat.stored(form) == card
    assert action_in(card["widget"], "task.start")
    [entry] = chat.person.log()
    assert (entry["actor"], entry["via"]) == (chat.person.user_id, "chat")
    again = chat.act(form["id"], filled(form, **FIELDS))
    assert GONE in again.text
    assert chat.person.get()["total"] == 1
    chat.say("mark it as done")  # the model knows what the form has done
    assert chat.person.get()["tasks"][0]["status"] == "completed"


@scripted
def test_a_model_fills_in_what_it_knows(chat: Chat) -> None:
    known = {**FIELDS, "due": None, "tags": ["home", "garden"], "description": "  "}
    form = chat.say(f"call show_task_form {json.dumps(known)}").widget
    values = {one["name"]: one["defaultValue"] for one in fields_in(form["widget"]) if "defaultValue" in one}
    assert values == {"title": "Paint the fence", "priority": "high", "tags": "home, garden"}
    chat.press(form, filled(form, **values))
    [task] = chat.person.get()["tasks"]
    assert (task["title"], task["priority"], task["tags"]) == ("Paint the fence", "high", ["home", "garden"])


def fields_in(component: Json) -> Iterator[Json]:
    """The components that a form sends."""
    if "name" in component and component["type"] != "Icon":
        yield component
    for child in component.get("children", []):
        yield from fields_in(child)


WRONG: list[tuple[Json, str]] = [
    ({}, "Title"),
    ({"title": "  "}, "Title"),
    ({"title": "x" * 201}, "Title: is longer than 200 characters"),
    ({"title": "x", "due": "someday"}, "Due: is not a date"),
    ({"title": "x", "priority": "urgent"}, "Priority"),
    ({"title": "x", "tags": ",".join(map(str, range(11)))}, "Tags: are more than 10"),
    ({"title": "x", "description": "y" * 4001}, "Description: is longer than 4000 characters"),
]


@pytest.mark.parametrize("kind", ["threads.custom_action", "threads.sync_custom_action"])
def test_a_form_with_missing_or_wrong_fields_can_be_corrected(chat: Chat, kind: str) -> None:
    form = chat.say(WORDS).widget
    before = chat.items()
    for fields, complaint in WRONG:
        response = chat.act(form["id"], filled(form, **fields), kind=kind)
        assert response.status_code == 422
        assert response.json()["detail"].startswith(f"Please check what you have entered. {complaint}")
    assert chat.person.get()["tasks"] == []
    assert chat.items() == before
    chat.press(form, filled(form, title="Paint the fence"))
    assert [task["title"] for task in chat.person.get()["tasks"]] == ["Paint the fence"]


def test_a_form_that_is_sent_twice_at_once_adds_one_task(chat: Chat) -> None:
    form = chat.say(WORDS).widget
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: chat.act(form["id"], filled(form, title="Once")), range(4)))
    assert chat.person.get()["total"] == 1
    assert sum("Task 1 is added." in answer.text for answer in answers) == 1
    assert sum(GONE in answer.text for answer in answers) == 3


def test_a_form_that_is_cancelled_is_closed(chat: Chat) -> None:
    form = chat.say(WORDS).widget
    closed = chat.press_at_once(form, action_in(form["widget"], "task.cancel"))
    assert closed["copy_text"] == "No task was created."
    assert chat.stored(form) == closed
    for kind in ("threads.custom_action", "threads.sync_custom_action"):
        assert GONE in chat.act(form["id"], filled(form, **FIELDS), kind=kind).text
    assert chat.person.get()["tasks"] == []
