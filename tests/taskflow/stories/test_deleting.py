"""A deletion is asked for first, whatever the model; the answer may be no, or come after other messages."""

import pytest

from tests.taskflow.stories.chat import Chat
from tests.taskflow.stories.conftest import House, everywhere, scripted


def titles(chat: Chat) -> list[str]:
    """What there is to do."""
    return [task["title"] for task in chat.person.get()["tasks"]]


@pytest.fixture
def chat(house: House) -> Chat:
    """Somebody with two tasks."""
    chat = house.chat()
    chat.person.add("Buy groceries")
    chat.person.add("Call mum")
    return chat


@everywhere
def test_a_deletion_by_title_is_asked_for_and_done_after_a_yes(house: House, chat: Chat) -> None:
    said = chat.say("delete the groceries task")
    assert said.asked == "Delete task 1 “Buy groceries”? It cannot be brought back."
    assert said.question["status"] == "pending"
    assert said.effects == []
    assert titles(chat) == ["Buy groceries", "Call mum"]
    done = chat.answer(said.question, "Yes")
    assert titles(chat) == ["Call mum"]
    assert [(name, data["task_id"], data["action"]) for name, data in done.effects] == [("tasks.changed", 1, "delete")]
    assert done.replaced[0]["status"] == "answered"
    assert done.widget["copy_text"] == "Deleted from Default: 1. Buy groceries"
    entry = chat.person.log()[-1]
    assert (entry["action"], entry["title"], entry["via"]) == ("deleted", "Buy groceries", "chat")
    assert entry["actor"] == chat.person.user_id
    assert chat.stored(said.question)["status"] == "answered"
    if house.is_offline:
        assert done.text == "Deleted: **1** Buy groceries."


@pytest.mark.parametrize("answer", ["No", "Not today", None])
def test_nothing_is_deleted_without_a_yes(house: House, chat: Chat, answer: str | None) -> None:
    said = chat.say("delete the groceries task")
    declined = chat.answer(said.question, answer)
    assert titles(chat) == ["Buy groceries", "Call mum"]
    assert declined.effects == []
    assert declined.items("widget") == []
    assert declined.text
    if house.is_offline:
        assert "nothing was changed" in declined.text
    assert [entry["action"] for entry in chat.person.log()] == ["created", "created"]


@scripted
@pytest.mark.parametrize(
    "number", ["null", "0", "-1", "1.5", '""', '"one"', '"null"', "[1]", '"[1]"', '{"id": 1}', "1e30"]
)
def test_a_number_that_is_none_is_refused_by_the_tool_without_a_question(chat: Chat, number: str) -> None:
    for arguments in (f'{{"task_id": {number}}}', "{}"):
        said = chat.say(f"call taskflow_delete_task {arguments}")
        assert said.error is None
        assert said.items("structured_input") == []
        assert "`task_id`" in said.text
        assert said.effects == []
    assert titles(chat) == ["Buy groceries", "Call mum"]


@scripted
@pytest.mark.parametrize("number", ['"2"', '" 2 "', "2.0", '"2.0"'])
def test_whatever_the_tool_takes_for_a_number_is_asked_about(chat: Chat, number: str) -> None:
    said = chat.say(f'call taskflow_delete_task {{"task_id": {number}}}')
    assert said.asked == "Delete task 2 “Call mum”? It cannot be brought back."
    assert titles(chat) == ["Buy groceries", "Call mum"]
    chat.answer(said.question, "Yes")
    assert titles(chat) == ["Buy groceries"]


def test_it_is_asked_which_one_where_several_match(house: House, chat: Chat) -> None:
    chat.person.add("Put the groceries away")
    said = chat.say("delete the groceries task")
    assert said.items("structured_input") == []
    for words in ("Which one do you mean?", "Buy groceries", "Put the groceries away"):
        assert words in said.text
    asked = chat.say("3")
    assert asked.asked.startswith("Delete task 3 “Put the groceries away”?")
    chat.answer(asked.question, "Yes")
    assert titles(chat) == ["Buy groceries", "Call mum"]
    if house.is_offline:
        assert said.text.startswith("2 tasks match.")


def test_a_question_can_wait_for_its_answer_while_other_things_are_said(chat: Chat) -> None:
    question = chat.say("delete task 2").question
    chat.say("add a task to buy milk")
    assert chat.stored(question)["status"] == "pending"
    chat.answer(question, "Yes")
    assert titles(chat) == ["Buy groceries", "Buy milk"]


def test_a_question_is_answered_once(chat: Chat) -> None:
    question = chat.say("delete task 2").question
    chat.answer(question, "No")
    [asked] = question["inputs"]
    params = {
        "thread_id": chat.thread_id,
        "item_id": question["id"],
        "input": {"status": "answered", "answers": {asked["id"]: {"values": ["Yes"]}}},
    }
    response = chat.person.chatkit({"type": "threads.add_structured_input", "params": params})
    assert (response.status_code, response.json()["code"]) == (409, "item_state")
    assert titles(chat) == ["Buy groceries", "Call mum"]


def test_what_is_gone_by_the_time_of_the_answer_is_said_to_be(chat: Chat) -> None:
    question = chat.say("delete task 2").question
    assert chat.person.send("DELETE", "/projects/default/tasks/2").status_code == 200
    done = chat.answer(question, "Yes")
    assert "There is no task 2 in the project Default." in done.text
    assert done.effects == []
    assert titles(chat) == ["Buy groceries"]
