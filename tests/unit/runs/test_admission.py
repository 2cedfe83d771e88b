"""The turn that an agent is given, on a store of ours and on one of the SDK's."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest
from chatkit import types as sdk

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.events import AgentEvent
from fastapi_chatkit.operations import AddStructuredInput, RetryAfterItem, StreamingOperation, Submission
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.store.base import Store
from fastapi_chatkit.store.sdk_store import SDKStore
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.memory_store import MemoryStore
from tests.support.running import ALICE, Bench, operation, read

STORES: dict[str, Callable[[], Store]] = {
    "ours": lambda: SQLiteStore(":memory:"),
    "the SDK's": lambda: SDKStore(MemoryStore()),
}


class Asking:
    """Asks for a word, once, and notes each turn."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def __call__(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        self.turns.append(turn)
        if len(self.turns) > 1:
            return
        question = sdk.StructuredInputFreeform(id="q", question="A word?")
        place = {"id": turn.new_id(), "thread_id": turn.thread.id, "created_at": datetime.now()}
        yield sdk.ThreadItemDoneEvent(item=sdk.StructuredInputItem(**place, inputs=[question]))


@pytest.fixture(params=list(STORES))
async def runs(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    store = STORES[request.param]()
    await store.initialize_schema()
    made = Bench(store)
    yield made
    await made.engine.close()
    await store.close()


async def do(runs: Bench, asked: StreamingOperation) -> None:
    runs.last = await runs.engine.start(asked, ALICE, resumable=False)
    await read(runs.engine, runs.last)


@pytest.mark.parametrize(("status", "values", "said"), [("answered", ["yes"], ["yes"]), ("skipped", ["yes"], [])])
async def test_after_an_answer_the_agent_has_the_questions_with_it(
    runs: Bench, status: str, values: list[str], said: list[str]
) -> None:
    runs.agent.reply = asking = Asking()
    await do(runs, operation())
    page = await runs.store.list_items(ALICE.owner, runs.thread_id, PageQuery(10, "asc"))
    message, question = page.data
    answers = {"q": {"values": values, "skipped": False}}
    answer = Submission.model_validate({"status": status, "answers": answers})
    await do(runs, AddStructuredInput(thread_id=runs.thread_id, item_id=question.id, input=answer))
    await do(runs, RetryAfterItem(thread_id=runs.thread_id, item_id=message.id))
    assert [turn.kind for turn in asking.turns] == ["message", "structured_input", "retry"]
    asked, answered, retried = (turn.answered for turn in asking.turns)
    assert (asked, retried) == (None, None)
    assert answered is not None
    assert (answered.id, answered.status) == (question.id, status)
    given = answered.inputs[0].answer
    assert given is not None
    assert (given.values, given.skipped) == (said, not said)
    assert asking.turns[1].message is None
