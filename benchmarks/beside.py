"""Servers that the measured ones need, such as a model: each a process beside the load, off the measured core."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from subprocess import Popen

from benchmarks.client import Connection, connect
from benchmarks.harness import ROOT, free_port
from benchmarks.machine import Cores, pin

_COUNT = b"GET /count HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_GLANCE_SECONDS = 0.01
_PATIENCE = 3000
"""How often it is tried to connect before the server is given up."""


@asynccontextmanager
async def beside(module: str, cores: Cores) -> AsyncIterator[int]:
    """The port of `python -m module PORT`, which runs meanwhile; a TimeoutError if it does not start."""
    port = free_port()
    process = Popen([sys.executable, "-m", module, str(port)], cwd=ROOT)
    pin(process.pid, cores.load)
    try:
        (await _patiently_connect(port)).close()
        yield port
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def counts(port: int) -> dict[str, int]:
    """How many requests of each kind such a server says that it has had."""
    connection = await connect(port)
    reply = await connection.ask(_COUNT)
    connection.close()
    answer: dict[str, int] = json.loads(reply.body)
    return answer


async def _patiently_connect(port: int) -> Connection:
    for _ in range(_PATIENCE):
        try:
            return await connect(port)
        except OSError:
            await asyncio.sleep(_GLANCE_SECONDS)
    raise TimeoutError("a server beside the measured ones did not start")
