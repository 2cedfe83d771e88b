"""A server of the SDK that one of this project's agents answers for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from chatkit import types as sdk
from chatkit.server import TContext
from chatkit.store import AttachmentStore, Store

from ..agents.base import Agent, Turn
from ..agents.function import FunctionAgent
from ..agents.sdk_events import sdk_events
from ..agents.sdk_server import AnsweredByAgent
from ..ids import new_id
from .chatkit_server import ChatKitServer
from .contexts import context_of, with_given_context


class AgentServer(ChatKitServer[TContext], AnsweredByAgent):
    """For code that is written around a server: :meth:`process`, or ``ChatKit(app, server=AgentServer(...))``.

    Both ask ``agent``, with all that it can do, and none of the server's hooks: subclasses choose the agent. It sees
    a ``RequestContext``; :meth:`process` is best called with one, which has room for the caller's token.
    """

    def __init__(
        self, store: Store[TContext], agent: Agent, attachment_store: AttachmentStore[TContext] | None = None
    ) -> None:
        super().__init__(store, attachment_store)
        self.agent = agent

    def respond(
        self, thread: sdk.ThreadMetadata, input_user_message: sdk.UserMessageItem | None, context: TContext
    ) -> AsyncIterator[sdk.ThreadStreamEvent]:
        """The agent's answer, for whoever calls the hook: nothing of it is stored."""
        asked = context_of(context, needs_owner=False)
        kind = "client_tool_output" if input_user_message is None else "message"
        store = with_given_context(self.store)
        turn = Turn(new_id("run"), kind, thread, input_user_message, asked, store)
        return sdk_events(thread.id, self.agent.respond(turn))

    async def aclose(self) -> None:
        """As of any server here; then close the agent."""
        await super().aclose()
        await self.agent.close()

    def _answering(self, cancel: Callable[[str], None]) -> Agent:
        return _Lent(self.agent)


class _Lent(FunctionAgent):
    """Somebody else's agent, who closes it."""

    def __init__(self, agent: Agent) -> None:
        super().__init__(lambda: agent)
        self.prepare()

    async def close(self) -> None:
        """Other event loops may need it still."""
