"""What a user sees of one run: its items, put together from events as a page does it."""

from __future__ import annotations

from typing import Any


class Screen:
    """Items by id, in the order in which they came. Knows what the events say and nothing else."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, Any]] = {}

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items that are shown."""
        return list(self._items.values())

    def apply(self, event: dict[str, Any]) -> None:
        """Show what an event tells. :raises KeyError: it is about an item, or a part of one, that never came."""
        match event["type"]:
            case "thread.item.added" | "thread.item.done" | "thread.item.replaced":
                self._items[event["item"]["id"]] = event["item"]
            case "thread.item.updated":
                self._update(self._items[event["item_id"]], event["update"])
            case "thread.item.removed":
                del self._items[event["item_id"]]
            case "run.snapshot":
                self._items = {item["id"]: item for item in event["items"]}
            case _:
                pass

    @staticmethod
    def _update(item: dict[str, Any], update: dict[str, Any]) -> None:
        match update["type"]:
            case "assistant_message.content_part.added":
                _part_of(item, update["content_index"], new=True).update(update["content"])
            case "assistant_message.content_part.text_delta":
                part = _part_of(item, update["content_index"])
                part["text"] += update["delta"]
            case "assistant_message.content_part.done":
                _part_of(item, update["content_index"]).update(update["content"])
            case other:
                raise KeyError(other)  # the suite's agent says nothing else

    @property
    def text(self) -> str:
        """All text of the assistant, end to end."""
        messages = [item for item in self.items if item["type"] == "assistant_message"]
        return "".join(part["text"] for item in messages for part in item["content"])


def _part_of(item: dict[str, Any], index: int, *, new: bool = False) -> dict[str, Any]:
    content: list[dict[str, Any]] = item["content"]
    if new and index == len(content):
        content.append({})
    if index >= len(content):
        raise KeyError(f"part {index} of {item['id']}")
    return content[index]
