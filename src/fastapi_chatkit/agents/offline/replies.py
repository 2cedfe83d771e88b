"""The offline agent's replies: which one a turn gets, and those that are made of words alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from ..base import Turn
from .demos import effect, error, form_card, notice, questions, tool, widget_card, workflow
from .intents import Intent, IntentName, intent_of
from .outcomes import answers_repeated, tool_answer
from .steps import Conversation, Pause, Steps
from .texts import (
    ABOUT,
    CODE,
    CONNECT,
    DEFAULT_COUNT,
    DEFAULT_WORDS,
    HELP,
    MARKDOWN,
    MAX_COUNT,
    MAX_WORDS,
    TABLE,
    WHO,
    counting,
    hints,
    long_text,
    quoted,
    shortened,
)
from .widgets import react

READING = Pause(8)
"""How long a progress line is to be seen before the answer begins."""


def answer(conversation: Conversation) -> Steps:
    """Answer a message, or go on after a tool's output or an answered question."""
    turn = conversation.turn
    match turn.kind:
        case "message" | "retry":
            yield turn.progress("Reading your message", icon="sparkle")
            yield READING
            yield from _reply(conversation)
        case "client_tool_output":
            yield turn.progress("Looking at what came back", icon="search")
            yield READING
            yield tool_answer(conversation.tool_call())
        case "structured_input":
            yield turn.progress("Reading your answers", icon="sparkle")
            yield READING
            yield answers_repeated(conversation.answers())
        case "action":
            yield from react(conversation)
        case _:
            assert_never(turn.kind)


def _reply(conversation: Conversation) -> Steps:
    """The reply to the message's wish. Its first words are about the turn itself, where there is something to say."""
    intent = intent_of(conversation.turn.text)
    opening = _opening(conversation)
    for step in REPLIES[intent.name](conversation, intent):
        if opening and isinstance(step, str):
            yield f"{opening}\n\n{step}"
            opening = ""
        else:
            yield step


def _opening(conversation: Conversation) -> str:
    if conversation.turn.kind == "retry":
        return "Once more, then."
    if conversation.was_stopped:
        return "My last answer was stopped; what it had said by then was kept."
    return ""


def _said(text: str) -> Callable[[Conversation, Intent], Steps]:
    return lambda conversation, intent: iter([text])


def _greeting(conversation: Conversation, intent: Intent) -> Steps:
    if conversation.number == 1:
        yield f"Hello! {ABOUT}\n\n{_hints(conversation)}"
    else:
        yield f"Hello again! I am still the offline stand-in. {_counted(conversation)}{_hints(conversation)}"


def _thanks(conversation: Conversation, intent: Intent) -> Steps:
    yield f"You are welcome. {_hints(conversation)}"


def _echo(conversation: Conversation, intent: Intent) -> Steps:
    """Give the message back, with all that can honestly be said about it."""
    said = shortened(conversation.turn.text, 300)
    parts = [f"You wrote:\n\n> {said}" if said else "Your message has no words in it."]
    parts += _remarks(conversation.turn)
    if conversation.number == 1:
        parts.append(ABOUT)
    else:
        parts.append("I cannot say more: no model is connected, and I am the offline stand-in.")
    parts.append(_counted(conversation) + _hints(conversation))
    yield "\n\n".join(parts)


def _counted(conversation: Conversation) -> str:
    number = conversation.number
    return f"This is message {number} of our conversation. " if number and number > 1 else ""


def _hints(conversation: Conversation) -> str:
    return hints(conversation.number or 1)


def _remarks(turn: Turn) -> list[str]:
    """What else came with the message, a sentence each."""
    message = turn.message
    if message is None:
        return []
    remarks: list[str] = []
    if message.quoted_text:
        remarks.append(f"You quoted {quoted(message.quoted_text, 120)}.")
    if message.attachments:
        names = ", ".join(quoted(attachment.name) for attachment in message.attachments[:5])
        more = f" and {len(message.attachments) - 5} more" if len(message.attachments) > 5 else ""
        remarks.append(f"You attached {names}{more}, which I cannot open.")
    options = message.inference_options
    if options.model:
        remarks.append(f"You picked the model {quoted(options.model)}, which changes nothing here.")
    if options.tool_choice:
        remarks.append(f"You picked the tool {quoted(options.tool_choice.id)}, which I do not have.")
    return remarks


def _long(conversation: Conversation, intent: Intent) -> Steps:
    wanted = DEFAULT_WORDS if intent.number is None else intent.number
    words = max(1, min(wanted, MAX_WORDS))
    limit = f" ({MAX_WORDS} is as far as I go)" if wanted > MAX_WORDS else ""
    said = f"Here are {words} words{limit}, written in advance: no model is connected. Stop me whenever you like."
    yield f"{said}\n\n---\n\n{long_text(words)}"


def _count(conversation: Conversation, intent: Intent) -> Steps:
    wanted = DEFAULT_COUNT if intent.number is None else intent.number
    limit = max(1, min(wanted, MAX_COUNT))
    said = f"{MAX_COUNT} is as far as I go." if wanted > MAX_COUNT else "Here we go."
    yield f"{said}\n\n{counting(limit)}"


REPLIES: dict[IntentName, Callable[[Conversation, Intent], Steps]] = {
    "about": _said(f"{WHO}\n\n{CONNECT}"),
    "code": _said(CODE),
    "count": _count,
    "echo": _echo,
    "effect": effect,
    "error": error,
    "form": form_card,
    "greeting": _greeting,
    "help": _said(f"{WHO}\n\n{HELP}\n\n{CONNECT}"),
    "long": _long,
    "markdown": _said(MARKDOWN),
    "notice": notice,
    "question": questions,
    "table": _said(f"Here is a table, of how an answer reaches you:\n\n{TABLE}"),
    "thanks": _thanks,
    "tool": tool,
    "widget": widget_card,
    "workflow": workflow,
}
"""A reply for each wish."""
