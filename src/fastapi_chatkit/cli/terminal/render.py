"""A piece of a conversation -> a rich renderable. Text from the server is never read as rich markup."""

import json
from time import monotonic

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from .fields import one_line, printable
from .items import Image, Note, Questions, Task, ToolCall, UserMessage, Widget, Workflow
from .markdown import Prose
from .scroll import Cited, Piece, Said
from .widgets import draw_widget

# Colours of the terminal's own palette without backgrounds: they are readable on dark and on light.
THEME = Theme({"markdown.code": "cyan", "markdown.code_block": "none", "markdown.h1": "bold underline"})

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_NOTES = {
    "plain": ("", ""),
    "dim": ("", "dim"),
    "info": ("ℹ", "blue"),
    "warning": ("▲", "yellow"),
    "danger": ("✗", "red"),
}
_MAX_URL = 200
_SHORT = 80
"""Up to how many characters a task's detail stands on its line, and is always shown."""


def spinner() -> str:
    """The frame of a spinner for this moment."""
    return _FRAMES[int(monotonic() * 12) % len(_FRAMES)]


def draw(piece: Piece, *, live: bool = False) -> RenderableType:
    """``piece`` as it looks; ``live``: it is drawn again soon, so what is at work may turn."""
    match piece:
        case Said():
            return Prose(piece.markdown)
        case Cited():
            return _sources(piece)
        case UserMessage():
            return _user(piece)
        case Workflow():
            return _workflow(piece, live=live)
        case Widget():
            return draw_widget(piece.root)
        case Image():
            return _image(piece)
        case ToolCall():
            return Text(f"⚙ {piece.name}({one_line(_arguments(piece))})", style="dim")
        case Questions():
            return _questions(piece)
        case Note():
            return _note(piece)


def _sources(piece: Cited) -> RenderableType:
    lines = [Text(f"{number}. {one.title}  {one.where}".rstrip()) for number, one in enumerate(piece.sources, 1)]
    return Group(Text("Sources", style="bold dim"), *(Text.assemble(line, style="dim") for line in lines))


def _user(message: UserMessage) -> RenderableType:
    lines = Text(message.text, style="bold")
    for name in message.attachments:
        lines.append(f"\n[{name}]", style="dim")
    return _beside(Text("›", style="bold cyan"), lines)


def _workflow(workflow: Workflow, *, live: bool) -> RenderableType:
    lines: list[RenderableType] = [Text(workflow.title, style="dim bold")] if workflow.title else []
    detailed = live or workflow.expanded
    return Group(*lines, *(_task(task, live=live, detailed=detailed) for task in workflow.tasks))


def _task(task: Task, *, live: bool, detailed: bool) -> RenderableType:
    match task.status:
        case "complete":
            mark = Text("✓", style="green")
        case "loading":
            mark = Text(spinner() if live else "…", style="cyan")
        case _:
            mark = Text("·", style="dim")
    text = Text(task.title or one_line(task.detail), style="dim")
    if task.title and task.detail:
        detail = one_line(task.detail, 400)
        if len(detail) <= _SHORT:
            text.append(f"  {detail}", style="dim italic")
        elif detailed:
            text.append(f"\n{detail}", style="dim italic")
    return _beside(mark, text)


def _image(image: Image) -> RenderableType:
    if not image.url:
        return Text("[image] is being made", style="dim")
    if image.url.startswith("data:"):
        return Text(f"[image] {len(image.url) * 3 // 4096} KiB, embedded", style="dim")
    return Text(f"[image] {image.url[:_MAX_URL]}")


def _arguments(call: ToolCall) -> str:
    pairs = (f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in call.arguments.raw.items())
    return printable(", ".join(pairs))


def _questions(piece: Questions) -> RenderableType:
    mark = Text("?", style="bold cyan")
    return Group(*(_beside(mark, Text(f"{one.text}  {one.answer}".rstrip())) for one in piece.questions))


def _note(note: Note) -> RenderableType:
    mark, style = _NOTES[note.level]
    parts: list[RenderableType] = [Text(note.title, style="bold")] if note.title else []
    parts.append(Prose(note.text) if note.level in ("info", "warning") else Text(note.text, style=style))
    if note.retry:
        parts.append(Text("/retry asks again.", style="dim"))
    return _beside(Text(mark, style=style), Group(*parts)) if mark else Group(*parts)


def _beside(mark: Text, body: RenderableType) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1)
    grid.add_column()
    grid.add_row(mark, body)
    return grid
