"""One answer, as it comes: its events, each once and in order, whatever happens to the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self, cast, get_args
from uuid import uuid4

from pydantic import ValidationError

from .errors import AnswerFailed, BadReply, Broken, Busy, ClientError, NotFound, Refused, Unreachable
from .events import AnswerEvent, typed
from .patience import Retries
from .run import Outcome, RunReply, RunStatus
from .text import Transcript
from .transport import Connection, Frame, Stream

ATTACH = "runs.attach"
_STATUSES = frozenset(get_args(RunStatus))
_HUNG_UP = Outcome("cancelled", "disconnected")


class _Step(NamedTuple):
    """An event, and the text that it adds to what has been said."""

    event: dict[str, Any]
    said: str


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The connection is away: attempt number ``attempt`` since the last event follows in ``seconds``."""

    attempt: int
    seconds: float
    error: ClientError


class Answer:
    """The stream of one run. Enter it to begin; then iterate over its events, or over its ``text()``::

        async with client.send("hello") as answer:
            async for event in answer:
                ...
        print(answer.outcome)

    ``run_id`` and ``thread_id`` are known from the beginning at a server that keeps runs. There, a connection that
    breaks is made again, and goes on after the last event that was seen; **leaving the block early, or cancelling the
    task, does not stop the run**: ``stop()`` does. A server without runs (the SDK's own) has no ``run_id``, what breaks
    is broken, and leaving is what stops it.

    ``outcome`` is how it ended, None before that. ``on_reconnect`` is called before each attempt to come back.
    """

    def __init__(
        self, connection: Connection, operation: str, params: Mapping[str, Any], metadata: Mapping[str, Any] | None
    ) -> None:
        self.thread_id: str = str(params.get("thread_id") or "")
        self.run_id: str = str(params.get("run_id") or "")
        self.last_event_id: str = str(params.get("after") or "")
        self.outcome: Outcome | None = None
        self.on_reconnect: Callable[[Reconnecting], None] | None = None
        self._connection = connection
        self._operation = operation
        self._params = params
        self._metadata = metadata
        self._retries = Retries(connection.patience)
        self._transcript = Transcript()
        self._stream: Stream | None = None
        self._resumable = operation == ATTACH
        self._stopping = False
        self._away = False
        self._error: AnswerFailed | None = None

    async def __aenter__(self) -> Self:
        """Begin. Raises a ClientError when the server refuses, or nobody is there."""
        self._take(await self._begin())
        if self._stopping:
            await self.stop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._hang_up()

    async def __aiter__(self) -> AsyncGenerator[AnswerEvent]:
        """The events, typed.

        Raises Refused, Unreachable or Broken when the connection is lost and cannot be made again.
        """
        async for event in self.json():
            yield typed(event)

    async def json(self) -> AsyncGenerator[dict[str, Any]]:
        """The events as JSON objects, not validated: for what is newer than this client."""
        while (step := await self._next()) is not None:
            yield step.event

    async def text(self) -> AsyncGenerator[str]:
        """The text of the assistant's messages as it comes, set apart by blank lines.

        Text that is taken back has been said, and is not said again when it comes once more. Raises AnswerFailed when
        the answer ends in an error.
        """
        while (step := await self._next()) is not None:
            if step.said:
                yield step.said
        if self._error is not None:
            raise self._error

    async def final_text(self) -> str:
        """Wait for the end; the whole text, as ``text()`` sets it apart. Raises AnswerFailed."""
        while await self._next() is not None:
            pass
        if self._error is not None:
            raise self._error
        return self._transcript.text

    async def stop(self) -> None:
        """Stop the run; its text is kept. The events go on to their end, which tells of it.

        At a server without runs this hangs up, which means the same there. May be called while another task iterates;
        also before the answer has begun, and while its connection is away: then the run is stopped as soon as it is
        there. Raises a ClientError when the server could not be told.
        """
        self._stopping = True
        if self._stream is None or self._away or self.outcome is not None:
            return
        if self._resumable:
            await self._cancel()
        else:
            self.outcome = _HUNG_UP
            await self._stream.hang_up()

    async def _cancel(self) -> None:
        with suppress(NotFound):  # it has ended
            await self._connection.call("runs.cancel", {"thread_id": self.thread_id, "run_id": self.run_id})

    async def _next(self) -> _Step | None:
        """The next event, None after the last."""
        while self.outcome is None:
            frame = await self._frame()
            if frame is not None:
                self._note(frame)
                return _Step(frame.data, self._transcript.apply(frame.data))
        return None

    async def _frame(self) -> Frame | None:
        """The next frame of the connection; None where it has ended, and either the answer has, too, or is back."""
        if self._stream is None:
            raise RuntimeError("Enter the answer first: `async with client.send(...) as answer`.")
        try:
            frame = await anext(self._stream.frames, None)
        except Broken as error:
            if self._resumable:
                await self._come_back(error)
            elif self.outcome is None:
                raise
            return None
        except asyncio.CancelledError:
            # The reading has ended with it. A run goes on, and the next call comes back to it.
            if not self._resumable:
                self.outcome = _HUNG_UP
            raise
        if frame is None:
            await self._over()
        return frame

    async def _over(self) -> None:
        """The response is over, and no event said that the run is."""
        if self._resumable:
            if not await self._has_seen_all():
                await self._come_back(Broken("The server ended the stream before the run."))
        elif self.outcome is None:
            self.outcome = Outcome("completed" if self._error is None else "failed")

    async def _has_seen_all(self) -> bool:
        """Whether nothing came because there is nothing after what was seen before: the run ended with that."""
        if not self.last_event_id:
            return False
        try:
            reply = await self._connection.call("runs.get", {"thread_id": self.thread_id, "run_id": self.run_id})
            run = RunReply.model_validate(reply).run
        except (ClientError, ValidationError):
            return False
        if run.active or run.last_event_id != self.last_event_id:
            return False
        self._ended(run.status, run.stop_reason)
        return True

    def _note(self, frame: Frame) -> None:
        """What an event says about the run."""
        if frame.id and frame.id != self.last_event_id:
            self.last_event_id = frame.id
            self._retries.progress()
        match frame.data:
            case {"type": "run.ended"} as event:
                self._ended(str(event.get("status")), event.get("stop_reason"))
            case {"type": "thread.created", "thread": {"id": str(thread_id)}}:
                self.thread_id = thread_id
            case {"type": "error"} as event:
                code, message = str(event.get("code") or "stream.error"), str(event.get("message") or "")
                self._error = AnswerFailed(code, message, allow_retry=event.get("allow_retry") is True)
            case {"type": "run.started"}:
                self._error = None
            case _:
                pass

    def _ended(self, status: str, reason: object) -> None:
        if status not in _STATUSES:
            raise BadReply(f"{self._connection.url} ended the run with what this client does not know.")
        self.outcome = Outcome(cast("RunStatus", status), reason if isinstance(reason, str) else None)
        if status in ("failed", "interrupted") and self._error is None:
            self._error = AnswerFailed("custom", f"The answer ended early ({status}).", allow_retry=True)

    async def _begin(self) -> Stream:
        """The first response.

        Where the connection broke before it, the very same request is repeated, with its key: a server that keeps runs
        attaches it to the run that exists. Another would take it for a second message, and is not sent it.
        """
        key = str(uuid4())
        uncertain: Broken | None = None
        while True:
            try:
                if uncertain is not None and not (self._resumable or await self._connection.would_attach()):
                    raise uncertain
                return await self._connection.open(self._operation, self._params, self._metadata, key)
            except Broken as error:
                if error is uncertain:
                    raise
                uncertain = failure = error
            except Unreachable as error:
                if uncertain is None:
                    raise
                failure = error
            except Refused as error:
                if not (_passes(error) if uncertain else isinstance(error, Busy) and error.retry_after is not None):
                    raise
                failure = error
            await self._wait(failure)

    async def _come_back(self, failure: ClientError) -> None:
        """Attach to the run after what was seen last, as often as patience allows."""
        self._away = True
        params = {"thread_id": self.thread_id, "run_id": self.run_id}
        if self.last_event_id:
            params["after"] = self.last_event_id
        while self._away:
            await self._hang_up()
            await self._wait(failure)
            try:
                self._take(await self._connection.open(ATTACH, params, None, str(uuid4())))
                if self._stopping:
                    await self._cancel()
                self._away = False
            except (Broken, Unreachable) as error:
                failure = error
            except Refused as error:
                if not _passes(error):
                    raise
                failure = error

    async def _hang_up(self) -> None:
        if self._stream is not None:
            await self._stream.close()

    async def _wait(self, failure: ClientError) -> None:
        seconds = self._retries.delay(failure)
        if self.on_reconnect is not None:
            self.on_reconnect(Reconnecting(self._retries.attempt, seconds, failure))
        await asyncio.sleep(seconds)

    def _take(self, stream: Stream) -> None:
        self._stream = stream
        self._resumable = bool(stream.run_id)
        self.run_id = stream.run_id or self.run_id
        self.thread_id = stream.thread_id or self.thread_id


def _passes(error: Refused) -> bool:
    """Whether a server that has worked before may soon work again: it is restarted, or has too much to do."""
    return error.status >= 500 or error.status == 429
