"""New tasks in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.taskflow.offline.intents import Add, DateProblem, Draft, ShowForm, Unsure
from examples.taskflow.offline.reading import intent_of

from .talking import TODAY

FRIDAY = "2026-11-27"


@pytest.mark.parametrize(
    "said",
    [
        "add buy milk",
        "add a task to buy milk",
        "Add a new task: buy milk.",
        "new task: buy milk",
        "New task - buy milk",
        "task: buy milk",
        "todo: buy milk",
        "create a task called buy milk",
        'create a task named "Buy milk"',
        "please add “Buy milk”",
        "can you add a task for me: buy milk",
        "could you please create a task to buy milk?",
        "I want to add a task to buy milk",
        "I'd like to add buy milk",
        "hey, add buy milk to my list please",
        "put buy milk on my to-do list",
        "remind me to buy milk",
        "set a reminder to buy milk",
        "don't let me forget to buy milk",
        "make a new task to buy milk",
        "jot down buy milk",
        "I need a task to buy milk",
        "set up a task to buy milk",
        "ok, now add a todo to buy milk thanks",
        "Thanks! Please add buy milk",
        "let's add a task with the title Buy milk",
    ],
)
def test_a_task_can_be_worded_in_many_ways(said: str) -> None:
    assert intent_of(said, TODAY) == Add((Draft("Buy milk"),))


@pytest.mark.parametrize(
    ("said", "title", "fields"),
    [
        ("add a task to buy groceries by Friday, high priority", "Buy groceries", {"due": FRIDAY, "priority": "high"}),
        ("remind me to call mum tomorrow", "Call mum", {"due": FRIDAY}),
        ("remind me tomorrow to call mum", "Call mum", {"due": FRIDAY}),
        ("remind me on Friday about the meeting", "The meeting", {"due": FRIDAY}),
        ("add call mum tomorrow at 5pm", "Call mum at 5pm", {"due": FRIDAY}),
        ("add a task: prepare slides (high priority, due tomorrow, #work)", "Prepare slides",
         {"tags": ["work"], "priority": "high", "due": FRIDAY}),
        ("todo call mum (urgent)", "Call mum", {"priority": "high"}),
        ("add buy wine (red)", "Buy wine (red)", {}),
        ("add an urgent task: fix production", "Fix production", {"priority": "high"}),
        ("add a low priority task to sort photos", "Sort photos", {"priority": "low"}),
        ("add buy stamps, urgent", "Buy stamps", {"priority": "high"}),
        ("add buy stamps !low", "Buy stamps", {"priority": "low"}),
        ("add buy stamps with medium priority", "Buy stamps", {"priority": "medium"}),
        ("add send urgent letter", "Send urgent letter", {}),
        ("add prepare Friday meeting", "Prepare Friday meeting", {}),
        ("add read today's news", "Read today's news", {}),
        ("add write weekly report", "Write weekly report", {}),
        ("add a task to check if the door is locked", "Check if the door is locked", {}),
        ("add buy milk and call the bank", "Buy milk and call the bank", {}),
        ("add buy stamps #home #post", "Buy stamps", {"tags": ["home", "post"]}),
        ("add buy stamps tagged Home and post", "Buy stamps", {"tags": ["home", "post"]}),
        ("add fix issue #42", "Fix issue #42", {}),
        ("add review the plan, assign to bob", "Review the plan", {"assignee": "bob"}),
        ("add review the plan @alice", "Review the plan", {"assignee": "alice"}),
        ("create a weekly task to water the plants every Monday", "Water the plants",
         {"recurrence": "weekly", "due": "2026-11-30"}),
        ("add a daily task to stretch", "Stretch", {"recurrence": "daily"}),
        ("add pay rent monthly", "Pay rent", {"recurrence": "monthly"}),
        ("add pay rent every month on the 1st", "Pay rent", {"recurrence": "monthly", "due": "2026-12-01"}),
        ('add "Ship v2" with description "final; tag it", high priority, due in 2 weeks', "Ship v2",
         {"description": "final; tag it", "priority": "high", "due": "2026-12-10"}),
        ("add paint the wall, description: use the blue paint", "Paint the wall",
         {"description": "use the blue paint"}),
        ('add a task "Don\'t forget the milk" due 5 December', "Don't forget the milk", {"due": "2026-12-05"}),
        ('add a task to read "War and Peace by Friday"', "Read War and Peace by Friday", {}),
        ("task: delete everything", "Delete everything", {}),
        ("remind me to delete the old files", "Delete the old files", {}),
    ],
)  # fmt: skip
def test_what_is_said_besides_the_title_becomes_a_field(said: str, title: str, fields: dict[str, Any]) -> None:
    assert intent_of(said, TODAY) == Add((Draft(title, fields),))


@pytest.mark.parametrize(
    "said",
    [
        "add these tasks:\n- buy milk\n- call the bank by Friday",
        "add:\n1. buy milk\n2. call the bank by Friday",
        "add tasks:\nbuy milk\ncall the bank by Friday",
        "add tasks: buy milk; call the bank by Friday",
        "add: 1. buy milk 2. call the bank by Friday",
        "please add two tasks: 1) buy milk, 2) call the bank by Friday",
    ],
)
def test_a_list_is_several_tasks(said: str) -> None:
    assert intent_of(said, TODAY) == Add((Draft("Buy milk"), Draft("Call the bank", {"due": FRIDAY})))


@pytest.mark.parametrize(
    "said",
    [
        "add a task",
        "create a task",
        "I want to create a task",
        "I'd like to add a new task please",
        "new task",
        "New task!",
        "new task form",
        "open the form",
        "show me the form",
        "show the new task form",
        "can you open the task form?",
        "form",
        "add a high priority task",
        "give me the task creation form",
        "make a new task",
        "I need to add a task",
    ],
)
def test_a_task_without_a_title_is_written_in_the_form(said: str) -> None:
    assert isinstance(intent_of(said, TODAY), ShowForm)


def test_a_date_that_cannot_be_used_is_asked_about() -> None:
    assert isinstance(intent_of("add dentist on 12/05", TODAY), DateProblem)
    assert isinstance(intent_of("add pay taxes by 2020-01-01", TODAY), DateProblem)


def test_a_rhythm_that_tasks_do_not_have_is_refused() -> None:
    assert intent_of("add buy milk every other day", TODAY) == Unsure("recurrence")


def test_a_very_long_list_is_refused() -> None:
    assert intent_of("add tasks:\n" + "- milk\n" * 11, TODAY) == Unsure("too_many")


WORDS = ["paint", "sell", "letter", "window", "garden", "coffee", "call", "visit", "lamp", "old", "new", "of", "for"]
TITLE_WORDS = st.tuples(st.sampled_from(WORDS[:9]), st.lists(st.sampled_from(WORDS), max_size=4), st.just("lamp")).map(
    lambda parts: " ".join([parts[0], *parts[1], parts[2]])
)
OPENINGS = st.sampled_from(
    ["add a task to ", "please add ", "new task: ", "remind me to ", "Could you add a task: ", "todo: "]
)
CLOSINGS = {
    "": {},
    ", high priority": {"priority": "high"},
    " by Friday": {"due": FRIDAY},
    " by Friday, low priority": {"due": FRIDAY, "priority": "low"},
    " #home": {"tags": ["home"]},
    " due tomorrow #home": {"due": FRIDAY, "tags": ["home"]},
    " every week": {"recurrence": "weekly"},
    ", assign to bob": {"assignee": "bob"},
}


@given(OPENINGS, TITLE_WORDS, st.sampled_from(list(CLOSINGS)))
def test_any_words_between_an_opening_and_a_closing_are_the_title(opening: str, words: str, closing: str) -> None:
    found = intent_of(f"{opening}{words}{closing}", TODAY)
    assert isinstance(found, Add)
    (draft,) = found.drafts
    assert draft.fields == CLOSINGS[closing]
    assert draft.title.lower() == words


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    for said in (text, f"add {text}", f"delete {text}", f"show {text} tasks", f"mark {text} as done"):
        assert intent_of(said, TODAY) is not None


@given(st.text(st.characters(blacklist_characters='"\n', blacklist_categories=["Cs", "Co"]), min_size=1, max_size=80))
def test_what_stands_in_quotes_is_the_title_letter_by_letter(title: str) -> None:
    found = intent_of(f'add a task "{title}" by Friday', TODAY)
    if any(sign.isalnum() for sign in title):
        assert found == Add((Draft(" ".join(title.split()), {"due": FRIDAY}),))
