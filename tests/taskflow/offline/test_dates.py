"""Dates in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.taskflow.offline.date_forms import WEEKDAYS
from examples.taskflow.offline.dates import in_words, whole_date
from examples.taskflow.offline.intents import DateProblem

from .talking import TODAY


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("today", "2026-11-26"),
        ("tonight", "2026-11-26"),
        ("Tomorrow", "2026-11-27"),
        ("tomorrow morning", "2026-11-27"),
        ("the day after tomorrow", "2026-11-28"),
        ("Friday", "2026-11-27"),
        ("on fri", "2026-11-27"),
        ("Thursday", "2026-12-03"),
        ("this Thursday", "2026-11-26"),
        ("next Friday", "2026-12-04"),
        ("next Monday", "2026-11-30"),
        ("by Sunday", "2026-11-29"),
        ("in 3 days", "2026-11-29"),
        ("in a week", "2026-12-03"),
        ("in two weeks", "2026-12-10"),
        ("in a fortnight", "2026-12-10"),
        ("in 3 months", "2027-02-26"),
        ("5 days from now", "2026-12-01"),
        ("end of the week", "2026-11-29"),
        ("the end of next week", "2026-12-06"),
        ("end of month", "2026-11-30"),
        ("end of the year", "2026-12-31"),
        ("next week", "2026-11-30"),
        ("this weekend", "2026-11-28"),
        ("next month", "2026-12-01"),
        ("2026-12-24", "2026-12-24"),
        ("5 December", "2026-12-05"),
        ("the 5th of December", "2026-12-05"),
        ("Dec 5", "2026-12-05"),
        ("December 5th, 2027", "2027-12-05"),
        ("1 March", "2027-03-01"),
        ("29 Feb", "2028-02-29"),
        ("the 1st", "2026-12-01"),
        ("24.12.", "2026-12-24"),
        ("24/12", "2026-12-24"),
        ("12/24/2026", "2026-12-24"),
        ("12/12", "2026-12-12"),
    ],
)
def test_a_date_is_counted_from_today(said: str, day: str) -> None:
    assert whole_date(said, TODAY) == date.fromisoformat(day)


def test_a_date_that_can_be_read_in_two_ways_has_both_readings() -> None:
    assert whole_date("12/05", TODAY) == DateProblem("ambiguous", "12/05", (date(2027, 5, 12), date(2026, 12, 5)))


@pytest.mark.parametrize("said", ["yesterday", "2020-01-01", "last Friday", "5 December 2025"])
def test_a_day_that_is_over_is_a_problem(said: str) -> None:
    found = whole_date(said, TODAY)
    assert isinstance(found, DateProblem)
    assert found.kind == "past"


@pytest.mark.parametrize("said", ["31 February", "2026-13-01", "40/50", "32.1.2027"])
def test_a_day_that_does_not_exist_is_a_problem(said: str) -> None:
    found = whole_date(said, TODAY)
    assert isinstance(found, DateProblem)
    assert found.kind == "impossible"


@pytest.mark.parametrize("said", ["", "soon", "friday's news", "the milk", "maybe", "tomorrow and then some", "12"])
def test_other_words_are_no_date(said: str) -> None:
    assert whole_date(said, TODAY) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(WEEKDAYS))
def test_a_weekday_is_within_the_next_seven_days(today: date, weekday: str) -> None:
    found = whole_date(weekday, today)
    assert isinstance(found, date)
    assert timedelta(days=1) <= found - today <= timedelta(days=7)
    assert found.strftime("%A").lower() == weekday


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_a_day_that_is_written_out_is_found_again(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    assert whole_date(f"{day.day} {day:%B %Y}", today) == day
    assert whole_date(day.isoformat(), today) == day


def test_days_are_written_short() -> None:
    assert in_words(date(2026, 12, 5), TODAY) == "Sat 5 Dec"
    assert in_words(date(2027, 1, 1), TODAY) == "Fri 1 Jan 2027"
