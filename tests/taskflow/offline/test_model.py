"""The stand-in as a model: its events, its answer at once, titles; and driven by the Agents SDK."""

from __future__ import annotations

from typing import Any

import pytest
from agents import Agent, ModelSettings, ModelTracing, RunConfig, Runner
from fastapi import FastAPI
from fastapi.testclient import TestClient
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from examples.taskflow.offline import OfflineTaskModel
from fastapi_chatkit import ChatKit
from fastapi_chatkit.agents.openai_agents import OpenAIAgent
from fastapi_chatkit.store import SQLiteStore

from .board import Board, task
from .talking import TODAY

REST: dict[str, Any] = {
    "output_schema": None, "handoffs": [], "tracing": ModelTracing.DISABLED, "previous_response_id": None,
    "conversation_id": None, "prompt": None,
}  # fmt: skip


def model() -> OfflineTaskModel:
    return OfflineTaskModel(delay=0, today=lambda: TODAY)


def board() -> Board:
    return Board(task(1, "Buy groceries"), task(2, "Buy milk"), task(3, "Buy oat milk"))


async def streamed(said: str, *tools: Any) -> list[Any]:
    return [event async for event in model().stream_response(None, said, ModelSettings(), list(tools), **REST)]


async def test_text_comes_in_pieces_in_the_order_of_the_responses_api() -> None:
    events = await streamed("count to 30")
    kinds = [event.type for event in events if event.type != "response.output_text.delta"]
    assert kinds == [
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert len(deltas) >= 30
    message = events[-1].response.output[0]
    assert "".join(deltas) == message.content[0].text
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert len({event.item_id for event in events if hasattr(event, "item_id")} | {message.id}) == 1


async def test_a_call_is_streamed_with_its_arguments() -> None:
    events = await streamed("complete tasks 1 and 2", *board().sdk_tools())
    done = [event.item for event in events if event.type == "response.output_item.done"]
    assert [(call.name, call.arguments) for call in done] == [
        ("taskflow_complete_task", '{"task_id": 1}'),
        ("taskflow_complete_task", '{"task_id": 2}'),
    ]
    assert len({call.call_id for call in done}) == 2
    assert events[-1].response.output == done


async def test_usage_is_nothing_because_no_model_was_asked() -> None:
    usage = (await streamed("hello"))[-1].response.usage
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (0, 0, 0)


async def test_the_answer_at_once_is_the_streamed_one() -> None:
    for said in ("hello", "add milk"):
        whole = await model().get_response(None, said, ModelSettings(), board().sdk_tools(), **REST)
        (item,) = whole.output
        (last,) = (await streamed(said, *board().sdk_tools()))[-1].response.output
        assert type(item) is type(last)
        if isinstance(item, ResponseFunctionToolCall):
            assert (item.name, item.arguments) == (last.name, last.arguments)
        else:
            assert isinstance(item, ResponseOutputMessage)
            assert item.content == last.content


@pytest.mark.parametrize(
    ("first", "title"),
    [
        ("add a task to buy groceries by Friday.", "Add a task to buy groceries by Friday"),
        ("what's on my plate?", "What's on my plate?"),
        ("word " * 40, "Word word word word word word word word word word word word"),
        ("delete task 1", "Delete task 1"),
    ],
)
async def test_a_title_is_the_beginning_of_the_conversation(first: str, title: str) -> None:
    instructions = "Write a short\ntitle for this conversation, in its language."
    items: list[Any] = [{"role": "user", "content": first}, {"role": "assistant", "content": "Done."}]
    answer = await model().get_response(instructions, items, ModelSettings(), board().sdk_tools(), **REST)
    (message,) = answer.output
    assert isinstance(message, ResponseOutputMessage)
    (part,) = message.content
    assert isinstance(part, ResponseOutputText)
    assert part.text.rstrip("…") == title
    assert len(part.text) <= 60


async def test_text_is_sent_while_it_is_written() -> None:
    events = OfflineTaskModel(delay=0.001).stream_response(None, "count to 3", ModelSettings(), [], **REST)
    assert [event.type async for event in events].count("response.output_text.delta") == 3


# --- driven by the Agents SDK -----------------------------------------------------------------------------------------


class Chat:
    """Turns of the Agents SDK's own loop; what was said and called is in the next turn's input."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.items: list[Any] = []

    async def say(self, text: str) -> str:
        agent = Agent[Any](name="TaskFlow", model=model(), tools=self.board.sdk_tools())
        run = Runner.run_streamed(
            agent,
            [*self.items, {"role": "user", "content": text}],
            max_turns=20,  # as the library has it
            run_config=RunConfig(tracing_disabled=True),
        )
        events = [event.data async for event in run.stream_events() if event.type == "raw_response_event"]
        said = [event.delta for event in events if event.type == "response.output_text.delta"]
        self.items = run.to_input_list()
        assert "".join(said) == run.final_output
        return str(run.final_output)


async def test_a_conversation_through_the_agents_sdk() -> None:
    tasks = board()
    chat = Chat(tasks)
    assert await chat.say("add a task to buy bread by Friday, high priority") == (
        "Added **4** Buy bread (high, due Fri 27 Nov)."
    )
    assert await chat.say("what's on my plate?") == "You have 4 tasks still open."
    assert await chat.say("mark task 1 as complete") == "Completed: **1** Buy groceries."
    assert "Which one do you mean?" in await chat.say("delete the milk")
    assert await chat.say("the second one") == "Deleted: **3** Buy oat milk."
    assert await chat.say("complete tasks 2 and 4") == "Completed: **2** Buy milk and **4** Buy bread."
    assert await chat.say("complete task 9") == (
        "There is no task 9 in the project Default. `show my tasks` has the numbers."
    )
    assert tasks.titles() == ["Buy groceries", "Buy milk", "Buy bread"]


async def test_ten_tasks_in_one_message_are_within_the_turns_of_a_run() -> None:
    tasks = Board()
    await Chat(tasks).say("add tasks:\n" + "\n".join(f"- thing {letter}" for letter in "abcdefghij"))
    assert len(tasks.tasks) == 10


# --- driven by the library --------------------------------------------------------------------------------------------


def test_the_library_runs_it_as_any_model() -> None:
    tasks = board()
    app = FastAPI()
    agent = OpenAIAgent(Agent[Any](name="TaskFlow", model=model(), tools=tasks.sdk_tools()))
    ChatKit(app, agent=agent, store=SQLiteStore(":memory:"))
    headers = {"X-User-ID": "alice", "Authorization": "Bearer any"}
    with TestClient(app) as client:

        def send(text: str, **params: Any) -> dict[str, Any]:
            message = {"content": [{"type": "text", "text": text}]}
            call = {"jsonrpc": "2.0", "id": 1, "method": "threads.runs.submitMessage"}
            call["params"] = {"input": {"message": message}, **params}
            return client.post("/chatkit", json=call, headers=headers).json()["result"]

        first = send("delete the milk")
        assert "Which one do you mean?" in first["items"][-1]["content"][0]["text"]
        second = send("both", threadId=first["items"][-1]["thread_id"])
        assert second["items"][-1]["content"][0]["text"] == "Deleted: **2** Buy milk and **3** Buy oat milk."
    assert tasks.titles() == ["Buy groceries"]
