"""Items that a run has begun and not finished: what a stop, a failure or a crash would otherwise lose."""

from __future__ import annotations

from ..items import Item
from .updates import Json, apply_update, part_at


class PendingItem:
    """An item's JSON as every reader knows it by now. Streamed text is collected in pieces and joined on demand.

    ``stored`` tells an item that the run changes in place from one that it began.
    """

    __slots__ = ("_chunks", "_item", "stored", "takes_text")

    def __init__(self, item: Item, *, stored: bool = False) -> None:
        self._item = item
        self._chunks: dict[int, list[str]] = {}
        self.stored = stored
        self.takes_text = item["type"] == "assistant_message"

    def add_text(self, index: int, delta: str) -> None:
        """Append to a content part."""
        chunks = self._chunks.get(index)
        if chunks is None:
            chunks = self._chunks[index] = []
        chunks.append(delta)

    def update(self, update: Json) -> None:
        """Apply any other update."""
        apply_update(self.item, update)

    @property
    def item(self) -> Item:
        """The item as it is now."""
        for index, chunks in self._chunks.items():
            part_at(self._item, index)["text"] += "".join(chunks)
        self._chunks.clear()
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
