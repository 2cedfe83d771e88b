"""Where a conversation is shown. Two implementations: ``live`` for a terminal, ``plain`` for a pipe or a file."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from rich.console import RenderableType

from .conversation import Conversation
from .items import Note


class Screen(Protocol):
    """Prints a conversation in order, each thing once."""

    def following(self, conversation: Conversation) -> AbstractAsyncContextManager[Callable[[], None]]:
        """Show what comes while an answer streams in; call what the context gives after each event.

        When the context ends, everything is printed that the conversation holds, so end the conversation first.
        """
        ...

    def show(self, conversation: Conversation) -> None:
        """Print what an opened thread holds already, the user's messages included."""
        ...

    def heard(self, text: str) -> None:
        """The user has typed ``text`` at a prompt: print it, if it does not stand there already."""
        ...

    def ask(self, question: str) -> None:
        """Print a question that the prompt below it is for."""
        ...

    def write(self, renderable: RenderableType) -> None:
        """Print what a command answers."""
        ...

    def remark(self, note: Note) -> None:
        """Print a remark that belongs to no conversation."""
        ...
