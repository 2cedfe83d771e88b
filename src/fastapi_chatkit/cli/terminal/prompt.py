"""The line editor of a terminal: history, Alt-Enter for a new line, Tab for commands."""

from collections.abc import Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.styles import Style

from .keyboard import Interrupted, interruptible


class PromptReader:
    """Reads from the terminal that standard input and output are."""

    interactive = True

    async def message(self, *, recall: Sequence[str], commands: Sequence[str], status: str) -> str:
        """Ask for a message. The arrow keys recall what was asked in this thread: nothing is kept on disk."""
        session: PromptSession[str] = PromptSession(
            history=InMemoryHistory(recall),
            completer=WordCompleter(list(commands), sentence=True),
            complete_style=CompleteStyle.READLINE_LIKE,
            complete_while_typing=False,
            key_bindings=_bindings(),
            multiline=True,
            prompt_continuation="  ",
            bottom_toolbar=status or None,
            style=Style.from_dict({"prompt": "bold ansicyan", "bottom-toolbar": "noreverse fg:ansibrightblack"}),
        )
        return await interruptible(_keys(session, [("class:prompt", "› ")]))

    async def answer(self, prompt: str) -> str:
        """Ask for one line."""
        session: PromptSession[str] = PromptSession()
        return await interruptible(_keys(session, [("bold fg:ansicyan", prompt)]))


async def _keys(session: PromptSession[str], prompt: StyleAndTextTuples) -> str:
    """Read a line. Ctrl-C is a key here and an error to the editor; no task may end with that one."""
    try:
        return await session.prompt_async(prompt)
    except KeyboardInterrupt:
        raise Interrupted from None


def _bindings() -> KeyBindings:
    bindings = KeyBindings()

    def send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    bindings.add("enter")(send)
    bindings.add("escape", "enter")(new_line)
    return bindings
