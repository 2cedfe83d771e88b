"""What the agent is told, and what may be stored of it."""

from random import Random

import pytest

from tests.chaos.script import Part, Script, Shown, random_script, shown_of

SCRIPT = Script(
    "u-1", (Part("text", 2), Part("tool", pause=1), Part("text", 1), Part("swap"), Part("gone"), Part("text", 2))
)
FIRST = Shown("message", "u-1.0.0000 u-1.0.0001 u-1.2.0000 ")
CARD = Shown("card", "u-1.3.v2")
LAST = Shown("message", "u-1.5.0000 u-1.5.0001 ")


@pytest.mark.parametrize("seed", range(50))
def test_a_script_is_the_same_after_it_was_sent(seed: int) -> None:
    script = random_script(f"u-{seed}", Random(seed))
    assert Script.parse(str(script)) == script
    assert script.allows(script.whole)


def test_the_whole_answer_has_every_part_that_stays() -> None:
    assert SCRIPT.whole == [FIRST, CARD, LAST]


@pytest.mark.parametrize(
    "shown",
    [
        [],
        [FIRST],
        [Shown("message", FIRST.text[:-12])],
        [FIRST, Shown("card", "u-1.3.v1")],
        [FIRST, CARD, Shown("card", "u-1.4.v1")],
        [FIRST, CARD, Shown("message", "u-1.5.0000 ")],
    ],
)
def test_what_there_was_at_some_moment_is_allowed(shown: list[Shown]) -> None:
    assert SCRIPT.allows(shown)


@pytest.mark.parametrize(
    "shown",
    [
        [CARD],
        [FIRST, LAST],
        [FIRST, Shown("card", "u-1.4.v1")],
        [Shown("message", FIRST.text[:-12]), CARD],
        [FIRST, CARD, Shown("message", "u-1.5.0001 ")],
        [FIRST, CARD, LAST, LAST],
    ],
)
def test_what_there_never_was_is_not(shown: list[Shown]) -> None:
    assert not SCRIPT.allows(shown)


def test_an_answer_that_fails_ends_there() -> None:
    script = Script("u-1", (Part("text", 1), Part("fail"), Part("text", 1)))
    assert script.fails
    assert script.whole == [Shown("message", "u-1.0.0000 ")]


def test_users_messages_are_no_answer() -> None:
    items = [
        {"type": "user_message", "content": [{"text": "say"}]},
        {"type": "widget", "widget": {"children": [{"value": "u-1.3.v2"}]}},
        {"type": "assistant_message", "content": [{"text": LAST.text}]},
    ]
    assert shown_of(items) == [CARD, LAST]
