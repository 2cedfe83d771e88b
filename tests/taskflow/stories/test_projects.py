"""Which project a message is about: what the page says of it with one message counts until it says otherwise."""

from typing import Any

import httpx2
import pytest

from tests.support.taskflow import Person
from tests.taskflow.stories.chat import Chat, action_in
from tests.taskflow.stories.conftest import House, everywhere, scripted


@pytest.fixture
def launch(chat: Chat) -> int:
    """A project of hers."""
    return chat.person.post("/projects", name="Launch")["project"]["id"]


def titles(person: Person, project: int | str) -> list[str]:
    return [task["title"] for task in person.get(f"/projects/{project}/tasks")["tasks"]]


def submit(text: str, metadata: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    """A message as JSON-RPC."""
    given = {"message": {"content": [{"type": "text", "text": text}]}}
    if metadata is not None:
        given["metadata"] = metadata
    return {"jsonrpc": "2.0", "id": 1, "method": "threads.runs.submitMessage", "params": {"input": given, **params}}


@everywhere
def test_the_project_of_the_page_is_remembered_for_what_comes_without_it(chat: Chat, launch: int) -> None:
    page = {"project_id": launch, "project_name": "Launch", "user_name": "Alice Liddell"}
    card = chat.say("add a task to order stickers", page).widget
    assert titles(chat.person, launch) == ["Order stickers"]
    started = chat.press(card, action_in(card["widget"], "task.start"))
    assert started.effects[0][1]["project_id"] == launch
    chat.say("add a task to print posters")
    question = chat.say("delete the stickers task").question
    done = chat.answer(question, "Yes")
    assert done.widget["copy_text"] == "Deleted from Launch: 1. Order stickers"
    assert titles(chat.person, launch) == ["Print posters"]
    assert titles(chat.person, "default") == []
    actions = [entry["action"] for entry in chat.person.log(launch)]
    assert actions == ["created", "started", "created", "deleted"]


def test_the_form_is_for_the_project_of_the_page(chat: Chat, launch: int) -> None:
    chat.say("show all tasks", {"project_id": launch})
    form = chat.say("show me the form").widget
    action = action_in(form["widget"], "task.create")
    chat.press(form, {**action, "payload": {**action["payload"], "title": "Order stickers"}})
    assert titles(chat.person, launch) == ["Order stickers"]


def test_the_page_may_choose_another_project(chat: Chat, launch: int) -> None:
    chat.say("add a task to order stickers", {"project_id": launch})
    chat.say("add a task to buy milk", {"project_id": None})
    chat.say("add a task to call mum", {})
    assert titles(chat.person, launch) == ["Order stickers"]
    assert titles(chat.person, "default") == ["Buy milk", "Call mum"]


def test_a_question_stays_with_the_project_that_it_was_asked_in(chat: Chat, launch: int) -> None:
    chat.person.add("Order stickers", launch)
    chat.person.add("Buy milk")
    question = chat.say("delete task 1", {"project_id": launch}).question
    chat.say("show all tasks", {"project_id": None})
    chat.answer(question, "Yes")
    assert titles(chat.person, launch) == []
    assert titles(chat.person, "default") == ["Buy milk"]


def test_the_model_is_told_who_asks_and_where(house: House, chat: Chat, launch: int) -> None:
    name = f"Alice of {chat.person.user_id}"
    chat.say("show all tasks", {"project_id": launch, "project_name": "Launch", "user_name": name})
    told = [request for request in house.wire.requests if name in str(request.json)]
    assert bool(told) != house.is_offline
    for request in told:
        assert '"project": "Launch"' in str(request.json).replace('\\"', '"')
        assert "project_id" not in str(request.json["tools"])


@scripted
def test_a_name_alone_chooses_no_project(house: House, chat: Chat, launch: int) -> None:
    name = f"Alice of {chat.person.user_id}"
    said = chat.say("add a task to order stickers", {"project_name": "Launch", "user_name": name})
    assert said.widget["copy_text"].startswith("Task added in Default:")
    assert (titles(chat.person, launch), titles(chat.person, "default")) == ([], ["Order stickers"])
    [first, *_] = [str(request.json) for request in house.wire.requests if name in str(request.json)]
    assert '"project": "Default"' in first.replace('\\"', '"')


def test_json_rpc_says_it_with_the_input(chat: Chat, launch: int) -> None:
    body = submit("add a task to order stickers", {"project_id": launch, "user_name": "Alice"})
    answer = chat.person.chatkit(body).json()["result"]
    assert titles(chat.person, launch) == ["Order stickers"]
    types = [item["type"] for item in answer["items"]]
    assert types == ["user_message", "workflow", "widget", "assistant_message"]
    body = submit("mark it as done", threadId=answer["threadId"])
    stream = chat.person.chatkit(body, {"Accept": "text/event-stream"})
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert "event: client_effect\n" in stream.text
    assert stream.text.rstrip().rpartition("event: ")[2].startswith("result\n")
    assert chat.person.get(f"/projects/{launch}/tasks")["tasks"][0]["status"] == "completed"


def test_no_project_of_others_can_be_chosen(house: House, chat: Chat) -> None:
    bob = house.chat("bob").person
    secret = bob.post("/projects", name="Secret")["project"]["id"]
    bob.add("Plan the surprise", secret)
    for words in ("add a task to spy", "show all tasks", "mark task 1 as complete", "delete task 1"):
        said = chat.say(words, {"project_id": secret})
        assert "surprise" not in str(said.events)
        assert said.effects == []
        assert said.items("widget") == []
        if said.items("structured_input"):
            said = chat.answer(said.question, "Yes")
        assert f"There is no project {secret}." in said.text
    assert titles(bob, secret) == ["Plan the surprise"]
    assert len(bob.log(secret)) == 1


@pytest.mark.parametrize("way_on", ["Default", "Launch"])
def test_who_has_chosen_a_project_of_others_can_choose_again(
    house: House, chat: Chat, launch: int, way_on: str
) -> None:
    secret = house.chat("bob").person.post("/projects", name="Secret")["project"]["id"]
    for metadata in ({"project_id": secret}, None):  # it is remembered: no task lands where nobody looks for it
        said = chat.say("show all tasks", metadata)
        assert f"There is no project {secret}." in said.text
        if house.is_offline:
            assert said.text.endswith("Choose another project on the page; `list projects` shows yours.")
    chat.say("add a task to buy milk", {"project_id": launch if way_on == "Launch" else None})
    chat.say("add a task to call mum")
    assert titles(chat.person, launch if way_on == "Launch" else "default") == ["Buy milk", "Call mum"]


def test_the_projects_of_ones_own_are_shown_whatever_was_chosen(houses: Any) -> None:
    chat: Chat = houses("offline").chat()
    chat.person.post("/projects", name="Launch")
    chat.say("show all tasks", {"project_id": 2**31 - 1})
    assert "**Launch**" in chat.say("list projects").text


def test_what_is_no_project_is_not_remembered(chat: Chat, launch: int) -> None:
    chat.say("add a task to order stickers", {"project_id": launch})
    assert chat.say("add a task to spy", {"project_id": str(launch)}).error is not None
    chat.say("add a task to print posters")
    assert titles(chat.person, launch) == ["Order stickers", "Print posters"]


@pytest.mark.parametrize("project", ["1", 0, -1, True, 1.5, [1], {"id": 1}, 2**31])
def test_what_is_no_project_is_refused_in_words(houses: Any, project: object) -> None:
    chat: Chat = houses("offline").chat()
    said = chat.say("add a task to spy", {"project_id": project})
    assert said.error == "The project that was chosen is not one of yours. Choose it again on the page."
    assert chat.person.get()["tasks"] == []


def test_the_page_can_have_a_token_for_the_asking(houses: Any) -> None:
    """As the page of this machine begins: with a user's name alone."""
    person = houses("offline").chat().person
    token = httpx2.get(f"{person.url}/dev/token", params={"user": person.user_id}).json()["token"]
    chat = Chat(person, headers={"Authorization": f"Bearer {token}"})
    chat.say("add a task to buy milk")
    assert titles(person, "default") == ["Buy milk"]
