"""Transaction scripts: generators that yield statements and receive rows.

One transaction is written once, without I/O, and run by each database's driver, synchronous or not. A script that
raises rolls its transaction back.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, TypeVar

from ..identity import Owner

T = TypeVar("T")

Params = dict[str, Any]
Statement = tuple[str, Params]
Rows = Sequence[Sequence[Any]]
Script = Generator[Statement, Rows, T]


def scope(owner: Owner, **params: Any) -> Params:
    """The owner's columns, and the statement's other parameters."""
    return {"organization_id": owner.organization_id, "user_id": owner.user_id, **params}
