"""A hundred people at once, each with a call of a tool; and TaskFlow without a chat."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.support.forking import Forks
from tests.support.taskflow import KEY, somebody
from tests.taskflow.stories.chat import Chat
from tests.taskflow.stories.conftest import APP, House

PEOPLE = 100


@pytest.mark.parametrize("house", ["offline", "offline@postgres"], indirect=True)
def test_a_hundred_people_at_once(house: House) -> None:
    chats = [house.chat() for _ in range(PEOPLE)]
    before = house.server.log

    def add(chat: Chat) -> tuple[str | None, list[str]]:
        said = chat.say(f"add a task to greet {chat.person.user_id}")
        return said.error, [data["action"] for _, data in said.effects]

    with ThreadPoolExecutor(PEOPLE) as threads:
        assert list(threads.map(add, chats)) == [(None, ["add"])] * PEOPLE
    for chat in chats:
        [task] = chat.person.get()["tasks"]
        assert task["title"] == f"Greet {chat.person.user_id}"
    assert "ERROR" not in house.server.log.removeprefix(before)


def test_without_a_database_for_threads_the_rest_works(forks: Forks, tmp_path: Path) -> None:
    with forks.serve(tmp_path, *APP, TASKFLOW_TOKEN_KEY=KEY, CHATKIT_DATABASE_URL="") as server:
        alice = somebody(server.url, "alice")
        alice.add("Buy milk")
        assert [task["title"] for task in alice.get()["tasks"]] == ["Buy milk"]
        for body in ({"type": "threads.list", "params": {}}, {"no": "operation"}):
            response = alice.chatkit(body)
            assert response.status_code == 503
            assert response.json()["code"] == "not_initialized"
            assert response.json()["detail"].startswith("ChatKit server not initialized")
        assert httpx2.get(f"{server.url}/healthz").status_code == 200
        assert server.stop() == 0


async def test_without_a_chat_the_tools_work(forks: Forks, tmp_path: Path) -> None:
    with forks.serve(tmp_path, *APP, TASKFLOW_TOKEN_KEY=KEY, TASKFLOW_CHATKIT_DATABASE_URL="") as server:
        alice = somebody(server.url, "alice")
        async with alice.tools() as tools:
            await tools.call("add_task", title="Buy milk")
        assert alice.log()[0]["via"] == "chat"
        assert alice.chatkit({"type": "threads.list", "params": {}}).status_code == 503
