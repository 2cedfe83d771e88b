"""What tests ask stores, in fewer words."""

from typing import Any

from fastapi_chatkit.errors import RunNotFound
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import Page, PageQuery
from fastapi_chatkit.store.base import Store
from tests.contract.rows import ALICE


def ids(page: Page[Any]) -> list[str]:
    return [row.id for row in page.data]


async def all_ids(
    store: Store, owner: Owner = ALICE, thread_id: str = "thr_1", *, with_hidden: bool = True
) -> list[str]:
    return ids(await store.list_items(owner, thread_id, PageQuery(1000, "asc"), hidden=with_hidden))


async def statuses(store: Store, *run_ids: str, owner: Owner = ALICE) -> list[str | None]:
    """Of each run; ``None`` for one that is not there."""
    found: list[str | None] = []
    for run_id in run_ids:
        try:
            found.append((await store.get_run(owner, run_id)).status)
        except RunNotFound:
            found.append(None)
    return found


async def everything(store: Store, owner: Owner = ALICE) -> Any:
    """All threads and items of an owner, all runs that go on, and who has been asked to stop."""
    threads = (await store.list_threads(owner, PageQuery(1000))).data
    items = [(await store.list_items(owner, row.id, PageQuery(1000, "asc"), hidden=True)).data for row in threads]
    return threads, items, await store.active_runs(1000), await store.runs_of_replica("")


async def stops(store: Store, replica: str) -> dict[str, str]:
    """Which of a process's runs are to be stopped, and why."""
    return {run_id: reason for run_id, reason in (await store.runs_of_replica(replica)).items() if reason is not None}
