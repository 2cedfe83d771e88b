"""The buttons of TaskFlow's widgets: each does its work once, and its widget shows what came of it, also later."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.taskflow.stories.chat import Chat, Json, action_in, actions_in
from tests.taskflow.stories.conftest import House, everywhere

GONE = "This button is no longer there"
PRESSES: list[tuple[str, str, str]] = [
    ("start", "in_progress", "started"),
    ("request_review", "review", "review_requested"),
    ("reject", "in_progress", "rejected"),
    ("request_review", "review", "review_requested"),
    ("complete", "completed", "completed"),
    ("reopen", "pending", "reopened"),
    ("complete", "completed", "completed"),
]
"""A task's life: the button, the state after it, its name in the audit log."""
OFFERED = {
    "pending": ["start", "complete"],
    "in_progress": ["request_review", "complete"],
    "review": ["complete", "reject"],
    "completed": ["reopen"],
}


def offered(item: Json, number: int) -> list[str]:
    """What a widget offers for a task."""
    found = [action for action in actions_in(item["widget"]) if action.get("payload", {}).get("task_id") == number]
    return [action["type"].removeprefix("task.") for action in found]


@everywhere
@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "at once"])
@pytest.mark.parametrize("shown", ["card", "list"])
def test_every_button_of_a_task(house: House, chat: Chat, shown: str, streaming: bool) -> None:
    chat.person.add("Buy milk")
    item = chat.say("add a task to call mum").widget if shown == "card" else chat.say("show all tasks").widget
    number = 2 if shown == "card" else 1
    before = len(chat.person.log())
    for button, state, action in PRESSES:
        sent = action_in(item["widget"], f"task.{button}", task_id=number)
        if streaming:
            said = chat.press(item, sent)
            [changed] = said.replaced
            assert said.text.startswith(f"Task {number} is ")
            [(effect, data)] = said.effects
            assert (effect, data["task_id"], data["action"]) == ("tasks.changed", number, button)
        else:
            changed = chat.press_at_once(item, sent)
        assert changed["id"] == item["id"]
        assert chat.stored(item) == changed  # as a page that is loaded again shows it
        assert offered(changed, number) == OFFERED[state]
        assert chat.person.get(f"/projects/default/tasks/{number}")["task"]["status"] == state
        entry = chat.person.log()[-1]
        assert (entry["action"], entry["actor"], entry["via"]) == (action, chat.person.user_id, "chat")
        used = chat.act(item["id"], sent)
        assert GONE in used.text  # what was pressed is gone with the state that it was there for
        item = changed
    assert len(chat.person.log()) == before + len(PRESSES)


def test_a_list_keeps_its_filters_and_shows_what_others_have_done(chat: Chat) -> None:
    for title in ("Buy milk", "Call mum"):
        chat.person.add(title)
    item = chat.say("show pending tasks").widget
    chat.person.move(1, "complete")
    chat.person.add("Paint the fence")
    refresh = action_in(item["widget"], "task.refresh")
    changed = chat.press_at_once(item, refresh)
    assert [offered(changed, number) for number in (1, 2, 3)] == [[], OFFERED["pending"], OFFERED["pending"]]
    chat.person.move(2, "start")
    [changed] = chat.press(changed, refresh).replaced
    assert [offered(changed, number) for number in (1, 2, 3)] == [[], [], OFFERED["pending"]]
    assert chat.stored(item) == changed


def test_a_button_that_comes_too_late_says_so_and_shows_how_things_are(chat: Chat) -> None:
    item = chat.say("add a task to call mum").widget
    chat.person.move(1, "complete")
    said = chat.press(item, action_in(item["widget"], "task.start"))
    assert "Task 1 is completed" in said.text
    assert offered(said.replaced[0], 1) == ["reopen"]
    assert said.effects == []
    assert [entry["action"] for entry in chat.person.log()] == ["created", "completed"]


@pytest.mark.parametrize("kind", ["threads.custom_action", "threads.sync_custom_action"])
def test_a_button_that_is_pressed_many_times_at_once_works_once(chat: Chat, kind: str) -> None:
    item = chat.say("add a task to call mum").widget
    sent = action_in(item["widget"], "task.complete")
    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(lambda _: chat.act(item["id"], sent, kind=kind), range(5)))
    assert sum(GONE in answer.text for answer in answers) == 4
    assert [entry["action"] for entry in chat.person.log()] == ["created", "completed"]


def test_a_recurring_task_that_is_completed_comes_again(chat: Chat) -> None:
    chat.person.add("Water the roses", due="2031-01-31", recurrence="monthly")
    item = chat.say("show all tasks").widget
    said = chat.press(item, action_in(item["widget"], "task.complete"))
    assert "It comes again as task 2" in said.text
    assert offered(said.replaced[0], 2) == OFFERED["pending"]
    tasks = chat.person.get()["tasks"]
    assert [(task["status"], task["due"]) for task in tasks] == [("completed", "2031-01-31"), ("pending", "2031-02-28")]


def test_the_model_knows_what_a_button_has_done(chat: Chat) -> None:
    chat.person.add("Buy milk")
    chat.person.add("Call mum")
    item = chat.say("show all tasks").widget
    chat.press_at_once(item, action_in(item["widget"], "task.start", task_id=2))
    chat.say("mark it as done")
    assert [task["status"] for task in chat.person.get()["tasks"]] == ["pending", "completed"]
