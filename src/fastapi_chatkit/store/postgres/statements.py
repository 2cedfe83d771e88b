"""The store's statements as PostgreSQL and asyncpg take them: ``$1`` for ``:name``, tables with their schema, a chain
as one statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ..script import CLOCK, THREAD, Chain, Params
from ..sql import TABLES, THREAD_ROW

_TABLE: Final = re.compile(rf"\b(FROM|INTO|UPDATE|JOIN) ({'|'.join([*TABLES, 'alembic_version'])})\b")
_PARAMETER: Final = re.compile(r"(?<!:):([a-z_]+)")

NOW: Final = "extract(epoch from clock_timestamp())::double precision"

_OF_THREADS: Final = {"threads", "alembic_version"}

FIRST: Final = "changed"
"""A chain's first statement, by which the others select from its row."""


class Lane(Enum):
    """Kinds of work by what they have to wait for, if somebody has locked a table."""

    THREADS = "reads of threads alone"
    ITEMS = "reads of items, runs and attachments too"
    WRITES = "writes"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement as it is sent; ``names`` are its parameters in order, ``lane`` is where it belongs as a read."""

    sql: str
    names: tuple[str, ...]
    lane: Lane

    def values(self, params: Params) -> list[Any]:
        """The parameters' values in order."""
        return [params[name] for name in self.names]


class Statements:
    """Compiles each statement once, for tables in ``schema``."""

    def __init__(self, schema: str) -> None:
        self._prefix = f"{quoted(schema)}."
        self._compiled: dict[str | Chain, Compiled] = {}

    def __getitem__(self, statement: str | Chain) -> Compiled:
        compiled = self._compiled.get(statement)
        if compiled is None:
            compiled = self._compiled[statement] = self._compile(statement)
        return compiled

    def _compile(self, statement: str | Chain) -> Compiled:
        sql = as_one(statement) if isinstance(statement, Chain) else statement.replace(THREAD, THREAD_ROW)
        sql = sql.replace(CLOCK, NOW)
        lane = Lane.THREADS if {table for _, table in _TABLE.findall(sql)} <= _OF_THREADS else Lane.ITEMS
        names: dict[str, int] = {}
        for name in _PARAMETER.findall(sql):
            names.setdefault(name, len(names) + 1)
        sql = _PARAMETER.sub(lambda match: f"${names[match[1]]}", sql)
        return Compiled(_TABLE.sub(rf"\1 {self._prefix}\2", sql), tuple(names), lane)


def as_one(chain: Chain) -> str:
    """A chain with common table expressions. PostgreSQL runs them all, each on what was there before the statement."""
    others = "".join(
        f", then_{number} AS ({statement.replace(THREAD, FIRST)})" for number, statement in enumerate(chain.then)
    )
    return f"WITH {FIRST} AS ({chain.first}){others} SELECT * FROM {FIRST}"  # noqa: S608 - made of sql.py's constants


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
