"""What a model's answer consists of: text, a refusal, a reasoning summary, a call of a tool.

Every part is streamed in chunks. They are JSON-encoded once per part, not once per request, so that an answer of
thousands of deltas costs the server little; keep the part and reuse it for many requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice, repeat
from typing import Any

from fastapi_chatkit.testing.wire.encoding import encode

_WORD = re.compile(r"\s*\S+|\s+")


@dataclass(frozen=True)
class Chunks:
    """A text cut into the deltas that are sent: ``repeat`` times ``texts``, ``batch`` deltas per write."""

    texts: tuple[str, ...]
    delay: float = 0.0
    repeat: int = 1
    batch: int = 1

    @classmethod
    def cut(cls, text: str | Sequence[str], size: int | None, *, delay: float, **options: int) -> Chunks:
        """Into words, or pieces of ``size`` characters; a sequence of strings is taken as it is."""
        if not isinstance(text, str):
            texts = tuple(text)
        elif size is None:
            texts = tuple(_WORD.findall(text))
        else:
            texts = tuple(text[start : start + size] for start in range(0, len(text), size))
        return cls(texts, delay, **options)

    def __len__(self) -> int:
        return len(self.texts) * self.repeat

    @cached_property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.texts) * self.repeat

    @cached_property
    def _encoded(self) -> tuple[bytes, ...]:
        return tuple(encode(text) for text in self.texts)

    def writes(self) -> Iterator[tuple[bytes, ...]]:
        """The deltas as JSON strings, grouped into the writes that they are sent in."""
        deltas = chain.from_iterable(repeat(self._encoded, self.repeat))
        while write := tuple(islice(deltas, self.batch)):
            yield write


@dataclass(frozen=True)
class UrlCitation:
    """A cited page; ``start`` and ``end`` are character positions in the text that cites it (default: all of it)."""

    url: str
    title: str
    start: int = 0
    end: int | None = None


@dataclass(frozen=True)
class FileCitation:
    """A cited file, at the character ``index``. The Responses API has these, Chat Completions does not."""

    file_id: str
    filename: str
    index: int = 0


Citation = UrlCitation | FileCitation


@dataclass(frozen=True)
class Text:
    """Text of the assistant, streamed word by word.

    ``text`` as a sequence of strings gives the chunks themselves; ``chunk_size`` cuts by characters. ``delay`` is the
    seconds between two writes, ``repeat`` sends all chunks that many times (cheap large streams), ``batch`` is the
    number of deltas that share one write to the socket.
    """

    text: str | Sequence[str]
    chunk_size: int | None = field(default=None, kw_only=True)
    delay: float = field(default=0.0, kw_only=True)
    repeat: int = field(default=1, kw_only=True)
    batch: int = field(default=1, kw_only=True)
    annotations: Sequence[Citation] = field(default=(), kw_only=True)

    @cached_property
    def chunks(self) -> Chunks:
        """The deltas."""
        return Chunks.cut(self.text, self.chunk_size, delay=self.delay, repeat=self.repeat, batch=self.batch)


@dataclass(frozen=True)
class Refusal:
    """The model refuses, in its own words; streamed like ``Text``."""

    text: str | Sequence[str]
    chunk_size: int | None = field(default=None, kw_only=True)
    delay: float = field(default=0.0, kw_only=True)

    @cached_property
    def chunks(self) -> Chunks:
        """The deltas."""
        return Chunks.cut(self.text, self.chunk_size, delay=self.delay)


@dataclass(frozen=True)
class Reasoning:
    """A reasoning item with one summary, or with several where a sequence is given.

    Chat Completions has no such thing at OpenAI; there it is sent as ``reasoning_content``, as other providers do.
    """

    summaries: str | Sequence[str]
    chunk_size: int | None = field(default=None, kw_only=True)
    delay: float = field(default=0.0, kw_only=True)

    @cached_property
    def chunks(self) -> tuple[Chunks, ...]:
        """The deltas of each summary."""
        summaries = (self.summaries,) if isinstance(self.summaries, str) else self.summaries
        return tuple(Chunks.cut(summary, self.chunk_size, delay=self.delay) for summary in summaries)


@dataclass(frozen=True)
class ToolCall:
    """A call of a function tool; ``arguments`` is a mapping, or the JSON text itself (which may be wrong on purpose).

    ``call_id`` is made up, anew for each request, unless it is given.
    """

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict[str, Any])
    call_id: str | None = None
    chunk_size: int = field(default=8, kw_only=True)
    delay: float = field(default=0.0, kw_only=True)

    @cached_property
    def chunks(self) -> Chunks:
        """The arguments' JSON text in deltas."""
        arguments = self.arguments if isinstance(self.arguments, str) else encode(dict(self.arguments)).decode()
        return Chunks.cut(arguments, self.chunk_size, delay=self.delay)


Part = Text | Refusal | Reasoning | ToolCall
