"""No message keeps the rules busy: they run on the event loop, where one user's message would stop everybody's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from examples.taskflow.offline.intents import Add, Delete, Numbers, Title, Unsure
from examples.taskflow.offline.reading import LONGEST, READ_CHARACTERS, intent_of

from .talking import TODAY

ROOT = Path(__file__).parents[3]
MANY_TIMES_ENOUGH = 180
"""In seconds: the process needs a few; with a rule that tries again and again, years."""


def test_messages_that_are_made_to_keep_the_rules_busy_are_answered() -> None:
    command = [sys.executable, "-m", "tests.taskflow.offline.adversaries"]
    done = subprocess.run(command, cwd=ROOT, timeout=MANY_TIMES_ENOUGH, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 2_000


def test_numbers_are_told_apart_from_a_title_that_begins_like_many() -> None:
    numbers = "task 1, task 2 and task 3, and the tasks no. 4; number 5 & #6 + id 7"
    assert intent_of(f"delete {numbers}", TODAY) == Delete(Numbers((1, 2, 3, 4, 5, 6, 7)))
    title = intent_of("delete " + "task 1, " * 50 + "x", TODAY)
    assert isinstance(title, Delete)
    assert isinstance(title.target, Title)


@pytest.mark.parametrize("order", ["delete ", "add ", "complete task 1 and ", "show my tasks ", "thanks ", "hello "])
def test_of_a_message_that_is_too_long_nothing_is_read(order: str) -> None:
    assert intent_of(f"{order}{'milk ' * LONGEST}", TODAY) == Unsure("too_long")
    assert intent_of(f"{order}“{'m' * READ_CHARACTERS}”", TODAY) == Unsure("too_long")


def test_a_long_text_between_quotation_marks_is_not_too_long() -> None:
    text = ("a b " * 900).strip()
    found = intent_of(f'add a task to buy milk, description: "{text}"', TODAY)
    assert isinstance(found, Add)
    assert found.drafts[0].title == "Buy milk"
    assert found.drafts[0].fields == {"description": text}
