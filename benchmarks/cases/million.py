"""Pages of a database with a million items, by the same pages of one that holds the reader's few threads only.

Not part of a whole run, for it takes minutes: `--only million`.
"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from statistics import median

import asyncpg

from benchmarks import contenders
from benchmarks.answers import check_items, check_page
from benchmarks.cases.base import Case
from benchmarks.cases.pages import READS, body_of, read_repeatedly
from benchmarks.client import Reply, connect, post
from benchmarks.contenders import Database
from benchmarks.figures import Figure, Sample, Target
from benchmarks.fill import Part, Thread, fill, tables_of
from benchmarks.harness import Contender, DidNotStart, Harness, Server
from benchmarks.postgres import url_of
from benchmarks.workload import Script

_READER = "reader"
_THREADS = 40
_ITEMS = 42
_BIG = Thread(_READER, _THREADS)
_WAITS = 200
_SCRIPT = Script(60)
"""An answer of about 300 characters."""

_BYTES = """
SELECT pg_total_relation_size('items')::float8 / count(*), pg_table_size('items')::float8 / count(*) FROM items
"""


class Million(Case):
    """Each server has a twin, whose pages are of 40 threads and of one with 42 items; its own are of the same 40, and
    of the big thread among a million items. Both are measured in turn.
    """

    name = "million"
    size = "bytes per item"

    def __init__(self, *, items: int, big: int, seconds: float) -> None:
        self._items = items
        self._big = big
        self._seconds = seconds
        self._twins: dict[str, Server] = {}

    def figures(self) -> Sequence[Figure]:
        title, detail = f"{self._items:,} items / hardly any", f"{Database.POSTGRES}, one thread of {self._big:,}"
        flat = [
            Figure(f"{kind}-million", f"CPU of {kind}, {title}", detail, "x", Target(1.2), "latency {:.2f}x")
            for kind in READS
        ]
        detail = f"{Database.POSTGRES}, {self._items:,} items"
        size = Figure(self.size, "table and indexes per item", detail, "B", None, "{:.0f} without indexes")
        return [*flat, size]

    @asynccontextmanager
    async def contenders(self, harness: Harness) -> AsyncIterator[Sequence[Contender]]:
        """The servers to compare, while their twins run."""
        servers = self.servers()
        async with AsyncExitStack() as stack:
            for contender in servers:
                with suppress(DidNotStart):  # nor will its twin, which then says why
                    self._twins[contender.name] = await stack.enter_async_context(harness.running(contender))
            yield servers

    def servers(self) -> Sequence[Contender]:
        return contenders.stores(Database.POSTGRES)

    async def prepare(self, server: Server) -> None:
        few = [Part.now(Thread(_READER, number), 0, _ITEMS, _SCRIPT) for number in range(_THREADS)]
        tables, twin = tables_of(server.name), self._twins[server.name]
        rest = self._items - self._big - _THREADS * _ITEMS
        await fill(twin.place, tables, few)
        await fill(server.place, tables, [*few, *_crowd(rest), Part.now(_BIG, 0, self._big, _SCRIPT)])
        for kind in READS:
            await self._ratios(server, kind, self._seconds / 10)

    async def sample(self, server: Server) -> dict[str, Sample]:
        samples = {f"{kind}-million": await self._ratios(server, kind, self._seconds) for kind in READS}
        return {**samples, self.size: Sample(*await _bytes_per_item(server, tables_of(server.name).schema))}

    async def _ratios(self, server: Server, kind: str, seconds: float) -> Sample:
        """Its CPU by that of its twin, 16 requests at once; the median waits beside it, one request at a time."""
        tables, twin = tables_of(server.name), self._twins[server.name]
        full = _Page(server, kind, tables.thread_id(_BIG))
        empty = _Page(twin, kind, tables.thread_id(Thread(_READER, _THREADS - 1)))
        cpu = await full.cpu(seconds) / await empty.cpu(seconds)
        full_waits: list[float] = []
        empty_waits: list[float] = []
        async with full.asking() as ask_full, empty.asking() as ask_empty:
            for _ in range(_WAITS):
                full_waits.append(await ask_full())
                empty_waits.append(await ask_empty())
        return Sample(cpu, median(full_waits) / median(empty_waits))


class _Page:
    """A read of a server."""

    def __init__(self, server: Server, kind: str, thread: str) -> None:
        self._server = server
        self._kind = kind
        self._request = post(body_of(kind, thread), _READER)

    async def cpu(self, seconds: float) -> float:
        """CPU seconds for one."""
        work = await read_repeatedly(self._server, self._request, seconds, self._check)
        return work.cpu / work.units

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[Callable[[], Awaitable[float]]]:
        """What asks once, on a connection of its own; it returns how long that took, in seconds."""
        connection = await connect(self._server.port)

        async def ask() -> float:
            reply = await connection.ask(self._request)
            self._check(reply)
            return reply.ended - reply.sent

        yield ask
        connection.close()

    def _check(self, reply: Reply) -> None:
        check_page(reply, self._server.name)
        if self._kind != "threads.list":
            check_items(reply, _SCRIPT, self._server.name)


async def _bytes_per_item(server: Server, schema: str) -> tuple[float, float]:
    """What the table of items takes on the disk for each, with its indexes and without."""
    connection = await asyncpg.connect(url_of(server.place), server_settings={"search_path": schema})
    try:
        (sizes,) = await connection.fetch(_BYTES)
        return float(sizes[0]), float(sizes[1])
    finally:
        await connection.close()


def _crowd(items: int) -> Iterator[Part]:
    """So many items of other users, the same each time: most threads are short, a few are long, as are users' lists.

    Threads have 2 to 400 items (20 in the mean), users a dozen of them; they were begun within the last 90 days.
    """
    chance = random.Random(1)
    number, user, threads_left = _THREADS + 1, 0, 0
    now = datetime.now(UTC)
    while items > 0:
        if threads_left == 0:
            user, threads_left = user + 1, _lognormal(chance, 8, most=200)
        count = min(items, 2 * _lognormal(chance, 6, most=200))
        at = now - timedelta(seconds=chance.uniform(1, 90 * 86_400))
        yield Part(Thread(f"user-{user:08}", number), 0, count, _SCRIPT, at)
        number, threads_left, items = number + 1, threads_left - 1, items - count


def _lognormal(chance: random.Random, middle: float, *, most: int) -> int:
    return min(most, max(1, round(middle * chance.lognormvariate(0, 1))))
