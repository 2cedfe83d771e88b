"""Between the Agents SDK and the model: what the model says goes to the turn at its source.

The Agents SDK puts every event of a model into a queue, and throws the queue away when the model fails: the last words
before a dropped connection are lost, and a tool's own events overtake the text before them. So each model is wrapped
for the turn: what it says is taken as it comes, and the Agents SDK gets what it needs for its loop, which is all but
the deltas. That also saves most of what it spends on a delta.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from agents import Model, ModelProvider
from openai.types.responses import ResponseTextDeltaEvent

from .stall import Watch
from .stream import ModelStream
from .wrapping import WrappedModel

SLICE_SECONDS = 0.001
"""How long a model that is read without waiting (its answer lies in the socket's buffer) may hold the event loop."""


class TappedModel(WrappedModel):
    """A model of one turn. Everything but streaming is the model's own.

    ``timeout`` is in seconds, for the time between two events. ``error`` is what the model has failed with.
    """

    def __init__(self, model: Model, stream: ModelStream, timeout: float) -> None:
        super().__init__(model)
        self._stream = stream
        self._timeout = timeout
        self._passed_on: set[int] = set()
        self.error: BaseException | None = None

    def has_passed_on(self, event: object) -> bool:
        """Whether an event that comes out of the Agents SDK was taken here already; ask once per event."""
        try:
            self._passed_on.remove(id(event))  # the Agents SDK holds it: no other object has its id
        except KeyError:
            return False
        return True

    async def stream_response(self, *args: Any, **options: Any) -> AsyncIterator[Any]:
        """The model's events without the deltas, each after it was taken."""
        stream, clock = self._stream, asyncio.get_running_loop().time
        stream.begin()
        self.error = None
        take_text = stream.text
        events = self._model.stream_response(*args, **options)
        slice_end = clock() + SLICE_SECONDS
        try:
            with Watch(self._timeout) as watch:
                async for event in events:
                    watch.seen = now = clock()
                    if type(event) is ResponseTextDeltaEvent:
                        take_text(event)
                    else:
                        stream.take(event)
                        if not event.type.endswith(".delta"):
                            self._passed_on.add(id(event))
                            with watch.paused():
                                yield event
                    if now >= slice_end:
                        await asyncio.sleep(0)
                        slice_end = clock() + SLICE_SECONDS
        except Exception as error:
            self.error = error
            raise
        finally:
            await _close(events)


async def _close(events: AsyncIterator[Any]) -> None:
    close = getattr(events, "aclose", None)
    if close is not None:
        await close()


class TappedProvider(ModelProvider):
    """Finds the models of one turn: tapped for the turn's own run, plain for the runs that its tools start.

    ``run_task`` is the task of the turn's own run, set as soon as it exists.
    """

    def __init__(self, provider: ModelProvider, stream: ModelStream, timeout: float) -> None:
        self._provider = provider
        self._stream = stream
        self._timeout = timeout
        self._tapped: dict[int, TappedModel] = {}
        self.run_task: asyncio.Task[Any] | None = None

    def get_model(self, model_name: str | None) -> Model:
        """The model of this name, tapped if the turn's own run asks for it."""
        model = self._provider.get_model(model_name)
        return self.tap(model) if self.run_task is not None and asyncio.current_task() is self.run_task else model

    @property
    def secrets(self) -> list[str]:
        """What no log line may hold."""
        return getattr(self._provider, "secrets", [])

    def tap(self, model: Model) -> TappedModel:
        """The model, tapped."""
        tapped = self._tapped.get(id(model))
        if tapped is None:
            tapped = self._tapped[id(model)] = TappedModel(model, self._stream, self._timeout)
        return tapped

    def has_passed_on(self, event: object) -> bool:
        """Whether a tap has taken this event already."""
        return any(tapped.has_passed_on(event) for tapped in self._tapped.values())

    def has_failed_with(self, error: BaseException) -> bool:
        """Whether this is what a model has failed with, not a tool or a hook."""
        return any(tapped.error is error for tapped in self._tapped.values())
