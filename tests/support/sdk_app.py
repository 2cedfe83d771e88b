"""An application with servers written against the official SDK alone; ``STORE`` is theirs (``memory``) or ours."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from agents import (
    Agent,
    GuardrailFunctionOutput,
    OpenAIChatCompletionsModel,
    RunContextWrapper,
    Runner,
    StopAtTools,
    function_tool,
    output_guardrail,
    set_tracing_disabled,
)
from chatkit.actions import Action
from chatkit.agents import AgentContext, ClientToolCall, ThreadItemConverter, stream_agent_response
from chatkit.errors import CustomStreamError
from chatkit.server import ChatKitServer, stream_widget
from chatkit.store import AttachmentStore
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    Attachment,
    AttachmentCreateParams,
    AudioInput,
    CustomTask,
    FeedbackKind,
    FileAttachment,
    HiddenContextItem,
    ProgressUpdateEvent,
    StreamOptions,
    SyncCustomActionResponse,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    TranscriptionResult,
    UserMessageItem,
    WidgetItem,
    Workflow,
)
from chatkit.widgets import Card, Text
from fastapi import FastAPI
from openai import AsyncOpenAI

from fastapi_chatkit import ChatKit, RequestContext
from fastapi_chatkit.store import SQLiteStore
from tests.support.memory_store import MemoryStore

set_tracing_disabled(True)
calls: list[Any] = []


def card(text: str, streaming: bool = False) -> Card:
    return Card(id="card", children=[Text(id="text", value=text, streaming=streaming)])


@function_tool
async def pick_color(context: RunContextWrapper[AgentContext]) -> str:
    """Ask the page for a colour."""
    context.context.client_tool_call = ClientToolCall(name="pick_color", arguments={"of": "the page"})
    return "asked"


@function_tool
async def show(context: RunContextWrapper[AgentContext]) -> str:
    """Show a widget that grows."""

    async def states():
        for end in range(1, 4):
            yield card("abc"[:end], streaming=end < 3)

    await context.context.stream_widget(states())
    return "shown"


@output_guardrail
async def decency(context: Any, agent: Any, output: str) -> GuardrailFunctionOutput:
    return GuardrailFunctionOutput(output_info=None, tripwire_triggered="forbidden" in output)


def assistant(thread: ThreadMetadata, text: str, item_id: str) -> AssistantMessageItem:
    content = [AssistantMessageContent(text=text)] if text else []
    return AssistantMessageItem(id=item_id, thread_id=thread.id, created_at=datetime.now(), content=content)


class Converter(ThreadItemConverter):
    """The SDK's own form of an assistant message is refused by the Agents SDK's Chat Completions model."""

    async def assistant_message_to_input(self, item: AssistantMessageItem) -> Any:
        return {"role": "assistant", "content": "".join(part.text for part in item.content)}


class Server(ChatKitServer[RequestContext]):
    def __init__(self, store: Any) -> None:
        super().__init__(store, Attachments())
        client = AsyncOpenAI(base_url=os.environ["MODEL_URL"], api_key="any", max_retries=0)
        self.agent = Agent[AgentContext](
            name="Assistant",
            model=OpenAIChatCompletionsModel("any", client),
            tools=[pick_color, show],
            tool_use_behavior=StopAtTools(stop_at_tool_names=["pick_color"]),
            output_guardrails=[decency],
        )

    async def respond(  # noqa: C901 - one case per answer
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        text = "".join(part.text for part in input_user_message.content) if input_user_message else ""
        calls.append({"respond": text, "user": context.user_id})
        match text.partition(" ")[0]:
            case "plain":
                yield ThreadItemDoneEvent(item=assistant(thread, "plainly", self.new_id(thread, context)))
            case "title":
                thread.title = "Named by the server"
                yield ProgressUpdateEvent(text="named")
            case "late-title":
                yield ProgressUpdateEvent(text="not yet")
                thread.title = "Named at the end"
            case "hidden":
                item = HiddenContextItem(
                    id=self.new_id(thread, context),
                    thread_id=thread.id,
                    created_at=datetime.now(),
                    content="hidden words",
                )
                yield ThreadItemDoneEvent(item=item)
            case "widget":
                async for event in stream_widget(thread, self.states()):
                    yield event
            case "fail":
                raise CustomStreamError("Shown")
            case "slow":
                async for event in self.slowly(thread, context):
                    yield event
            case _:
                async for event in self.ask_model(thread, text, context):
                    yield event

    async def ask_model(self, thread: ThreadMetadata, text: str, context: RequestContext):
        agent_context = AgentContext(thread=thread, store=self.store, request_context=context)
        page = await self.store.load_thread_items(thread.id, None, 50, "desc", context)
        if text.startswith("workflow"):
            await agent_context.start_workflow(Workflow(type="custom", tasks=[CustomTask(title="Think")]))
        items = await Converter().to_agent_input(page.data[::-1])
        result = Runner.run_streamed(self.agent, items, context=agent_context)
        async for event in stream_agent_response(agent_context, result):
            yield event

    async def slowly(self, thread: ThreadMetadata, context: RequestContext):
        item = assistant(thread, "", self.new_id(thread, context))
        yield ThreadItemAddedEvent(item=item)
        for index in range(100):
            update = AssistantMessageContentPartTextDelta(content_index=0, delta=f"word{index} ")
            yield ThreadItemUpdatedEvent(item_id=item.id, update=update)
            await asyncio.sleep(0.05)

    async def states(self):
        for text in ("a", "ab", "abc"):
            yield card(text, streaming=text != "abc")

    def new_id(self, thread: ThreadMetadata, context: RequestContext) -> str:
        return self.store.generate_item_id("message", thread, context)

    async def action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        calls.append({"action": action.type, "payload": action.payload, "sender": sender and sender.id})
        if sender is not None:
            yield ThreadItemReplacedEvent(item=sender.model_copy(update={"widget": card("pressed")}))
        yield ThreadItemDoneEvent(item=assistant(thread, "acted", self.new_id(thread, context)))

    async def sync_action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: RequestContext
    ) -> SyncCustomActionResponse:
        assert sender is not None
        return SyncCustomActionResponse(updated_item=sender.model_copy(update={"widget": card("synced")}))

    async def add_feedback(
        self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: RequestContext
    ) -> None:
        calls.append({"feedback": feedback, "items": item_ids, "user": context.user_id})

    async def transcribe(self, audio_input: AudioInput, context: RequestContext) -> TranscriptionResult:
        return TranscriptionResult(text=f"{audio_input.media_type}: {audio_input.data.decode()}")

    def get_stream_options(self, thread: ThreadMetadata, context: RequestContext) -> StreamOptions:
        return StreamOptions(allow_cancel=False)


class Attachments(AttachmentStore[RequestContext]):
    async def create_attachment(self, input: AttachmentCreateParams, context: RequestContext) -> Attachment:
        return FileAttachment(
            id=self.generate_attachment_id(input.mime_type, context),
            name=input.name,
            mime_type=input.mime_type,
            metadata={"owner": "private"},
        )

    async def delete_attachment(self, attachment_id: str, context: RequestContext) -> None:
        calls.append({"attachment deleted": attachment_id})


class Overriding(Server):
    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: RequestContext
    ) -> None:
        texts = ["".join(p.text for p in item.content) for item in pending_items if item.type == "assistant_message"]
        calls.append({"cancelled": texts})
        await self.store.add_thread_item(
            thread.id, assistant(thread, "kept by the server", self.new_id(thread, context)), context
        )


class Bare(ChatKitServer[RequestContext]):
    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        yield ProgressUpdateEvent(text="bare")


app = FastAPI()
store = MemoryStore() if os.environ["STORE"] == "memory" else SQLiteStore("chatkit.db")
ChatKit(app, server=Server(store))
ChatKit(app, path="/overriding", server=Overriding(store))
ChatKit(app, path="/bare", server=Bare(store))


@app.get("/calls")
async def get_calls() -> list[Any]:
    return calls


@app.get("/stored/{thread_id}")
async def get_stored(thread_id: str) -> list[Any]:
    context = RequestContext(user_id="alice", request_id="test")
    page = await store.load_thread_items(thread_id, None, 1000, "asc", context)
    return [item.model_dump(mode="json", exclude_none=True) for item in page.data]
