"""Titles, half remembered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.taskflow.offline.matching import matches, search_word, stem, words

from .board import task

TASKS = [
    task(1, "Buy groceries"),
    task(2, "Buy milk"),
    task(3, "Buy oat milk"),
    task(4, "Call the café"),
    task(5, "Plan the parties"),
    task(6, "Pay Bob's invoice"),
]


def found(title: str) -> list[int]:
    return [task["id"] for task in matches(title, TASKS)]


@pytest.mark.parametrize(
    "said", ["groceries", "GROCERIES", "grocery", "buy grocery", "buying groceries", "the groceries"]
)
def test_case_plural_and_ending_do_not_matter(said: str) -> None:
    assert found(said) == [1]


def test_an_exact_title_hides_longer_ones() -> None:
    assert found("buy milk") == [2]
    assert found("milk") == [2, 3]
    assert found("oat milk") == [3]


def test_the_order_of_words_accents_and_apostrophes_do_not_matter() -> None:
    assert found("cafe call") == [4]
    assert found("bobs invoice") == [6]
    assert found("party plan") == [5]


def test_a_part_of_a_word_is_not_a_word() -> None:
    assert found("cer") == []
    assert found("oa") == []
    assert found("unicorn") == []


@given(st.sampled_from([task["title"] for task in TASKS if task["title"] != "Buy oat milk"]), st.data())
def test_any_words_of_a_title_find_it(title: str, data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(title.split()), min_size=1, unique=True))
    assert title in [task["title"] for task in matches(" ".join(some), TASKS)]


@given(st.sampled_from(TASKS), st.data())
def test_a_search_for_the_word_misses_no_task_that_matches(task: dict[str, str], data: st.DataObject) -> None:
    title = task["title"]
    said = " ".join(data.draw(st.lists(st.sampled_from(title.split()), min_size=1, unique=True)))
    assert search_word(said).lower() in title.lower()


def test_a_search_finds_another_ending_too() -> None:
    assert search_word("the grocery task") == "grocer"
    assert search_word("parties") == "part"


def test_words_are_taken_apart_and_endings_off() -> None:
    assert words("Bob's café, now!") == ["bobs", "cafe", "now"]
    assert stem("groceries") == stem("grocery")
    assert stem("milk") == "milk"
    assert stem("bus") == "bus"
