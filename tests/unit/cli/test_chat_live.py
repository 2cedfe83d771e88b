"""The screen of a terminal, seen through an emulator: nothing twice, nothing lost, nothing scrambled."""

import asyncio
from io import StringIO

import pytest
from rich.console import Console

from fastapi_chatkit.cli.terminal import live
from fastapi_chatkit.cli.terminal.conversation import Conversation
from fastapi_chatkit.cli.terminal.fields import Fields
from fastapi_chatkit.cli.terminal.live import LiveScreen
from fastapi_chatkit.cli.terminal.render import THEME
from tests.unit.cli.emulator import Emulator
from tests.unit.cli.fake_server import LONG, RICH
from tests.unit.cli.test_chat_conversation import added, delta, done, item, message

HEIGHT = 12


class Window:
    """A screen on a terminal of 60 columns and ``HEIGHT`` lines."""

    def __init__(self) -> None:
        self.output = StringIO()
        console = Console(
            file=self.output,
            force_terminal=True,
            width=60,
            height=HEIGHT,
            theme=THEME,
            color_system=None,
            legacy_windows=False,
        )
        self.screen = LiveScreen(console, commands=True)

    @property
    def lines(self) -> list[str]:
        return Emulator(HEIGHT).feed(self.output.getvalue()).scrollback


@pytest.fixture(autouse=True)
def redrawn_at_every_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_REDRAW_SECONDS", 0)


async def stream(window: Window, text: str, step: int) -> None:
    conversation = Conversation("t")
    async with window.screen.following(conversation):
        conversation.apply(Fields(added(message(""))))
        for start in range(0, len(text), step):
            conversation.apply(Fields(delta(text[start : start + step])))
            await asyncio.sleep(0)
        conversation.end()


def whole(text: str) -> list[str]:
    window = Window()
    conversation = Conversation("t")
    conversation.load([Fields(message(text))])
    window.screen.show(conversation)
    return window.lines


@pytest.mark.parametrize("step", [3, 17, 400])
@pytest.mark.parametrize("text", [LONG, RICH, "word " * 400, "- item\n" * 40], ids=["long", "rich", "wall", "list"])
async def test_an_answer_ends_up_in_the_scrollback_as_if_it_had_come_at_once(text: str, step: int) -> None:
    window = Window()
    await stream(window, text, step)
    assert window.lines == whole(text)


async def test_the_growing_end_is_seen_while_it_grows() -> None:
    window = Window()
    conversation = Conversation("t")
    async with window.screen.following(conversation):
        conversation.apply(Fields({"type": "progress_update", "text": "Looking"}))
        await asyncio.sleep(0)
        assert window.lines[-1][1:] == " Looking  Ctrl-C stops"
        conversation.apply(Fields(added(message(""))))
        conversation.apply(Fields(delta("Done.\n\nAnd now the")))
        conversation.apply(Fields(delta(" second\n")))
        await asyncio.sleep(0.01)
        assert window.lines[:-1] == ["Done.", "", "And now the second", ""]
        assert window.lines[-1][1:] == "  Ctrl-C stops"
        conversation.end()
    assert window.lines == ["Done.", "", "And now the second"]


async def test_a_block_taller_than_the_window_shows_its_end_and_is_printed_once() -> None:
    window = Window()
    code = "```python\n" + "".join(f"line_{number} = {number}\n" for number in range(60))
    conversation = Conversation("t")
    async with window.screen.following(conversation):
        conversation.apply(Fields(added(message(""))))
        conversation.apply(Fields(delta(code)))
        await asyncio.sleep(0.01)
        shown = window.lines
        assert len(shown) <= HEIGHT
        assert "  line_59 = 59" in shown
        conversation.end()
    assert [line for line in window.lines if line] == [f"  line_{number} = {number}" for number in range(60)]


async def test_a_stop_keeps_what_was_printed() -> None:
    window = Window()
    conversation = Conversation("t")
    async with window.screen.following(conversation):
        conversation.apply(Fields(added(message(""))))
        conversation.apply(Fields(delta("One.\n\nTwo, cut")))
        await asyncio.sleep(0.01)
        conversation.end(stopped=True)
    assert window.lines == ["One.", "", "Two, cut", "", "stopped"]


async def test_a_workflow_ticks_in_place_and_stays_once() -> None:
    window = Window()
    conversation = Conversation("t")
    tasks = [{"type": "custom", "title": "Read", "status_indicator": "loading"}]
    async with window.screen.following(conversation):
        conversation.apply(Fields(added(item("workflow", "w", workflow={"tasks": tasks}))))
        await asyncio.sleep(0.01)
        assert window.lines[0].endswith("Read")
        tasks[0]["status_indicator"] = "complete"
        conversation.apply(Fields(done(item("workflow", "w", workflow={"tasks": tasks}))))
        conversation.apply(Fields(done(message("Read it.", "a"))))
        await asyncio.sleep(0.01)
        conversation.end()
    assert window.lines == ["✓ Read", "", "Read it."]


async def test_the_users_own_message_is_only_printed_as_history() -> None:
    asked = item("user_message", "u", content=[{"type": "input_text", "text": "Why?"}])
    window = Window()
    conversation = Conversation("t")
    async with window.screen.following(conversation):
        conversation.apply(Fields(done(asked)))
        conversation.apply(Fields(done(message("Because.", "a"))))
        conversation.end()
    assert window.lines == ["Because."]
    again = Window()
    reopened = Conversation("t")
    reopened.load([Fields(asked), Fields(message("Because.", "a"))])
    again.screen.show(reopened)
    assert again.lines == ["› Why?", "", "Because."]


async def test_an_error_in_drawing_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise LookupError

    monkeypatch.setattr(live, "spinner", fail)
    with pytest.raises(LookupError):
        await stream(Window(), "text", 1)
