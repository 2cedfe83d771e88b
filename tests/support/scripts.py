"""An agent that follows a generated script of items, texts, pauses and endings."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from chatkit import types as sdk
from chatkit.errors import CustomStreamError
from chatkit.widgets import Card, Text
from hypothesis import strategies as st

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.events import AgentEvent, MessageBegin, MessageEnd, TextDelta
from fastapi_chatkit.ids import new_id

MOMENT = datetime(2026, 1, 31, 12)

Json = dict[str, Any]

Kind = Literal["short", "message", "workflow", "widget"]
Step = tuple[Any, ...]
"""What the agent does next, by name; items are named by number among those that are there."""

HALVES = ["\ud83d", "\ude00"]
ODD = st.characters(exclude_categories=()) | st.sampled_from(["a", " ", "\n", "\0", "\u2028", *HALVES])
TEXT = st.text(ODD, max_size=8) | st.sampled_from([*HALVES, ""])
PLAIN = st.text(max_size=8)
PIECES = st.sampled_from([HALVES, [HALVES[0], "", HALVES[1]]]) | st.lists(TEXT, min_size=1, max_size=4).map(
    lambda texts: [*texts, "."] if "\ud800" <= "".join(texts)[-1:] <= "\udbff" else texts
)
"""Deltas of one part in a row: what comes between the halves of a pair that are two deltas tears it apart."""
PAUSE = st.sampled_from([0.0, 0.0, 0.0, 0.001, 0.02, 0.05, 0.5, 1.5])
WHICH = st.integers(0, 3)
GROW = st.tuples(st.just("grow"), WHICH, PIECES, PLAIN, st.sampled_from([0.0, 0.001, 0.015, 0.03]))
STEP: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("begin"), st.sampled_from(["short", "short", "message", "workflow", "widget"])),
    GROW,
    GROW,
    GROW,
    st.tuples(st.just("finish"), WHICH),
    st.tuples(st.just("replace"), WHICH, TEXT),
    st.tuples(st.just("remove"), WHICH),
    st.tuples(st.just("pause"), PAUSE),
    st.tuples(st.just("pause"), PAUSE),
    st.tuples(st.just("say"), TEXT),
    st.tuples(st.just("title"), PLAIN),
    st.tuples(st.just("hide"), TEXT),
)
ENDINGS = ["return", "last", "tool", "error", "custom"]


@dataclass
class Growing:
    """An item of the agent's: ``words`` are the message's text, the tasks' titles or the widget's value."""

    id: str
    kind: Kind
    words: list[str] = field(default_factory=list)
    done: bool = False

    def model(self, turn: Turn) -> Any:
        """The item as it is now."""
        base: Json = {"id": self.id, "thread_id": turn.thread.id, "created_at": MOMENT}
        if self.kind == "workflow":
            tasks: list[Any] = [task(title) for title in self.words]
            return sdk.WorkflowItem(**base, workflow=sdk.Workflow(type="custom", tasks=tasks))
        if self.kind == "widget":
            return sdk.WidgetItem(**base, widget=card("".join(self.words)))
        content = [sdk.AssistantMessageContent(text="".join(self.words))] if self.words else []
        return sdk.AssistantMessageItem(**base, content=content)

    def grown(self, texts: list[str], plain: str) -> list[AgentEvent]:
        """More of it."""
        if self.kind == "short":
            return [TextDelta(self.id, 0, text) for text in texts]
        updates: list[Any]
        if self.kind == "message":
            self.words += texts
            updates = [sdk.AssistantMessageContentPartTextDelta(content_index=0, delta=text) for text in texts]
        elif self.kind == "workflow":
            updates = [sdk.WorkflowTaskAdded(task_index=len(self.words), task=task(texts[0]))]
            self.words.append(texts[0])
        else:
            updates = [sdk.WidgetStreamingTextValueDelta(component_id="text", delta=plain, done=len(plain) > 6)]
            self.words.append(plain)
        return [sdk.ThreadItemUpdatedEvent(item_id=self.id, update=update) for update in updates]


def task(title: str) -> sdk.CustomTask:
    return sdk.CustomTask(title=title, status_indicator="complete")


def card(value: str) -> Card:
    return Card(id="card", children=[Text(id="text", value=value, streaming=True)])


class Actor:
    """An agent that follows a script. A ``stubborn`` one takes no notice of being cancelled."""

    def __init__(self, steps: list[Step], ending: str, *, stubborn: bool) -> None:
        self._steps = steps
        self._ending = ending
        self._stubborn = stubborn
        self._items: list[Growing] = []

    async def reply(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        for name, *values in self._steps:
            if name == "pause":
                await self._pause(*values)
            elif name == "title":
                turn.thread.title = values[0]
            for occurrence in self._events(turn, name, *values):
                yield occurrence
                if name == "grow":
                    await self._pause(values[-1])
        for occurrence in self._last_events(turn):
            yield occurrence

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            if not self._stubborn:
                raise

    def _events(self, turn: Turn, name: str, *values: Any) -> list[AgentEvent]:  # noqa: C901 - one case per step
        match name, *values:
            case "begin", kind:
                item = Growing(new_id("message"), kind)
                self._items.append(item)
                if kind == "short":
                    return [MessageBegin(item.id)]
                return [sdk.ThreadItemAddedEvent(item=item.model(turn))]
            case "grow", which, texts, plain, _:
                begun: list[AgentEvent] = []
                if (item := self._pick(which, _grows)) is None:
                    begun, item = self._events(turn, "begin", "short"), self._items[-1]
                return [*begun, *item.grown(texts, plain)]
            case "finish", which if item := self._pick(which, lambda item: not item.done):
                item.done = True
                if item.kind == "short":
                    return [MessageEnd(item.id)]
                return [sdk.ThreadItemDoneEvent(item=item.model(turn))]
            case "replace", which, text if item := self._pick(which, lambda item: item.done):
                item.words = [text]
                return [sdk.ThreadItemReplacedEvent(item=item.model(turn))]
            case "remove", which if item := self._pick(which, lambda item: True):
                self._items.remove(item)
                return [sdk.ThreadItemRemovedEvent(item_id=item.id)]
            case "say", text:
                return [turn.progress(text)]
            case "hide", text:
                base: Json = {"id": turn.new_id(), "thread_id": turn.thread.id, "created_at": MOMENT}
                return [sdk.ThreadItemDoneEvent(item=sdk.HiddenContextItem(**base, content=f"hidden-canary {text}"))]
            case _:
                return []

    def _pick(self, which: int, wanted: Callable[[Growing], bool]) -> Growing | None:
        found = [item for item in self._items if wanted(item)]
        return found[which % len(found)] if found else None

    def _last_events(self, turn: Turn) -> list[AgentEvent]:
        if self._ending == "error":
            raise ValueError("a secret of the server")
        if self._ending == "custom":
            raise CustomStreamError("The weather service is closed.", allow_retry=False)
        short = self._pick(0, lambda item: item.kind == "short" and not item.done)
        if self._ending == "last" and short is not None:
            return [MessageEnd(short.id, last=True)]
        if self._ending == "tool":
            base: Json = {"id": turn.new_id(), "thread_id": turn.thread.id, "created_at": MOMENT}
            call = sdk.ClientToolCallItem(**base, call_id="call_1", name="get_time", arguments={"zone": "UTC"})
            return [sdk.ThreadItemDoneEvent(item=call)]
        return []


def _grows(item: Growing) -> bool:
    """A message that is done stays as it is; other items go on."""
    return not (item.done and item.kind in ("short", "message"))


SCRIPT = st.builds(lambda steps, last: [*steps, *last], st.lists(STEP, min_size=12, max_size=60), st.lists(GROW))
