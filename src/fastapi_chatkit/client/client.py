"""The operations of ChatKit, typed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, cast

import httpx2
from chatkit import types as sdk
from chatkit.actions import Action
from pydantic import BaseModel, TypeAdapter, ValidationError

from .answer import ATTACH, Answer
from .errors import BadReply
from .patience import Patience
from .run import Run, RunReply
from .transport import Connection

T = TypeVar("T")
Order = Literal["asc", "desc"]


class AsyncChatKitClient:
    """A user's client of one ChatKit endpoint. Use it as an asynchronous context manager, or ``aclose()`` it.

    ``url`` is the endpoint itself (``http://host/chatkit``), ``user`` the ``X-User-ID``, ``token`` the bearer token,
    ``locale`` a language tag. ``metadata`` goes with every request, and reaches the agent as ``context.metadata``.
    ``transport`` replaces the network, e.g. in tests. Any number of tasks may use it. Raises ValueError for a URL that
    is none, and for what no header can carry.

    Methods that stream return an :class:`~.answer.Answer` to be entered with ``async with``; the others are awaited.
    All raise a :class:`~.errors.ClientError`: Unreachable, Refused (with what the server says), Broken, BadReply.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str,
        token: str,
        locale: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        patience: Patience | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = url
        self._connection = Connection(
            url,
            user=user,
            token=token,
            locale=locale,
            metadata=metadata or {},
            patience=patience or Patience(),
            transport=transport,
        )
        self.threads = Threads(self._connection)
        self.items = Items(self._connection)
        self.runs = Runs(self._connection)
        self.attachments = Attachments(self._connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections. Runs go on."""
        await self._connection.close()

    # --- what streams -------------------------------------------------------------------------------------------------

    def send(
        self,
        message: str | sdk.UserMessageInput,
        *,
        thread_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Say something, in a new thread unless one is given. ``metadata`` goes with this message alone."""
        if isinstance(message, str):
            content: list[sdk.UserMessageContent] = [sdk.UserMessageTextContent(text=message)]
            message = sdk.UserMessageInput(content=content, attachments=[], inference_options=sdk.InferenceOptions())
        if thread_id is None:
            return self.stream("threads.create", {"input": _plain(message)}, metadata)
        return self.stream("threads.add_user_message", {"thread_id": thread_id, "input": _plain(message)}, metadata)

    def retry(self, thread_id: str, item_id: str) -> Answer:
        """Have a user's message answered again. What came after it is deleted."""
        return self.stream("threads.retry_after_item", {"thread_id": thread_id, "item_id": item_id})

    def tool_output(self, thread_id: str, result: Any) -> Answer:
        """Give the result of the client tool call that is the thread's last item: any JSON."""
        return self.stream("threads.add_client_tool_output", {"thread_id": thread_id, "result": result})

    def structured_input(self, thread_id: str, item_id: str, submission: sdk.StructuredInputSubmission) -> Answer:
        """Answer the questions of an item."""
        params = {"thread_id": thread_id, "item_id": item_id, "input": _plain(submission)}
        return self.stream("threads.add_structured_input", params)

    def custom_action(self, thread_id: str, action: Action[str, Any], *, item_id: str | None = None) -> Answer:
        """Do what a button of a widget does."""
        return self.stream("threads.custom_action", _action(thread_id, action, item_id))

    def stream(self, operation: str, params: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> Answer:
        """Any streaming operation by its name, with its parameters as JSON."""
        return Answer(self._connection, operation, params, metadata)

    # --- what answers at once -----------------------------------------------------------------------------------------

    async def sync_action(
        self, thread_id: str, action: Action[str, Any], *, item_id: str | None = None
    ) -> sdk.SyncCustomActionResponse:
        """Do what a button of a widget does that only changes the widget."""
        params = _action(thread_id, action, item_id)
        return await _ask(self._connection, sdk.SyncCustomActionResponse, "threads.sync_custom_action", params)

    async def transcribe(self, audio_base64: str, mime_type: str) -> str:
        """The text of dictated audio."""
        params = {"audio_base64": audio_base64, "mime_type": mime_type}
        return (await _ask(self._connection, sdk.TranscriptionResult, "input.transcribe", params)).text

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Any operation that does not stream by its name; its reply as JSON, not validated."""
        return await self._connection.call(operation, params)


class Threads:
    """The user's threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, *, limit: int | None = None, order: Order = "desc", after: str | None = None
    ) -> sdk.Page[sdk.Thread]:
        """A page of them by creation, without their items. The next page is after this one's ``after``."""
        return await _ask(self._connection, sdk.Page[sdk.Thread], "threads.list", _page(limit, order, after))

    async def get(self, thread_id: str) -> sdk.Thread:
        """One with its oldest items."""
        return await _ask(self._connection, sdk.Thread, "threads.get_by_id", {"thread_id": thread_id})

    async def update(self, thread_id: str, *, title: str) -> sdk.Thread:
        """Give it a title."""
        return await _ask(self._connection, sdk.Thread, "threads.update", {"thread_id": thread_id, "title": title})

    async def delete(self, thread_id: str) -> None:
        """Stop its answers and delete it."""
        await self._connection.call("threads.delete", {"thread_id": thread_id})


class Items:
    """What threads consist of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, thread_id: str, *, limit: int | None = None, order: Order = "desc", after: str | None = None
    ) -> sdk.Page[sdk.ThreadItem]:
        """A page of a thread's items."""
        params = {"thread_id": thread_id, **_page(limit, order, after)}
        return await _ask(self._connection, sdk.Page[sdk.ThreadItem], "items.list", params)

    async def feedback(self, thread_id: str, item_ids: list[str], kind: sdk.FeedbackKind) -> None:
        """Say what the user thinks of them."""
        await self._connection.call("items.feedback", {"thread_id": thread_id, "item_ids": item_ids, "kind": kind})


class Runs:
    """Answers that the server works on, or has finished. Without a ``run_id``, the thread's that goes on is meant, else
    the first that waits, else the newest.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, thread_id: str, run_id: str | None = None) -> Run:
        """Its state."""
        return (await _ask(self._connection, RunReply, "runs.get", _given(thread_id=thread_id, run_id=run_id))).run

    async def cancel(self, thread_id: str, run_id: str | None = None) -> Run:
        """Stop it, and keep its text. Its state at the moment of asking."""
        return (await _ask(self._connection, RunReply, "runs.cancel", _given(thread_id=thread_id, run_id=run_id))).run

    def attach(self, thread_id: str, run_id: str | None = None, *, after: str | None = None) -> Answer:
        """Follow it: its events from the start, or after the event with the id ``after``."""
        return Answer(self._connection, ATTACH, _given(thread_id=thread_id, run_id=run_id, after=after), None)


class Attachments:
    """Files that go with messages, where the server takes them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(self, name: str, *, size: int, mime_type: str) -> sdk.Attachment:
        """Announce a file of ``size`` bytes. The answer's ``upload_descriptor`` says where to send them."""
        params = {"name": name, "size": size, "mime_type": mime_type}
        return await _ask(self._connection, _ATTACHMENT, "attachments.create", params)

    async def delete(self, attachment_id: str) -> None:
        """Delete one."""
        await self._connection.call("attachments.delete", {"attachment_id": attachment_id})


# A union is no class to a type checker, and all that pydantic needs.
_ATTACHMENT = cast("type[sdk.FileAttachment | sdk.ImageAttachment]", sdk.Attachment)


async def _ask(connection: Connection, kind: type[T], operation: str, params: Mapping[str, Any]) -> T:
    """An operation's reply as a ``kind``. Raises BadReply where it is none."""
    reply = await connection.call(operation, params)
    try:
        return _adapter(kind).validate_python(reply)
    except ValidationError as error:
        raise BadReply(f"{connection.url} answered {operation} with what chatkit.types does not know.") from error


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)


def _plain(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def _given(**params: str | None) -> dict[str, str]:
    return {name: value for name, value in params.items() if value is not None}


def _page(limit: int | None, order: Order, after: str | None) -> dict[str, Any]:
    return {"order": order, **({} if limit is None else {"limit": limit}), **_given(after=after)}


def _action(thread_id: str, action: Action[str, Any], item_id: str | None) -> dict[str, Any]:
    return {"action": _plain(action), **_given(thread_id=thread_id, item_id=item_id)}
