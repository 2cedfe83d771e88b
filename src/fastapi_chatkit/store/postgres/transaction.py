"""A script on a connection: as one transaction, or as one statement where that is all that it writes."""

from __future__ import annotations

from typing import Generic, TypeVar

from ..script import Each, Last, Rows, Script, Step
from .connections import Connection
from .statements import Lane, Statements

T = TypeVar("T")


class Transaction(Generic[T]):
    """One attempt at a script. Once it is ``in_doubt``, a connection that is lost leaves open whether it is stored.

    A script that only reads runs without a transaction: each of its statements sees what is committed when it begins.
    """

    def __init__(self, script: Script[T], statements: Statements, *, writes: bool) -> None:
        self._script = script
        self._statements = statements
        self._first = next(script)
        self._writes = writes
        self.lane = Lane.WRITES if writes else statements[self._first.statement].lane
        self.in_doubt = False

    async def run(self, connection: Connection) -> T:
        """Run the script to its end; what it writes is committed when this returns. Where it raises, the transaction is
        left open for its connection's owner to roll back.
        """
        if self._writes and not isinstance(self._first, Last | Each):
            return await self._run_in_transaction(connection)
        self.in_doubt = self._writes
        return await self._run(connection)

    async def _run_in_transaction(self, connection: Connection) -> T:
        await connection.execute("BEGIN")
        result = await self._run(connection)
        self.in_doubt = True
        await connection.execute("COMMIT")
        return result

    async def _run(self, connection: Connection) -> T:
        step = self._first
        try:
            while True:
                step = self._script.send(await self._rows(connection, step))
        except StopIteration as stop:
            return stop.value

    async def _rows(self, connection: Connection, step: Step | Last | Each) -> Rows:
        compiled = self._statements[step.statement]
        if isinstance(step, Each):
            await connection.executemany(compiled.sql, map(compiled.values, step.params))
            return ()
        return await connection.fetch(compiled.sql, *compiled.values(step.params))
