"""Which ids a run stores its items under."""

from typing import Any, cast

import pytest

from fastapi_chatkit.identity import Owner
from fastapi_chatkit.ids import is_ours, new_id
from fastapi_chatkit.runs.item_ids import ItemIds
from fastapi_chatkit.runs.patience import PatientStore


class Stored:
    """Knows items and the runs that wrote them."""

    def __init__(self, **runs: str | None) -> None:
        self.runs = runs
        self.asked: list[str] = []

    async def item_run(self, owner: Owner, thread_id: str, item_id: str) -> tuple[bool, str | None]:
        self.asked.append(item_id)
        return item_id in self.runs, self.runs.get(item_id)


def ids_over(stored: Stored) -> ItemIds:
    return ItemIds(cast("PatientStore", stored), Owner("", "alice"), "thr_1", "run_1")


FAKE = "__fake_id__"
KINDS: Any = ["assistant_message", "client_tool_call"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_new_id_stays(kind: str) -> None:
    ids = ids_over(Stored())
    assert await ids.begin("msg_from_provider", kind) == "msg_from_provider"
    assert ids.current("msg_from_provider") == "msg_from_provider"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("run", ["run_0", None])
async def test_another_runs_id_is_replaced_by_a_fresh_one(kind: str, run: str | None) -> None:
    ids = ids_over(Stored(**{FAKE: run}))
    fresh = await ids.begin(FAKE, kind)
    assert fresh != FAKE
    assert is_ours(fresh)
    assert ids.current(FAKE) == fresh


async def test_an_id_that_this_run_wrote_and_goes_on_with_stays() -> None:
    ids = ids_over(Stored(**{FAKE: "run_1"}))
    assert await ids.begin(FAKE, "assistant_message") == FAKE


async def test_an_id_that_is_begun_again_after_its_end_is_another() -> None:
    ids = ids_over(Stored())
    seen = [await ids.begin(FAKE, "assistant_message")]
    for _ in range(3):
        ids.finish(FAKE)
        seen.append(await ids.begin(FAKE, "assistant_message"))
        assert ids.current(FAKE) == seen[-1]
    assert len(set(seen)) == 4


async def test_a_tool_call_under_a_messages_id_is_another() -> None:
    ids = ids_over(Stored())
    message = await ids.begin(FAKE, "assistant_message")
    ids.finish(FAKE)
    assert await ids.begin(FAKE, "client_tool_call") != message


async def test_our_own_ids_are_not_looked_up_and_other_items_keep_theirs() -> None:
    stored = Stored(wf_1="run_0")
    ids = ids_over(stored)
    ours = new_id("message")
    assert await ids.begin(ours, "assistant_message") == ours
    assert await ids.begin("wf_1", "workflow") == "wf_1"
    assert stored.asked == []
