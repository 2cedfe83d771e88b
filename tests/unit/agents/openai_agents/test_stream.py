"""From a model's events to ours, where real servers do not go."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from chatkit import types as sdk
from openai.types.responses import ResponseFunctionWebSearch, ResponseOutputMessage, ResponseOutputText
from openai.types.responses.response_function_web_search import ActionSearch
from openai.types.responses.response_output_item import ImageGenerationCall, McpCall

from fastapi_chatkit.agents.base import Turn
from fastapi_chatkit.agents.openai_agents import TurnContext
from fastapi_chatkit.agents.openai_agents.activity import Activity
from fastapi_chatkit.agents.openai_agents.annotations import annotation_of
from fastapi_chatkit.agents.openai_agents.stream import ModelStream
from fastapi_chatkit.events import AgentEvent, TextDelta
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.unit.agents.openai_agents.driving import CONTEXT

pytestmark = pytest.mark.anyio

Event = SimpleNamespace


class Setup:
    """A stream, and what came out of it."""

    def __init__(self) -> None:
        thread = sdk.ThreadMetadata.model_validate({"id": "thr_1", "created_at": "2026-01-01T00:00:00"})
        turn = Turn("run_1", "message", thread, None, CONTEXT, SQLiteStore(":memory:").models)
        self.context = TurnContext.of(turn)
        self.time = 0.0
        self.activity = Activity(self.context, clock=lambda: self.time)
        self.stream = ModelStream(self.context, self.activity)
        self.stream.begin()

    def take(self, kind: str, **fields: Any) -> None:
        self.stream.take(Event(type=kind, **({"output_index": 0, "content_index": 0} | fields)))

    @property
    def events(self) -> list[AgentEvent]:
        events = list(self.context.outbox.events)
        self.context.outbox.events.clear()
        return events

    @property
    def types(self) -> list[str]:
        return [getattr(getattr(event, "update", event), "type", "short form") for event in self.events]


@pytest.fixture
def setup() -> Setup:
    return Setup()


def message(text: str) -> ResponseOutputMessage:
    part = ResponseOutputText(type="output_text", text=text, annotations=[])
    return ResponseOutputMessage(
        id="__fake_id__", type="message", role="assistant", status="completed", content=[part] if text else []
    )


def done_items(events: list[AgentEvent], kind: type[Any]) -> list[Any]:
    done = [event.item for event in events if isinstance(event, sdk.ThreadItemDoneEvent)]
    return [item for item in done if isinstance(item, kind)]


def test_deltas_without_a_beginning(setup: Setup) -> None:
    setup.take("response.output_text.delta", delta="Hel")
    setup.take("response.output_text.delta", delta="lo")
    setup.take("response.completed")
    events = setup.events
    assert [event for event in events if isinstance(event, TextDelta)][-1].delta == "lo"
    (item,) = done_items(events, sdk.AssistantMessageItem)
    assert item.content[0].text == "Hello"


def test_a_message_that_comes_whole(setup: Setup) -> None:
    setup.take("response.output_item.done", item=message("Hello"))
    (item,) = done_items(setup.events, sdk.AssistantMessageItem)
    assert item.content[0].text == "Hello"


def test_an_empty_message_disappears(setup: Setup) -> None:
    setup.take("response.output_item.added", item=message(""))
    setup.take("response.output_item.done", item=message(""))
    assert setup.types == ["thread.item.added", "thread.item.removed"]


def test_a_final_text_that_is_empty_does_not_take_the_streamed_one_away(setup: Setup) -> None:
    setup.take("response.output_text.delta", delta="Hello")
    empty = ResponseOutputText(type="output_text", text="", annotations=[])
    setup.take("response.content_part.done", part=empty)
    setup.take("response.output_item.done", item=message(""))
    (item,) = done_items(setup.events, sdk.AssistantMessageItem)
    assert item.content[0].text == "Hello"


def test_two_messages_under_one_id(setup: Setup) -> None:
    for text in ("One", "Two"):
        setup.take("response.output_item.added", item=message(""))
        setup.take("response.output_text.delta", delta=text)
        setup.take("response.output_item.done", item=message(text))
    one, two = done_items(setup.events, sdk.AssistantMessageItem)
    assert (one.content[0].text, two.content[0].text) == ("One", "Two")
    assert one.id != two.id


def test_two_messages_at_once(setup: Setup) -> None:
    for index, text in ((0, "a"), (1, "b"), (0, "c"), (1, "d")):
        setup.take("response.output_text.delta", delta=text, output_index=index)
    setup.take("response.completed")
    one, two = done_items(setup.events, sdk.AssistantMessageItem)
    assert (one.content[0].text, two.content[0].text) == ("ac", "bd")


def test_a_message_of_several_parts(setup: Setup) -> None:
    for index, text in ((0, "a"), (1, "b"), (0, "c")):
        setup.take("response.output_text.delta", delta=text, content_index=index)
    setup.take("response.completed")
    (item,) = done_items(setup.events, sdk.AssistantMessageItem)
    assert [part.text for part in item.content] == ["ac", "b"]


def test_unknown_events_are_ignored(setup: Setup) -> None:
    setup.take("response.something.new")
    setup.take("response.output_item.added", item=Event(type="something_new"))
    setup.take("response.output_item.done", item=Event(type="something_new"))
    setup.take("response.content_part.added", part=Event(type="reasoning_text"))
    assert setup.events == []


# --- thoughts ---------------------------------------------------------------------------------------------------------


def thought(setup: Setup, kind: str, **fields: Any) -> None:
    setup.take(f"response.reasoning_summary_text.{kind}", summary_index=0, **fields)


def test_a_growing_thought_is_sent_now_and_then(setup: Setup) -> None:
    for _ in range(50):
        setup.time += 0.01
        thought(setup, "delta", delta="x")
    thought(setup, "done", text="x" * 50)
    types = setup.types
    assert types[:2] == ["thread.item.added", "workflow.task.added"]
    assert 3 <= types.count("workflow.task.updated") <= 7


def test_all_of_a_thought_is_there_before_the_text(setup: Setup) -> None:
    for delta in ("a", "b", "c"):
        thought(setup, "delta", delta=delta)
    setup.take("response.output_text.delta", delta="Hello", output_index=1)
    thought(setup, "done", text="abc")
    (workflow,) = done_items(setup.events, sdk.WorkflowItem)
    assert [task.content for task in workflow.workflow.tasks] == ["abc"]


def test_raw_reasoning_is_shown_too(setup: Setup) -> None:
    setup.take("response.reasoning_text.delta", delta="Hm")
    setup.take("response.reasoning_text.done", text="Hm.")
    setup.activity.settle()
    setup.context.close_workflow()
    (workflow,) = done_items(setup.events, sdk.WorkflowItem)
    assert [task.content for task in workflow.workflow.tasks] == ["Hm."]


# --- tools at the provider --------------------------------------------------------------------------------------------


def test_a_web_search(setup: Setup) -> None:
    action = ActionSearch(type="search", query="chatkit", queries=["chatkit", "self-hosted chatkit"])
    call = ResponseFunctionWebSearch(id="ws_1", type="web_search_call", status="completed", action=action)
    setup.take("response.output_item.added", item=call)
    setup.take("response.output_item.done", item=call)
    setup.context.close_workflow()
    (workflow,) = done_items(setup.events, sdk.WorkflowItem)
    (task,) = workflow.workflow.tasks
    assert (task.type, task.title, task.status_indicator) == ("web_search", "chatkit", "complete")
    assert task.queries == ["chatkit", "self-hosted chatkit"]


def test_a_hosted_mcp_call_that_fails(setup: Setup) -> None:
    fields: dict[str, Any] = {"id": "mcp_1", "type": "mcp_call", "name": "read_file", "server_label": "files"}
    setup.take("response.output_item.added", item=McpCall(arguments="{}", **fields))
    failed = McpCall.construct(arguments="{}", error="denied", **fields)
    setup.take("response.output_item.done", item=failed)
    setup.context.close_workflow()
    (workflow,) = done_items(setup.events, sdk.WorkflowItem)
    (task,) = workflow.workflow.tasks
    assert (task.title, task.content, task.status_indicator) == ("Read file", "failed", "complete")


def test_thoughts_and_calls_share_a_workflow_until_the_text(setup: Setup) -> None:
    thought(setup, "done", text="I need a tool.")
    setup.activity.start("call", sdk.CustomTask(title="Get weather"))
    setup.activity.finish("call")
    setup.stream.begin()
    thought(setup, "done", text="Now I know.")
    setup.take("response.output_text.delta", delta="Sunny")
    (workflow,) = done_items(setup.events, sdk.WorkflowItem)
    assert [task.type for task in workflow.workflow.tasks] == ["thought", "custom", "thought"]


async def test_a_tool_may_replace_a_task(setup: Setup) -> None:
    setup.activity.start("call", sdk.CustomTask(title="Get weather"))
    await setup.context.update_workflow_task(sdk.CustomTask(title="My own"), 0)
    setup.activity.finish("call")
    assert setup.types == ["thread.item.added", "workflow.task.added", "workflow.task.updated"]


def test_a_generated_image(setup: Setup) -> None:
    call = ImageGenerationCall(id="ig_1", type="image_generation_call", status="generating")
    setup.take("response.output_item.added", item=call)
    setup.take("response.output_item.done", item=call.model_copy(update={"result": "AAAA"}))
    (image,) = done_items(setup.events, sdk.GeneratedImageItem)
    assert image.image.url == "data:image/png;base64,AAAA"
    setup.take("response.output_item.added", item=call)
    setup.take("response.output_item.done", item=call)
    assert setup.types == ["thread.item.added", "thread.item.removed"]


@pytest.mark.parametrize(
    ("citation", "shown"),
    [
        ({"type": "url_citation", "url": "https://a.example", "title": "A", "end_index": 3}, ("A", 3)),
        ({"type": "url_citation", "url": "https://a.example"}, ("https://a.example", None)),
        ({"type": "file_citation", "filename": "a.txt", "index": 5}, ("a.txt", 5)),
        ({"type": "container_file_citation", "filename": "b.csv", "end_index": 9}, ("b.csv", 9)),
        ({"type": "file_citation", "file_id": "f"}, None),
        ({"type": "file_path", "file_id": "f"}, None),
        (None, None),
    ],
)
def test_citations_in_any_form(citation: Any, shown: tuple[str, int | None] | None) -> None:
    for form in (citation, Event(**citation) if citation else citation):
        annotation = annotation_of(form)
        assert (annotation and (annotation.source.title, annotation.index)) == shown


async def test_workflows_of_a_tool(setup: Setup) -> None:
    await setup.context.start_workflow(sdk.Workflow(type="custom", tasks=[]))
    await setup.context.add_workflow_task(sdk.CustomTask(title="One"))
    await setup.context.start_workflow(sdk.Workflow(type="custom", tasks=[sdk.CustomTask(title="Two")]))
    await setup.context.end_workflow(sdk.CustomSummary(title="Done"), expanded=True)
    one, two = done_items(setup.events, sdk.WorkflowItem)
    assert one.workflow.tasks[0].title == "One"
    assert (two.workflow.summary.title, two.workflow.expanded) == ("Done", True)
    assert setup.context.workflow_item is None


def test_what_was_sent_does_not_change_any_more(setup: Setup) -> None:
    setup.activity.start("call", sdk.CustomTask(title="Get weather"))
    setup.activity.finish("call")
    added = next(event.update for event in setup.events if isinstance(event, sdk.ThreadItemUpdatedEvent))
    assert isinstance(added, sdk.WorkflowTaskAdded)
    assert added.task.status_indicator == "loading"
