"""Text that others wrote, in a sentence of ours."""

from __future__ import annotations

import re

LONGEST = 500
_SPECIAL = re.compile(r"([\\`*_\[\]<>!|~#&])")


def escaped(text: str) -> str:
    """The text on one line, so that markdown shows it as it stands; at most its first 500 characters."""
    line = " ".join(text.split())
    return _SPECIAL.sub(r"\\\1", line if len(line) <= LONGEST else f"{line[:LONGEST]}…")
