"""From a streaming operation to what it does to its thread, and to the turn that the agent is given."""

from __future__ import annotations

from typing import assert_never

from chatkit import types as sdk
from chatkit.actions import Action

from ..agents.base import Turn, TurnKind
from ..events import now
from ..identity import RequestContext
from ..ids import new_id
from ..items import Item
from ..operations import (
    AddClientToolOutput,
    AddStructuredInput,
    AddUserMessage,
    CreateThread,
    CustomAction,
    RetryAfterItem,
    StreamingOperation,
    UserInput,
)
from ..rows import item_model, thread_model
from ..store.base import (
    Admission,
    Admitted,
    NewMessage,
    Retry,
    Store,
    StructuredAnswer,
    ToolOutput,
    WidgetAction,
)


def admission_of(operation: StreamingOperation) -> Admission:
    """What the store does before the run starts."""
    match operation:
        case CreateThread():
            thread_id = new_id("thread")
            return NewMessage(
                thread_id, _user_message(thread_id, operation.input), tuple(operation.input.attachments), True
            )
        case AddUserMessage(thread_id=thread_id):
            return NewMessage(thread_id, _user_message(thread_id, operation.input), tuple(operation.input.attachments))
        case AddClientToolOutput():
            return ToolOutput(operation.thread_id, operation.result)
        case AddStructuredInput():
            answers = {key: answer.model_dump() for key, answer in operation.input.answers.items()}
            return StructuredAnswer(operation.thread_id, operation.item_id, operation.input.status, answers)
        case RetryAfterItem():
            return Retry(operation.thread_id, operation.item_id)
        case CustomAction():
            return WidgetAction(operation.thread_id, operation.item_id)
        case _:
            assert_never(operation)


def _user_message(thread_id: str, message: UserInput) -> Item:
    """The item of a message, without its attachments: those are the store's to look up."""
    item: Item = {
        "id": new_id("message"),
        "thread_id": thread_id,
        "created_at": now(),
        "type": "user_message",
        "content": [part.model_dump(exclude_none=True) for part in message.content],
        "attachments": [],
    }
    if message.quoted_text is not None:
        item["quoted_text"] = message.quoted_text
    item["inference_options"] = message.inference_options.model_dump(exclude_none=True)
    return item


def kind_of(operation: StreamingOperation) -> TurnKind:
    """Why the agent is asked."""
    match operation:
        case CreateThread() | AddUserMessage():
            return "message"
        case AddClientToolOutput():
            return "client_tool_output"
        case AddStructuredInput():
            return "structured_input"
        case RetryAfterItem():
            return "retry"
        case CustomAction():
            return "action"
        case _:
            assert_never(operation)


def turn_of(
    operation: StreamingOperation, admitted: Admitted, context: RequestContext, run_id: str, store: Store
) -> Turn:
    """The turn for the agent."""
    kind = kind_of(operation)
    turn = Turn(run_id, kind, thread_model(admitted.thread), None, context, store.models)
    item = item_model(admitted.item) if admitted.item and kind in ("message", "retry", "action") else None
    if isinstance(item, sdk.UserMessageItem):
        turn.message = item
    if isinstance(item, sdk.WidgetItem):
        turn.sender = item
    if isinstance(operation, CustomAction):
        turn.action = Action(type=operation.action.type, payload=operation.action.payload)
    return turn
