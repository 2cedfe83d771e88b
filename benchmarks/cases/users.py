"""100 users at once who each have TaskFlow add a task: how long they wait for the end of the answer."""

import asyncio
import json
from collections.abc import Sequence

from pydantic import SecretStr

from benchmarks import contenders
from benchmarks.answers import WrongAnswer
from benchmarks.cases.base import Case
from benchmarks.client import Reply, connect, get, post, stream
from benchmarks.figures import Figure, Sample
from benchmarks.harness import Contender, Server
from benchmarks.workload import say
from fastapi_chatkit.auth.development import DevelopmentTokens

_TASKS = "/api/projects/default/tasks"
_TOKENS = DevelopmentTokens(SecretStr(contenders.TOKEN_KEY))
_WARM_UP = 5


class Users(Case):
    """The whole of TaskFlow in its one process: the chat, the MCP server that it calls, the API that this calls.

    The users are new ones each time. Each has a single task afterwards, the one that they asked for.
    """

    name = "users"

    def __init__(self, users: int) -> None:
        self._users = users
        self._known = 0

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._users} users at once, stored, p50"
        return [Figure(self.name, "TaskFlow: a task is added in words", detail, "s", None, "p99 {:.2f}")]

    def servers(self) -> Sequence[Contender]:
        return [contenders.taskflow()]

    async def prepare(self, server: Server) -> None:
        await self._add(server, _WARM_UP)

    async def sample(self, server: Server) -> dict[str, Sample]:
        replies = await self._add(server, self._users)
        took = sorted(reply.ended - reply.sent for reply in replies)
        return {self.name: Sample(took[len(took) // 2], took[len(took) * 99 // 100])}

    async def _add(self, server: Server, users: int) -> list[Reply]:
        """Have so many new users add a task each, all at once. Their answers and their tasks have been checked."""
        names = [f"user-{self._known + number}" for number in range(users)]
        self._known += users
        replies = await asyncio.gather(*(stream(server.port, _adding(name)) for name in names))
        for name, reply in zip(names, replies, strict=True):
            _check_answer(reply, name)
            await _check_stored(server, name)
        return replies


def _title(user: str) -> str:
    return f"Report to {user}"


def _adding(user: str) -> bytes:
    return post(say(f'add a task "{_title(user)}", high priority'), user, token=_TOKENS.sign(user))


def _check_answer(reply: Reply, user: str) -> None:
    """The stream ends with a message that names the task."""
    events = [json.loads(frame[6:]) for frame in reply.body.split(b"\n\n") if frame.startswith(b"data: ")]
    items = [event["item"] for event in events if event["type"] == "thread.item.done"]
    said = [part["text"] for item in items if item["type"] == "assistant_message" for part in item["content"]]
    if any(event["type"] == "error" for event in events) or not any(_title(user) in text for text in said):
        raise WrongAnswer(f"TaskFlow: {reply.head!r} {reply.body[-2000:]!r}")


async def _check_stored(server: Server, user: str) -> None:
    connection = await connect(server.port)
    reply = await connection.ask(get(_TASKS, user, _TOKENS.sign(user)))
    connection.close()
    tasks = [(task["title"], task["priority"]) for task in json.loads(reply.body)["tasks"]]
    if tasks != [(_title(user), "high")]:
        raise WrongAnswer(f"TaskFlow: the tasks of {user} are {tasks}")
