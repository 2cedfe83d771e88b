"""The offline agent's replies that are more than words: each shows one thing that an agent can do."""

from __future__ import annotations

from datetime import datetime

from chatkit import types as sdk
from chatkit.widgets import DynamicWidgetRoot

from ..base import Turn
from .intents import Intent
from .outcomes import TIME_TOOL
from .steps import Conversation, Fail, Pause, Steps
from .texts import HOW_TO_CONNECT
from .widgets import copy_text, counter, form

WORKING = Pause(25)
"""How long a task of a workflow takes."""


def widget_card(conversation: Conversation, intent: Intent) -> Steps:
    """A card that counts."""
    yield "Here is a card. Its buttons run actions on the server, and the count is stored with the thread."
    yield _widget_done(conversation.turn, counter(0))


def form_card(conversation: Conversation, intent: Intent) -> Steps:
    """A card to fill in."""
    yield "Here is a form. Send it, and I will tell you what the server received."
    yield _widget_done(conversation.turn, form())


def _widget_done(turn: Turn, widget: DynamicWidgetRoot) -> sdk.ThreadItemDoneEvent:
    item = sdk.WidgetItem(
        id=turn.new_id("message"),
        thread_id=turn.thread.id,
        created_at=datetime.now(),
        widget=widget,
        copy_text=copy_text(widget),
    )
    return sdk.ThreadItemDoneEvent(item=item)


def tool(conversation: Conversation, intent: Intent) -> Steps:
    """A tool that runs on the user's side. The call has to be the thread's last item: its output is matched to that."""
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


def questions(conversation: Conversation, intent: Intent) -> Steps:
    """A structured input: one question with choices, one without."""
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


def workflow(conversation: Conversation, intent: Intent) -> Steps:
    """Tasks that load and complete one after another, then the workflow folds up."""
    tasks: list[sdk.CustomTask | sdk.ThoughtTask] = [
        sdk.ThoughtTask(title="Read the message", content="It asks for a workflow.", status_indicator="loading"),
        sdk.CustomTask(title="Pretend to look something up", icon="search", status_indicator="loading"),
        sdk.CustomTask(title="Put the answer together", icon="write", status_indicator="loading"),
    ]
    done: list[sdk.CustomTask | sdk.ThoughtTask] = [
        task.model_copy(update={"status_indicator": "complete"}) for task in tasks
    ]
    begun = _workflow_item(conversation.turn, sdk.Workflow(type="custom", tasks=[tasks[0]], expanded=True))
    yield sdk.ThreadItemAddedEvent(item=begun)
    for index, task in enumerate(tasks):
        if index > 0:
            added = sdk.WorkflowTaskAdded(task_index=index, task=task)
            yield sdk.ThreadItemUpdatedEvent(item_id=begun.id, update=added)
        yield WORKING
        completed = sdk.WorkflowTaskUpdated(task_index=index, task=done[index])
        yield sdk.ThreadItemUpdatedEvent(item_id=begun.id, update=completed)
    summary = sdk.CustomSummary(title="Three steps, for show", icon="check-circle")
    ended = sdk.Workflow(type="custom", tasks=[*done], summary=summary, expanded=False)
    yield sdk.ThreadItemDoneEvent(item=begun.model_copy(update={"workflow": ended}))
    yield "That was a workflow. An agent with tools shows its steps this way; nothing was looked up by mine."


def _workflow_item(turn: Turn, content: sdk.Workflow) -> sdk.WorkflowItem:
    return sdk.WorkflowItem(
        id=turn.new_id("workflow"), thread_id=turn.thread.id, created_at=datetime.now(), workflow=content
    )


def notice(conversation: Conversation, intent: Intent) -> Steps:
    """A notice beside the conversation."""
    message = f"No model is connected. {HOW_TO_CONNECT}"
    yield conversation.turn.notice(message, title="Offline stand-in", level="warning")
    yield "That was a notice. It stands beside the conversation and is not stored with it."


def effect(conversation: Conversation, intent: Intent) -> Steps:
    """Something for the page around the chat."""
    yield conversation.turn.client_effect("offline_demo", {"message_number": conversation.number})
    yield "I sent the client effect `offline_demo`, with which the page around this chat may do something."


def error(conversation: Conversation, intent: Intent) -> Steps:
    """A failure in the middle of a message; a retry of it works."""
    if conversation.turn.kind == "retry":
        yield "This time it works: you retried, and what the failed try had left behind is gone."
    else:
        message = "This failure was asked for. Retry, and it will work."
        yield Fail("You asked for an error, so I fail in the middle of this", message)
