"""Tasks in words: added, listed, completed, renamed; with each of the models."""

from datetime import date

import pytest

from tests.taskflow.stories.chat import Chat, Said, action_in, until
from tests.taskflow.stories.conftest import House, everywhere
from tests.taskflow.stories.model import TITLE

GROCERIES = "add a task to buy groceries by Friday, high priority"


def listed(said: Said) -> list[str]:
    """The titles in a list that was shown."""
    assert len(said.calls) == 1
    return [line.partition(". ")[2].partition(" (")[0] for line in said.widget["copy_text"].splitlines()[1:]]


@everywhere
def test_a_task_is_added_in_words_with_its_priority_and_its_day(house: House, chat: Chat) -> None:
    said = chat.say(GROCERIES)
    [task] = chat.person.get()["tasks"]
    assert (task["id"], task["title"], task["priority"], task["status"]) == (1, "Buy groceries", "high", "pending")
    due = date.fromisoformat(task["due"])
    assert (due.strftime("%A"), (due - date.today()).days in range(8)) == ("Friday", True)
    project = chat.person.get("/projects")["projects"][0]
    assert project["name"] == "Default"
    assert said.effects == [("tasks.changed", {"project_id": project["id"], "task_id": 1, "action": "add"})]
    assert [title for title, _ in said.calls] == ["Add a task"]
    assert action_in(said.widget["widget"], "task.start")["payload"] == {"project_id": project["id"], "task_id": 1}
    assert [item["type"] for item in chat.items()] == ["user_message", "workflow", "widget", "assistant_message"]
    assert chat.items("widget") == [said.widget]
    [entry] = chat.person.log()
    assert (entry["actor"], entry["via"], entry["action"], entry["task_id"]) == (
        chat.person.user_id,
        "chat",
        "created",
        1,
    )
    if house.is_offline:
        assert said.text.startswith("Added **1** Buy groceries (high, due ")


def test_tasks_are_listed_by_what_is_asked_for(house: House, chat: Chat) -> None:
    for title in ("Buy milk", "Call mum", "Paint the fence"):
        chat.person.add(title)
    chat.person.move(2, "start")
    chat.person.move(3, "complete")
    assert listed(chat.say("show all tasks")) == ["Buy milk", "Call mum", "Paint the fence"]
    assert listed(chat.say("show pending tasks")) == ["Buy milk"]
    assert listed(chat.say("show completed tasks")) == ["Paint the fence"]
    said = chat.say("what's on my plate?")
    assert listed(said) == ["Buy milk", "Call mum"]
    assert said.effects == []
    if house.is_offline:
        assert said.text == "You have 2 tasks still open."
    assert len(chat.items("widget")) == 4
    assert [entry["via"] for entry in chat.person.log()] == ["api"] * 5


@everywhere
def test_a_task_is_completed_by_its_number(house: House, chat: Chat) -> None:
    chat.person.add("Buy milk")
    said = chat.say("mark task 1 as complete")
    assert chat.person.get()["tasks"][0]["status"] == "completed"
    assert [data["action"] for _, data in said.effects] == ["complete"]
    assert action_in(said.widget["widget"], "task.reopen")
    assert (chat.person.log()[-1]["action"], chat.person.log()[-1]["via"]) == ("completed", "chat")
    if house.is_offline:
        assert said.text == "Completed: **1** Buy milk."


def test_a_task_is_completed_by_its_title(chat: Chat) -> None:
    chat.person.add("Buy milk")
    chat.person.add("Call mum about the party")
    said = chat.say("mark the party task as complete")
    assert [task["status"] for task in chat.person.get()["tasks"]] == ["pending", "completed"]
    assert [title for title, _ in said.calls] == ["List tasks", "Complete a task"]
    assert "party" in said.widget["copy_text"]  # that of the task; the list was looked up on the way
    assert len(said.effects) == 1


@pytest.mark.parametrize("words", ["rename task 2 to Ring the bank", "rename the bank task to Ring the bank"])
def test_a_task_is_renamed(chat: Chat, words: str) -> None:
    chat.person.add("Buy milk")
    chat.person.add("Call the bank")
    chat.say(words)
    assert [task["title"] for task in chat.person.get()["tasks"]] == ["Buy milk", "Ring the bank"]
    entry = chat.person.log()[-1]
    assert (entry["action"], entry["changes"]) == ("updated", {"title": ["Call the bank", "Ring the bank"]})


@pytest.mark.parametrize("words", ["mark task 7 as complete", "delete task 7", "mark the unicorn task as complete"])
def test_a_task_that_is_not_there_is_said_to_be_unknown(house: House, chat: Chat, words: str) -> None:
    chat.person.add("Buy milk")
    before = chat.person.log()
    said = chat.say(words)
    assert said.of("error") == []
    assert said.effects == []
    assert said.items("structured_input") == []
    assert "no task" in said.text
    assert chat.person.log() == before
    if house.is_offline and "7" in words:
        assert "There is no task 7 in the project Default." in said.text


def test_what_was_asked_for_with_it_refers_to_what_was_done_last(chat: Chat) -> None:
    chat.person.add("Buy milk")
    chat.say("add a task to call mum")
    chat.say("mark it as done")
    assert [task["status"] for task in chat.person.get()["tasks"]] == ["pending", "completed"]


def test_the_tools_change_whatever_a_task_has(chat: Chat) -> None:
    chat.person.add("Buy milk")
    for words in ("start task 1", "set the progress of task 1 to 60%", "assign task 1 to assistant"):
        assert len(chat.say(words).effects) == 1
    [task] = chat.person.get()["tasks"]
    assert (task["status"], task["progress"], task["assignee"]) == ("in_progress", 60, "assistant")
    entries = chat.person.log()[1:]
    assert {(entry["actor"], entry["via"]) for entry in entries} == {(chat.person.user_id, "chat")}
    assert len(entries) == 3


def test_a_conversation_gets_a_title(house: House, chat: Chat) -> None:
    chat.say(GROCERIES)
    title = until(lambda: chat.title)
    assert title == ("Add a task to buy groceries by Friday, high priority" if house.is_offline else TITLE)


def test_everybody_sees_their_own_tasks(house: House) -> None:
    alice, bob = house.chat(), house.chat("bob")
    alice.say("add a task to water the roses")
    bob.say("add a task to feed the cat")
    assert listed(alice.say("show all tasks")) == ["Water the roses"]
    assert listed(bob.say("show all tasks")) == ["Feed the cat"]
    assert [entry["actor"] for entry in bob.person.log()] == [bob.person.user_id]
