"""From a streaming operation to what it does to its thread, and to the turn that the agent is given."""

from __future__ import annotations

from functools import partial
from typing import Protocol, assert_never

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
    ThreadChanges,
    ToolOutput,
    WidgetAction,
)


class Ids(Protocol):
    """Names what an admission creates."""

    async def thread(self, context: RequestContext) -> str:
        """The id of a new thread."""
        ...

    async def message(self, thread_id: str, context: RequestContext, *, new_thread: bool) -> str:
        """The id of a user's message."""
        ...


class NewIds:
    """UUIDv7."""

    async def thread(self, context: RequestContext) -> str:
        return new_id("thread")

    async def message(self, thread_id: str, context: RequestContext, *, new_thread: bool) -> str:
        return new_id("message")


async def admission_of(operation: StreamingOperation, ids: Ids, context: RequestContext) -> Admission:
    """What the store does before the run starts."""
    match operation:
        case CreateThread():
            return await _new_message(await ids.thread(context), operation.input, ids, context, new_thread=True)
        case AddUserMessage():
            return await _new_message(operation.thread_id, operation.input, ids, context, new_thread=False)
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


async def _new_message(
    thread_id: str, message: UserInput, ids: Ids, context: RequestContext, *, new_thread: bool
) -> NewMessage:
    item_id = await ids.message(thread_id, context, new_thread=new_thread)
    return NewMessage(thread_id, _user_message(item_id, thread_id, message), tuple(message.attachments), new_thread)


def _user_message(item_id: str, thread_id: str, message: UserInput) -> Item:
    """The item of a message, without its attachments: those are the store's to look up."""
    item: Item = {
        "id": item_id,
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
    turn.give_title = partial(_give_title, store, context, turn.thread.id)
    item = item_model(admitted.item) if admitted.item and kind != "client_tool_output" else None
    if isinstance(item, sdk.UserMessageItem):
        turn.message = item
    if isinstance(item, sdk.WidgetItem):
        turn.sender = item
    if isinstance(item, sdk.StructuredInputItem):
        turn.answered = item
    if isinstance(operation, CustomAction):
        turn.action = Action(type=operation.action.type, payload=operation.action.payload)
    return turn


async def _give_title(store: Store, context: RequestContext, thread_id: str, title: str) -> str | None:
    changes = ThreadChanges({"title": title}, untitled=True)
    return (await store.change_thread(context.owner, thread_id, changes)).title
