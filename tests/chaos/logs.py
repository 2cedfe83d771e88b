"""What the replicas logged, line by line, and what of it nobody can have wanted."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

GREETING = re.compile(r"fastapi-chatkit \S+$|  \w[\w ]{0,8} ")
"""What ``serve`` says on standard error at its start; ``doctor`` and people read it, not collectors."""

_IDS = re.compile(r"\b(run|thr|msg|rep|req)_[0-9a-f]{6,}|\b\d+(\.\d+)?\b")


class Line(NamedTuple):
    """One line: of a process, its level and logger, its words without ids and numbers, and how its traceback ends."""

    who: str
    level: str
    logger: str
    words: str
    error: str
    whole: str


def lines_of(who: str, log: Path) -> Iterator[Line]:
    """The lines of a process; one that is no JSON, and not the greeting either, has the level ``raw``."""
    for text in log.read_text(errors="replace").splitlines():
        if not text.strip() or GREETING.match(text):
            continue
        try:
            line = json.loads(text)
            message, exception = line["message"], line.get("exception", "")
        except (ValueError, KeyError, TypeError):
            yield Line(who, "raw", "", _IDS.sub("N", text)[:200], "", text)
            continue
        error = exception.strip().splitlines()[-1].partition(":")[0] if exception.strip() else ""
        yield Line(who, line["level"], line["logger"], _IDS.sub("N", message), error, f"{message}\n{exception}".strip())


EXPECTED = (
    # The database was away, or slow.
    (r"run N waits for the database", ""),
    (r"the lease of this process .*", ".*"),
    (r"the end of run N could not be stored", "fastapi_chatkit.errors.Overloaded"),
    (r"the end of run N is not stored yet", ".*"),
    (r"not ready: .*", ".*"),
    (r"run N: what is stored of it could not be read", ""),
    (r"PostgreSQL: .*", ".*"),
    (r"the store could not be opened, .*", ".*"),
    # A process was dead, or taken for dead.
    (r"run N was taken for dead and has been ended elsewhere", ""),
    (r"run interrupted: its process is dead", ""),
    (r"run N was stopped and its agent goes on, it is left", ""),
    (r"the ends of N runs were not stored", ""),
    # Redis was away.
    (r".*Redis.*", ".*"),
)
"""Words and how the traceback ends, as regular expressions: of warnings and errors that a fault explains."""


def unexpected(lines: Iterable[Line]) -> Iterator[Line]:
    """The warnings, errors and stray lines that nothing explains."""
    for line in lines:
        if line.level in ("debug", "info"):
            continue
        if not any(re.fullmatch(words, line.words) and re.fullmatch(error, line.error) for words, error in EXPECTED):
            yield line


def counted(lines: Iterable[Line]) -> Counter[tuple[str, str, str]]:
    """How often each kind of warning and error comes."""
    return Counter((line.level, line.words, line.error) for line in lines if line.level not in ("debug", "info"))
