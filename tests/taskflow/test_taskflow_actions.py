"""What TaskFlow's buttons do: on the real path of an action, with tools that keep TaskFlow's rules."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from examples.taskflow.actions import task_actions
from examples.taskflow.domain.rules import Transition
from examples.taskflow.markdown import escaped
from examples.taskflow.moves import MOVES
from examples.taskflow.payloads import NewTask
from examples.taskflow.widgets import task_card, task_form, task_list
from fastapi_chatkit.agents.actions import GONE
from fastapi_chatkit.agents.tool_result import ToolFailure
from fastapi_chatkit.agents.widgets import ShownWidget
from fastapi_chatkit.errors import InvalidParams, InvalidRequest, Overloaded
from tests.support.acting import Page, opened_page, said
from tests.taskflow.tools import PROJECT, Json, Tools, listing, task

PLACE = {"project_id": 7}
FORM = {"project_id": 7, "request_id": "req-1"}
BEFORE: dict[Transition, str] = {
    "start": "pending",
    "request_review": "in_progress",
    "complete": "review",
    "reject": "review",
    "reopen": "completed",
}
AFTER: dict[Transition, str] = {
    "start": "in_progress",
    "request_review": "review",
    "complete": "completed",
    "reject": "in_progress",
    "reopen": "pending",
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def tools() -> Tools:
    return Tools()


@pytest.fixture
async def page(tools: Tools) -> AsyncIterator[Page]:
    async with opened_page(task_actions(tools)) as made:
        yield made


def list_of(*tasks: Json, **filters: Any) -> ShownWidget:
    return task_list(listing(*tasks, **filters))  # pyright: ignore[reportArgumentType] - JSON as the tools answer it


def card_of(one: Json) -> ShownWidget:
    return task_card(PROJECT, one, "Task added")  # pyright: ignore[reportArgumentType] - JSON as the tools answer it


def form() -> ShownWidget:
    return task_form("req-1", PROJECT)  # pyright: ignore[reportArgumentType] - JSON as the tools answer it


def effects(events: list[Json]) -> list[Json]:
    return [event for event in events if event["type"] == "client_effect"]


def node(widget: Json, node_id: str) -> Json:
    stack = [widget]
    while stack:
        one = stack.pop()
        if one.get("id") == node_id:
            return one
        stack += one.get("children", [])
    raise KeyError(node_id)


# --- the buttons ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MOVES)
async def test_a_cards_button_moves_the_task_and_shows_it(page: Page, tools: Tools, name: Transition) -> None:
    tools.tasks[3] = task(3, status=BEFORE[name])
    await page.show(card_of(tools.tasks[3]))
    events = await page.press(f"task.{name}", {**PLACE, "task_id": 3})
    assert tools.tasks[3]["status"] == AFTER[name]
    assert said(events) == [f"Task 3 {MOVES[name].said}."]
    [effect] = effects(events)
    assert (effect["name"], effect["data"]) == ("tasks.changed", {"project_id": 7, "task_id": 3, "action": name})
    shown = await page.widget()
    assert shown["status"]["text"] == MOVES[name].heading
    assert [event["item"]["id"] for event in events if event["type"] == "thread.item.replaced"] == [page.item_id]
    [record] = await page.records()
    assert (record.name, record.arguments["task_id"], record.output) == (
        MOVES[name].tool,
        3,
        f"answer of {record.name}",
    )
    assert [user for _, _, user in tools.calls] == ["alice"]


@pytest.mark.parametrize("name", MOVES)
async def test_a_lists_button_redraws_the_whole_list_with_its_filters(
    page: Page, tools: Tools, name: Transition
) -> None:
    state = BEFORE[name]
    tools.tasks = {n: task(n, status=state) for n in (1, 2)}
    await page.show(list_of(*tools.tasks.values(), status=state))
    reply = await page.press_at_once(f"task.{name}", {**PLACE, "task_id": 1, "list": {"status": state}})
    assert tools.calls[-1] == ("taskflow_list_tasks", {"status": state, **PLACE}, "alice")
    shown = await page.widget()
    assert reply["updated_item"]["widget"] == shown
    assert node(shown, "task.2")
    with pytest.raises(KeyError):
        node(shown, "task.1")
    assert [record.name for record in await page.records()] == [MOVES[name].tool]


async def test_a_button_works_once(page: Page, tools: Tools) -> None:
    tools.tasks[3] = task(3)
    await page.show(card_of(tools.tasks[3]))
    await page.press("task.complete", {**PLACE, "task_id": 3})
    events = await page.press("task.complete", {**PLACE, "task_id": 3})
    assert events[-1]["message"] == GONE
    assert len(tools.calls) == 1


async def test_a_task_that_recurs_says_when_it_comes_again(page: Page, tools: Tools) -> None:
    tools.tasks[3] = task(3, recurrence="weekly")
    await page.show(card_of(tools.tasks[3]))
    events = await page.press("task.complete", {**PLACE, "task_id": 3})
    assert said(events) == ["Task 3 is completed. It comes again as task 4, due Tue 8 Jan 2999."]
    assert node(await page.widget(), "task.next")


@pytest.mark.parametrize(
    "payload",
    [
        {"project_id": 7, "task_id": 4},
        {"project_id": 8, "task_id": 3},
        {"task_id": 3},
        {"project_id": 7, "task_id": 3, "list": {}},
        {"project_id": 7, "task_id": 3, "status": "completed"},
    ],
)
async def test_a_forged_payload_reaches_no_tool(page: Page, tools: Tools, payload: Json) -> None:
    tools.tasks = {3: task(3), 4: task(4)}
    await page.show(card_of(tools.tasks[3]))
    with pytest.raises(InvalidRequest, match=GONE):
        await page.press_at_once("task.start", payload)
    assert (await page.press("task.start", payload))[-1]["message"] == GONE
    assert tools.calls == []


async def test_a_card_offers_no_button_of_another_state(page: Page, tools: Tools) -> None:
    tools.tasks[3] = task(3)
    await page.show(card_of(tools.tasks[3]))
    with pytest.raises(InvalidRequest, match=GONE):
        await page.press_at_once("task.reopen", {**PLACE, "task_id": 3})
    assert tools.calls == []


# --- things have changed meanwhile ------------------------------------------------------------------------------------


async def test_a_card_that_is_out_of_date_shows_how_things_are(page: Page, tools: Tools) -> None:
    tools.tasks[3] = task(3)
    await page.show(card_of(tools.tasks[3]))
    tools.tasks[3] = task(3, status="completed")
    events = await page.press("task.start", {**PLACE, "task_id": 3})
    assert said(events) == [r"Task 3 is completed \*already\*."]
    assert effects(events) == []
    assert node(await page.widget(), "task.status")["label"] == "Completed"
    assert [record.output for record in await page.records()] == ["Task 3 is completed *already*."]


async def test_a_list_that_is_out_of_date_is_drawn_anew_also_without_a_stream(page: Page, tools: Tools) -> None:
    tools.tasks[3] = task(3)
    await page.show(list_of(tools.tasks[3]))
    tools.tasks[3] = task(3, status="completed")
    reply = await page.press_at_once("task.start", {**PLACE, "task_id": 3, "list": {}})
    assert node(reply["updated_item"]["widget"], "task.3.status")["label"] == "Completed"


async def test_a_task_that_was_deleted_meanwhile(page: Page, tools: Tools) -> None:
    await page.show(card_of(task(3)))
    before = await page.widget()
    events = await page.press("task.start", {**PLACE, "task_id": 3})
    assert said(events) == ["There is no task 3 in the project Default."]
    with pytest.raises(InvalidRequest, match="There is no task 3 in the project Default"):
        await page.press_at_once("task.start", {**PLACE, "task_id": 3})
    assert await page.widget() == before


# --- tools that fail --------------------------------------------------------------------------------------------------


async def test_a_server_that_is_down_is_told_and_the_widget_stays(page: Page, tools: Tools) -> None:
    tools.tasks[3] = task(3)
    await page.show(card_of(tools.tasks[3]))
    before = await page.widget()
    tools.failures["taskflow_start_task"] = ToolFailure("unavailable", "TaskFlow cannot be reached.")
    events = await page.press("task.start", {**PLACE, "task_id": 3})
    assert events[-1]["message"] == "TaskFlow cannot be reached."
    with pytest.raises(Overloaded, match=r"TaskFlow cannot be reached\."):
        await page.press_at_once("task.start", {**PLACE, "task_id": 3})
    assert await page.widget() == before
    assert await page.records() == []


async def test_a_server_that_goes_down_between_the_change_and_the_list(page: Page, tools: Tools) -> None:
    tools.tasks[3] = task(3)
    await page.show(list_of(tools.tasks[3]))
    tools.failures["taskflow_list_tasks"] = ToolFailure("unavailable", "TaskFlow cannot be reached.")
    events = await page.press("task.start", {**PLACE, "task_id": 3, "list": {}})
    assert said(events) == ["Task 3 is in progress now. The list cannot be refreshed at the moment."]
    assert effects(events)
    assert [record.name for record in await page.records()] == ["taskflow_start_task"]


# --- refresh ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("streaming", [True, False])
async def test_refresh_reads_the_list_again(page: Page, tools: Tools, streaming: bool) -> None:
    await page.show(list_of(status="pending"))
    tools.tasks[3] = task(3)
    payload = {**PLACE, "list": {"status": "pending"}}
    if streaming:
        assert said(await page.press("task.refresh", payload)) == []
    else:
        await page.press_at_once("task.refresh", payload)
    assert node(await page.widget(), "task.3")
    assert await page.records() == []


async def test_refresh_of_a_project_that_is_gone(page: Page, tools: Tools) -> None:
    await page.show(task_list({**listing(), "project": {"id": 8, "name": "Gone"}}))  # pyright: ignore[reportArgumentType] - JSON as the tools answer it
    events = await page.press("task.refresh", {"project_id": 8, "list": {}})
    assert said(events) == ["There is no project 8."]


# --- the form ---------------------------------------------------------------------------------------------------------


async def test_the_form_becomes_the_task(page: Page, tools: Tools) -> None:
    await page.show(form())
    fields = {
        "title": " Buy  milk ",
        "description": "",
        "priority": "high",
        "due": "2026-01-31",
        "tags": "#Home, food,",
    }
    events = await page.press("task.create", {**FORM, **fields})
    assert tools.calls == [
        (
            "taskflow_add_task",
            {
                "project_id": 7,
                "title": "Buy milk",
                "priority": "high",
                "tags": ["home", "food"],
                "due": "2026-01-31",
                "request_id": "req-1",
            },
            "alice",
        )
    ]
    assert said(events) == ["Task 1 is added."]
    assert effects(events)[0]["data"] == {"project_id": 7, "task_id": 1, "action": "create"}
    shown = await page.widget()
    assert shown["status"]["text"] == "Task added"
    assert "confirm" not in shown
    assert node(shown, "task.start")


async def test_a_form_that_is_sent_twice_makes_one_task(page: Page, tools: Tools) -> None:
    await page.show(form())
    payload = {**FORM, "title": "Milk"}
    results = await asyncio.gather(
        page.press_at_once("task.create", payload), page.press_at_once("task.create", payload), return_exceptions=True
    )
    assert sum(isinstance(result, InvalidRequest) for result in results) == 1
    assert len(tools.tasks) == len(tools.calls) == 1


async def test_two_processes_that_take_one_form_make_one_task(tools: Tools) -> None:
    """Each has a lock and a store of its own; the request is the same."""
    pages: list[AbstractAsyncContextManager[Page]] = [opened_page(task_actions(tools)) for _ in range(2)]
    for opening in pages:
        async with opening as page:
            await page.show(form())
            await page.press("task.create", {**FORM, "title": "Milk"})
            assert node(await page.widget(), "task.place")["value"] == "Task 1 in Default"
    assert len(tools.tasks) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Title: is missing"),
        ({"title": "  "}, "Title: is missing"),
        ({"title": "x" * 201}, "Title: is longer than 200 characters"),
        ({"title": "x", "priority": "urgent"}, "Priority: Input should be 'low', 'medium' or 'high'"),
        ({"title": "x", "due": "Friday"}, "Due: is not a date"),
        ({"title": "x", "tags": ",".join(map(str, range(11)))}, "Tags: are more than 10"),
        ({"due": "soon"}, "Title: is missing; Due: is not a date"),
    ],
)
async def test_a_form_with_wrong_fields_says_which(page: Page, tools: Tools, fields: Json, words: str) -> None:
    await page.show(form())
    before = await page.items()
    for press in (page.press, page.press_at_once):
        with pytest.raises(InvalidParams) as caught:
            await press("task.create", {**FORM, **fields})
        assert words in caught.value.detail
        assert caught.value.errors
    assert await page.items() == before
    assert tools.calls == []
    assert said(await page.press("task.create", {**FORM, "title": "Milk"})) == ["Task 1 is added."]


async def test_a_task_that_the_server_refuses_leaves_the_form(page: Page, tools: Tools) -> None:
    await page.show(form())
    events = await page.press("task.create", {**FORM, "title": "refused"})
    assert said(events) == [r"The title must not be \[refused\](http://evil)."]
    with pytest.raises(InvalidRequest):
        await page.press_at_once("task.create", {**FORM, "title": "refused"})
    assert "confirm" in await page.widget()
    assert tools.tasks == {}


async def test_a_cancelled_form_cannot_be_sent(page: Page, tools: Tools) -> None:
    await page.show(form())
    reply = await page.press_at_once("task.cancel", {"request_id": "req-1", "title": "half a ti"})
    assert "No task was created." in json.dumps(reply)
    with pytest.raises(InvalidRequest, match=GONE):
        await page.press_at_once("task.create", {**FORM, "title": "Milk"})
    assert tools.calls == []


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        (None, None),
        ("", None),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31T00:00:00.000Z", date(2026, 1, 31)),
        ("2026-01-30T23:00:00.000Z", date(2026, 1, 31)),  # midnight in Berlin
        ("2026-01-31T08:00:00Z", date(2026, 1, 31)),  # midnight in Los Angeles
        ("2026-01-31T00:00:00+09:00", date(2026, 1, 31)),
    ],
)
def test_a_date_pickers_moment_is_the_users_day(sent: str | None, due: date | None) -> None:
    assert NewTask(request_id="r", title="x", due=sent).due == due  # pyright: ignore[reportArgumentType] - as a page sends it


@pytest.mark.parametrize(
    "due",
    [
        5,
        ["2026-01-31"],
        "9999-12-31T23:00:00",
        "31.1.2026",
        {},
        "2026-W01",
        "2026-W01-1",
        "20260131",
        "2026-01-31x00:00",
    ],
)
def test_an_odd_date_is_refused(due: Any) -> None:
    with pytest.raises(ValidationError, match="is not a date"):
        NewTask(request_id="r", title="x", due=due)


@pytest.mark.parametrize(
    ("sent", "tags"),
    [(None, []), ("", []), ("a, #B ,,a", ["a", "b"]), (["x", "y"], ["x", "y"]), ([" two  words "], ["two words"])],
)
def test_tags_are_a_line_or_a_list(sent: Any, tags: list[str]) -> None:
    assert NewTask(request_id="r", title="x", tags=sent).tags == tags


def test_what_is_escaped_has_no_markup_and_an_end() -> None:
    assert escaped("a\n**b** [c](d) <e> `f` #g") == r"a \*\*b\*\* \[c\](d) \<e\> \`f\` \#g"
    assert len(escaped("x" * 1000)) == 501
