"""Quoted words are somebody's own: no rule reads them, they come back as they were typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIRST, _LAST = "\ue000", "\uf8ff"  # characters for private use, one for each quotation

QUOTED = f"[{_FIRST}-{_LAST}]"
"""A pattern for one quotation in a :class:`Said`."""

_PRIVATE = re.compile(QUOTED)
_QUOTATION = re.compile(
    r"\"([^\"\n]+)\"|“([^“”\n]+)”|„([^„“”\n]+)[“”]|«([^«»\n]+)»|`([^`\n]+)`"
    r"|(?<!\w)'([^'\n]+(?:(?<=\w)'\w[^'\n]*)*)'(?!\w)|(?<!\w)\u2018([^\u2018\n]+?)\u2019(?!\w)"
)
"""None holds the mark that opens it, so that marks without an end are read once, not once for each."""

_MOST = ord(_LAST) - ord(_FIRST)


@dataclass(frozen=True, slots=True)
class Said:
    """A text with a single private character in place of each of its ``quotes``.

    Apostrophes are straight, spaces are single, lines have none around them, and empty lines are single: patterns that
    look for any of these take their time over long runs.
    """

    text: str
    quotes: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Said:
        """Take the quotations out of a text."""
        quotes: list[str] = []

        def put_away(found: re.Match[str]) -> str:
            if len(quotes) >= _MOST:
                return found[0]
            quotes.append(next(group for group in found.groups() if group is not None).strip())
            return chr(ord(_FIRST) + len(quotes) - 1)

        lines = [" ".join(line.split()) for line in _PRIVATE.sub(" ", text).split("\n")]
        flat = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
        masked = _QUOTATION.sub(put_away, flat)
        return cls(masked.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"), tuple(quotes))

    def part(self, text: str) -> Said:
        """A part of this text, or another text that was made of it."""
        return Said(text, self.quotes)

    def whole(self, text: str | None = None) -> str:
        """The text, or a part of it, with its quotations in their places, without the marks."""
        return _PRIVATE.sub(lambda found: self._quote(found[0]), self.text if text is None else text)

    def quotation(self) -> str | None:
        """What is quoted, if the text is one quotation and nothing else."""
        text = self.text.strip(" .,:;!")
        return self._quote(text) if len(text) == 1 and _PRIVATE.match(text) else None

    def _quote(self, mark: str) -> str:
        index = ord(mark) - ord(_FIRST)
        return self.quotes[index] if index < len(self.quotes) else ""
