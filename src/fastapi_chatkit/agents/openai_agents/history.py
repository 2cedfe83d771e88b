"""What of a thread is sent to the model: the newest items, in order, within a budget of tokens.

Tokens are estimated as a quarter of the bytes of the text's UTF-8 form and a few for each message: near enough for
English, too many for most other languages, so the budget errs on the safe side.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, cast

from agents import TResponseInputItem
from chatkit import types as sdk
from chatkit.agents import ThreadItemConverter

from .converter import ModelInput

logger = logging.getLogger(__name__)

TRUNCATED = "\n[… cut off: too long to be sent …]"
"""What a text ends with of which only the beginning is sent."""

_BYTES_PER_TOKEN = 4
_MESSAGE_TOKENS = 8
_OLDER_SHARE = 4
"""An item that is not the newest may use this fraction of the budget before it is cut off."""


async def model_input(
    items: Sequence[sdk.ThreadItem],
    current: sdk.ThreadItem | None,
    converter: ThreadItemConverter,
    budget: int,
) -> list[TResponseInputItem]:
    """The input for ``items`` (oldest first) within ``budget`` tokens.

    ``current`` is what is to be answered: it is there once, and is never dropped, only cut off where it alone is too
    long. Other items are dropped whole, the oldest first.
    """
    if current is not None and all(item.id != current.id for item in items):
        items = [*items, current]
    current_id = current.id if current is not None else items[-1].id if items else ""
    kept: deque[list[TResponseInputItem]] = deque()
    longest = budget // _OLDER_SHARE
    full = False
    for item in reversed(items):
        if full and item.id != current_id:
            continue
        converted = await _convert(item, converter, required=item.id == current_id)
        limit = budget if item.id == current_id else longest
        converted = [_cut(piece, limit) for piece in converted]
        size = sum(map(tokens, converted))
        if item.id != current_id and size > budget:
            full = True
            continue
        budget = max(0, budget - size)
        kept.appendleft(converted)
    return _with_unique_calls(kept)


async def _convert(item: sdk.ThreadItem, converter: ThreadItemConverter, *, required: bool) -> list[TResponseInputItem]:
    """An item's input. A converter that fails must not spoil every later turn, so an old item is left out then."""
    try:
        return await converter.to_agent_input([item])
    except Exception as error:
        logger.warning("item %s (%s) could not be converted for the model", item.id, item.type, exc_info=error)
        if not required:
            return []
    return await ModelInput().to_agent_input([item])


def tokens(piece: TResponseInputItem) -> int:
    """A safe estimate of how many tokens the piece is."""
    size = sum(len(holder[key].encode("utf-8", "replace")) for holder, key in _texts(piece))
    return _MESSAGE_TOKENS + -(-size // _BYTES_PER_TOKEN)


def _cut(piece: TResponseInputItem, limit: int) -> TResponseInputItem:
    """The piece with its texts cut off at ``limit`` tokens together; arguments of calls stay, they must be JSON."""
    if tokens(piece) <= limit:
        return piece
    room = max(0, limit - _MESSAGE_TOKENS) * _BYTES_PER_TOKEN
    piece = deepcopy(piece)
    for holder, key in _texts(piece):
        text = holder[key].encode("utf-8", "replace")
        if len(text) > room and key != "arguments":
            holder[key] = text[: max(0, room - len(TRUNCATED.encode()))].decode("utf-8", "ignore") + TRUNCATED
        room = max(0, room - len(text))
    return piece


def _texts(piece: Any) -> list[tuple[dict[str, Any], str]]:
    """Where a piece keeps its texts, as pairs of a dict and a key."""
    found: list[tuple[dict[str, Any], str]] = []
    for key in ("content", "output", "arguments"):
        value = piece.get(key)
        if isinstance(value, str):
            found.append((piece, key))
        elif isinstance(value, list):
            parts = cast("list[dict[str, Any]]", value)
            found += [(part, "text") for part in parts if isinstance(part.get("text"), str)]
    return found


def _with_unique_calls(kept: deque[list[TResponseInputItem]]) -> list[TResponseInputItem]:
    """All input, with call ids that some providers repeat told apart: a repeated one would hide the older call."""
    seen: set[str] = set()
    flat: list[TResponseInputItem] = []
    for pieces in kept:
        renamed: dict[str, str] = {}
        for piece in pieces:
            fields = cast("dict[str, Any]", piece)
            call_id = fields.get("call_id")
            if isinstance(call_id, str):
                if fields.get("type") == "function_call":
                    renamed[call_id] = call_id if call_id not in seen else f"{call_id[:48]}_{len(seen)}"
                    seen.add(renamed[call_id])
                fields["call_id"] = renamed.get(call_id, call_id)
            flat.append(piece)
    return flat
