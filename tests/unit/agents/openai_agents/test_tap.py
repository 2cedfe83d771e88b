"""A model is heard at its source, and the Agents SDK gets what it needs of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from agents import Model, ModelProvider
from chatkit import types as sdk
from openai.types.responses import ResponseTextDeltaEvent

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.openai_agents import TurnContext
from fastapi_chatkit.agents.openai_agents.stall import Stalled
from fastapi_chatkit.agents.openai_agents.stream import ModelStream
from fastapi_chatkit.agents.openai_agents.tap import TappedModel, TappedProvider
from fastapi_chatkit.events import TextDelta
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.unit.agents.openai_agents.driving import CONTEXT

pytestmark = pytest.mark.anyio


def delta(text: str) -> ResponseTextDeltaEvent:
    return ResponseTextDeltaEvent(
        type="response.output_text.delta",
        delta=text,
        item_id="__fake_id__",
        output_index=0,
        content_index=0,
        sequence_number=0,
        logprobs=[],
    )


END = SimpleNamespace(type="response.completed")


class Scripted(Model):
    """Says what it is told to, then fails if it is told to; ``silence`` is in seconds, before the end."""

    def __init__(self, *events: Any, error: Exception | None = None, silence: float = 0) -> None:
        self.events = events
        self.error = error
        self.silence = silence
        self.closed = False
        self.flavour = "plain"

    async def get_response(self, *args: Any, **options: Any) -> Any:
        return "whole"

    async def stream_response(self, *args: Any, **options: Any) -> AsyncIterator[Any]:
        try:
            for event in self.events:
                yield event
            if self.silence:
                await asyncio.sleep(self.silence)
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


def context() -> TurnContext:
    thread = sdk.ThreadMetadata.model_validate({"id": "thr_1", "created_at": "2026-01-01T00:00:00"})
    return TurnContext.of(Turn("run_1", "message", thread, None, CONTEXT, SQLiteStore(":memory:").models))


def text_of(turn: TurnContext) -> str:
    return "".join(event.delta for event in turn.outbox.events if isinstance(event, TextDelta))


async def test_deltas_go_to_the_turn_and_the_rest_to_both() -> None:
    turn = context()
    tapped = TappedModel(Scripted(delta("Hel"), delta("lo"), END), ModelStream(turn, None), 1)
    passed = [event async for event in tapped.stream_response()]
    assert passed == [END]
    assert text_of(turn) == "Hello"
    assert tapped.has_passed_on(END)
    assert not tapped.has_passed_on(END)


async def test_what_was_said_before_a_failure_is_not_lost() -> None:
    error = ConnectionError("gone")
    turn = context()
    tapped = TappedModel(Scripted(delta("Hel"), delta("lo"), error=error), ModelStream(turn, None), 1)
    with pytest.raises(ConnectionError):
        _ = [event async for event in tapped.stream_response()]
    assert text_of(turn) == "Hello"
    assert tapped.error is error


async def test_silence_is_an_error_of_the_model() -> None:
    model = Scripted(delta("Hel"), silence=5)
    tapped = TappedModel(model, ModelStream(context(), None), 0.05)
    with pytest.raises(Stalled) as raised:
        _ = [event async for event in tapped.stream_response()]
    assert tapped.error is raised.value
    assert model.closed


async def test_a_reader_that_leaves_closes_the_model() -> None:
    model = Scripted(END, END)
    stream: Any = TappedModel(model, ModelStream(context(), None), 1).stream_response()
    await anext(stream)
    await stream.aclose()
    assert model.closed


async def test_a_model_that_never_waits_leaves_room_for_others() -> None:
    tapped = TappedModel(Scripted(*[delta("x")] * 20_000), ModelStream(context(), None), 1)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    _ = [event async for event in tapped.stream_response()]
    counting.cancel()
    assert turns > 3


async def test_all_else_is_the_models_own() -> None:
    model = Scripted()
    tapped: Any = TappedModel(model, ModelStream(context(), None), 1)
    assert await tapped.get_response() == "whole"
    assert tapped.flavour == "plain"


async def test_only_the_turns_own_run_is_tapped() -> None:
    class Provider(ModelProvider):
        def get_model(self, model_name: str | None) -> Model:
            return models[model_name]

    models: dict[str | None, Model] = {"a": Scripted(), "b": Scripted()}
    provider = TappedProvider(Provider(), ModelStream(context(), None), 1)
    assert provider.get_model("a") is models["a"]
    provider.run_task = asyncio.current_task()
    tapped = provider.get_model("a")
    assert isinstance(tapped, TappedModel)
    assert provider.get_model("a") is tapped
    assert provider.get_model("b") is not tapped

    async def elsewhere() -> Model:
        return provider.get_model("a")

    assert await asyncio.create_task(elsewhere()) is models["a"]
