"""Wishes to see something, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.taskflow.offline.intents import History, ListTasks, Look, Numbers, ShowTask, Title
from examples.taskflow.offline.reading import intent_of

from .talking import TODAY
from .test_changing import intents

EVERYTHING = intents("""
    show my tasks
    show me all my tasks
    list tasks
    list all tasks please
    what are my tasks?
    can you show me my tasks?
    could you list the tasks please
    I want to see my tasks
    I'd like to see all tasks
    display the task list
    view my to-do list
    give me a list of my tasks
    tasks
    my tasks
    todo list
    the list
    list
    what tasks are there?
    which tasks do I have?
    do I have any tasks?
    check my tasks
    let me see my list
""")

FILTERS: list[tuple[str, dict[str, Any]]] = [
    *[
        (said, {"status": "open"})
        for said in intents("""
            what's on my plate?
            what is on my plate
            what's left to finish?
            what do I have to do?
            what do I still have to do?
            what is left to do?
            what's still open?
            show open tasks
            show unfinished tasks
            which tasks are not done?
            list the remaining tasks
            do I have any open tasks?
            what needs to be done?
            show my outstanding tasks
            open tasks
        """)
    ],
    *[
        (said, {"status": "pending"})
        for said in intents("""
            show pending tasks
            list all pending tasks
            pending tasks
            pending
            what's pending?
            which tasks are pending?
            show tasks that are not started
        """)
    ],
    *[
        (said, {"status": "in_progress"})
        for said in intents("""
            what's in progress?
            show tasks in progress
            in progress
            list in-progress tasks
            which tasks are in progress?
            what am I working on?
            show ongoing tasks
        """)
    ],
    *[
        (said, {"status": "review"})
        for said in intents("""
            tasks in review
            show tasks in review
            what's in review?
            which tasks are waiting for review?
            what is ready for review
            list the tasks that await review
        """)
    ],
    *[
        (said, {"status": "completed"})
        for said in intents("""
            show completed tasks
            completed tasks
            completed
            what's done?
            what have I finished?
            what have we completed?
            what did I finish
            show everything that's done
            list finished tasks
            which tasks are done?
            show me my completed tasks
            what are the completed tasks?
            show the done tasks
            list closed tasks
            what has been done
        """)
    ],
    *[
        (said, {"due": "overdue"})
        for said in intents("""
            what is overdue?
            show overdue tasks
            overdue
            anything overdue?
            am I late with anything?
            which tasks are late?
            do I have overdue tasks?
            list late tasks
        """)
    ],
    *[
        (said, {"due": "today"})
        for said in intents("""
            what's due today?
            anything due today?
            show tasks due today
            today's tasks
            tasks for today
            what tasks are due today?
            list tasks due today
        """)
    ],
    *[
        (said, {"due": "week"})
        for said in intents("""
            what's due this week?
            show tasks due this week
            which tasks are due this week?
            tasks due in the next 7 days
            anything due soon?
            list tasks for this week
        """)
    ],
    ("what do I have to do today?", {"status": "open", "due": "today"}),
    ("show tasks tagged home", {"tags": ["home"]}),
    ("show tasks with tag home", {"tags": ["home"]}),
    ("show #home tasks", {"tags": ["home"]}),
    ("#home tasks", {"tags": ["home"]}),
    ("list tasks tagged with #home and #post", {"tags": ["home", "post"]}),
    ("show pending tasks tagged home", {"status": "pending", "tags": ["home"]}),
    ("find groceries", {"search": "groceries"}),
    ("search for bank", {"search": "bank"}),
    ("look for milk", {"search": "milk"}),
    ("find tasks about the bank", {"search": "bank"}),
    ("show the groceries task", {"search": "groceries"}),
    ('show tasks matching "new door"', {"search": "new door"}),
    ("list tasks containing milk", {"search": "milk"}),
    ("sort my tasks by due date", {"sort": "due"}),
    ("sort by due date", {"sort": "due"}),
    ("list tasks sorted by priority", {"sort": "priority"}),
    ("show tasks by priority", {"sort": "priority"}),
    ("show high priority tasks", {"sort": "priority"}),
    ("show the newest tasks", {"sort": "created"}),
    ("show open tasks by due date", {"status": "open", "sort": "due"}),
    ("show the first 5 tasks", {"limit": 5}),
]


@pytest.mark.parametrize("said", EVERYTHING)
def test_all_tasks_are_listed(said: str) -> None:
    assert intent_of(said, TODAY) == ListTasks()


@pytest.mark.parametrize(("said", "filters"), FILTERS)
def test_filters_are_understood(said: str, filters: dict[str, Any]) -> None:
    assert intent_of(said, TODAY) == ListTasks(filters)


@pytest.mark.parametrize(
    "said",
    intents("""
        what should I do next?
        what should I do now?
        what should I do today?
        what shall I work on?
        what's next?
        what is next
        what should we tackle first?
        where should I start?
        what can I work on now?
        next task
        what is most important?
        what's the most urgent task?
        suggest a task
        pick something for me
        give me something to do
    """),
)
def test_what_to_do_next(said: str) -> None:
    found = intent_of(said, TODAY)
    assert isinstance(found, ListTasks)
    assert found.focus == "next"
    assert found.filters["status"] == "open"


def test_numbers_are_counted() -> None:
    assert intent_of("how many tasks are done?", TODAY) == ListTasks({"status": "completed"}, "count")
    assert intent_of("how many tasks do I have?", TODAY) == ListTasks({}, "count")
    assert intent_of("how many overdue tasks are there", TODAY) == ListTasks({"due": "overdue"}, "count")


def test_a_day_is_asked_for_that_no_filter_has() -> None:
    for said in (
        "what's due tomorrow?",
        "is there anything due tomorrow?",
        "show tasks due tomorrow",
        "what is due on Friday?",
        "tasks for tomorrow",
    ):
        assert intent_of(said, TODAY) == ListTasks({"sort": "due"}, day=date(2026, 11, 27))


def test_somebodys_tasks() -> None:
    for said in (
        "show tasks assigned to bob",
        "show bob's tasks",
        "bob's tasks",
        "list @bob tasks",
        "show tasks for bob",
    ):
        assert intent_of(said, TODAY) == ListTasks(assignee="bob")


@pytest.mark.parametrize("said", ["show task 2", "details of task 2", "what is task 2?", "status of #2",
                                  "review task 2",
                                  "is task 2 done?", "what about task 2?", "when is task 2 due?", "who is working on 2",
                                  "tell me about task 2", "how is task 2 going?", "look at task two"])  # fmt: skip
def test_one_task(said: str) -> None:
    assert intent_of(said, TODAY) == ShowTask(Numbers((2,)))


def test_one_task_by_its_title() -> None:
    for said in ("is the report done?", "when is the report due?", "what's the status of the report?"):
        assert intent_of(said, TODAY) == ShowTask(Title("report"))


@pytest.mark.parametrize("said", ["list projects", "show my projects", "projects", "what projects are there?",
                                  "which projects do I have?", "my projects"])  # fmt: skip
def test_projects(said: str) -> None:
    assert intent_of(said, TODAY) == Look("projects")


@pytest.mark.parametrize("said", ["list workers", "show the team", "who is on the team?", "who's on the team",
                                  "workers",
                                  "who can help me?", "list team members", "who works here?",
                                  "who can I assign this to?"])  # fmt: skip
def test_workers(said: str) -> None:
    assert intent_of(said, TODAY) == Look("workers")


@pytest.mark.parametrize(
    "said",
    intents("""
        what happened?
        what happened today?
        what has changed?
        what changed since yesterday
        show the history
        history
        show me the audit log
        audit log
        show recent changes
        recent activity
        activity log
        what's new?
        who did what?
        what did I do yesterday?
        show the history of the project
        what has been going on lately
    """),
)
def test_what_happened(said: str) -> None:
    assert intent_of(said, TODAY) == History()


@pytest.mark.parametrize(
    "said",
    intents("""
        show history of task 2
        show the history of task 2
        history of 2
        history for #2
        audit log for task 2
        show the changes of task 2
        who changed task 2?
        who deleted task 2?
        who completed 2
        who created task 2?
        what happened to task 2?
        what happened with 2?
        what changed in task 2?
        when was task 2 completed?
        task 2 history
        show me the log of task 2
    """),
)
def test_what_happened_to_a_task(said: str) -> None:
    assert intent_of(said, TODAY) == History(Numbers((2,)))


def test_what_happened_to_a_task_by_its_title() -> None:
    assert intent_of("who deleted the groceries?", TODAY) == History(Title("groceries"))


POLITE = st.sampled_from(["", "please ", "can you ", "could you please ", "hey, ", "ok, ", "Hello! ", "I want to "])
ORDERS = [said for said in EVERYTHING if said.startswith(("show", "list", "display", "view"))]


@given(POLITE, st.sampled_from(ORDERS), st.sampled_from(["", ".", "!", "?", " please", " for me"]))
def test_courtesy_changes_nothing(polite: str, said: str, closing: str) -> None:
    assert intent_of(polite + said + closing, TODAY) == ListTasks()
