"""Threads put straight into a contender's tables, as its server would have written them: by COPY, not through HTTP.

`base.py` has the shape and the copying, and each contender a file with what its rows look like.
"""

from benchmarks.figures import LIMIT, OURS, PATTERN
from benchmarks.fill.base import Part, Tables, Thread, append, fill
from benchmarks.fill.limit import LimitTables
from benchmarks.fill.ours import OurTables
from benchmarks.fill.pattern import PatternTables

__all__ = ["Part", "Tables", "Thread", "append", "fill", "tables_of"]

_TABLES: dict[str, Tables] = {OURS: OurTables(), PATTERN: PatternTables(), LIMIT: LimitTables()}


def tables_of(contender: str) -> Tables:
    """The tables of a contender, by its name."""
    return _TABLES[contender]
