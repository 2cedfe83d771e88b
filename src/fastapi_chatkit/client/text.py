"""The text of an answer: a reducer without input or output."""

from __future__ import annotations

from typing import Any, TypeGuard, cast

_BETWEEN = "\n\n"
_MAX_PARTS = 1000

Json = dict[str, Any]
Part = list[str]
"""One content part, in the chunks that it came in: long answers stay linear."""


class Transcript:
    """The text of a run's assistant messages, as their events say it.

    Messages, and the parts of one, are set apart by a blank line.
    """

    def __init__(self) -> None:
        self._messages: dict[str, list[Part]] = {}
        self._ahead = ""

    @property
    def text(self) -> str:
        """All of it so far."""
        return _BETWEEN.join(text for parts in self._messages.values() for part in parts if (text := "".join(part)))

    def apply(self, event: Json) -> str:
        """Take an event in; what it adds at the end, for whoever prints as it comes.

        That is "" when it takes something back: what has been said cannot be unsaid, and what is said again is not
        repeated.
        """
        match event.get("type"):
            case "thread.item.updated":
                return self._update(str(event.get("item_id")), event.get("update"))
            case "thread.item.added" | "thread.item.done" | "thread.item.replaced":
                return self._replace(self._messages | _messages([event.get("item")]))
            case "thread.item.removed":
                gone = event.get("item_id")
                return self._replace({key: parts for key, parts in self._messages.items() if key != gone})
            case "run.snapshot":
                return self._replace(_messages(event.get("items")))
            case _:
                return ""

    def _update(self, key: str, update: object) -> str:
        if not _is_object(update):
            return ""
        index = update.get("content_index")
        if not isinstance(index, int) or not 0 <= index < _MAX_PARTS:
            return ""
        parts = self._messages.get(key, [])
        match update.get("type"):
            case "assistant_message.content_part.text_delta":
                delta = str(update.get("delta") or "")
                if 0 < len(parts) == index + 1 and parts[index] and key == next(reversed(self._messages)):
                    parts[index].append(delta)
                    return self._new(delta)
                before = parts[index] if index < len(parts) else []
                return self._replace(self._messages | {key: _with(parts, index, [*before, delta])})
            case "assistant_message.content_part.added" | "assistant_message.content_part.done":
                return self._replace(self._messages | {key: _with(parts, index, _part(update.get("content")))})
            case _:
                return ""

    def _replace(self, messages: dict[str, list[Part]]) -> str:
        before = self.text
        self._messages = messages
        text = self.text
        if text.startswith(before):
            return self._new(text[len(before) :])
        said = before + self._ahead
        self._ahead = said[len(text) :] if said.startswith(text) else ""
        return text[len(said) :] if text.startswith(said) else ""

    def _new(self, added: str) -> str:
        """What of ``added`` is new to whoever has heard more than the text now has."""
        if self._ahead.startswith(added):
            self._ahead = self._ahead[len(added) :]
            return ""
        ahead, self._ahead = self._ahead, ""
        return added.removeprefix(ahead)


def _is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict)


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _messages(items: object) -> dict[str, list[Part]]:
    """The assistant's messages among items."""
    found = [one for one in _list(items) if _is_object(one) and one.get("type") == "assistant_message"]
    return {str(one.get("id")): [_part(part) for part in _list(one.get("content"))] for one in found}


def _part(content: object) -> Part:
    text = content.get("text") if _is_object(content) else None
    return [text] if isinstance(text, str) and text else []


def _with(parts: list[Part], index: int, part: Part) -> list[Part]:
    longer = [*parts, *([] for _ in range(len(parts), index + 1))]
    longer[index] = part
    return longer
