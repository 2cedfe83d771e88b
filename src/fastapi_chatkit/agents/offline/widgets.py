"""The offline agent's widgets, and what their buttons do.

They are trees of plain data (the SDK's named widget classes are deprecated). Ids stay the same from one state of a
widget to the next, so that a page changes what changed and keeps the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from chatkit import types as sdk
from chatkit.widgets import DynamicWidgetRoot

from ...events import dumps
from ..base import Turn
from .steps import Conversation, Steps
from .texts import emphasized, quoted, shortened

COUNTER = "offline.counter"
FORM = "offline.form"
ADD = "offline.counter.add"
RESET = "offline.counter.reset"
SUBMIT = "offline.form.submit"
CANCEL = "offline.form.cancel"

MAX_STEP = 1000
MAX_FIELDS = 20

Json = dict[str, Any]


def counter(count: int) -> DynamicWidgetRoot:
    """A card that counts: "Add one" answers with a stream, "Reset" without one."""
    return _card(
        COUNTER,
        {"type": "Title", "id": "counter.title", "value": "Counter", "size": "sm"},
        {"type": "Text", "id": "counter.value", "value": str(count), "size": "xl", "weight": "bold"},
        {
            "type": "Row",
            "id": "counter.buttons",
            "gap": 2,
            "children": [
                _button("counter.add", "Add one", {"type": ADD, "payload": {"by": 1}}, style="primary"),
                _button("counter.add_ten", "Add ten", {"type": ADD, "payload": {"by": 10}}, style="secondary"),
                _button("counter.reset", "Reset", {"type": RESET, "streaming": False}, variant="ghost"),
            ],
        },
        size="sm",
    )


def form() -> DynamicWidgetRoot:
    """A card to fill in."""
    colours = [{"value": name.lower(), "label": name} for name in ("Blue", "Green", "Orange")]
    return _card(
        FORM,
        {"type": "Title", "id": "form.title", "value": "A small form", "size": "sm"},
        {"type": "Label", "id": "form.name.label", "value": "Your name", "fieldName": "name"},
        {"type": "Input", "id": "form.name", "name": "name", "required": True, "placeholder": "Ada"},
        {"type": "Label", "id": "form.colour.label", "value": "A colour", "fieldName": "colour"},
        {"type": "Select", "id": "form.colour", "name": "colour", "options": colours, "defaultValue": "blue"},
        {"type": "Checkbox", "id": "form.updates", "name": "updates", "label": "Tell me more"},
        asForm=True,
        confirm={"label": "Send", "action": {"type": SUBMIT}},
        cancel={"label": "Cancel", "action": {"type": CANCEL}},
    )


def react(conversation: Conversation) -> Steps:
    """Answer a widget's action: the widget changes, and a form says thank you."""
    turn = conversation.turn
    changed = changed_widget(turn)
    action = turn.action
    if changed is not None:
        yield sdk.ThreadItemReplacedEvent(item=changed)
        if action is not None and action.type == SUBMIT:
            yield _thanks(action.payload)
        return
    name = quoted(action.type) if action else "without a name"
    yield f"The action {name} arrived, but it is none of my widgets' buttons. No model or code is here to handle it."


def changed_widget(turn: Turn) -> sdk.WidgetItem | None:
    """The widget as the action leaves it; ``None`` when the action does not belong to one of ours."""
    if turn.action is None or turn.sender is None:
        return None
    widget = _next_state(turn.action.type, turn.action.payload, turn.sender)
    if widget is None:
        return None
    return turn.sender.model_copy(update={"widget": widget, "copy_text": copy_text(widget)})


def copy_text(widget: DynamicWidgetRoot) -> str:
    """The texts in a widget, a line each: what copying it gives."""
    texts = (node.get("value") for node in _nodes(widget.model_dump(mode="json")))
    return "\n".join(text for text in texts if isinstance(text, str))


def _next_state(action: str, payload: Any, sender: sdk.WidgetItem) -> DynamicWidgetRoot | None:
    pressed = (sender.widget.id, action)
    if pressed == (COUNTER, ADD):
        return counter(_count(sender) + _step(payload))
    if pressed == (COUNTER, RESET):
        return counter(0)
    if pressed == (FORM, SUBMIT):
        return _closed_form("Sent", list(_filled_in(payload)))
    if pressed == (FORM, CANCEL):
        return _closed_form("Cancelled", [])
    return None


def _count(sender: sdk.WidgetItem) -> int:
    """What the counter shows: the stored widget knows, a click's payload may be old."""
    for node in _nodes(sender.widget.model_dump(mode="json")):
        if node.get("id") == "counter.value":
            value = str(node.get("value"))
            return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0
    return 0


def _step(payload: Any) -> int:
    by = cast("Json", payload).get("by") if isinstance(payload, dict) else None
    return by if type(by) is int and 0 < by <= MAX_STEP else 1


def _filled_in(payload: Any) -> Iterator[tuple[str, str]]:
    """Names and values of a submitted form, as short texts."""
    if isinstance(payload, dict):
        for name, value in list(cast("dict[Any, Any]", payload).items())[:MAX_FIELDS]:
            yield shortened(str(name), 40), _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else dumps(value).decode()
    return shortened(text, 200) or "(empty)"


def _thanks(payload: Any) -> str:
    lines = [f"- {name}: {emphasized(value)}" for name, value in _filled_in(payload)]
    if not lines:
        return "Thank you. Nothing was filled in."
    return "\n".join(["Thank you. The server received:", "", *lines])


def _closed_form(title: str, fields: list[tuple[str, str]]) -> DynamicWidgetRoot:
    rows: list[Json] = [
        {
            "type": "Row",
            "id": f"form.sent.{index}",
            "gap": 2,
            "children": [
                {"type": "Text", "id": f"form.sent.{index}.name", "value": name, "color": "secondary"},
                {"type": "Text", "id": f"form.sent.{index}.value", "value": value},
            ],
        }
        for index, (name, value) in enumerate(fields)
    ]
    return _card(FORM, {"type": "Title", "id": "form.title", "value": title, "size": "sm"}, *rows)


def _card(card_id: str, *children: Json, **properties: Any) -> DynamicWidgetRoot:
    return DynamicWidgetRoot.model_validate({"type": "Card", "id": card_id, "children": list(children), **properties})


def _button(button_id: str, label: str, action: Json, **properties: Any) -> Json:
    return {"type": "Button", "id": button_id, "label": label, "onClickAction": action, **properties}


def _nodes(component: Json) -> Iterator[Json]:
    """The component and all below it, in the order they are shown."""
    yield component
    children: Any = component.get("children")
    if isinstance(children, list):
        for child in cast("list[Json]", children):
            yield from _nodes(child)
