"""What is measured in a browser: what is said there, what a page notes, and the line of the table that it comes to."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from playwright.async_api import Browser

from benchmarks.browser import line as table
from benchmarks.browser.built import before_chunks, in_all
from benchmarks.browser.chromium import chromium, used
from benchmarks.browser.long_thread import fill, said
from benchmarks.browser.tab import Tab, open_tab
from benchmarks.browser.talk import RATE, tokens
from benchmarks.browser.tasks import Tasks, read, traced
from benchmarks.cases import quick_run, whole_run
from benchmarks.cases.base import Case, Say, Sole
from benchmarks.figures import OURS, Figure, Sample
from benchmarks.harness import DidNotStart, Harness
from benchmarks.machine import Cores
from benchmarks.rounds import run_case
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.store import SQLiteStore
from tests.support.missing import missing

README = Path(__file__).parents[2] / "benchmarks" / "README.md"
MACHINE = {"commit": "abc1234", "date": "2026-01-02T03:04:05Z"}


# --- what is said, and where ------------------------------------------------------------------------------------------


def test_tokens_are_a_text_with_all_that_answers_are_made_of() -> None:
    text = "".join(tokens(20 * RATE))
    assert text.startswith("## Chapter 1\n\nThe harbour")
    for part in ("## Chapter 2\n", "**1874**", "[archive](", "\n1. ", "\n   - ", "\n```python\n", "\n| --- |"):
        assert part in text
    assert text.startswith("".join(tokens(RATE)))


async def test_a_long_thread_is_in_the_store(tmp_path: Path) -> None:
    thread, size = await fill(tmp_path / "chatkit.db", "alice", 12)
    store = SQLiteStore(tmp_path / "chatkit.db")
    await store.open()
    page = await store.list_items(Owner("", "alice"), thread, PageQuery(limit=20, order="asc"))
    assert [row.type for row in page.data] == ["user_message", "assistant_message"] * 6
    assert [said(place) in row.data for place, row in enumerate(page.data)] == [True] * 12
    assert size == sum(len(row.data.encode()) for row in page.data)
    kinds = [json.loads(row.data)["content"][0]["text"] for row in page.data[1::2]]
    assert len({text.partition("\n")[2] for text in kinds}) == 4
    await store.close()


# --- what a page notes ------------------------------------------------------------------------------------------------


PAGE = """
<input>
<openai-chatkit></openai-chatkit>
<script>
  const root = document.querySelector("openai-chatkit").attachShadow({ mode: "open" });
  const add = (part, text) => {
    const element = document.createElement("p");
    element.setAttribute("part", `item ${part}`);
    element.textContent = text;
    root.append(element);
  };
  function work(milliseconds) {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  }
</script>
"""


@asynccontextmanager
async def on_a_page() -> AsyncIterator[tuple[Browser, Tab]]:
    try:
        async with chromium(Cores()) as browser, open_tab(browser) as tab:
            await tab.page.route("http://page/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
            await tab.page.goto("http://page/")
            yield browser, tab
    except DidNotStart:
        missing("chromium", "a browser")


async def test_a_page_notes_when_a_key_is_pressed_and_when_an_answer_is_painted() -> None:
    async with on_a_page() as (_, tab):
        await tab.page.get_by_role("textbox").focus()
        await tab.ask("add('answer', 'an old one')")
        began = await tab.ask("performance.now()")
        await tab.page.keyboard.press("a")
        await tab.ask("void setTimeout(() => add('answer', 'a new one'), 100)")
        shown = await tab.said("answer", "new")
        pressed = await tab.ask("watch.pressed")
        assert began <= pressed < shown.drawn - 90
        assert shown.drawn < shown.painted
        assert await tab.ask("[watch.first('item').textContent, watch.last('item').textContent]") == [
            "an old one",
            "a new one",
        ]


async def test_a_page_notes_frames_and_tasks_that_are_long() -> None:
    async with on_a_page() as (_, tab):
        await tab.ask("watch.beginFrames()")
        await tab.ask("void setTimeout(work, 0, 120)")
        await tab.ask("new Promise(resolve => setTimeout(resolve, 500))")
        frames: list[float] = await tab.ask("watch.endFrames()")
        assert frames == sorted(frames)
        assert max(later - earlier for earlier, later in pairwise(frames)) > 90
        assert max(await tab.ask("watch.takeLongTasks()")) >= 110
        assert await tab.ask("watch.takeLongTasks()") == []


async def test_tasks_have_their_time_by_the_clock_and_their_cpu() -> None:
    async with on_a_page() as (browser, tab):
        async with traced(browser) as tasks:
            await tab.ask("void setTimeout(work, 0, 120)")
            await tab.ask("new Promise(resolve => setTimeout(resolve, 200))")
        assert 110 <= max(tasks.clock) < 10_000
        assert 5 < max(tasks.cpu) <= max(tasks.clock) + 20


def test_tasks_are_those_of_main_threads() -> None:
    def task(thread: int, **times: int) -> dict[str, Any]:
        return {"name": "ThreadControllerImpl::RunTask", "pid": 1, "tid": thread, **times}

    def thread(number: int, name: str) -> dict[str, Any]:
        return {"name": "thread_name", "pid": 1, "tid": number, "args": {"name": name}}

    ours = [task(1, dur=3000, tdur=2000), task(1, dur=10), task(1)]
    tasks = Tasks()
    read({"traceEvents": [*ours, task(2, dur=1), thread(1, "CrRendererMain"), thread(2, "Compositor")]}, tasks)
    assert tasks == Tasks([3.0, 0.01], [2.0, 0.0])


async def test_what_a_page_works_is_its_main_threads() -> None:
    async with on_a_page() as (browser, tab):
        before = await used(browser)
        await tab.ask("work(1000)")
        cpu = await used(browser) - before
        assert 0.05 < cpu.main <= 1.5
        held = await tab.held()
        assert held.elements == 0
        await tab.ask("for (let index = 0; index < 100; index += 1) add('answer', 'one')")
        more = await tab.held()
        assert more.elements == 100
        assert more.nodes - held.nodes >= 200


async def test_a_profile_is_a_file(tmp_path: Path) -> None:
    async with on_a_page() as (_, tab):
        async with tab.profiled(tmp_path, "work"):
            await tab.ask("work(50)")
        async with tab.profiled(None, "nothing"):
            pass
    assert "work" in profiled_functions(tmp_path)


def profiled_functions(folder: Path) -> set[str]:
    (file,) = folder.iterdir()
    return {node["callFrame"]["functionName"] for node in json.loads(file.read_text())["nodes"]}


# --- what it comes to -------------------------------------------------------------------------------------------------


def test_all_that_is_loaded_at_once_is_a_part_of_all() -> None:
    first, everything = before_chunks(), in_all()
    assert "chatkit.js" in first
    assert first.items() < everything.items()


def figure(name: str, *samples: Sample) -> Figure:
    return Figure(name, name, "", "", samples={OURS: [*samples]} if samples else {})


def measured(*names: str) -> list[Figure]:
    """Figures of these names, one of another case, and one of a case that could not be measured."""
    figures = [figure(name, Sample(12.34, 5.678)) for name in names]
    return [*figures, figure("idle", Sample(1.0)), figure("bundle")]


def test_a_line_has_what_was_measured_and_dashes() -> None:
    line = table.line(MACHINE, measured("keypress", "open_page", "frames"))
    assert line == "| abc1234, 2026-01-02 | 12 ms; server 5.7 | - | - | - | - | 12 ms | - | - | - | - | - |"


def test_there_is_no_line_where_nothing_was_measured_in_a_browser() -> None:
    assert table.line(MACHINE, measured()) is None


def test_the_table_has_the_columns_that_a_line_has() -> None:
    assert f"\n| commit, day | {' | '.join(table.COLUMNS)} |\n" in README.read_text()


@pytest.mark.parametrize("cases", [whole_run, quick_run])
def test_all_that_a_line_is_made_of_is_measured(cases: Callable[[], list[Case | Sole]]) -> None:
    known = {figure.name for case in cases() for figure in case.figures()}
    fields = [field for template in table.COLUMNS.values() for _, field, _, _ in Formatter().parse(template)]
    assert {field.partition(".")[0] for field in fields if field} <= known


class Absent(Sole):
    name = "absent"

    def figures(self) -> Sequence[Figure]:
        return [Figure(self.name, "what cannot be measured here", "", "")]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        raise DidNotStart(OURS, "there is no browser")


async def test_where_there_is_no_browser_the_others_are_measured_all_the_same(tmp_path: Path) -> None:
    figures, absent = await run_case(Absent(), Harness(Cores(), tmp_path), rounds=2, only=[], say=print)
    assert [figure.samples for figure in figures] == [{}]
    assert [str(error) for error in absent] == ["there is no browser"]
