"""What sounds like an order about one task, and is about another one, or about none: nothing is changed."""

from __future__ import annotations

import pytest

from .board import Board, task
from .talking import Talk


def board() -> Board:
    return Board(
        task(1, "Buy groceries"),
        task(2, "Version 1 release"),
        task(3, "b"),
        task(4, "Trains to Paris"),
        task(5, "Report"),
    )


def changed_by(said: str) -> list[tuple[str, object]]:
    """The calls that change something, after ``said`` alone."""
    where = board()
    Talk(where).say(said)
    return [call for call in where.calls if call[0] not in ("taskflow_list_tasks", "taskflow_audit_log")]


@pytest.mark.parametrize(
    "number",
    ["-1", "task -1", "task #-1", "task 1.5", "task 1/2", "task (1)", "task ²", "tasks 1 and -2", '"1"', '"-1"'],
)
@pytest.mark.parametrize(
    "order", ["complete {}", "delete {}", "{} is done", "rename {} to x", "set {} to high priority", "{} is 50% done"]
)
def test_what_is_no_number_of_a_task_is_not_that_of_another(order: str, number: str) -> None:
    assert changed_by(order.format(number)) == []


@pytest.mark.parametrize(
    "said",
    ["report is at -50%", "report -50%", "report 1.50%", "set progress of report to 1e9%", "set report to 1.5%",
     "task 1 is 50.5% done"],
)  # fmt: skip
def test_what_is_no_percentage_is_not_the_end_of_one(said: str) -> None:
    assert changed_by(said) == []


@pytest.mark.parametrize(
    "said",
    ['rename "a to b" to "c"', 'complete "a to b"', 'delete "the b"', 'delete the task "to b"',
     'rename the task "with b" to x'],
)  # fmt: skip
def test_of_a_title_between_quotation_marks_each_word_counts(said: str) -> None:
    assert changed_by(said) == []


@pytest.mark.parametrize("said", ["rename trains to paris to trains to rome", "rename b to c to d"])
def test_a_new_title_that_may_be_part_of_the_old_one_is_asked_about(said: str) -> None:
    assert changed_by(said) == []
    assert "quotation marks" in Talk(board()).say(said)


def test_quotation_marks_and_numbers_tell_titles_apart() -> None:
    new = {"title": "Trains to Rome"}
    for old in ('"trains to paris"', "task 4"):
        said = f'rename {old} to "Trains to Rome"'
        assert changed_by(said) == [("taskflow_update_task", {"task_id": 4, **new})]
    assert changed_by("rename task 4 to Trains to Rome") == [("taskflow_update_task", {"task_id": 4, **new})]
    assert changed_by('complete "report"') == [("taskflow_complete_task", {"task_id": 5})]
    assert changed_by("complete version 1") == [("taskflow_complete_task", {"task_id": 2})]
    assert changed_by("task 1: 50%") == [("taskflow_update_progress", {"task_id": 1, "progress": 50})]


@pytest.mark.parametrize(
    "said",
    ["remind me what task 1 is", "remind me who has task 1", "remind me which tasks are due", "remind me how to delete",
     "remind me when task 1 is due", "remind me if task 1 is done", "don't let me forget what task 1 is",
     "add what task 1 is", "remind me of task 1", "remind me about task 1", "remind me about what task 1 is"],
)  # fmt: skip
def test_a_wish_to_know_adds_no_task(said: str) -> None:
    assert changed_by(said) == []


@pytest.mark.parametrize(
    ("said", "title"),
    [("remind me to ask what it costs", "Ask what it costs"), ("remind me about the dentist", "The dentist"),
     ("note to self: what a day", "What a day"), ("remind me of mum", "Mum")],
)  # fmt: skip
def test_a_wish_to_be_reminded_does(said: str, title: str) -> None:
    assert changed_by(said) == [("taskflow_add_task", {"title": title})]
