"""The screen of a pipe or a file: the answers' markdown as it comes, everything else around it in plain text.

What belongs to the answer goes to standard output, remarks, steps and errors to standard error.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from io import StringIO
from typing import TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from .conversation import Conversation
from .items import Note, ToolCall, UserMessage, Workflow
from .render import draw
from .scroll import Cited, Piece, Said, Scroll

_WIDTH = 100


class PlainScreen:
    """Text without colours or cursor movements. ``out`` takes the answers, ``err`` the rest."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self._console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_terminal=False)
        self._scroll = Scroll(Conversation(), len)
        self._written = False
        self._mid_answer = False
        self._last_character = "\n"

    @asynccontextmanager
    async def following(self, conversation: Conversation) -> AsyncGenerator[Callable[[], None]]:
        """Print with each event."""
        if self._scroll.conversation is not conversation:
            self._scroll = Scroll(conversation, len)
        progress = ""

        def changed() -> None:
            nonlocal progress
            if conversation.progress != progress and conversation.progress and self._err.isatty():
                self._aside(Text(f"… {conversation.progress}"))
            progress = conversation.progress
            self._print()

        try:
            yield changed
        finally:
            self._print()

    def show(self, conversation: Conversation) -> None:
        """History is not repeated into a pipe."""
        self._scroll = Scroll(conversation, len)
        self._scroll.take()

    def heard(self, text: str) -> None:
        """Quote what was read, so that the output reads as a conversation."""
        if text:
            self._apart()
            self._out.write("".join(f"> {line}\n" for line in text.splitlines()))
            self._out.flush()

    def ask(self, question: str) -> None:
        """Print to standard error: whoever types the answer looks there."""
        self._aside(Text(question))

    def write(self, renderable: RenderableType) -> None:
        """Print what a command answers."""
        self._apart()
        self._out.write(self._drawn(renderable))
        self._out.flush()

    def remark(self, note: Note) -> None:
        """Print to standard error."""
        self._aside(draw(replace(note, retry=False)))

    def _print(self) -> None:
        for piece in self._scroll.take():
            self._piece(piece)

    def _piece(self, piece: Piece) -> None:
        match piece:
            case Said():
                self._said(piece)
            case Cited():
                self._apart()
                self._out.write("Sources:\n")
                self._out.writelines(f"- {one.title} {one.where}".rstrip() + "\n" for one in piece.sources)
                self._out.flush()
            case UserMessage():
                pass
            case Note():
                self.remark(piece)
            case Workflow() | ToolCall():
                self._aside(draw(piece))
            case _:
                self.write(draw(piece))

    def _aside(self, renderable: RenderableType) -> None:
        """To standard error, in step with standard output where both are one file."""
        self._out.flush()
        self._err.write(self._drawn(renderable))
        self._err.flush()

    def _drawn(self, renderable: RenderableType) -> str:
        """What rich makes of it, without the blanks that pad its lines."""
        with self._console.capture() as capture:
            self._console.print(renderable)
        return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())

    def _said(self, piece: Said) -> None:
        if not self._mid_answer and piece.markdown:
            self._apart()
            self._mid_answer = True
        if piece.markdown:
            self._out.write(piece.markdown)
            self._last_character = piece.markdown[-1]
        if piece.last and self._mid_answer:
            self._out.write("" if self._last_character == "\n" else "\n")
            self._mid_answer = False
        self._out.flush()

    def _apart(self) -> None:
        """A blank line between two things."""
        if self._written:
            self._out.write("\n")
        self._written = True
