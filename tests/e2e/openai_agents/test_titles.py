"""Titles are made by the model beside the first answer: they neither delay nor fail it, and replace no other title."""

from __future__ import annotations

import asyncio
import json
from threading import Event

import pytest

from fastapi_chatkit.agents.openai_agents.titles import TITLE_INSTRUCTIONS, title_from
from fastapi_chatkit.store.base import ThreadChanges
from fastapi_chatkit.testing import Answer, Failure, Reply, Stall, WireRequest
from tests.support.talking import Talk
from tests.unit.agents.openai_agents.driving import CONTEXT, Chat

pytestmark = pytest.mark.anyio


class Script:
    """Answers ``Hello.``, and ``title`` where a title is asked for, each when it is let go."""

    def __init__(self, title: Reply) -> None:
        self.title = title
        self.asked = 0
        self.answers = Event()
        self.titles = Event()
        self.answers.set()
        self.titles.set()

    async def __call__(self, request: WireRequest) -> Reply:
        is_for_title = TITLE_INSTRUCTIONS in json.dumps(request.json)
        self.asked += is_for_title
        waited_for = self.titles if is_for_title else self.answers
        while not waited_for.is_set():
            await asyncio.sleep(0.01)
        return self.title if is_for_title else "Hello."


async def title_of(chat: Chat) -> str | None:
    assert chat.thread_id is not None
    return (await chat.store.get_thread(CONTEXT.owner, chat.thread_id)).title


async def eventually(chat: Chat, title: str) -> None:
    for _ in range(400):
        if await title_of(chat) == title:
            return
        await asyncio.sleep(0.01)
    assert await title_of(chat) == title


async def test_the_first_answer_gives_the_thread_a_title(talk: Talk) -> None:
    script = Script("A short title")
    talk.server.load(script)
    async with talk(titles=True) as chat:
        said = await chat.say("Hi there")
        await eventually(chat, "A short title")
        await chat.say("And more")
    assert said.texts == ["Hello."]
    assert script.asked == 1


async def test_a_title_that_is_there_in_time_is_announced(talk: Talk) -> None:
    script = Script("In time")
    script.answers.clear()
    talk.server.load(script)
    async with talk(titles=True) as chat:
        asking = asyncio.create_task(chat.say("Hi there"))
        while chat.thread_id is None or await title_of(chat) is None:
            await asyncio.sleep(0.01)
        script.answers.set()
        said = await asking
    announced = [event["thread"]["title"] for event in said.events if event["type"] == "thread.updated"]
    assert announced == ["In time"]


async def test_a_late_title_does_not_delay_the_answer_and_is_stored_after_it(talk: Talk) -> None:
    script = Script("Late")
    script.titles.clear()
    talk.server.load(script)
    async with talk(titles=True) as chat:
        said = await chat.say("Hi there")
        assert said.end["status"] == "completed"
        assert await title_of(chat) is None
        script.titles.set()
        await eventually(chat, "Late")


async def test_titles_that_are_being_made_are_given_up_at_shutdown(talk: Talk) -> None:
    script = Script("Never")
    script.titles.clear()
    talk.server.load(script)
    async with talk(titles=True) as chat:
        await chat.say("Hi there")
        await asyncio.wait_for(chat.engine._agent.close(), 5)  # as at shutdown
        script.titles.set()
        await asyncio.sleep(0.1)
        assert await title_of(chat) is None


@pytest.mark.parametrize("title", [Failure(500), Failure(401), Answer("A", end=Stall(limit=6.0)), "   ", "\n"])
async def test_a_title_that_fails_costs_nothing(talk: Talk, title: Reply) -> None:
    talk.server.load(Script(title))
    async with talk(titles=True, timeout=2) as chat:
        said = await chat.say("Hi there")
        assert await title_of(chat) is None
    assert said.texts == ["Hello."]
    assert said.error is None


async def test_a_title_that_somebody_gave_meanwhile_stays(talk: Talk) -> None:
    script = Script("The model's")
    script.titles.clear()
    talk.server.load(script)
    async with talk(titles=True) as chat:
        said = await chat.say("Hi there")
        await chat.store.change_thread(CONTEXT.owner, said.thread_id, ThreadChanges({"title": "The user's"}))
        script.titles.set()
        await asyncio.sleep(0.3)
        assert await title_of(chat) == "The user's"


async def test_without_being_asked_for_no_title_is_made(talk: Talk) -> None:
    script = Script("A short title")
    talk.server.load(script)
    async with talk() as chat:
        await chat.say("Hi there")
    assert script.asked == 0


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ('"Buying groceries."', "Buying groceries"),
        ("**Groceries**\n\nThat is my title.", "Groceries"),
        ("Title: Groceries", "Groceries"),
        ("  A   title\twith gaps ", "A title with gaps"),
        ("", ""),
        ("x" * 200, "x" * 79 + "…"),
        ("Was ist los?", "Was ist los?"),
    ],
)
def test_a_title_is_one_plain_line(said: str, title: str) -> None:
    assert title_from(said) == title
