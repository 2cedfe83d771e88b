"""The store's own statements under PostgreSQL's own load generator, whose client costs next to nothing.

`pgbench` sends a script over and over on each of its connections, every statement prepared once, as asyncpg does. A
script here has the statements of `fastapi_chatkit.store`, whose parameters are pgbench's variables of the same names.
"""

import asyncio
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT

from benchmarks.machine import pin
from fastapi_chatkit.store.postgres.statements import Statements
from fastapi_chatkit.store.script import Chain

_STATEMENTS = Statements("chatkit")
_NUMBER = re.compile(r"\$(\d+)")
_USED = re.compile(r"(?<!:):([a-z_]+)")
_SET = re.compile(r"^\\set ([a-z_]+)", re.MULTILINE)
_DONE = re.compile(r"number of transactions actually processed: (\d+)")
_FAILED = re.compile(r"number of failed transactions: ([1-9]\d*)")


class LoadFailed(Exception):
    """pgbench did not do what it was to; the message has its output."""


@dataclass(frozen=True, slots=True)
class Script:
    """What each connection does over and over: lines of :func:`sent`, and of pgbench's own, such as `BEGIN;`.

    `fixed` are variables for all connections.
    """

    lines: Sequence[str]
    fixed: Mapping[str, str]

    @property
    def text(self) -> str:
        """The script as pgbench reads it. :raises LoadFailed: a variable has no value, which pgbench would not mind."""
        text = "\n".join(self.lines)
        missing = {*_USED.findall(text)} - {*_SET.findall(text), *self.fixed, "client_id"}
        if missing:
            raise LoadFailed(f"a script does not say what these are: {', '.join(sorted(missing))}")
        return text


def sent(statement: str | Chain, **literals: str) -> str:
    """A statement of the store's, whose parameters are variables; `literals` is SQL in place of some, such as NULL."""
    compiled = _STATEMENTS[statement]

    def put(match: re.Match[str]) -> str:
        name = compiled.names[int(match[1]) - 1]
        return literals.get(name, f":{name}")

    return f"{' '.join(_NUMBER.sub(put, compiled.sql).split())};"


async def run(
    script: Script, binaries: Path, place: str, *, clients: int, seconds: float, cores: frozenset[int]
) -> int:
    """How often the script was done in so many seconds.

    :raises LoadFailed: something in it went wrong, once or always.
    """
    address, _, database = place.partition("/")
    user, _, host = address.partition("@")
    with tempfile.TemporaryDirectory(prefix="chatkit-pgbench-") as folder:
        file = Path(folder) / "script"
        file.write_text(script.text)
        process = await asyncio.create_subprocess_exec(
            str(binaries / "pgbench"),
            *("--no-vacuum", "--protocol=prepared", f"--file={file}", f"--time={max(1, round(seconds))}"),
            *(f"--client={clients}", "--jobs=1"),
            *(f"--define={name}={value}" for name, value in script.fixed.items()),
            *(f"--host={host.partition(':')[0]}", f"--port={host.partition(':')[2]}", f"--username={user}", database),
            stdout=PIPE,
            stderr=STDOUT,
        )
        pin(process.pid, cores)
        output = (await process.communicate())[0].decode()
    done = _DONE.search(output)
    if process.returncode or done is None or _FAILED.search(output):
        raise LoadFailed(f"pgbench, {place}:\n{output[-3000:]}")
    return int(done[1])
