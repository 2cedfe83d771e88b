"""Markdown for a terminal: rich's, with headings on the left, code without a background, and links one can read."""

from collections.abc import Iterator
from typing import ClassVar

from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.padding import Padding
from rich.segment import Segment
from rich.syntax import Syntax
from rich.text import Text

from .blocks import parser

_MAX_PROSE = 200_000


class Prose:
    """A piece of an answer, its blocks set apart by one blank line each, however many pieces it comes in.

    ``text`` must be free of control characters. A piece too long to be laid out in seconds is shown as it came.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if len(self._text) > _MAX_PROSE:
            yield from _raw(self._text, options.max_width)
            return
        try:
            blocks = [_lines(_Block(block), console, options) for block in _blocks(parser().parse(self._text))]
        except Exception:  # noqa: BLE001 - rich trips over nestings that CommonMark allows: show the source then
            blocks = [_lines(Text(self._text), console, options)]
        for number, lines in enumerate(filter(None, blocks)):
            if number:
                yield Segment.line()
            for line in lines:
                yield from line
                yield Segment.line()


def _raw(text: str, width: int) -> Iterator[Segment]:
    """``text`` cut into lines at the width, which rich would else cut off; a character may be two columns wide."""
    for line in text.split("\n"):
        length = max(1, width if line.isascii() else width // 2)
        for start in range(0, max(1, len(line)), length):
            yield Segment(line[start : start + length].replace("\t", " "))
            yield Segment.line()


class _Heading(Heading):
    LEVEL_ALIGN: ClassVar[dict[str, JustifyMethod]] = {}


class _Code(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        yield Padding(
            Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True, background_color="default"), (0, 2)
        )


class _Block(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
    }

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__("", code_theme="ansi_dark", hyperlinks=False)
        self.parsed = tokens


def _blocks(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each top-level block."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


def _lines(block: Markdown | Text, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
    """What ``block`` looks like, without the blank lines that rich leaves around some kinds of block."""
    lines = console.render_lines(block, options, pad=False)
    shown = [number for number, line in enumerate(lines) if any(segment.text.strip() for segment in line)]
    return lines[shown[0] : shown[-1] + 1] if shown else []
