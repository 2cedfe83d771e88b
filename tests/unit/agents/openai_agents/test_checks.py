"""What is refused before anything of it is stored."""

from typing import Any

import pytest
from pydantic import BaseModel

from fastapi_chatkit.agents.actions import ActionOutcome, Actions
from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.openai_agents import OpenAIAgent
from fastapi_chatkit.errors import InvalidParams, NotEnabled
from fastapi_chatkit.operations import CustomAction


class Ref(BaseModel):
    task_id: int


def press(action_type: str, payload: Any) -> CustomAction:
    action = {"type": action_type, "payload": payload}
    return CustomAction.model_validate({"thread_id": "thr_1", "item_id": "msg_1", "action": action})


def test_an_action_needs_a_handler_and_a_payload_that_it_takes() -> None:
    actions = Actions()

    @actions.on("task.start", Ref)
    async def start(turn: Turn, payload: Ref) -> ActionOutcome:
        return ActionOutcome()

    agent = OpenAIAgent(model="any", api_key="none", actions=actions)
    agent.check(press("task.start", {"task_id": 1}))
    with pytest.raises(InvalidParams):
        agent.check(press("task.start", {"task_id": "one"}))
    with pytest.raises(NotEnabled):
        agent.check(press("task.stop", {"task_id": 1}))
    with pytest.raises(NotEnabled):
        OpenAIAgent(model="any", api_key="none").check(press("task.start", {"task_id": 1}))
