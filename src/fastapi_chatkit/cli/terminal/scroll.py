"""How much of a conversation can be printed for good.

A terminal's scrollback cannot be changed. So what is settled goes there once and in order, a long answer block by
block, and only what still grows stays in the live region below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from .conversation import Conversation, Entry
from .items import Answer, Image, Note, Questions, Source, ToolCall, UserMessage, Widget, Workflow


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of an answer's markdown; ``last``: the answer ends here."""

    markdown: str
    last: bool = False


@dataclass(frozen=True, slots=True)
class Cited:
    """The sources of an answer that has ended."""

    sources: list[Source]


Piece: TypeAlias = Said | Cited | UserMessage | Workflow | Widget | Image | ToolCall | Questions | Note


class Scroll:
    """Where printing has come to in one conversation.

    ``cut`` gives the length of the part of an answer's text that can be printed already: ``blocks.finished`` for
    rendered markdown, ``len`` for raw text.
    """

    def __init__(self, conversation: Conversation, cut: Callable[[str], int]) -> None:
        self.conversation = conversation
        self._cut = cut
        self._next = 0
        self._printed = ""

    def take(self) -> list[Piece]:
        """What can be printed now, for good. It is not given again."""
        pieces: list[Piece] = []
        entries = self.conversation.entries
        while self._next < len(entries):
            entry = entries[self._next]
            pieces += self._ready(entry)
            if not entry.settled:
                break
            self._next += 1
            self._printed = ""
        return pieces

    def rest(self) -> list[Piece]:
        """What is there but still changes."""
        pieces: list[Piece] = []
        for index, entry in enumerate(self.conversation.entries[self._next :]):
            if entry.gone or _is_asked_elsewhere(entry):
                continue
            if isinstance(entry.item, Answer):
                text = entry.item.text
                printed = self._printed if index == 0 and text.startswith(self._printed) else ""
                pieces.append(Said(text[len(printed) :]))
            else:
                pieces.append(entry.item)
        return pieces

    def _ready(self, entry: Entry) -> list[Piece]:
        if isinstance(entry.item, Answer):
            return self._answer(entry, entry.item)
        shown = entry.settled and not entry.gone and not _is_asked_elsewhere(entry)
        return [entry.item] if shown else []

    def _answer(self, entry: Entry, answer: Answer) -> list[Piece]:
        if entry.gone:
            return [Note("dim", "The assistant took this back.")] if self._printed else []
        text = answer.text
        pieces: list[Piece] = []
        if not text.startswith(self._printed):
            if not entry.settled:
                return []
            if text and self._printed.startswith(text):  # its server died: the rest was never stored
                return [Said("", last=True), Note("dim", "The last words of this were not kept.")]
            pieces.append(Note("dim", "The assistant said it anew:"))
            self._printed = ""
        rest = text[len(self._printed) :]
        length = len(rest) if entry.settled else self._cut(rest)
        if length or (entry.settled and self._printed):
            pieces.append(Said(rest[:length], last=entry.settled))
            self._printed = text[: len(self._printed) + length]
        if entry.settled and answer.sources:
            pieces.append(Cited(answer.sources))
        return pieces


def _is_asked_elsewhere(entry: Entry) -> bool:
    """An open question is printed when the user is asked."""
    return isinstance(entry.item, Questions) and entry.item.pending
