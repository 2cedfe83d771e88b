"""Widgets as plain panels: what they say, without what only a mouse could do.

An unknown component shows the text that it carries and its children; one that carries none is skipped.
"""

from collections.abc import Callable

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from .fields import Fields, Json
from .markdown import Prose

_MAX_DEPTH = 24
_BADGE = {"success": "green", "danger": "red", "warning": "yellow", "info": "blue", "discovery": "magenta"}


def draw_widget(root: dict[str, Json]) -> RenderableType:
    """The widget's root in a frame, if it shows anything."""
    widget = Fields(root)
    parts = _children(widget, 0)
    buttons = [_button(widget.child(key).text("label")) for key in ("confirm", "cancel") if widget.child(key)]
    if buttons:
        parts.append(Text("  ").join(buttons))
    status = widget.child("status").text("text")
    if widget.text("type") == "Basic":
        return Group(*parts)
    title = Text(status) if status else None
    return Panel(Group(*parts), title=title, title_align="left", box=box.ROUNDED, expand=False)


def _children(parent: Fields, depth: int) -> list[RenderableType]:
    if depth > _MAX_DEPTH:
        return []
    drawn = [_draw(child, depth + 1) for child in parent.children("children")]
    if parent.child("children"):
        drawn.append(_draw(parent.child("children"), depth + 1))
    return [one for one in drawn if one is not None]


def _draw(node: Fields, depth: int) -> RenderableType | None:
    kind = node.text("type")
    if kind in _LEAVES:
        return _LEAVES[kind](node)
    match kind:
        case "Row":
            return _row(_children(node, depth))
        case "Table":
            return _table(node, depth)
        case "ListViewItem":
            return _row([Text("•", style="dim"), Group(*_children(node, depth))])
        case "Spacer" | "Icon":
            return None
        case "Button" if node.child("onClickAction").text("handler") == "client":
            return None  # what a page does by itself
        case "Button":
            return _button(node.text("label"))
        case _:
            return _other(node, depth)


def _other(node: Fields, depth: int) -> RenderableType | None:
    """A box of any kind, or something newer than this client."""
    own = next((text for key in ("value", "label", "title", "text", "name") if (text := node.text(key))), "")
    children = _children(node, depth)
    parts = [Text(own), *children] if own and not children else children
    return Group(*parts) if parts else None


def _row(cells: list[RenderableType]) -> RenderableType | None:
    if not cells:
        return None
    grid = Table.grid(padding=(0, 1))
    grid.add_row(*cells)
    return grid


def _table(node: Fields, depth: int) -> RenderableType:
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    for row in node.children("children"):
        style = "bold" if row.flag("header") else ""
        table.add_row(*(Group(*_children(cell, depth + 2)) for cell in row.children("children")), style=style)
    return table


def _button(label: str) -> Text:
    return Text(f"[ {label or 'OK'} ]", style="bold")


def _text(node: Fields) -> RenderableType:
    style = "bold" if node.text("weight") in ("semibold", "bold") else ""
    style += " italic" if node.flag("italic") else ""
    style += " strike" if node.flag("lineThrough") else ""
    return Text(node.text("value"), style=style.strip())


def _picture(node: Fields) -> RenderableType:
    return Text(f"[image] {node.text('alt')}".rstrip(), style="dim")


def _choices(node: Fields) -> RenderableType:
    chosen = node.text("defaultValue")
    options = node.children("options")
    return Group(*(Text(f"{'●' if one.text('value') == chosen else '○'} {one.text('label')}") for one in options))


def _checkbox(node: Fields) -> RenderableType:
    return Text(f"{'☑' if node.flag('defaultChecked') else '☐'} {node.text('label') or node.text('name')}")


def _field(node: Fields) -> RenderableType:
    filled = node.text("defaultValue") or node.text("placeholder")
    return Text.assemble((f"{node.text('name')}: ", "dim"), filled or "____")


def _chart(node: Fields) -> RenderableType:
    """A chart's data as a table: the x axis and one column a series."""
    axis = node.text("xAxis") or node.child("xAxis").text("dataKey")
    series = node.children("series")
    table = Table(axis, *(one.text("label") or one.text("dataKey") for one in series), box=box.SIMPLE)
    for row in node.children("data"):
        table.add_row(row.text(axis), *(row.text(one.text("dataKey")) for one in series))
    return table


_LEAVES: dict[str, Callable[[Fields], RenderableType]] = {
    "Text": _text,
    "Title": lambda node: Text(node.text("value"), style="bold"),
    "Caption": lambda node: Text(node.text("value"), style="dim"),
    "Label": lambda node: Text(node.text("value")),
    "Markdown": lambda node: Prose(node.text("value")),
    "Badge": lambda node: Text(f"({node.text('label')})", style=_BADGE.get(node.text("color"), "dim")),
    "Divider": lambda _: Rule(style="dim"),
    "Image": _picture,
    "Checkbox": _checkbox,
    "Select": _choices,
    "RadioGroup": _choices,
    "Input": _field,
    "Textarea": _field,
    "DatePicker": _field,
    "Chart": _chart,
}
