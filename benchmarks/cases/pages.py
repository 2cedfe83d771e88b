"""The three reads of a chat page, one of them repeated on 16 keep-alive connections."""

import asyncio
from collections.abc import Callable

from benchmarks.answers import WrongAnswer, check_page
from benchmarks.cases.base import Work, repeat
from benchmarks.client import Reply, connect
from benchmarks.harness import Server
from benchmarks.workload import operation

CONNECTIONS = 16
READS = ("threads.list", "items.list", "threads.get_by_id")


def body_of(kind: str, thread: str) -> bytes:
    """The body of a read; `thread` is which, where it is of one."""
    match kind:
        case "threads.list":
            return operation(kind, limit=20, order="desc")
        case "items.list":
            return operation(kind, thread_id=thread, limit=20, order="desc")
        case _:
            return operation(kind, thread_id=thread)


async def read_repeatedly(server: Server, request: bytes, seconds: float, check: Callable[[Reply], None]) -> Work:
    """Ask for one page again and again. Nothing else writes, so that every answer must equal the first.

    `check` looks at the first answer, which is not part of the work.
    """
    connections = [await connect(server.port) for _ in range(CONNECTIONS)]
    first = await connections[0].ask(request)
    check_page(first, server.name)
    check(first)
    loop = asyncio.get_running_loop()
    before, started = server.cpu(), loop.time()
    readers = [repeat(connection, request, started + seconds) for connection in connections]
    replies = [reply for part in await asyncio.gather(*readers) for reply in part]
    work = Work(len(replies), server.cpu() - before, loop.time() - started)
    for connection in connections:
        connection.close()
    if any(reply.raw != first.raw and reply.body != first.body for reply in replies):
        raise WrongAnswer(f"{server.name}: two answers to one request differ: {request!r}")
    return work
