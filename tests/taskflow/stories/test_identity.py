"""Whose tasks they are: the token decides, in the API, and the chat says what the API said."""

import json

import pytest

from tests.support.taskflow import TOKENS
from tests.taskflow.stories.chat import Chat, action_in
from tests.taskflow.stories.conftest import House

WORDS = ("add a task to spy", "show all tasks", "delete task 1")


def pretending(house: House, token: str, sentence: str) -> None:
    """Somebody says to be alice with a token that does not say so: nothing is shown, nothing is done."""
    alice = house.chat().person
    alice.add("Buy milk")
    bob = house.chat("bob").person
    bob.add("Plan the surprise")
    chat = Chat(alice, headers={"Authorization": f"Bearer {token.replace('BOB', TOKENS.sign(bob.user_id))}"})
    for words in WORDS:
        said = chat.say(words)
        if said.items("structured_input"):  # the question can be asked: nothing of the task is in it
            assert said.asked == "Delete task 1? It cannot be brought back."
            said = chat.answer(said.question, "Yes")
        assert sentence in said.text
        assert "cannot be reached" not in said.text
        assert said.effects == []
        assert said.items("widget") == []
        assert "milk" not in str(said.events)
        assert "surprise" not in str(said.events)
    for person, title in ((alice, "Buy milk"), (bob, "Plan the surprise")):
        assert [task["title"] for task in person.get()["tasks"]] == [title]
        assert len(person.log()) == 1


def test_the_token_of_another_user_is_refused_and_that_is_said(house: House) -> None:
    pretending(house, "BOB", "TaskFlow does not allow this to you, or knows you as somebody else. Sign in again.")


@pytest.mark.parametrize("token", ["garbage", TOKENS.sign("alice", seconds=-60)])
def test_a_token_that_is_not_valid_is_refused_and_that_is_said(house: House, token: str) -> None:
    pretending(house, token, "TaskFlow did not accept your sign-in.")


@pytest.mark.parametrize("kind", ["threads.custom_action", "threads.sync_custom_action"])
def test_buttons_too_want_the_users_own_token(house: House, kind: str) -> None:
    chat = house.chat()
    item = chat.say("add a task to buy milk").widget
    chat.headers = {"Authorization": "Bearer garbage"}
    response = chat.act(item["id"], action_in(item["widget"], "task.complete"), kind=kind)
    assert "TaskFlow did not accept your sign-in." in response.text
    assert chat.stored(item) == item
    assert [task["status"] for task in chat.person.get()["tasks"]] == ["pending"]


def test_who_signs_in_again_goes_on(house: House) -> None:
    chat = house.chat()
    chat.person.add("Buy milk")
    chat.headers = {"Authorization": f"Bearer {TOKENS.sign(chat.person.user_id, seconds=-60)}"}
    assert "sign-in" in chat.say("mark task 1 as complete").text
    chat.headers = {}
    chat.say("mark task 1 as complete")
    assert [task["status"] for task in chat.person.get()["tasks"]] == ["completed"]


def test_nothing_of_a_thread_is_there_for_others(house: House) -> None:
    chat = house.chat()
    item = chat.say("add a task to buy milk").widget
    bob = house.chat("bob")
    own = bob.say("add a task to feed the cat").widget
    action = action_in(item["widget"], "task.complete")
    thief = Chat(bob.person, chat.thread_id)
    for kind in ("threads.custom_action", "threads.sync_custom_action"):
        response = thief.act(item["id"], action, kind=kind)
        assert (response.status_code, response.json()["code"]) == (404, "thread_not_found")
        response = bob.act(item["id"], action, kind=kind)  # her widget in his thread
        assert (response.status_code, response.json()["code"]) == (404, "item_not_found")
        response = bob.act(own["id"], {**action, "payload": {**action["payload"], "task_id": 1}}, kind=kind)
        assert "This button is no longer there" in response.text  # her project from his widget
    assert [task["status"] for task in chat.person.get()["tasks"]] == ["pending"]
    assert [task["status"] for task in bob.person.get()["tasks"]] == ["pending"]


def test_tokens_are_kept_nowhere(house: House) -> None:
    chat = house.chat()
    token = chat.person.headers["Authorization"].removeprefix("Bearer ")
    chat.headers = {"Authorization": f"Bearer {token}"}
    question = chat.say("add a task to buy milk") and chat.say("delete task 1").question
    chat.answer(question, "Yes")
    for file in house.server.cwd.iterdir():
        assert token.encode() not in file.read_bytes(), file
    for request in house.wire.requests:
        assert token not in json.dumps(request.json)
        assert token not in str(list(request.headers.values()))
