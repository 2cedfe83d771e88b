"""What the browser talks to: our endpoint with an agent that does as it is told, the official SDK's, and hostile ones.

Each page is the same: the component, under the strictest policy that a page can have.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatkit.server import ChatKitServer, StreamingResult
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ClientToolCallItem,
    CustomSummary,
    CustomTask,
    StructuredInputItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    UserMessageItem,
    Workflow,
    WorkflowItem,
)
from chatkit.widgets import DynamicWidgetRoot
from fastapi import FastAPI, Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.staticfiles import StaticFiles

from fastapi_chatkit import ChatKit, RequestContext, Turn
from fastapi_chatkit.page import HEADERS
from tests.browser import hostile, samples
from tests.support.memory_store import MemoryStore

SITE = Path(__file__).parent / "site"

app = FastAPI(openapi_url=None)
chat = ChatKit(app)


@chat.respond
async def reply(turn: Turn) -> AsyncIterator[Any]:
    """What it is told to: see the functions below; anything else is said again."""
    if turn.kind == "client_tool_output":
        yield f"The page says: {await output(turn)}"
    elif turn.answered is not None:
        answer = turn.answered.inputs[0].answer
        yield f"You answered: {answer and answer.values}"
    else:
        command, _, rest = turn.text.partition(" ")
        async for said in COMMANDS.get(command, again)(turn, rest):
            yield said


async def again(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Says what it hears."""
    yield f"You said: {turn.text}"


async def slow(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Says so many words, one every 50 ms."""
    yield turn.progress("Thinking of words")
    for index in range(int(rest)):
        await asyncio.sleep(0.05)
        yield f"word{index} "


async def boom(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Fails when it has said something."""
    yield "Some words, then "
    raise RuntimeError("a secret of the server")


async def title(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Gives the thread a title."""
    turn.thread.title = rest
    yield "It has a title now."


async def effect(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Tells the page to do something."""
    yield turn.client_effect("lights", {"on": True})
    yield "The lights are on."


async def notice(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Says something beside the conversation."""
    yield turn.notice("The **archive** is read-only today.", title="Maintenance", level="warning")
    yield "So it is."


async def widget(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Shows a widget of the samples."""
    yield DynamicWidgetRoot.model_validate(samples.WIDGETS[rest])


async def show(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Says a text of the samples, a line at a time."""
    for line in samples.MARKDOWN[rest].splitlines(keepends=True):
        yield line


async def tool(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Asks the page for its colour."""
    yield ThreadItemDoneEvent(
        item=ClientToolCallItem(**head(turn), call_id="call_1", name="colour", arguments={"of": "page"})
    )


async def question(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Asks the user something."""
    options = [{"value": "Tea"}, {"value": "Coffee"}]
    asked = {"id": "q1", "question": "Tea or coffee?", "type": "multiple_choice", "options": options}
    item = StructuredInputItem.model_validate({**head(turn), "status": "pending", "inputs": [asked]})
    yield ThreadItemDoneEvent(item=item)


async def workflow(turn: Turn, rest: str) -> AsyncIterator[Any]:
    """Shows what it has done."""
    done = CustomTask(title="Look it up", content="In the *archive*.", status_indicator="complete")
    steps = Workflow(type="custom", tasks=[done], summary=CustomSummary(title="Looked it up"))
    yield ThreadItemDoneEvent(item=WorkflowItem(**head(turn), workflow=steps))
    yield "Here it is."


def head(turn: Turn) -> dict[str, Any]:
    """What every item has."""
    return {"id": turn.new_id(), "thread_id": turn.thread.id, "created_at": datetime.now(UTC)}


async def output(turn: Turn) -> Any:
    """What the page has answered."""
    calls = [item for item in await turn.history() if item.type == "client_tool_call"]
    return calls[-1].output


COMMANDS = {
    function.__name__: function
    for function in (slow, boom, title, effect, notice, widget, show, tool, question, workflow)
}


@chat.action
async def act(turn: Turn) -> AsyncIterator[Any]:
    """Says what was pressed."""
    assert turn.action is not None
    yield f"Pressed {turn.action.type} with {turn.action.payload}"


# --- the official SDK's endpoint --------------------------------------------------------------------------------------


class Official(ChatKitServer[RequestContext]):
    """A server as the SDK's quickstart has it: nothing of ours is between it and the page."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[Any]:
        text = "".join(part.text for part in input_user_message.content) if input_user_message else "0"
        item_id = self.store.generate_item_id("message", thread, context)
        item = AssistantMessageItem(id=item_id, thread_id=thread.id, created_at=datetime.now(), content=[])
        yield ThreadItemAddedEvent(item=item)
        said = ""
        for index in range(int(text.rpartition(" ")[2])):
            delta = f"word{index} "
            said += delta
            update = AssistantMessageContentPartTextDelta(content_index=0, delta=delta)
            yield ThreadItemUpdatedEvent(item_id=item_id, update=update)
            await asyncio.sleep(0.05)
        content = [AssistantMessageContent(text=said)]
        yield ThreadItemDoneEvent(item=item.model_copy(update={"content": content}))


official = Official(MemoryStore())


@app.post("/official")
async def official_endpoint(request: Request) -> Response:
    """The endpoint of the SDK's quickstart."""
    context = RequestContext(user_id="alice", request_id="official")
    result = await official.process(await request.body(), context)
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(content=result.json, media_type="application/json")


# --- pages ------------------------------------------------------------------------------------------------------------

app.router.routes.extend(hostile.routes())
app.mount("/site", StaticFiles(directory=SITE))


@app.get("/react/{path:path}")
async def react(path: str) -> FileResponse:
    """The application on the official React package, where it was built."""
    return FileResponse(Path(os.environ["REACT_APP"]) / (path or "index.html"), headers=HEADERS)


@app.get("/page")
async def page() -> HTMLResponse:
    """The component alone."""
    return HTMLResponse((SITE / "index.html").read_text(), headers=HEADERS)
