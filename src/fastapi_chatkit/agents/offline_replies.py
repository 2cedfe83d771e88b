"""The offline agent's replies: one function for each thing that can be asked of it, and for each kind of turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, assert_never, cast

from chatkit import types as sdk

from ..events import dumps
from .base import Turn
from .offline_intents import Intent, IntentName, intent_of
from .offline_steps import Conversation, Fail, Pause, Step, Steps
from .offline_texts import (
    ABOUT,
    CODE,
    CONNECT,
    DEFAULT_COUNT,
    DEFAULT_WORDS,
    GREETING,
    HELP,
    HOW_TO_CONNECT,
    MARKDOWN,
    MAX_COUNT,
    MAX_WORDS,
    TABLE,
    counting,
    hints,
    long_text,
    quoted,
    shortened,
)
from .offline_widgets import copy_text, counter, form

TIME_TOOL = "get_local_time"
"""The client tool that the agent calls; the terminal client has it."""


def answer(conversation: Conversation) -> Steps:
    """Answer a message, or go on after a tool's output or an answered question."""
    match conversation.turn.kind:
        case "message" | "retry":
            yield conversation.turn.progress("Reading your message", icon="sparkle")
            yield Pause(8)
            yield from _opened(conversation, _reply(conversation))
        case "client_tool_output":
            yield conversation.turn.progress("Looking at what came back", icon="search")
            yield Pause(8)
            yield _tool_answer(conversation.tool_call())
        case "structured_input":
            yield conversation.turn.progress("Reading your answers", icon="sparkle")
            yield Pause(8)
            yield _answers_repeated(conversation.answers())
        case "action":
            yield "Actions are handled elsewhere."
        case _:
            assert_never(conversation.turn.kind)


def _opened(conversation: Conversation, steps: Iterable[Step]) -> Steps:
    """The steps, the first message of which begins with what has to be said about the turn itself."""
    opening = _opening(conversation)
    for step in steps:
        if opening and isinstance(step, str):
            yield f"{opening}\n\n{step}"
            opening = ""
        else:
            yield step


def _opening(conversation: Conversation) -> str:
    if conversation.turn.kind == "retry":
        return "Once more, then. Without a model, a second try says much the same as the first."
    if conversation.was_stopped:
        return "You stopped my last answer; what it had said by then was kept."
    return ""


def _reply(conversation: Conversation) -> Steps:
    intent = intent_of(conversation.turn.text)
    return _REPLIES[intent.name](conversation, intent)


# --- words --------------------------------------------------------------------------------------------------------


def _said(text: str) -> Callable[[Conversation, Intent], Steps]:
    return lambda conversation, intent: iter([text])


def _greeting(conversation: Conversation, intent: Intent) -> Steps:
    if conversation.number == 1:
        yield f"{GREETING}\n\n{ABOUT}"
    else:
        yield f"Hello again{_counted(conversation)}. I am still the offline stand-in. {hints(conversation.number or 0)}"


def _thanks(conversation: Conversation, intent: Intent) -> Steps:
    yield f"You are welcome. {hints(conversation.number or 0)}"


def _echo(conversation: Conversation, intent: Intent) -> Steps:
    """Give the message back, with all that can honestly be said about it."""
    turn = conversation.turn
    said = shortened(turn.text, 300)
    parts = [f"You wrote:\n\n> {said}" if said else "Your message has no words in it."]
    parts += _remarks(turn)
    if conversation.number == 1:
        parts.append(ABOUT)
    else:
        parts.append(f"I can only repeat it: no model is connected, I am the offline stand-in{_counted(conversation)}.")
    parts.append(hints(conversation.number or 0))
    yield "\n\n".join(parts)


def _counted(conversation: Conversation) -> str:
    return f", and this is message {conversation.number} of our conversation" if conversation.number else ""


def _remarks(turn: Turn) -> list[str]:
    """What else came with the message, each as a sentence."""
    message = turn.message
    if message is None:
        return []
    remarks: list[str] = []
    if message.quoted_text:
        remarks.append(f"You quoted: *{shortened(message.quoted_text.replace('*', ''), 120) or 'nothing'}*")
    if message.attachments:
        names = ", ".join(quoted(attachment.name) for attachment in message.attachments[:5])
        remarks.append(f"Attached: {names} ({len(message.attachments)} in all). I cannot open attachments.")
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
    yield (
        f"Here are {words} words{limit}, written in advance: no model is connected. Stop me whenever you like.\n\n---\n\n"
        f"{long_text(words)}"
    )


def _count(conversation: Conversation, intent: Intent) -> Steps:
    wanted = DEFAULT_COUNT if intent.number is None else intent.number
    limit = max(1, min(wanted, MAX_COUNT))
    far = f"Only to {MAX_COUNT}, or we will be here all day." if wanted > MAX_COUNT else "Here we go."
    yield f"{far}\n\n{counting(limit)}"


# --- everything that is not words ---------------------------------------------------------------------------------


def _widget(conversation: Conversation, intent: Intent) -> Steps:
    yield "Here is a card. Its buttons run actions on the server, and the new count is stored with the thread."
    yield _widget_done(conversation.turn, counter(0))


def _form(conversation: Conversation, intent: Intent) -> Steps:
    yield "Here is a form. Send it, and I will tell you what the server received."
    yield _widget_done(conversation.turn, form())


def _widget_done(turn: Turn, widget: Any) -> sdk.ThreadItemDoneEvent:
    item = sdk.WidgetItem(
        id=turn.new_id("message"),
        thread_id=turn.thread.id,
        created_at=datetime.now(),
        widget=widget,
        copy_text=copy_text(widget),
    )
    return sdk.ThreadItemDoneEvent(item=item)


def _tool(conversation: Conversation, intent: Intent) -> Steps:
    """Call a tool that runs on the user's side. It has to be the thread's last item: its output goes on from there."""
    turn = conversation.turn
    yield f"Your clock is on your side, so I ask your client for it: this is the client tool `{TIME_TOOL}`."
    call = sdk.ClientToolCallItem(
        id=turn.new_id("tool_call"),
        thread_id=turn.thread.id,
        created_at=datetime.now(),
        call_id=turn.new_id("tool_call"),
        name=TIME_TOOL,
        arguments={},
    )
    yield sdk.ThreadItemDoneEvent(item=call)


def _question(conversation: Conversation, intent: Intent) -> Steps:
    turn = conversation.turn
    yield "Two questions, then. You may skip either."
    languages = [sdk.StructuredInputMultipleChoiceOption(value=name) for name in ("Python", "TypeScript", "Rust")]
    asked = sdk.StructuredInputItem(
        id=turn.new_id("message"),
        thread_id=turn.thread.id,
        created_at=datetime.now(),
        inputs=[
            sdk.StructuredInputMultipleChoice(
                id="languages", question="Which languages do you write?", options=languages, multiple=True
            ),
            sdk.StructuredInputFreeform(
                id="plan", question="What do you want to build?", description="A few words are enough."
            ),
        ],
    )
    yield sdk.ThreadItemDoneEvent(item=asked)


def _workflow(conversation: Conversation, intent: Intent) -> Steps:
    """Three tasks that load and complete one after another, then the workflow folds up."""
    turn = conversation.turn
    tasks: list[sdk.CustomTask | sdk.ThoughtTask] = [
        sdk.ThoughtTask(title="Read the message", content="It asks for a workflow."),
        sdk.CustomTask(title="Pretend to look something up", icon="search", content="Nothing was looked up."),
        sdk.CustomTask(title="Put the answer together", icon="write"),
    ]
    item = sdk.WorkflowItem(
        id=turn.new_id("workflow"),
        thread_id=turn.thread.id,
        created_at=datetime.now(),
        workflow=sdk.Workflow(type="custom", tasks=[], expanded=True),
    )
    for index, task in enumerate(tasks):
        task.status_indicator = "loading"
        item.workflow.tasks.append(task)
        if index == 0:
            yield sdk.ThreadItemAddedEvent(item=item)
        else:
            added = sdk.WorkflowTaskAdded(task_index=index, task=task)
            yield sdk.ThreadItemUpdatedEvent(item_id=item.id, update=added)
        yield Pause(25)
        task.status_indicator = "complete"
        updated = sdk.WorkflowTaskUpdated(task_index=index, task=task)
        yield sdk.ThreadItemUpdatedEvent(item_id=item.id, update=updated)
    item.workflow.summary = sdk.CustomSummary(title="Three steps of nothing much", icon="check-circle")
    item.workflow.expanded = False
    yield sdk.ThreadItemDoneEvent(item=item)
    yield "That was a workflow. An agent with tools shows its steps this way; mine were only for show."


def _notice(conversation: Conversation, intent: Intent) -> Steps:
    yield conversation.turn.notice(
        f"No model is connected. {HOW_TO_CONNECT}", title="Offline stand-in", level="warning"
    )
    yield "That was a notice. It stands beside the conversation and is not stored with it."


def _effect(conversation: Conversation, intent: Intent) -> Steps:
    yield conversation.turn.client_effect("offline_demo", {"number": conversation.number})
    yield "I sent the client effect `offline_demo`: the page around this chat may do something with it. It is not stored."


def _error(conversation: Conversation, intent: Intent) -> Steps:
    if conversation.turn.kind == "retry":
        yield "This time it works: you retried, and what the failed try had left behind is gone."
    else:
        yield Fail(
            "You asked for an error, so I fail in the middle of this",
            "This failure was asked for. Retry, and it will work.",
        )


_REPLIES: dict[IntentName, Callable[[Conversation, Intent], Steps]] = {
    "about": _said(f"{ABOUT}\n\n{CONNECT}"),
    "code": _said(CODE),
    "count": _count,
    "echo": _echo,
    "effect": _effect,
    "error": _error,
    "form": _form,
    "greeting": _greeting,
    "help": _said(f"{ABOUT}\n\n{HELP}\n\n{CONNECT}"),
    "long": _long,
    "markdown": _said(MARKDOWN),
    "notice": _notice,
    "question": _question,
    "table": _said(f"Here is a table, of how an answer reaches you:\n\n{TABLE}"),
    "thanks": _thanks,
    "tool": _tool,
    "widget": _widget,
    "workflow": _workflow,
}


# --- going on -----------------------------------------------------------------------------------------------------


def _tool_answer(call: sdk.ClientToolCallItem | None) -> str:
    if call is None:
        return "A client tool has answered, but I cannot find its call any more."
    if call.name == TIME_TOOL and (clock := _clock(call.output)):
        return f"Your client says that it is **{clock}**. So much for the way there and back; I would not have known."
    return f"The client tool {quoted(call.name)} answered:\n\n```json\n{_json(call.output)}\n```"


def _clock(output: Any) -> str | None:
    """The time that a client told, in words: ``{"time": <ISO 8601>, "timezone": <name>}``."""
    told: dict[str, Any] = cast("dict[str, Any]", output) if isinstance(output, dict) else {}
    try:
        moment = datetime.fromisoformat(str(told.get("time")))
    except ValueError:
        return None
    zone = shortened(str(told.get("timezone") or ""), 40).replace("*", "")
    return f"{moment:%H:%M} on {moment:%A}, {moment.day} {moment:%B} {moment.year}{f' ({zone})' if zone else ''}"


def _json(value: Any) -> str:
    text = dumps(value).decode()
    return text if len(text) <= 600 else text[:600] + "…"


def _answers_repeated(item: sdk.StructuredInputItem | None) -> str:
    if item is None:
        return "Questions were answered, but I cannot find them any more."
    if item.status == "skipped":
        return "Skipped, and that is fine. The thread keeps the questions, and that you passed them over."
    lines = [f"- {question.question} **{_answer_text(question)}**" for question in item.inputs]
    return "\n".join(["Thank you. You answered:", "", *lines, "", "The answers are stored with the thread."])


def _answer_text(question: sdk.StructuredInput) -> str:
    if question.answer is None or question.answer.skipped:
        return "(skipped)"
    values = ", ".join(shortened(value.replace("*", ""), 200) for value in question.answer.values[:20])
    return values or "(skipped)"
