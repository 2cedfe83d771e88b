"""Functions over a fallback: who is asked, and when the fallback is made."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from fastapi_chatkit.agents.base import Agent, Turn
from fastapi_chatkit.agents.function import FunctionAgent, Yielded
from fastapi_chatkit.chatkit import ChatKit
from fastapi_chatkit.errors import NotEnabled
from fastapi_chatkit.events import AgentEvent
from fastapi_chatkit.operations import ActionInput, CustomAction
from fastapi_chatkit.settings import Settings

ACTION = CustomAction(thread_id="thr_1", action=ActionInput(type="press"))


class Fallback(Agent):
    closed = False

    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        raise NotImplementedError

    async def close(self) -> None:
        self.closed = True


async def reply(turn: Turn) -> AsyncIterator[Yielded]:
    yield "text"


async def test_the_fallback_is_made_once_and_closed() -> None:
    made: list[Fallback] = []

    def make() -> Fallback:
        made.append(Fallback())
        return made[-1]

    agent = FunctionAgent(make)
    agent.prepare()
    assert len(made) == 1
    await agent.close()
    assert made[0].closed


async def test_a_responder_needs_no_fallback() -> None:
    def make() -> Agent:
        raise AssertionError("nobody asked for it")

    agent = FunctionAgent(make)
    agent.responder = reply
    agent.prepare()
    with pytest.raises(NotEnabled):
        agent.check(ACTION)
    agent.actor = reply
    agent.check(ACTION)
    await agent.close()


async def test_the_model_is_loaded_before_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the SDK takes seconds, in which no other stream would move."""
    made: list[Settings] = []

    def make(settings: Settings) -> Agent:
        made.append(settings)
        return Fallback()

    monkeypatch.setattr("fastapi_chatkit.chatkit.default_agent", make)
    chat = ChatKit(FastAPI(), settings=Settings.load(database_url="sqlite:///:memory:"))
    assert made == []
    async with chat.running():
        assert len(made) == 1
