"""Where a growing markdown text can be cut: what is before the cut will not change, whatever comes after."""

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


def parser() -> MarkdownIt:
    """The client's one dialect: CommonMark with tables and strikethrough. HTML is text, as nothing here renders it."""
    return MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])


def finished(text: str) -> int:
    """The length of the part of ``text`` whose blocks are complete; 0 while the first block still grows.

    A block is complete when a whole line of the next one is there: a line that is still being written may yet continue
    the block before it (``2`` is a paragraph, ``2. b`` the list's next item).
    """
    complete = text[: text.rfind("\n") + 1]
    starts = [token.map[0] for token in _blocks().parse(complete) if _is_top(token) and token.map]
    if len(starts) < 2:
        return 0
    return sum(len(line) + 1 for line in complete.split("\n")[: starts[-1]])


@cache
def _blocks() -> MarkdownIt:
    return parser().disable("inline")


def _is_top(token: Token) -> bool:
    return token.level == 0 and token.nesting >= 0
