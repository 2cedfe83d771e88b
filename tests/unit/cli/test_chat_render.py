"""What things look like, on a recorded rich console."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from fastapi_chatkit.cli.terminal.fields import Fields
from fastapi_chatkit.cli.terminal.items import Answer, Image, Item, Note, Source, Task, Workflow, read_item
from fastapi_chatkit.cli.terminal.markdown import Prose
from fastapi_chatkit.cli.terminal.render import THEME, draw
from fastapi_chatkit.cli.terminal.scroll import Cited, Piece, Said
from tests.unit.cli.fake_server import RICH
from tests.unit.cli.test_chat_conversation import item


def seen(piece: Piece, *, live: bool = False, width: int = 60) -> str:
    console = Console(record=True, width=width, theme=THEME, file=StringIO())
    console.print(draw(piece, live=live))
    return "\n".join(line.rstrip() for line in console.export_text(styles=False).rstrip().split("\n"))


def piece_of(data: dict[str, Any]) -> Piece:
    found: Item | None = read_item(Fields(data))
    assert found is not None
    assert not isinstance(found, Answer)
    return found


def widget(root: dict[str, Any]) -> str:
    return seen(piece_of(item("widget", widget=root)))


def test_markdown_blocks_stand_one_blank_line_apart() -> None:
    text = seen(Said(RICH.replace("def function_0():", "def zero(): # <i>")), width=80)
    assert "\n\n\n" not in text
    assert text.startswith("Plan\n\n 1 First, think.\n 2 Then act:\n")
    assert "a link (https://example.org/page)" in text
    assert "<b>not bold</b>" in text
    assert " one       1\n" in text
    assert "def zero(): # <i>" in text


def test_markdown_looks_the_same_in_pieces_and_whole() -> None:
    from fastapi_chatkit.cli.terminal.blocks import finished

    cut = finished(RICH)
    first, last = seen(Said(RICH[:cut])), seen(Said(RICH[cut:]))
    assert f"{first}\n\n{last}" == seen(Said(RICH))


@pytest.mark.parametrize(
    "text",
    [
        "[![img](a.png)](b)",
        "| [![x](y)](z) |\n|---|\n| > a |",
        "> - ```\n>   x",
        "- | a |\n  |---|\n  | b |",
        "# [**a** `b`](<c d>)",
        "![]()",
        "[]()",
        "***",
        "* * *\n1. \n2.",
        "~~a~~ <kbd>x</kbd> </kbd>",
        "[/red] [bold]x[/bold] [link=javascript:x]",
        "$$\n\\frac\n$$",
    ],
)
def test_odd_markdown_is_shown_somehow(text: str) -> None:
    seen(Said(text))


def test_a_markdown_that_rich_cannot_draw_is_shown_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("fastapi_chatkit.cli.terminal.markdown._Block", fail)
    console = Console(record=True, width=40, file=StringIO())
    console.print(Prose("*so* [be] it"))
    assert console.export_text().rstrip() == "*so* [be] it"


@pytest.mark.parametrize("word", ["word ", "\N{CJK UNIFIED IDEOGRAPH-6F22}\n\t- x"])
def test_an_answer_of_megabytes_is_shown_as_it_came_and_whole(word: str) -> None:
    text = seen(Said(word * 400_000), width=61)
    assert "".join(text.split()) == "".join(word.split()) * 400_000


def test_a_card_is_a_panel_of_what_it_says() -> None:
    text = widget(
        {
            "type": "Card",
            "status": {"text": "Ready"},
            "children": [
                {"type": "Title", "value": "Weather"},
                {
                    "type": "Row",
                    "children": [
                        {"type": "Icon", "name": "sun"},
                        {"type": "Text", "value": "Oslo"},
                        {"type": "Spacer"},
                        {"type": "Badge", "label": "cold", "color": "info"},
                    ],
                },
                {"type": "Divider"},
                {"type": "Markdown", "value": "**Wind** from the *north*"},
                {"type": "Hologram", "title": "seen by newer clients"},
                {"type": "Quantum", "spin": 1},
                {
                    "type": "Form",
                    "children": [{"type": "Checkbox", "name": "ok", "label": "Agree", "defaultChecked": True}],
                },
                {"type": "Button", "label": "Refresh"},
            ],
            "confirm": {"label": "Save", "action": {"type": "save"}},
            "cancel": {"label": "Discard", "action": {"type": "drop"}},
        }
    )
    assert text.startswith("╭─ Ready ")
    lines = [line.strip("│ ") for line in text.split("\n")[1:-1]]
    assert lines[:2] == ["Weather", "Oslo (cold)"]
    assert set(lines[2]) == {"─"}
    assert lines[3:] == [
        "Wind from the north",
        "seen by newer clients",
        "☑ Agree",
        "[ Refresh ]",
        "[ Save ]  [ Discard ]",
    ]


def test_a_list_view_has_a_line_for_each_item() -> None:
    rows = [{"type": "ListViewItem", "children": [{"type": "Text", "value": name}]} for name in ("one", "two")]
    assert [line.strip("│ ") for line in widget({"type": "ListView", "children": rows}).split("\n")[1:-1]] == [
        "• one",
        "• two",
    ]


def test_controls_and_data_are_shown_as_text() -> None:
    options = [{"value": "a", "label": "Tea"}, {"value": "b", "label": "Coffee"}]
    cell = {"type": "Table.Cell", "children": [{"type": "Text", "value": "cell"}]}
    text = widget(
        {
            "type": "Basic",
            "children": [
                {"type": "Select", "options": options, "defaultValue": "b"},
                {"type": "Input", "name": "todo.title", "placeholder": "What?"},
                {"type": "Image", "alt": "A cat", "src": "https://x.example/cat.png"},
                {"type": "Table", "children": [{"type": "Table.Row", "header": True, "children": [cell]}]},
                {
                    "type": "Chart",
                    "data": [{"m": "May", "n": 3}],
                    "series": [{"dataKey": "n", "label": "Rain"}],
                    "xAxis": "m",
                },
            ],
        }
    )
    for shown in ("○ Tea", "● Coffee", "todo.title: What?", "[image] A cat", "cell", "Rain", "May"):
        assert shown in text
    assert "╭" not in text


def nested(depth: int) -> dict[str, Any]:
    root: dict[str, Any] = {"type": "Text", "value": "deep"}
    for _ in range(depth):
        root = {"type": "Box", "children": [root]}
    return root


@pytest.mark.parametrize(
    "root",
    [
        {},
        {"type": "Card"},
        {"type": "Card", "children": "text"},
        {"type": "Card", "children": [None, 1, "x", [], {}, {"type": 5}]},
        {"type": "Card", "status": 3, "confirm": True},
        {"type": "Row", "children": []},
        {"type": "Card", "children": [{"type": "Chart", "data": 1, "series": {}}, {"type": "Table", "children": [1]}]},
        {"type": "Card", "children": [{"type": "Table", "children": [{"children": [{}, {}]}, {"children": [{}]}]}]},
        nested(500),
    ],
)
def test_a_widget_that_makes_no_sense_is_no_crash(root: dict[str, Any]) -> None:
    widget(root)


def test_text_of_a_widget_is_neither_markup_nor_control() -> None:
    text = widget({"type": "Basic", "children": [{"type": "Text", "value": "[red]a[/red]\x1b]0;title\x07"}]})
    assert text == "[red]a[/red]]0;title"


def test_a_workflow_is_a_checklist_with_details_only_while_it_runs() -> None:
    archive = "the whole archive, " * 6
    tasks = [Task("Read", archive, "complete"), Task("Write", "", "loading"), Task("", "Rest", "none")]
    workflow = Workflow("w", "Research", tasks)
    assert seen(workflow) == "Research\n✓ Read\n… Write\n· Rest"
    running = seen(workflow, live=True).split("\n")
    assert running[1:3] == ["✓ Read", "  the whole archive, the whole archive, the whole archive,"]
    assert running[-2].endswith("Write")
    assert running[-2][0] in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def test_a_short_detail_stands_beside_its_task() -> None:
    took = Workflow("w", "", [Task("Add a task", "0.03 s", "complete")])
    assert seen(took) == "✓ Add a task  0.03 s"
    assert seen(took, live=True) == "✓ Add a task  0.03 s"


def test_a_thought_says_how_long_it_took() -> None:
    assert seen(piece_of(item("workflow", workflow={"tasks": [], "summary": {"duration": 4}}))) == "Thought for 4 s"
    worked = {"type": "custom", "tasks": [], "summary": {"duration": 4}}
    assert seen(piece_of(item("workflow", workflow=worked))) == "Worked for 4 s"


def test_notices_errors_and_stops_look_different() -> None:
    assert seen(Note("warning", "Nearly **out**", "Supplies")) == "▲ Supplies\n  Nearly out"
    assert seen(Note("danger", "It [failed]", retry=True)) == "✗ It [failed]\n  /retry asks again."
    assert seen(Note("dim", "stopped")) == "stopped"


def test_tool_calls_images_messages_and_sources_are_lines() -> None:
    call = item("client_tool_call", name="pick", arguments={"colour": "red", "n": [1]}, call_id="c", status="pending")
    assert seen(piece_of(call)) == '⚙ pick(colour="red", n=[1])'
    assert seen(Image("i", "https://x.example/a.png")) == "[image] https://x.example/a.png"
    assert seen(Image("i", "data:image/png;base64," + "A" * 4096)) == "[image] 3 KiB, embedded"
    assert seen(Image("i", "")) == "[image] is being made"
    user = item("user_message", content=[{"type": "input_text", "text": "two\nlines"}], attachments=[{"name": "a.pdf"}])
    assert seen(piece_of(user)) == "› two\n  lines\n  [a.pdf]"
    assert seen(Cited([Source("Docs", "https://d.example")])) == "Sources\n1. Docs  https://d.example"


def test_answered_questions_show_their_answers() -> None:
    question = {"type": "freeform", "id": "q", "question": "Name?", "answer": {"values": ["Ada"]}}
    skipped = {"type": "freeform", "id": "r", "question": "Age?", "answer": {"skipped": True}}
    assert seen(piece_of(item("structured_input", status="answered", inputs=[question, skipped]))) == (
        "? Name?  Ada\n? Age?  (skipped)"
    )
