"""The reads of a chat page: 20 threads, the 20 newest items of a thread, a thread with its first 20 items."""

from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import check_items, check_stream, thread_id
from benchmarks.cases.base import Case, Work
from benchmarks.cases.pages import CONNECTIONS, READS, body_of, read_repeatedly
from benchmarks.client import Reply, connect, post
from benchmarks.contenders import Database
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.workload import Script, add_message, create_thread

_THREADS = 40
_TURNS = 20
_SCRIPT = Script(60)
_USER = "reader"


class Reads(Case):
    """One read is repeated on 16 keep-alive connections, of 40 threads and one with 42 items."""

    def __init__(self, database: Database, *, seconds: float) -> None:
        self.name = f"reads{database.suffix}"
        self._database = database
        self._seconds = seconds
        self._threads: dict[int, str] = {}

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._database}, pages of 20, {CONNECTIONS} at once"
        target = Target(0.4) if self._database is Database.POSTGRES else Target(0.1, "pattern")
        return [Figure(self._figure(kind), f"CPU per {kind}", detail, "ms", target, "{:,.0f}/s") for kind in READS]

    def servers(self) -> Sequence[Contender]:
        return contenders.stores(self._database)

    async def prepare(self, server: Server) -> None:
        connection = await connect(server.port)
        replies = [await connection.ask(post(create_thread(_SCRIPT), _USER)) for _ in range(_THREADS)]
        self._threads[server.port] = thread = thread_id(replies[-1], server.name)
        replies += [await connection.ask(post(add_message(thread, _SCRIPT), _USER)) for _ in range(_TURNS)]
        connection.close()
        for reply in replies:
            check_stream(reply, _SCRIPT, server.name)
        for kind in READS:
            await self._read(server, kind, self._seconds / 10)

    async def sample(self, server: Server) -> dict[str, Sample]:
        samples: dict[str, Sample] = {}
        for kind in READS:
            work = await self._read(server, kind, self._seconds)
            samples[self._figure(kind)] = work.per_unit(1e3)
        return samples

    def _figure(self, kind: str) -> str:
        return f"{kind}{self._database.suffix}"

    async def _read(self, server: Server, kind: str, seconds: float) -> Work:
        def check(first: Reply) -> None:
            if kind != "threads.list":
                check_items(first, _SCRIPT, server.name)

        request = post(body_of(kind, self._threads[server.port]), _USER)
        return await read_repeatedly(server, request, seconds, check)
