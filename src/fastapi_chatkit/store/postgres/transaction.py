"""A script on a connection: as one transaction, or as one statement where that is all that it writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from ..script import Last, Rows, Script, Step
from .connections import Connection, Lane
from .statements import Statements

T = TypeVar("T")


class Transaction(ABC, Generic[T]):
    """One attempt at a script. Once it is ``in_doubt``, a connection that is lost leaves open whether it is stored."""

    def __init__(self, script: Script[T], statements: Statements) -> None:
        self._script = script
        self._statements = statements
        self._first = next(script)
        self.in_doubt = False

    @property
    @abstractmethod
    def lane(self) -> Lane:
        """Whose connections it takes."""

    @abstractmethod
    async def run(self, connection: Connection) -> T:
        """Run the script to its end."""

    async def _drive(self, connection: Connection) -> T:
        step = self._first
        try:
            while True:
                step = self._script.send(await self._rows(connection, step))
        except StopIteration as stop:
            return stop.value

    async def _rows(self, connection: Connection, step: Step | Last) -> Rows:
        compiled = self._statements[step.statement]
        return await connection.fetch(compiled.sql, *compiled.values(step.params))


class Read(Transaction[T]):
    """A script that only reads: each of its statements sees what is committed when it begins."""

    @property
    def lane(self) -> Lane:
        return self._statements[self._first.statement].reach

    async def run(self, connection: Connection) -> T:
        return await self._drive(connection)


class Write(Transaction[T]):
    """A script that writes; it is committed when it has run."""

    @property
    def lane(self) -> Lane:
        return None

    async def run(self, connection: Connection) -> T:
        if isinstance(self._first, Last):
            self.in_doubt = True
            return await self._drive(connection)
        await connection.execute("BEGIN")
        try:
            result = await self._drive(connection)
        except Exception:
            if not connection.is_closed():
                await connection.execute("ROLLBACK")
            raise
        self.in_doubt = True
        await connection.execute("COMMIT")
        return result
