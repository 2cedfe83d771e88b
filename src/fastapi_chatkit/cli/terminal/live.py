"""The screen of a terminal: finished blocks go to the scrollback, the growing rest is redrawn below them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.text import Text

from .blocks import finished
from .conversation import RECONNECTING, Conversation
from .items import Note, UserMessage
from .render import draw, spinner
from .scroll import Piece, Said, Scroll

_REDRAW_SECONDS = 0.08
_MAX_GROWING = 8_000


class LiveScreen:
    """A terminal. ``commands``: the user can type commands, so remarks may name them."""

    def __init__(self, console: Console, *, commands: bool) -> None:
        self._console = console
        self._commands = commands
        self._scroll = Scroll(Conversation(), finished)

    @asynccontextmanager
    async def following(self, conversation: Conversation) -> AsyncGenerator[Callable[[], None]]:
        """Redraw in steady time, whatever the pace of the events."""
        scroll = self._scroll_of(conversation)
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            drawing = asyncio.create_task(self._redraw(live, scroll))
            try:
                yield _nothing
            finally:
                drawing.cancel()
                with suppress(asyncio.CancelledError):
                    await drawing
                live.update(Group())
                self._print(scroll.take())

    def show(self, conversation: Conversation) -> None:
        """Print the thread's history."""
        self._print(self._scroll_of(conversation).take(), history=True)

    def heard(self, text: str) -> None:
        """The prompt left it on the screen; a blank line sets the answer apart."""
        self._console.print()

    def ask(self, question: str) -> None:
        """Print the question; the prompt follows at once."""
        self._console.print(Text(question))

    def write(self, renderable: RenderableType) -> None:
        """Print what a command answers, and a blank line."""
        self._console.print(renderable)
        self._console.print()

    def remark(self, note: Note) -> None:
        """Print a remark."""
        self._print([note])

    def _scroll_of(self, conversation: Conversation) -> Scroll:
        if self._scroll.conversation is not conversation:
            self._scroll = Scroll(conversation, finished)
        return self._scroll

    async def _redraw(self, live: Live, scroll: Scroll) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            started = clock()
            pieces = scroll.take()
            # First what remains, then what is done: the print repaints both at once, so nothing is seen twice.
            live.update(_Bottom(_growing(scroll)))
            self._print(pieces)
            live.refresh()
            # A huge block takes long to draw: the events must still get most of the time.
            await asyncio.sleep(max(_REDRAW_SECONDS, 2 * (clock() - started)))

    def _print(self, pieces: list[Piece], *, history: bool = False) -> None:
        drawn: list[RenderableType] = []
        for piece in pieces:
            if isinstance(piece, UserMessage) and not history:
                continue
            if isinstance(piece, Said) and not piece.markdown.strip():
                continue
            if isinstance(piece, Note) and piece.retry:
                piece = replace(piece, retry=self._commands)
            drawn += [draw(piece), Text()]
        if drawn:
            self._console.print(Group(*drawn))


class _Bottom:
    """The last lines of a renderable: as many as the terminal has room for."""

    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._renderable, options.update(height=None), pad=False)
        for line in lines[-max(1, options.size.height - 2) :]:
            yield from line
            yield Segment.line()


def _growing(scroll: Scroll) -> RenderableType:
    parts: list[RenderableType] = []
    for piece in scroll.rest():
        if isinstance(piece, Said):
            piece = Said(_end_of(piece.markdown))
        if not isinstance(piece, UserMessage):
            parts += [draw(piece, live=True), Text()]
    progress = "stopping" if scroll.conversation.stopping else scroll.conversation.progress
    said = (f" {progress}", "dim" if progress == RECONNECTING else "")
    keys = "Ctrl-C again leaves" if scroll.conversation.stopping else "Ctrl-C stops"
    parts.append(Text.assemble((spinner(), "cyan"), said if progress else "", (f"  {keys}", "dim")))
    return Group(*parts)


def _end_of(markdown: str) -> str:
    """As much of a growing block as a screen holds, in its fence: a redraw costs the same however long it grows."""
    if len(markdown) <= _MAX_GROWING:
        return markdown
    end = markdown[-_MAX_GROWING:]
    end = end.partition("\n")[2] or end
    fence = markdown.partition("\n")[0] + "\n" if markdown.startswith(("```", "~~~")) else ""
    return fence + end


def _nothing() -> None:
    """The screen is redrawn by the clock, not by events."""
