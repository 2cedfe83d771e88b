"""The shape of a contender's tables, and how threads get into them."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple, Protocol

import asyncpg

from benchmarks.postgres import url_of
from benchmarks.workload import Script

ITEMS_MOST = 1_000_000
"""The most items that a thread may be given; their numbers are unique among all threads."""

Row = tuple[Any, ...]


class Thread(NamedTuple):
    """A thread of `user`; no other has its number."""

    user: str
    number: int


@dataclass(frozen=True, slots=True)
class Part:
    """`count` items of a thread from the one at `first` on: a user's message, an answer, and so on.

    A thread's own row belongs to the part at 0. The items are as old as the part, a microsecond apart.
    """

    thread: Thread
    first: int
    count: int
    script: Script
    at: datetime

    @classmethod
    def now(cls, thread: Thread, first: int, count: int, script: Script) -> "Part":
        """A part whose items are new."""
        return cls(thread, first, count, script, datetime.now(UTC))

    def __iter__(self) -> Iterator[tuple[int, datetime, bool]]:
        """Each item's place in the thread, its time, and whether the user said it."""
        for place in range(self.count):
            yield self.first + place, self.at + timedelta(microseconds=place), place % 2 == 0


class Tables(Protocol):
    """What a contender keeps, and how."""

    schema: str
    """The PostgreSQL schema of the tables."""
    columns: dict[str, tuple[str, ...]]
    """The columns by table, in the order in which the tables have to be filled."""
    before: str
    """A statement that makes the tables, where the server has not made them yet; or nothing."""
    after: str
    """A statement that a part needs which is added to a thread: $1 is the thread's id, $2 how many items it has; or
    nothing."""

    def thread_id(self, thread: Thread) -> str:
        """A thread's id."""
        ...

    def item_id(self, thread: Thread, place: int) -> str:
        """An item's id."""
        ...

    def rows(self, table: str, part: Part) -> Iterable[Row]:
        """A part's rows of a table."""
        ...


def item_number(thread: Thread, place: int) -> int:
    """The number of an item, by its place in the thread; no other item has it."""
    return thread.number * ITEMS_MOST + place


async def fill(place: str, tables: Tables, parts: Sequence[Part]) -> None:
    """Copy new threads, each a part at 0, into the database at `place`; then do what autovacuum would do by and by."""
    connection = await asyncpg.connect(url_of(place))
    try:
        if tables.before:
            await connection.execute(tables.before)
        await _copy(connection, tables, tables.columns, parts)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def append(place: str, tables: Tables, part: Part) -> None:
    """Add items to a thread that exists, in one transaction."""
    connection = await asyncpg.connect(url_of(place))
    try:
        async with connection.transaction():
            await _copy(connection, tables, [name for name in tables.columns if name != "threads"], [part])
            if tables.after:
                await connection.execute(tables.after, tables.thread_id(part.thread), part.first + part.count)
    finally:
        await connection.close()


async def _copy(connection: Any, tables: Tables, names: Iterable[str], parts: Sequence[Part]) -> None:
    for name in names:
        rows = chain.from_iterable(tables.rows(name, part) for part in parts)
        await connection.copy_records_to_table(
            name, schema_name=tables.schema, columns=tables.columns[name], records=_yielding(rows)
        )


async def _yielding(rows: Iterable[Row]) -> Any:
    """The rows, with a turn of the event loop now and then."""
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            await asyncio.sleep(0)
        yield row
