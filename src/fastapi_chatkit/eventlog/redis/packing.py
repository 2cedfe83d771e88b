"""Consecutive events as one entry of a stream, and back.

An entry's id is ``<attempt>-<seq of its last event>``. Redis takes none that is not above the last one, so that an
offset is a fence at once. Its fields are the events in order: ``<type>`` with the event's JSON; or, for consecutive
text deltas of one content part, ``<content index>:<item id>`` with their texts, as they stand in JSON, one to a line.

``fence`` stands in an entry ``<attempt>-0``: it says that the attempt has ended the run without saying anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, get_args

from ...events import TEXT_DELTA_TAIL, EventType, LoggedEvent, Offset, text_delta_head
from ..blocks import Piece

FENCE = b"fence"

_KINDS: dict[bytes, EventType] = {kind.encode(): kind for kind in get_args(EventType)}


class Unreadable(Exception):
    """An entry is none that this version writes."""


class Entry(NamedTuple):
    """An entry of a stream. ``seq`` is that of its first event (where it has none, the one after its own); ``size`` is
    how many bytes its events' data have; ``ended`` that the last of them is the run's end.
    """

    last: Offset
    seq: int
    events: list[LoggedEvent]
    size: int
    ended: bool


def pack(pieces: Sequence[Piece]) -> tuple[list[bytes], int]:
    """The fields and values of an entry, one after the other, and how many events they are."""
    fields, events = list[bytes](), 0
    for what, data in pieces:
        if isinstance(what, str):
            fields += what.encode(), data[0]
        else:
            item_id, content_index = what
            fields += b"%d:%b" % (content_index, item_id.encode()), b"\n".join(data)
        events += len(data)
    return fields, events


def unpack(entry_id: bytes, fields: Sequence[bytes]) -> Entry:
    """The entry of an id and its fields and values, one after the other.

    :raises Unreadable: they are none that :func:`pack` makes.
    """
    try:
        last = parse(entry_id)
        if fields[0] == FENCE:
            return Entry(last, last.seq + 1, [], 0, ended=False)
        found = [one for field, value in zip(fields[::2], fields[1::2], strict=True) for one in _events(field, value)]
    except (ValueError, IndexError) as error:
        raise Unreadable(str(error)) from None
    attempt, seq = last.attempt, last.seq - len(found) + 1
    if seq < 1:
        raise Unreadable("more events than its id says")
    events = [LoggedEvent(Offset(attempt, at), kind, data) for at, (kind, data) in enumerate(found, start=seq)]
    return Entry(last, seq, events, sum(len(data) for _, data in found), found[-1][0] == "run.ended")


def _events(field: bytes, value: bytes) -> list[tuple[EventType, bytes]]:
    kind = _KINDS.get(field)
    if kind is not None:
        return [(kind, value)]
    content_index, _, item_id = field.partition(b":")
    head = text_delta_head(item_id.decode(), int(content_index))
    return [("thread.item.updated", b"%b%b%b" % (head, text, TEXT_DELTA_TAIL)) for text in value.split(b"\n")]


def parse(entry_id: bytes) -> Offset:
    """The offset that an entry's id is. :raises ValueError: it is none."""
    attempt, seq = entry_id.split(b"-")
    return Offset(int(attempt), int(seq))
