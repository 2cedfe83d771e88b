"""The names by which models call tools: valid everywhere, unique among all servers, and the same all the time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import count

from .server import NAME

_OTHER = re.compile(r"[^a-zA-Z0-9_-]")
_LENGTH = 64
_MANY = 10_000


class Names:
    """Given once, a name means one tool for as long as the process lives: a call that waits for the user's approval
    must not reach another tool because a server has come or gone in between.

    Another process may give other names: a server that does not answer may have any tool, so the one that is listed
    first has its own name, and of those that are listed together the one that is configured first.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._tools: dict[str, tuple[str, str]] = {}

    def name(self, server: str, tool: str) -> str:
        """The name of a server's tool: its own, if that is free; else with the server's as its prefix."""
        known = self._names.get((server, tool))
        if known is not None:
            return known
        if len(self._names) >= _MANY:  # a server that has other tools all the time
            self._names.clear()
            self._tools.clear()
        name = next(candidate for candidate in _candidates(server, tool) if candidate not in self._tools)
        self._names[server, tool] = name
        self._tools[name] = (server, tool)
        return name

    def tool(self, name: str) -> tuple[str, str] | None:
        """The server and its tool that were given this name."""
        return self._tools.get(name)


def is_valid(name: str) -> bool:
    """Whether every model's API takes this name."""
    return NAME.fullmatch(name) is not None


def _candidates(server: str, tool: str) -> Iterator[str]:
    for text in (tool, f"{server}_{tool}"):
        name = _OTHER.sub("_", text)
        if 0 < len(name) <= _LENGTH:
            yield name
    stem = _OTHER.sub("_", tool)[: _LENGTH - 9]
    for number in count():
        digest = sha256(f"{number}\n{server}\n{tool}".encode("utf-8", "surrogatepass")).hexdigest()
        yield f"{stem}_{digest[:8]}"
