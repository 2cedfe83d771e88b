"""The application behind the wire tests: the first word of a message decides what the agent does.

Its source is served in a process of its own (``serve_app(cwd, SOURCE)``); tests never import it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from chatkit import types as sdk
from chatkit.errors import CustomStreamError
from chatkit.store import AttachmentStore
from chatkit.widgets import DynamicWidgetRoot
from fastapi import FastAPI
from pydantic import TypeAdapter

from fastapi_chatkit import ChatKit, RequestContext, Turn

logging.basicConfig(level=logging.DEBUG)

_ROOT: TypeAdapter[DynamicWidgetRoot] = TypeAdapter(DynamicWidgetRoot)


class Attachments(AttachmentStore[RequestContext]):
    """Two-phase uploads that go nowhere; the metadata must stay on this side."""

    async def create_attachment(self, input: sdk.AttachmentCreateParams, context: RequestContext) -> sdk.Attachment:
        return sdk.FileAttachment(
            id=self.generate_attachment_id(input.mime_type, context),
            name=input.name,
            mime_type=input.mime_type,
            upload_descriptor=sdk.AttachmentUploadDescriptor.model_validate(
                {"url": "https://files.example/upload", "method": "PUT", "headers": {"X-Upload": "1"}}
            ),
            metadata={"bucket": "a-private-bucket", "size": input.size},
        )

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        calls.append({"hook": "delete_attachment", "attachment_id": attachment_id, "user_id": context.user_id})


app = FastAPI()
chat = ChatKit(app, attachment_store=Attachments())
calls: list[dict[str, Any]] = []


@app.get("/calls")
async def list_calls() -> list[dict[str, Any]]:
    """What the hooks were called with."""
    return calls


def widget(value: str) -> Any:
    return _ROOT.validate_python({"type": "Card", "children": [{"type": "Text", "id": "text", "value": value}]})


def base(turn: Turn) -> dict[str, Any]:
    return {"id": turn.new_id(), "thread_id": turn.thread.id, "created_at": datetime.now()}


@chat.respond
async def reply(turn: Turn) -> AsyncIterator[Any]:
    if turn.message is None:
        yield f"{turn.kind}: " + json.dumps(await newest_visible(turn))
        return
    command, _, rest = turn.text.partition(" ")
    async for event in ANSWERS.get(command, say)(turn, rest):
        yield event


async def newest_visible(turn: Turn) -> dict[str, Any]:
    """The item that this turn goes on from."""
    return (await turn.history())[-1].model_dump(mode="json", exclude={"created_at"})


async def say(turn: Turn, rest: str) -> AsyncIterator[Any]:
    for index in range(int(rest) if rest.isdigit() else 3):
        yield f"word{index} "


async def slow(turn: Turn, rest: str) -> AsyncIterator[Any]:
    for index in range(int(rest)):
        await asyncio.sleep(0.05)
        yield f"word{index} "


async def many(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """That many items, numbered."""
    for index in range(int(rest)):
        task = sdk.CustomTask(title=f"task {index}")
        yield sdk.ThreadItemDoneEvent(item=sdk.TaskItem(**base(turn), task=task))


async def boom(turn: Turn, rest: str) -> AsyncIterator[Any]:
    yield "some text "
    raise RuntimeError("a secret of the server")


async def custom(turn: Turn, rest: str) -> AsyncIterator[Any]:
    yield "some text "
    raise CustomStreamError("The weather service is closed.", allow_retry=False)


async def show_widget(turn: Turn, rest: str) -> AsyncIterator[Any]:
    yield "Before. "
    yield widget("0")
    yield "After."


async def tool(turn: Turn, rest: str) -> AsyncIterator[Any]:
    fields = {"call_id": "call_1", "name": "get_time", "arguments": {"zone": "UTC"}}
    yield sdk.ThreadItemDoneEvent(item=sdk.ClientToolCallItem(**base(turn), status="pending", **fields))


async def ask(turn: Turn, rest: str) -> AsyncIterator[Any]:
    options = [sdk.StructuredInputMultipleChoiceOption(value=value) for value in ("red", "green", "blue")]
    questions: list[sdk.StructuredInput] = [
        sdk.StructuredInputMultipleChoice(id="one", question="Which colour?", options=options),
        sdk.StructuredInputMultipleChoice(id="any", question="Which colours?", options=options, multiple=True),
        sdk.StructuredInputFreeform(id="free", question="Why?"),
    ]
    yield sdk.ThreadItemDoneEvent(item=sdk.StructuredInputItem(**base(turn), inputs=questions))


async def hide(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Hidden context through every event that can carry an item."""
    item = sdk.HiddenContextItem(**base(turn), content={"note": "hidden-canary"})
    yield sdk.ThreadItemAddedEvent(item=item)
    yield sdk.ThreadItemDoneEvent(item=item)
    yield sdk.ThreadItemReplacedEvent(item=item)
    yield sdk.ThreadItemDoneEvent(item=sdk.SDKHiddenContextItem(**base(turn), content="hidden-canary"))
    yield "Nothing to see."


async def history(turn: Turn, rest: str) -> AsyncIterator[Any]:
    yield json.dumps([item.model_dump(mode="json") for item in await turn.history()])


async def title(turn: Turn, rest: str) -> AsyncIterator[Any]:
    yield "Naming this. "
    turn.thread.title = rest
    yield turn.progress("named")
    yield "Named."


async def lock(turn: Turn, rest: str) -> AsyncIterator[Any]:
    yield "Locking."
    turn.thread.status = sdk.ClosedStatus(reason="done") if rest == "closed" else sdk.LockedStatus(reason="review")


async def asides(turn: Turn, rest: str) -> AsyncIterator[Any]:
    yield turn.progress("looking", icon="search")
    yield turn.notice("**Careful**", title="Note", level="warning")
    yield turn.client_effect("highlight", {"row": 1})
    yield "Done."


async def workflow(turn: Turn, rest: str) -> AsyncIterator[Any]:
    item = sdk.WorkflowItem(**base(turn), workflow=sdk.Workflow(type="custom", tasks=[]))
    yield sdk.ThreadItemAddedEvent(item=item)
    task = sdk.CustomTask(title="look", status_indicator="complete")
    yield sdk.ThreadItemUpdatedEvent(item_id=item.id, update=sdk.WorkflowTaskAdded(task_index=0, task=task))
    finished = sdk.Workflow(type="custom", tasks=[task], summary=sdk.CustomSummary(title="looked"))
    yield sdk.ThreadItemDoneEvent(item=item.model_copy(update={"workflow": finished}))


async def take_back(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """An item that is stored, replaced, and one that is removed."""
    kept = sdk.TaskItem(**base(turn), task=sdk.CustomTask(title="first"))
    gone = sdk.TaskItem(**base(turn), task=sdk.CustomTask(title="gone"))
    yield sdk.ThreadItemDoneEvent(item=kept)
    yield sdk.ThreadItemDoneEvent(item=gone)
    yield sdk.ThreadItemReplacedEvent(item=kept.model_copy(update={"task": sdk.CustomTask(title="second")}))
    yield sdk.ThreadItemRemovedEvent(item_id=gone.id)


async def context(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """All that a hook can see of the request, and whether the token shows where it must not."""
    known = turn.context
    token = known.access_token.get_secret_value() if known.access_token else ""
    printed = f"{known!r} {known} {known.metadata!r} {json.dumps(known.metadata)} {dict(known.metadata)} {turn!r}"
    logging.getLogger("app").warning("the context is %s", known)
    yield json.dumps(
        {
            "user_id": known.user_id,
            "organization_id": known.organization_id,
            "request_id": known.request_id,
            "locale": known.locale,
            "metadata": known.metadata,
            "token_length": len(token),
            "readable": bool(token) and known.metadata["access_token"] == known.metadata.get("access_token") == token,
            "prints": token in printed,
        }
    )


async def attachments(turn: Turn, rest: str) -> AsyncIterator[Any]:
    assert turn.message is not None
    yield json.dumps([attachment.model_dump(mode="json") for attachment in turn.message.attachments])


ANSWERS = {
    "ask": ask,
    "asides": asides,
    "attachments": attachments,
    "boom": boom,
    "context": context,
    "custom": custom,
    "hide": hide,
    "history": history,
    "lock": lock,
    "many": many,
    "say": say,
    "slow": slow,
    "take_back": take_back,
    "title": title,
    "tool": tool,
    "widget": show_widget,
    "workflow": workflow,
}


@chat.action
async def act(turn: Turn) -> AsyncIterator[Any]:
    """`set` changes the sender; anything else says what arrived."""
    assert turn.action is not None
    if turn.action.type == "set" and turn.sender is not None:
        update = sdk.WidgetRootUpdated(widget=widget(turn.action.payload["value"]))
        yield sdk.ThreadItemUpdatedEvent(item_id=turn.sender.id, update=update)
        return
    sender = turn.sender.id if turn.sender else None
    yield json.dumps({"type": turn.action.type, "payload": turn.action.payload, "sender": sender})


@chat.sync_action
async def act_now(turn: Turn) -> sdk.ThreadItem | None:
    """`set` answers with the changed sender, anything else with nothing."""
    assert turn.action is not None
    if turn.action.type != "set" or turn.sender is None:
        return None
    return turn.sender.model_copy(update={"widget": widget(turn.action.payload["value"])})


@chat.feedback
async def take_feedback(thread_id: str, item_ids: list[str], kind: str, context: RequestContext) -> None:
    calls.append(
        {"hook": "feedback", "thread_id": thread_id, "item_ids": item_ids, "kind": kind, "user_id": context.user_id}
    )


@chat.transcribe
async def transcribe(audio: sdk.AudioInput, context: RequestContext) -> str:
    return f"{len(audio.data)} bytes of {audio.media_type} from {context.user_id}"
