"""The pattern's `ChatKitServer`s: a scripted function, and agents of the OpenAI Agents SDK, one of them with tools."""

from collections.abc import AsyncIterator
from datetime import datetime

from agents import Agent, Model, Runner
from agents.mcp import MCPServerStreamableHttp
from chatkit.agents import AgentContext, simple_to_agent_input, stream_agent_response
from chatkit.server import ChatKitServer
from chatkit.store import Store
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)

from benchmarks.pattern.store import RequestContext
from benchmarks.workload import Script


class FunctionServer(ChatKitServer[RequestContext]):
    """Streams the script that the user's message asks for, as one assistant message."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        assert input_user_message is not None
        script = Script.parse("".join(part.text for part in input_user_message.content))
        item = AssistantMessageItem(
            id=self.store.generate_item_id("message", thread, context),
            thread_id=thread.id,
            created_at=datetime.now(),
            content=[],
        )
        yield ThreadItemAddedEvent(item=item)
        yield ThreadItemUpdatedEvent(
            item_id=item.id,
            update=AssistantMessageContentPartAdded(content_index=0, content=AssistantMessageContent(text="")),
        )
        text = ""
        async for piece in script.pieces():
            text += piece
            yield ThreadItemUpdatedEvent(
                item_id=item.id, update=AssistantMessageContentPartTextDelta(content_index=0, delta=piece)
            )
        content = AssistantMessageContent(text=text)
        yield ThreadItemUpdatedEvent(
            item_id=item.id, update=AssistantMessageContentPartDone(content_index=0, content=content)
        )
        yield ThreadItemDoneEvent(item=item.model_copy(update={"content": [content]}))


class AgentsServer(ChatKitServer[RequestContext]):
    """Answers with an Agents SDK agent, as the SDK's guide to `respond` has it."""

    def __init__(self, store: Store[RequestContext], model: str | Model) -> None:
        super().__init__(store)
        self.agent = Agent[AgentContext[RequestContext]](
            name="Assistant", instructions="You are a helpful assistant.", model=model
        )

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        page = await self.store.load_thread_items(thread.id, after=None, limit=20, order="desc", context=context)
        agent_input = await simple_to_agent_input(list(reversed(page.data)))
        agent_context = AgentContext(thread=thread, store=self.store, request_context=context)
        result = Runner.run_streamed(self.agent, agent_input, context=agent_context)
        async for event in stream_agent_response(agent_context, result):
            yield event


class ToolsServer(ChatKitServer[RequestContext]):
    """The same with the tools of an MCP server, which it connects to for each message, with the user's own token."""

    def __init__(self, store: Store[RequestContext], model: str | Model, mcp_server_url: str) -> None:
        super().__init__(store)
        self.model = model
        self.mcp_server_url = mcp_server_url

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: RequestContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        page = await self.store.load_thread_items(thread.id, after=None, limit=20, order="desc", context=context)
        agent_input = await simple_to_agent_input(list(reversed(page.data)))
        agent_context = AgentContext(thread=thread, store=self.store, request_context=context)
        headers = {"Authorization": f"Bearer {context.metadata['access_token']}", "X-User-ID": context.user_id}
        async with MCPServerStreamableHttp(
            params={"url": self.mcp_server_url, "headers": headers, "timeout": 30}, cache_tools_list=True
        ) as mcp_server:
            agent = Agent[AgentContext[RequestContext]](
                name="Assistant",
                instructions="You are a helpful assistant.",
                model=self.model,
                mcp_servers=[mcp_server],
            )
            result = Runner.run_streamed(agent, agent_input, context=agent_context)
            async for event in stream_agent_response(agent_context, result):
                yield event
