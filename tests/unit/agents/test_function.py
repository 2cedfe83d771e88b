"""Functions over a fallback: who is asked, and when the fallback is made."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from chatkit import types as sdk
from chatkit.actions import Action
from fastapi import FastAPI
from pydantic import BaseModel

from fastapi_chatkit.agents.actions import ActionOutcome, Actions
from fastapi_chatkit.agents.base import Agent, Turn
from fastapi_chatkit.agents.function import FunctionAgent, Yielded
from fastapi_chatkit.chatkit import ChatKit
from fastapi_chatkit.errors import InvalidParams, NotEnabled
from fastapi_chatkit.events import AgentEvent
from fastapi_chatkit.identity import RequestContext
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


class Step(BaseModel):
    to: int


def typed(seen: list[str], *types: str) -> Actions:
    """Handlers that note whose they are: the types' first letters."""
    actions = Actions()
    for action_type in types:

        @actions.on(action_type, Step)
        async def handle(turn: Turn, step: Step) -> ActionOutcome:
            raise NotImplementedError

    async def noted(turn: Turn) -> AsyncIterator[AgentEvent]:
        seen.append(f"typed {types}")
        yield turn.progress("typed")

    actions.act = noted
    return actions


def pressed(action_type: str) -> Turn:
    thread = sdk.ThreadMetadata(id="thr_1", created_at=cast("Any", "2026-01-01T00:00:00"))
    action = Action[str, Any](type=action_type, payload={"to": 1})
    return Turn("run_1", "action", thread, None, RequestContext("alice", "req_1"), cast("Any", None), action)


async def test_an_agents_own_actions_go_before_functions_and_after_those_given_to_chatkit() -> None:
    seen: list[str] = []
    behind = Fallback()
    behind.actions = typed(seen, "theirs", "both")
    agent = FunctionAgent(lambda: behind, typed(seen, "ours", "both"))

    async def untyped(turn: Turn) -> AsyncIterator[Yielded]:
        seen.append("untyped")
        yield "text"

    agent.actor = untyped
    agent.prepare()
    for action_type in ("ours", "theirs", "both", "other"):
        assert [event async for event in agent.act(pressed(action_type))]
    assert seen == ["typed ('ours', 'both')", "typed ('theirs', 'both')", "typed ('ours', 'both')", "untyped"]
    for action_type in ("ours", "theirs"):
        wrong = ActionInput(type=action_type, payload={"to": "x"})
        with pytest.raises(InvalidParams):
            agent.check(CustomAction(thread_id="thr_1", item_id="msg_1", action=wrong))


async def test_any_agent_that_has_actions_handles_them() -> None:
    agent = Fallback()
    agent.actions = typed([], "step")
    assert len([event async for event in agent.act(pressed("step"))]) == 1
    agent.check(CustomAction(thread_id="thr_1", item_id="msg_1", action=ActionInput(type="step", payload={"to": 1})))
    with pytest.raises(NotEnabled):
        agent.check(ACTION)
    with pytest.raises(InvalidParams, match="from a widget"):
        await agent.sync_act(pressed("step"))
