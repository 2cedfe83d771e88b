"""Retries from a user's message 1,000 items back: how long until the answer begins."""

from collections.abc import Sequence
from statistics import median

from benchmarks import contenders
from benchmarks.answers import check_rewound, check_stream, message_id, thread_id
from benchmarks.cases.base import Case
from benchmarks.client import connect, post
from benchmarks.contenders import Database
from benchmarks.figures import OURS, Figure, Sample, Target
from benchmarks.fill import Part, Thread, append, fill, tables_of
from benchmarks.harness import Contender, Server
from benchmarks.workload import Script, add_message, create_thread, operation

BACK = 1000
_BEFORE = 100
_GAP = 2 * BACK
"""From the first item that is added for a retry to the first for the next one; what others add meanwhile fits in."""
_SCRIPT = Script(20)


class LongThread:
    """A thread of `items` items that is retried 1,000 items back, and filled again before each retry."""

    def __init__(self, server: Server, thread: Thread, items: int) -> None:
        self._server = server
        self._tables = tables_of(server.name)
        self._thread = thread
        self._before = items - BACK - 1
        self._next = self._before + _GAP
        self.id = self._tables.thread_id(thread)

    def begin(self) -> Part:
        """What the thread has to be filled with before anything else."""
        return Part.now(self._thread, 0, self._before, _SCRIPT)

    async def retry(self) -> float:
        """Add a message and 1,000 items, retry from the message; seconds until the first event."""
        message = self._tables.item_id(self._thread, self._next)
        await append(self._server.place, self._tables, Part.now(self._thread, self._next, BACK + 1, _SCRIPT))
        self._next += _GAP
        user, server = self._thread.user, self._server
        connection = await connect(server.port)
        request = operation("threads.retry_after_item", thread_id=self.id, item_id=message)
        reply = await connection.ask(post(request, user))
        page = await connection.ask(post(operation("items.list", thread_id=self.id, limit=20, order="desc"), user))
        connection.close()
        check_stream(reply, _SCRIPT, server.name)
        check_rewound(page, message, server.name)
        return reply.wait


class RetryOnPostgres(Case):
    """One retry after the other, on a thread of 1,101 items; the median of five, by the wall clock."""

    name = f"retry{Database.POSTGRES.suffix}"
    database = Database.POSTGRES

    def __init__(self, *, times: int) -> None:
        self.times = times
        self._threads: dict[int, LongThread] = {}

    def figures(self) -> Sequence[Figure]:
        detail = f"{self.database}, {BACK:,} items back"
        return [Figure(self.name, "retry to first event", detail, "ms", Target(50.0), "longest {:.3g}")]

    def servers(self) -> Sequence[Contender]:
        return contenders.stores(self.database)

    async def prepare(self, server: Server) -> None:
        long = self._threads[server.port] = LongThread(server, Thread("retrier", 1), _BEFORE + BACK + 1)
        await fill(server.place, tables_of(server.name), [long.begin()])
        await long.retry()

    async def sample(self, server: Server) -> dict[str, Sample]:
        waits = [await self.retry(server) for _ in range(self.times)]
        return {self.name: Sample(median(waits) * 1e3, max(waits) * 1e3)}

    async def retry(self, server: Server) -> float:
        """Retry once; seconds until the first event."""
        return await self._threads[server.port].retry()


class RetryOnSQLite(RetryOnPostgres):
    """Ours alone, which can fill a thread through its endpoint in a second: 501 turns, the first of them is retried."""

    name = "retry"
    database = Database.SQLITE

    def servers(self) -> Sequence[Contender]:
        return [contender for contender in super().servers() if contender.name == OURS]

    async def prepare(self, server: Server) -> None:
        await self.retry(server)

    async def retry(self, server: Server) -> float:
        user = "retrier"
        connection = await connect(server.port)
        replies = [await connection.ask(post(create_thread(_SCRIPT), user))]
        thread, message = thread_id(replies[0], server.name), message_id(replies[0])
        turn = post(add_message(thread, _SCRIPT), user)
        replies += [await connection.ask(turn) for _ in range(BACK // 2)]
        request = operation("threads.retry_after_item", thread_id=thread, item_id=message)
        replies.append(await connection.ask(post(request, user)))
        page = await connection.ask(post(operation("items.list", thread_id=thread, limit=20, order="desc"), user))
        connection.close()
        for reply in replies:
            check_stream(reply, _SCRIPT, server.name)
        check_rewound(page, message, server.name)
        return replies[-1].wait
