"""The port to agents: what answers a turn.

An agent is given a :class:`Turn` and yields events. It knows nothing of HTTP, logs or leases; what it yields is
recorded, stored and sent by the run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, cast

from chatkit import types as sdk
from chatkit.actions import Action
from chatkit.store import Store

from ..errors import NotEnabled
from ..events import AgentEvent
from ..identity import RequestContext
from ..ids import IdKind, new_id
from ..operations import CustomAction, StreamingOperation

GiveTitle = Callable[[str], Awaitable[str | None]]
"""Stores a title for a thread that has none; answers the title that it has then."""

TurnKind = Literal["message", "client_tool_output", "structured_input", "retry", "action"]


@dataclass(slots=True)
class Turn:
    """One answer to one request, as the agent sees it.

    ``message`` is the user's message (``None`` when the turn goes on after a tool output, an answer or an action).
    ``answered`` are the questions whose answer the turn goes on after, with that answer (kind ``structured_input``).
    ``thread`` may be changed: title, status, ``allowed_image_domains`` and ``metadata`` are saved and announced.
    ``store`` is the SDK's ``Store``, to be called with ``context``.
    """

    run_id: str
    kind: TurnKind
    thread: sdk.ThreadMetadata
    message: sdk.UserMessageItem | None
    context: RequestContext
    store: Store[Any]
    action: Action[str, Any] | None = None
    sender: sdk.WidgetItem | None = None
    answered: sdk.StructuredInputItem | None = None
    give_title: GiveTitle | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """What the user wrote, tags as ``@name``; empty where there is no message."""
        if self.message is None:
            return ""
        parts = (f"@{part.text}" if part.type == "input_tag" else part.text for part in self.message.content)
        return "".join(parts)

    def new_id(self, kind: IdKind = "message") -> str:
        """A fresh item id."""
        return new_id(kind)

    async def entitle(self, title: str) -> None:
        """Give the thread a title unless it has one by now; also when the answer is over."""
        if self.thread.title is None:
            self.thread.title = title if self.give_title is None else await self.give_title(title)

    async def history(self, limit: int = 100) -> list[sdk.ThreadItem]:
        """The newest ``limit`` items, oldest first, hidden ones included; ends with this turn's message."""
        page = await self.store.load_thread_items(self.thread.id, None, limit, "desc", self.context)
        return page.data[::-1]

    def progress(self, text: str, icon: Any = None) -> sdk.ProgressUpdateEvent:
        """An event that shows ``text`` while the user waits."""
        return sdk.ProgressUpdateEvent(text=text, icon=icon)

    def notice(
        self, message: str, *, title: str | None = None, level: Literal["info", "warning", "danger"] = "info"
    ) -> sdk.NoticeEvent:
        """An event that shows a notice, in markdown."""
        return sdk.NoticeEvent(level=level, message=message, title=title)

    def client_effect(self, name: str, data: dict[str, Any] | None = None) -> sdk.ClientEffectEvent:
        """An event that asks the host page to do something."""
        return sdk.ClientEffectEvent(name=name, data=data or {})


class ActionHandlers(Protocol):
    """What handles widget actions of the types that it knows; :class:`~fastapi_chatkit.agents.actions.Actions` is one.

    The methods are those of :class:`Agent`.
    """

    def handles(self, action_type: str) -> bool:
        """Whether actions of this type are for it."""
        ...

    def check(self, operation: StreamingOperation) -> None:
        """Refuse an action before anything of it is stored."""
        ...

    def act(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """Handle an action."""
        ...

    async def sync_act(self, turn: Turn) -> sdk.SyncCustomActionResponse:
        """Handle an action without a stream."""
        ...


class Agent(ABC):
    """What answers turns. Only :meth:`respond` is required.

    ``actions`` handle the widget actions, also where :class:`~fastapi_chatkit.ChatKit` has functions for others.

    Errors: raise the SDK's ``CustomStreamError`` to show a message of your own; anything else ends the run with a
    general error, and the log has the traceback.
    """

    actions: ActionHandlers | None = None

    @property
    def label(self) -> str:
        """What answers, in a few words, for people."""
        return type(self).__name__

    def check(self, operation: StreamingOperation) -> None:
        """Refuse an operation before anything of it is stored, by raising an error of the error tree.

        Without an override, widget actions are the ``actions``' to refuse, and everything else is taken.
        """
        if isinstance(operation, CustomAction):
            if self.actions is None:
                raise NotEnabled("This server handles no widget actions")
            self.actions.check(operation)

    @abstractmethod
    def respond(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """Answer a message, a retry, or the continuation after a tool output or an answered question."""

    def act(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """Handle ``turn.action`` of the widget ``turn.sender``."""
        if self.actions is None:
            raise NotEnabled("This server handles no widget actions")
        return self.actions.act(turn)

    async def sync_act(self, turn: Turn) -> sdk.SyncCustomActionResponse:
        """Handle ``turn.action`` and answer with the updated item, without a stream. It is stored afterwards.

        Within this process there is no other such action on ``turn.sender`` until then. Other processes do not wait.
        """
        if self.actions is None:
            raise NotEnabled("This server handles no synchronous widget actions")
        return await self.actions.sync_act(turn)

    async def feedback(self, thread_id: str, item_ids: list[str], kind: str, context: RequestContext) -> None:
        """Called after feedback was stored."""
        return

    async def transcribe(self, audio: sdk.AudioInput, context: RequestContext) -> sdk.TranscriptionResult:
        """Turn dictated audio into text."""
        raise NotEnabled("This server does not transcribe audio")

    def stream_options(self, turn: Turn) -> sdk.StreamOptions:
        """Options sent at the start of a stream."""
        return sdk.StreamOptions(allow_cancel=True)

    async def stopped(self, turn: Turn, pending: list[sdk.ThreadItem]) -> bool:
        """Called when a turn was stopped, with the items it left unfinished.

        Answer ``True`` when what is to be kept was stored here; ``False`` lets the run keep the partial text and a
        hidden note that tells the next turn.
        """
        return False

    async def close(self) -> None:
        """Release what the agent holds; called at shutdown."""
        return


def closing_stream(stream: AsyncIterator[Any]) -> AbstractAsyncContextManager[Any]:
    """Close an agent's generator where it was used: in its own task, not when the garbage collector finds it."""
    if hasattr(stream, "aclose"):
        return aclosing(cast("AsyncGenerator[Any, None]", stream))
    return nullcontext()
