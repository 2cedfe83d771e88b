"""Items that a run has begun and not finished: what a stop, a failure or a crash would otherwise lose."""

from __future__ import annotations

from ..items import Item
from .updates import Json, apply_update, part_at


class PendingItem:
    """An item's JSON as every reader knows it by now. Streamed text is collected in buffers and joined on demand: its
    pieces by themselves would take ten times as much memory.

    ``stored`` tells an item that the run changes in place from one that it began.
    """

    __slots__ = ("_buffers", "_item", "stored", "takes_text")

    def __init__(self, item: Item, *, stored: bool = False) -> None:
        self._item = item
        self._buffers: dict[int, bytearray] = {}
        self.stored = stored
        self.takes_text = item["type"] == "assistant_message"

    def add_text(self, index: int, delta: str) -> None:
        """Append to a content part."""
        buffer = self._buffers.get(index)
        if buffer is None:
            buffer = self._buffers[index] = bytearray()
        buffer += delta.encode("utf-8", "surrogatepass")

    def update(self, update: Json) -> None:
        """Apply any other update."""
        apply_update(self.item, update)

    @property
    def item(self) -> Item:
        """The item as it is now."""
        for index, buffer in self._buffers.items():
            part_at(self._item, index)["text"] += buffer.decode("utf-8", "surrogatepass")
        self._buffers.clear()
        return self._item

    def has_content(self) -> bool:
        """Whether there is anything in it that a user would miss."""
        item = self.item
        match item["type"]:
            case "assistant_message":
                return any(part["text"].strip() for part in item["content"])
            case "workflow":
                return bool(item["workflow"]["tasks"])
            case _:
                return True
