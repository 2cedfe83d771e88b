"""Where the user's lines come from. ``prompt`` has the line editor of a terminal; here are the lines of a pipe."""

import signal
from collections.abc import Sequence
from typing import Protocol, TextIO

from .keyboard import Interrupted


class Reader(Protocol):
    """A source of lines. ``interactive``: a person is there to be asked.

    Both methods raise EOFError at the end (Ctrl-D) and Interrupted on Ctrl-C.
    """

    interactive: bool

    async def message(self, *, recall: Sequence[str], commands: Sequence[str], status: str) -> str:
        """The next message. ``recall`` are earlier ones, ``commands`` can be completed, ``status`` stands below."""
        ...

    async def answer(self, prompt: str) -> str:
        """The answer to a question that is on the screen already."""
        ...


class LineReader:
    """The lines of a pipe, or of a terminal that can do no more. ``prompts``: where prompts go, None for nowhere."""

    def __init__(self, lines: TextIO, prompts: TextIO | None) -> None:
        self.interactive = prompts is not None
        self._lines = lines
        self._prompts = prompts

    async def message(self, *, recall: Sequence[str], commands: Sequence[str], status: str) -> str:
        """The next line."""
        return self._read("› ")

    async def answer(self, prompt: str) -> str:
        """The next line."""
        return self._read(prompt)

    def _read(self, prompt: str) -> str:
        if self._prompts is not None:
            self._prompts.write(prompt)
            self._prompts.flush()
        # Nothing else runs meanwhile, so the read may block; Ctrl-C must then interrupt it, not cancel a task.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            line = self._lines.readline()
        except KeyboardInterrupt:
            raise Interrupted from None
        finally:
            signal.signal(signal.SIGINT, before)
        if not line:
            raise EOFError
        return line.rstrip("\n")
