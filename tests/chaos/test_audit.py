"""The triggers write down what a real store does, by whom, and what was there at each moment."""

import pytest

from tests.chaos import audit
from tests.support.postgres import Postgres, execute
from tests.support.stores import migrated_database

THREAD = """
INSERT INTO chatkit.threads (organization_id, user_id, id, created_at, updated_at, status, metadata, last_seq)
VALUES ('', 'u', 't', '', '', '', '{}', 0)
"""
RUN = """
INSERT INTO chatkit.runs (organization_id, user_id, id, thread_id, seq, status, attempt, created_at)
VALUES ('', 'u', 'r', 't', 1, 'running', 1, '')
"""
ITEM = """
INSERT INTO chatkit.items (organization_id, user_id, thread_id, id, seq, type, hidden, run_id, data)
VALUES ('', 'u', 't', 'msg_%(n)d', %(n)d, 'assistant_message', %(hidden)s, 'r', '{"id": "msg_%(n)d"}')
"""


def item(number: int, hidden: bool = False) -> str:
    return ITEM % {"n": number, "hidden": hidden}


@pytest.fixture
async def url(postgres: Postgres) -> str:
    url = await migrated_database(postgres)
    await audit.install(url)
    await execute(f"{url}?application_name=a.1", THREAD, RUN, item(1), item(2), item(3, hidden=True))
    return url


async def test_an_end_is_written_down_with_who_wrote_it(url: str) -> None:
    end = "UPDATE chatkit.runs SET status = 'interrupted', attempt = 2, ended_at = 'now'"
    await execute(f"{url}?application_name=b.1", f"BEGIN; {item(4)}; {end}; COMMIT", item(5))
    run = (await audit.read(url)).runs["r"]
    assert (run.first.who, run.user, run.thread_id, run.deleted) == ("a.1", "u", "t", False)
    assert [(change.who, change.new and change.new["attempt"]) for change in run.ends] == [("b.1", 2)]


async def test_items_are_those_that_were_there_at_the_end(url: str) -> None:
    end = "UPDATE chatkit.runs SET status = 'completed', ended_at = 'now'"
    gone = "DELETE FROM chatkit.items WHERE id = 'msg_1'"
    moved = "UPDATE chatkit.items SET seq = 9 WHERE id = 'msg_1'"
    await execute(url, moved, f"BEGIN; {end}; {item(4)}; COMMIT", item(5), gone)
    found = await audit.read(url)
    assert [item["id"] for item in found.items_at_end(found.runs["r"])] == ["msg_2", "msg_4", "msg_1"]


async def test_what_goes_with_its_thread_is_deleted(url: str) -> None:
    await execute(f"{url}?application_name=b.1", "DELETE FROM chatkit.threads")
    found = await audit.read(url)
    assert found.runs["r"].deleted
    assert [change.old and change.old["id"] for change in found.items["t"] if change.new is None] == [
        "msg_1",
        "msg_2",
        "msg_3",
    ]
