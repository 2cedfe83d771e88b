"""States and recurrence."""

from datetime import date, timedelta
from itertools import product
from typing import Any, cast, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from examples.taskflow import tool_names
from examples.taskflow.agent import show_task_form
from examples.taskflow.domain.errors import Conflict
from examples.taskflow.domain.rules import TRANSITIONS, Status, Transition, next_due, step_of, transition_to
from examples.taskflow.mcp_tools import TaskFlowTools
from examples.taskflow.moves import MOVES
from examples.taskflow.widgets.task_parts import BUTTONS

ALLOWED = {
    ("pending", "start"): "in_progress",
    ("in_progress", "request_review"): "review",
    ("pending", "complete"): "completed",
    ("in_progress", "complete"): "completed",
    ("review", "complete"): "completed",
    ("review", "reject"): "in_progress",
    ("completed", "reopen"): "pending",
}

days = st.dates(date(1970, 1, 1), date(2999, 12, 31))


@pytest.mark.parametrize(("status", "transition"), list(product(get_args(Status), get_args(Transition))))
def test_only_the_transitions_of_the_rules_are_allowed(status: Status, transition: Transition) -> None:
    target = ALLOWED.get((status, transition))
    if target is not None:
        assert step_of(7, status, transition).target == target
        return
    with pytest.raises(Conflict, match=r"^Task 7 is .+\.$"):
        step_of(7, status, transition)


@pytest.mark.parametrize(("status", "wanted"), list(product(get_args(Status), get_args(Status))))
def test_a_state_is_reached_by_the_transition_that_leads_to_it(status: Status, wanted: Status) -> None:
    ways = [transition for (source, transition), target in ALLOWED.items() if (source, target) == (status, wanted)]
    if ways:
        assert [transition_to(7, status, wanted)] == ways
        return
    with pytest.raises(Conflict, match=r"^Task 7 is .+ cannot become .+\.$"):
        transition_to(7, status, wanted)


@given(days)
def test_daily_is_the_next_day_and_weekly_the_same_weekday(day: date) -> None:
    assert next_due(day, "daily", day.day) == day + timedelta(days=1)
    assert next_due(day, "weekly", day.day) == day + timedelta(days=7)


@given(days, st.integers(1, 36))
@example(date(2027, 1, 31), 14)
@example(date(2028, 1, 30), 3)
def test_monthly_comes_once_in_every_month_on_the_day_that_was_asked_for_or_the_last(day: date, times: int) -> None:
    due = day
    for elapsed in range(1, times + 1):
        due = next_due(due, "monthly", day.day)
        assert due.year * 12 + due.month == day.year * 12 + day.month + elapsed
        assert due.day == day.day or (due.day < day.day and (due + timedelta(days=1)).day == 1)


def test_what_does_not_recur_has_no_next_time() -> None:
    with pytest.raises(ValueError, match="does not recur"):
        next_due(date(2027, 1, 1), "none", 1)


def test_every_transition_has_a_button_where_it_may_be_taken_and_a_tool() -> None:
    names = {tool.name for tool in TaskFlowTools(cast("Any", None)).all()}
    assert MOVES.keys() == TRANSITIONS.keys()
    assert {move.tool for move in MOVES.values()} <= names
    for status, offered in BUTTONS.items():
        assert set(offered) == {name for name, step in TRANSITIONS.items() if status in step.sources}


def test_every_name_of_a_tool_is_one() -> None:
    named = {name for key, name in vars(tool_names).items() if key.isupper() and key != "PREFIX"}
    assert named == {tool.name for tool in TaskFlowTools(cast("Any", None)).all()} | {show_task_form.name}
