"""Transaction scripts: generators that yield steps and receive rows.

One transaction is written once, without I/O, and run by each database's driver, synchronous or not. A step is a
statement with its parameters. A script that raises rolls its transaction back.

A script that writes says which step is its last (:class:`Last`, :class:`Each`): what comes after it only reads, to tell
why nothing was done. So a write of one step needs no transaction around it, which on PostgreSQL is one round trip
instead of three.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from ..identity import Owner

T = TypeVar("T")

Params = dict[str, Any]
Rows = Sequence[Sequence[Any]]

THREAD: Final = "{thread}"
"""In a chain's later statements: the thread's row that the first one answers, to select from."""

CLOCK: Final = "{clock}"
"""The database's clock, in seconds since 1970: no process is asked what time it is when it comes to who is alive."""


class Conflict(Exception):
    """Another transaction has stored first what must be there once: nothing was changed, and the other can be seen."""


class Busy(Exception):
    """A script of one step cannot do it, because a run of the thread goes on: nothing was changed."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Statements that are one step: ``first`` changes a thread's row and returns it, the others write beside it.

    The rows are those of ``first``; where it changes no row, the others write nothing. PostgreSQL runs a chain as one
    statement, with common table expressions, SQLite as several.
    """

    first: str
    then: tuple[str, ...]


class Step(NamedTuple):
    """A statement, or a chain of some, with the parameters of all."""

    statement: str | Chain
    params: Params


class Last(NamedTuple):
    """The step with which a script has written all that it writes."""

    statement: str | Chain
    params: Params


class Each(NamedTuple):
    """A statement, once for each of these parameters, with which a script has written all that it writes. There are no
    rows. PostgreSQL gets it in one message.
    """

    statement: str
    params: Sequence[Params]


Script = Generator[Step | Last | Each, Rows, T]


def scope(owner: Owner, **params: Any) -> Params:
    """The owner's columns, and the statement's other parameters."""
    return {"organization_id": owner.organization_id, "user_id": owner.user_id, **params}
