"""Which actions a widget offers: what a browser could have sent by using it, and nothing else.

A button sends its action's payload as it stands. Inside a form (``Form``, or a ``Card`` with ``asForm``) the values of
the form's inputs come along, each under its name, dots nesting: ``todo.title`` arrives as ``{"todo": {"title": ...}}``.
Of an input that reports its changes, its own value comes along anywhere.

Values are compared as JSON is written: ``1``, ``1.0`` and ``true`` differ. Browsers write ``1.0`` as ``1``, so use
integers for whole numbers in payloads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

Json = dict[str, Any]
Path = tuple[str, ...]

MAX_DEPTH = 100
"""How deep widgets and payloads are looked into; what lies deeper offers nothing."""

INPUTS = ("Input", "Textarea", "Select", "DatePicker", "Checkbox", "RadioGroup")


@dataclass(slots=True)
class _Form:
    """The inputs of a form as paths, and whether each of its submit buttons can be pressed."""

    inputs: set[Path] = field(default_factory=set[Path])
    submits: list[bool] = field(default_factory=list[bool])

    @property
    def can_be_sent(self) -> bool:
        return any(self.submits) or not self.submits


@dataclass(frozen=True, slots=True)
class _Place:
    """An action's config, the form around it, the input that it belongs to, and whether it sends the form."""

    config: Json
    form: _Form | None
    own: Path | None = None
    sends: bool = False


def offers(widget: Json, action_type: str, payload: Any) -> Json | None:
    """The config of the action in the widget's JSON that ``action_type`` and ``payload`` come from.

    ``None`` where the widget has none: another type or fixed payload, a key that is no input of the same form, a
    disabled component, or an action that the page handles itself (``handler: "client"``).
    """
    for place in list(_places(widget)):  # all of the widget: a form's inputs may come after its button
        config = place.config
        if config.get("type") != action_type or config.get("handler", "server") != "server":
            continue
        if place.sends and place.form is not None and not place.form.can_be_sent:
            continue
        inputs = set(place.form.inputs) if place.form is not None else set[Path]()
        if place.own is not None:
            inputs.add(place.own)
        if _fits(_object(payload), _object(config.get("payload")), inputs):
            return config
    return None


# --- what is in a widget ------------------------------------------------------------------------------------------


def _places(widget: Json) -> Iterator[_Place]:
    """Every action of the widget; each form is complete when all were seen."""
    waiting: list[tuple[Json, _Form | None, int]] = [(widget, None, 0)]
    while waiting:
        node, form, depth = waiting.pop()
        if node.get("submit") and form is not None:
            form.submits.append(not node.get("disabled"))
        if node.get("disabled") or depth > MAX_DEPTH:
            continue
        if _is_form(node):
            form = _Form()
        own = _input(node)
        if own is not None and form is not None:
            form.inputs.add(own)
        yield from _actions(node, form, own)
        waiting += [(child, form, depth + 1) for child in reversed(_children(node))]


def _actions(node: Json, form: _Form | None, own: Path | None) -> Iterator[_Place]:
    for key, sends in (("onClickAction", False), ("onChangeAction", False), ("onSubmitAction", True)):
        config = _dict(node.get(key))
        if config is not None:
            yield _Place(config, form, own, sends)
    for key in ("confirm", "cancel"):
        button = _dict(node.get(key)) or {}
        config = _dict(button.get("action"))
        if config is not None and not button.get("disabled"):
            yield _Place(config, form)


def _is_form(node: Json) -> bool:
    kind = node.get("type")
    return kind == "Form" or (kind == "Card" and bool(node.get("asForm")))


def _input(node: Json) -> Path | None:
    """The path of the value that the component takes from the user."""
    holder = node if node.get("type") in INPUTS else _dict(node.get("editable")) if node.get("type") == "Text" else None
    name: Any = holder.get("name") if holder else None
    return tuple(name.split(".")) if isinstance(name, str) else None


def _children(node: Json) -> list[Json]:
    children: Any = node.get("children")
    listed = cast("list[Any]", children) if isinstance(children, list) else [children]
    return [child for child in map(_dict, listed) if child is not None]


def _dict(value: Any) -> Json | None:
    return cast("Json", value) if isinstance(value, dict) else None


# --- what may be sent ---------------------------------------------------------------------------------------------


def _object(payload: Any) -> Any:
    """No payload is an empty one."""
    return {} if payload is None else payload


def _fits(sent: Any, fixed: Any, inputs: set[Path], path: Path = ()) -> bool:
    """Whether ``sent`` is ``fixed`` with values of inputs besides."""
    values, wanted = _dict(sent), _dict(fixed)
    if values is None or wanted is None:
        return same(sent, fixed)
    return all(key in values for key in wanted) and all(
        _value_fits(value, wanted, key, inputs, (*path, key)) for key, value in values.items()
    )


def _value_fits(value: Any, fixed: Json, key: str, inputs: set[Path], here: Path) -> bool:
    nests = any(len(name) > len(here) and name[: len(here)] == here for name in inputs)
    if key in fixed:  # it wins over an input of the same name
        merged = nests and _dict(value) is not None and _dict(fixed[key]) is not None
        return same(value, fixed[key]) or (merged and _fits(value, fixed[key], inputs, here))
    if here in inputs and _dict(value) is None:
        return True
    return nests and _dict(value) is not None and _fits(value, {}, inputs, here)


def same(one: Any, other: Any, depth: int = 0) -> bool:
    """Whether two JSON values are written the same."""
    if type(one) is not type(other) or depth > MAX_DEPTH:
        return False
    if isinstance(one, dict):
        mine = cast("Json", one)
        return mine.keys() == other.keys() and all(same(mine[key], other[key], depth + 1) for key in mine)
    if isinstance(one, list):
        pairs = zip(cast("list[Any]", one), other, strict=False)
        return len(cast("list[Any]", one)) == len(other) and all(same(a, b, depth + 1) for a, b in pairs)
    return bool(one == other)
