"""The stand-in behind OpenAI's wire format: the same conversation in both APIs."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any, Literal

import pytest
from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, RunConfig, Runner, function_tool
from openai import AsyncOpenAI

from examples.taskflow.offline.wire import reply
from fastapi_chatkit.agents.openai_agents.titles import TITLE_INSTRUCTIONS
from fastapi_chatkit.testing import OpenAIWireServer
from tests.taskflow.offline.board import Board

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("api", ["responses", "chat_completions"])
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_task_is_found_by_its_title_and_completed(
    api: Literal["responses", "chat_completions"], streamed: bool
) -> None:
    board = Board()
    board.call("taskflow_add_task", {"title": "Buy groceries"})

    @function_tool
    async def taskflow_list_tasks(search: str | None = None, limit: int | None = None) -> str:
        return board.call("taskflow_list_tasks", {"search": search or ""})

    @function_tool
    async def taskflow_complete_task(task_id: int) -> str:
        return board.call("taskflow_complete_task", {"task_id": task_id})

    with OpenAIWireServer(partial(reply, today=lambda: date(2026, 11, 26))) as server:
        client = AsyncOpenAI(base_url=server.base_url, api_key="any")
        kind = OpenAIResponsesModel if api == "responses" else OpenAIChatCompletionsModel
        model = kind(model="any", openai_client=client)
        agent = Agent[Any](name="A", tools=[taskflow_list_tasks, taskflow_complete_task], model=model)
        config = RunConfig(tracing_disabled=True)
        if streamed:
            result: Any = Runner.run_streamed(agent, "I finished the groceries", run_config=config)
            async for _ in result.stream_events():
                pass
        else:
            result = await Runner.run(agent, "I finished the groceries", run_config=config)
        titling = Agent[Any](name="T", instructions=TITLE_INSTRUCTIONS, model=model)
        title = await Runner.run(titling, "plan my week", run_config=config)
        await client.close()
    assert "Buy groceries" in result.final_output
    assert [task["status"] for task in board.tasks] == ["completed"]
    assert title.final_output == "Plan my week"
