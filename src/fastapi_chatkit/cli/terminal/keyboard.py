"""The keyboard while an answer streams: typed keys are kept for the next prompt, and Ctrl-C stops the answer."""

import asyncio
import signal
import sys
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

try:
    import termios
except ImportError:  # Windows
    termios = None

T = TypeVar("T")


class Interrupted(Exception):
    """The user pressed Ctrl-C."""


async def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work``; Ctrl-C cancels it and raises :class:`Interrupted` once it has cleaned up."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(task.cancel)

    before = signal.signal(signal.SIGINT, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
        raise Interrupted from None
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def unechoed() -> Generator[None]:
    """Keep typed keys from being painted into the answer. They are not lost: the next prompt reads them."""
    if termios is None or not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
