"""Which tasks are listed, and in which order."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.taskflow import Person

TODAY = date.today()


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


@pytest.fixture
def busy(alice: Person) -> Person:
    """Somebody with six tasks."""
    alice.add("Buy groceries", due=day(-1), priority="low", tags=["home", "shop"])
    alice.add("ÜBERSETZEN 100%", due=day(0), priority="high", description="a text_file for Bob")
    alice.add("Write report", due=day(7), tags=["work"])
    alice.add("Plan the trip", due=day(8), tags=["home"])
    alice.add("No day", priority="high", tags=["work", "home"])
    alice.add("Old groceries", due=day(-30), tags=["shop"])
    alice.move(3, "start")
    alice.move(4, "start")
    alice.move(4, "request-review")
    alice.move(6, "complete")
    return alice


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"status": "pending"}, [1, 2, 5]),
        ({"status": "in_progress"}, [3]),
        ({"status": "review"}, [4]),
        ({"status": "completed"}, [6]),
        ({"status": "open"}, [1, 2, 3, 4, 5]),
        ({"search": "GROCERIES"}, [1, 6]),
        ({"search": "groceries buy"}, [1]),
        ({"search": "übersetzen"}, [2]),
        ({"search": "bob"}, [2]),
        ({"search": "%"}, [2]),
        ({"search": "text_f"}, [2]),
        ({"search": "textXf"}, []),
        ({"search": " "}, [1, 2, 3, 4, 5, 6]),
        ({"tags": ["home"]}, [1, 4, 5]),
        ({"tags": ["Work", "#home"]}, [5]),
        ({"tags": ["hom"]}, []),
        ({"due": "overdue"}, [1]),
        ({"due": "today"}, [2]),
        ({"due": "week"}, [2, 3]),
        ({"task_id": 4}, [4]),
        ({"task_id": 99}, []),
        ({"task_id": 6, "status": "open"}, []),
        ({"sort": "due"}, [6, 1, 2, 3, 4, 5]),
        ({"sort": "priority"}, [2, 5, 3, 4, 6, 1]),
        ({"sort": "created"}, [6, 5, 4, 3, 2, 1]),
        ({"status": "open", "tags": ["home"], "sort": "created", "search": "r"}, [4, 1]),
    ],
)
def test_tasks_that_match_all_filters_are_listed(busy: Person, filters: dict[str, Any], expected: list[int]) -> None:
    if date.today() != TODAY:
        pytest.skip("the day has changed under the test")
    answer = busy.get(**filters)
    assert [task["id"] for task in answer["tasks"]] == expected
    assert answer["total"] == len(expected)


def test_the_filters_come_back_as_they_were_given(busy: Person) -> None:
    assert busy.get()["filters"] == {}
    given = {"status": "open", "tags": ["home"], "sort": "due", "limit": 2, "search": "t", "due": "week"}
    assert busy.get(**given)["filters"] == given


def test_the_limit_does_not_change_the_total(busy: Person) -> None:
    answer = busy.get(limit=2)
    assert [task["id"] for task in answer["tasks"]] == [1, 2]
    assert answer["total"] == 6


def test_the_log_is_newest_first_and_can_be_one_tasks(busy: Person) -> None:
    entries = busy.get("/projects/default/audit", limit=3)["entries"]
    assert [(entry["action"], entry["task_id"]) for entry in entries] == [
        ("completed", 6),
        ("review_requested", 4),
        ("started", 4),
    ]
    assert [entry["id"] for entry in entries] == sorted((entry["id"] for entry in entries), reverse=True)
    assert [entry["action"] for entry in busy.log(task_id=4)] == ["created", "started", "review_requested"]
    assert busy.log(task_id=99) == []
