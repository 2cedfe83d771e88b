"""Which items are sent: the newest, in order, within the budget, and what is answered in any case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from agents import TResponseInputItem
from chatkit import types as sdk

from fastapi_chatkit.agents.openai_agents import ModelInput
from fastapi_chatkit.agents.openai_agents.history import TRUNCATED, model_input, tokens

pytestmark = pytest.mark.anyio

NOW = datetime.now()


def user(number: int, text: str) -> sdk.UserMessageItem:
    return sdk.UserMessageItem(
        id=f"msg_{number}",
        thread_id="thr_1",
        created_at=NOW,
        content=[sdk.UserMessageTextContent(text=text)],
        inference_options=sdk.InferenceOptions(),
    )


def call(number: int, call_id: str, output: object = "done") -> sdk.ClientToolCallItem:
    return sdk.ClientToolCallItem(
        id=f"tc_{number}",
        thread_id="thr_1",
        created_at=NOW,
        status="completed",
        call_id=call_id,
        name="pick",
        arguments={},
        output=output,
    )


async def texts(items: list[sdk.ThreadItem], current: sdk.ThreadItem | None, budget: int) -> list[str]:
    pieces: list[Any] = await model_input(items, current, ModelInput(), budget)
    return [piece.get("content") or piece.get("output") or "" for piece in pieces]


def test_tokens_are_estimated_from_bytes() -> None:
    def estimate(text: str) -> int:
        piece: TResponseInputItem = {"role": "user", "content": text}
        return tokens(piece)

    assert estimate("") == 8
    assert estimate("abcd" * 10) == 18
    assert estimate("日本語") == 8 + 3


async def test_the_oldest_are_dropped_whole() -> None:
    items: list[sdk.ThreadItem] = [user(number, f"{number}" * 40) for number in range(10)]
    assert await texts(items, items[-1], budget=18 * 4) == ["6" * 40, "7" * 40, "8" * 40, "9" * 40]


async def test_nothing_older_than_a_dropped_item_is_sent() -> None:
    long = [user(number, "x" * 240) for number in range(1, 6)]
    items: list[sdk.ThreadItem] = [user(0, "short"), *long, user(6, "now")]
    assert await texts(items, items[-1], budget=300) == ["x" * 240] * 4 + ["now"]


async def test_what_is_answered_is_kept_and_cut_off() -> None:
    items: list[sdk.ThreadItem] = [user(0, "before"), user(1, "x" * 10_000)]
    (text,) = await texts(items, items[-1], budget=100)
    assert text.endswith(TRUNCATED)
    assert text.startswith("xxx")
    assert len(text.encode()) <= 400


async def test_a_long_older_item_is_cut_off_instead_of_hiding_those_before_it() -> None:
    items: list[sdk.ThreadItem] = [user(0, "before"), user(1, "ü" * 10_000), user(2, "now")]
    before, long, now = await texts(items, items[-1], budget=400)
    assert (before, now) == ("before", "now")
    assert long.endswith(TRUNCATED)
    assert len(long.encode()) <= 400


async def test_the_message_is_there_once_wherever_it_is() -> None:
    message = user(1, "question")
    later = sdk.HiddenContextItem(id="hc_1", thread_id="thr_1", created_at=NOW, content="note")
    for items in ([user(0, "a"), message, later], [user(0, "a")]):
        kept = await texts(list(items), message, budget=1000)
        assert kept.count("question") == 1
    kept = await texts([message, later], message, budget=0)
    assert len(kept) == 1


async def test_a_tool_output_can_be_cut_off_and_a_call_cannot() -> None:
    items: list[sdk.ThreadItem] = [call(0, "c0", "x" * 10_000), user(1, "now")]
    pieces: list[Any] = await model_input(items, items[-1], ModelInput(), 400)
    assert pieces[0]["arguments"] == "{}"
    assert pieces[1]["output"].endswith(TRUNCATED)


async def test_repeated_call_ids_are_told_apart() -> None:
    items: list[sdk.ThreadItem] = [call(0, "call_0"), call(1, "call_0"), call(2, ""), user(3, "now")]
    pieces: list[Any] = await model_input(items, items[-1], ModelInput(), 1000)
    ids = [(piece["type"], piece["call_id"]) for piece in pieces if "call_id" in piece]
    calls = [call_id for kind, call_id in ids if kind == "function_call"]
    outputs = [call_id for kind, call_id in ids if kind == "function_call_output"]
    assert calls == outputs
    assert len(set(calls)) == 3


async def test_an_item_that_cannot_be_converted_spoils_nothing() -> None:
    class Broken(ModelInput):
        async def user_message_to_input(self, item: sdk.UserMessageItem, is_last_message: bool = True) -> Any:
            raise RuntimeError("no storage")

    items: list[sdk.ThreadItem] = [user(0, "before"), call(1, "c"), user(2, "now")]
    pieces: list[Any] = await model_input(items, items[-1], Broken(), 1000)
    assert [piece.get("type") or piece["content"] for piece in pieces] == [
        "function_call",
        "function_call_output",
        "now",
    ]


async def test_an_empty_thread() -> None:
    assert await texts([], None, budget=100) == []
