"""The SDK's server class with its ``process()`` replaced by this project's runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from chatkit import server as sdk_server
from chatkit.server import NonStreamingResult, StreamingResult, TContext
from chatkit.store import AttachmentStore, Store

from ..agents.base import Agent
from ..dialects.native import NativeDialect
from ..errors import ChatKitError, NotEnabled
from ..http.body import parse
from ..operations import STREAMING, AttachRun, CancelRun, GetRun, Operation
from .agent import CancellableServerAgent
from .contexts import serving_for
from .errors import as_the_sdk_raises
from .serving import Serving
from .stream import RunStream


class ChatKitServer(sdk_server.ChatKitServer[TContext]):
    """A drop-in for ``chatkit.server.ChatKitServer``: the same constructor, hooks and :meth:`process`.

    ``store`` is one of ours, which :meth:`process` opens when nobody has, or any other ``Store`` of the SDK. Hooks, and
    a store that is not ours, get the very context object that :meth:`process` was given. A store of ours needs a
    ``user_id`` in it (attribute or key); without one, threads belong to whoever the other store says.

    What goes on belongs to the event loop on which :meth:`process` was called. :meth:`aclose` ends it.
    """

    def __init__(self, store: Store[TContext], attachment_store: AttachmentStore[TContext] | None = None) -> None:
        super().__init__(store, attachment_store)
        self._servings: WeakKeyDictionary[asyncio.AbstractEventLoop, list[Serving]] = WeakKeyDictionary()

    async def process(
        self, request: str | bytes | bytearray, context: TContext
    ) -> StreamingResult | NonStreamingResult:
        """Answer one request of the native dialect.

        When a stream is returned, what it is about (the message, say) is stored and the answer has begun. Closing or
        cancelling the stream stops the answer; the text so far is stored when that is done. A ``respond`` that raises
        ``asyncio.CancelledError`` is stopped too, and the stream raises it, as the SDK's does.

        :raises ChatKitError: the request cannot be done, and nothing was changed. It is an instance of what the SDK
            raises as well: ``NotFoundError`` for what is not there, ``NotImplementedError`` for a hook or attachment
            store that is missing, ``ValueError`` for a wrong request or a wrong state of a thread or item.
        :raises TypeError: the store is ours and the context has no ``user_id``.
        """
        operation: Operation | None = None
        try:
            operation = _decode(request)
            return await self._process(operation, context)
        except ChatKitError as error:
            raise as_the_sdk_raises(error, operation) from error

    async def _process(self, operation: Operation, given: TContext) -> StreamingResult | NonStreamingResult:
        if isinstance(operation, AttachRun | GetRun | CancelRun):
            raise NotEnabled("Runs are followed and cancelled through the endpoint, ChatKit(app, server=...)")
        serving = await self._serving()
        context = serving.context_of(given)
        with serving_for(context):
            if not isinstance(operation, STREAMING):
                return NonStreamingResult(await serving.threads.answer(operation, context))
            run = await serving.engine.start(operation, context)
            return RunStream(serving.engine, run, context).result()

    async def aclose(self) -> None:
        """Stop the answers that go on in this event loop, keeping their text, and close a store opened here.

        For the end of the application's lifespan. Idempotent; a later :meth:`process` begins anew.
        """
        for serving in self._servings.pop(asyncio.get_running_loop(), []):
            await serving.close()

    def _answering(self, cancel: Callable[[str], None]) -> Agent:
        """What answers in :meth:`process`; ``cancel`` stops the run of an id."""
        return CancellableServerAgent(self, cancel)

    async def _serving(self) -> Serving:
        """What serves this loop with the stores that are set now."""
        servings = self._servings.setdefault(asyncio.get_running_loop(), [])
        stores: tuple[Any, Any] = self.store, self.attachment_store
        serving = next((s for s in servings if s.serves(*stores)), None)
        if serving is None:
            serving = Serving(self._answering, *stores)
            servings.append(serving)
        await serving.open()
        return serving


def _decode(request: str | bytes | bytearray) -> Operation:
    body = request.encode(errors="surrogatepass") if isinstance(request, str) else bytes(request)
    return NativeDialect().call(parse(body)).command("").operation
