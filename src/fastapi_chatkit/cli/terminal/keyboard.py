"""The keyboard outside of a prompt: typed keys are kept for the next one, and Ctrl-C stops an answer."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Generator
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


class _Between:
    """Ctrl-C between two interruptible works: it ends nothing at once, and counts for the next of them."""

    def __init__(self) -> None:
        self._pressed = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self._pressed = True

    def taken(self) -> bool:
        """Whether it was pressed since this was asked last."""
        pressed, self._pressed = self._pressed, False
        return pressed


async def interruptible(work: Coroutine[Any, Any, T], ask: Callable[[], bool] | None = None) -> T:
    """Run ``work``; Ctrl-C cancels it and raises :class:`Interrupted` once it has cleaned up.

    With ``ask``, the first Ctrl-C calls that instead, to bring ``work`` to a better end; it says whether it could.
    """
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    too_late = _Between()
    asking = ask

    def pressed() -> None:
        nonlocal asking
        if asking is None:
            task.cancel()
        elif not task.done() and asking():
            too_late.taken()
            asking = None

    def stop(number: int, frame: FrameType | None) -> None:
        too_late(number, frame)
        loop.call_soon_threadsafe(pressed)

    before = signal.signal(signal.SIGINT, stop)
    if isinstance(before, _Between) and before.taken():
        task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
        too_late.taken()
        raise Interrupted from None
    finally:
        signal.signal(signal.SIGINT, before)
        # The work had ended when the key was pressed: it is the next one's.
        if too_late.taken() and isinstance(before, _Between):
            before(signal.SIGINT, None)


@contextmanager
def unechoed() -> Generator[None]:
    """Keep typed keys from being painted into an answer. They are not lost: the next prompt reads them as they are.

    The prompt makes its own settings on top of these and comes back to them, so that no key falls in between.
    """
    if termios is None:
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    quiet = [*before]
    quiet[0] &= ~termios.ICRNL
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    terminated = signal.signal(signal.SIGTERM, _leave)
    interrupted = signal.signal(signal.SIGINT, _Between())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupted)
        signal.signal(signal.SIGTERM, terminated)
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End as from an error, so that the terminal is given back as it was."""
    raise SystemExit(1)
