"""The text of an answer, however its events tell it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.client.text import Transcript
from tests.unit.client.scripted import PART, Json, added, delta, done, message, removed, snapshot


def tell(*events: Json) -> tuple[list[str], str]:
    """What was said event by event, and the text in the end."""
    transcript = Transcript()
    return [transcript.apply(event) for event in events], transcript.text


def part(kind: str, text: str, index: int = 0) -> Json:
    update = {"type": f"{PART}.{kind}", "content_index": index, "content": {"type": "output_text", "text": text}}
    return {"type": "thread.item.updated", "item_id": "msg_1", "update": update}


def test_deltas_are_said_as_they_come_and_the_end_adds_nothing() -> None:
    said, text = tell(
        added(message("")),
        part("added", ""),
        delta("One"),
        delta(" two"),
        part("done", "One two"),
        done(message("One two")),
    )
    assert said == ["", "", "One", " two", "", ""]
    assert text == "One two"


def test_a_message_that_comes_whole_is_said_whole_and_apart() -> None:
    said, text = tell(done(message("One", "a")), done(message("Two", "b")), delta("!", "b"), part("added", "x", 1))
    assert said == ["One", "\n\nTwo", "!", "\n\nx"]
    assert text == "One\n\nTwo!\n\nx"


def test_an_end_that_says_more_adds_the_rest() -> None:
    assert tell(delta("One"), done(message("One two")))[0] == ["One", " two"]


def test_what_is_taken_back_is_not_in_the_text_and_what_replaces_it_is_said() -> None:
    said, text = tell(delta("Wrong", "a"), removed("a"), delta("Right", "b"), delta(" way", "b"))
    assert (said, text) == (["Wrong", "", "Right", " way"], "Right way")
    said, text = tell(delta("Wrong"), done(message("Right")), delta("One", "b"))
    assert (said, text) == (["Wrong", "", "\n\nOne"], "Right\n\nOne")


def test_what_is_said_again_after_a_snapshot_is_not_repeated() -> None:
    said, text = tell(delta("One two"), snapshot(message("One")), delta(" t"), delta("wo th"), delta("ree"))
    assert (said, text) == (["One two", "", "", " th", "ree"], "One two three")
    said, text = tell(delta("One two"), snapshot(message("One")), delta(" more"))
    assert (said, text) == (["One two", "", " more"], "One more")
    said, text = tell(delta("One"), snapshot(message("One two"), message("Three", "b")))
    assert (said, text) == (["One", " two\n\nThree"], "One two\n\nThree")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": "thread.item.updated"},
        {"type": "thread.item.updated", "item_id": "msg_1", "update": []},
        {"type": "thread.item.updated", "item_id": "msg_1", "update": {"type": f"{PART}.text_delta", "delta": "x"}},
        delta("x", index=-1),
        delta("x", index=10**9),
        {"type": "thread.item.done", "item": None},
        {"type": "thread.item.done", "item": {"type": "widget", "id": "msg_1"}},
        {"type": "run.snapshot", "items": {}},
        removed("nobody"),
    ],
)
def test_what_makes_no_sense_says_nothing(event: Json) -> None:
    assert tell(event) == ([""], "")


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text(min_size=1, max_size=5)), max_size=20))
def test_messages_one_after_the_other_are_said_as_they_read(pieces: list[tuple[str, str]]) -> None:
    ordered = sorted(pieces, key=lambda piece: piece[0])
    said, text = tell(*(delta(chunk, key) for key, chunk in ordered))
    whole: dict[str, Any] = {}
    for key, chunk in ordered:
        whole[key] = whole.get(key, "") + chunk
    assert "".join(said) == text == "\n\n".join(whole.values())


def test_many_deltas_cost_linear_time() -> None:
    transcript = Transcript()
    for _ in range(50_000):
        transcript.apply(delta("word "))
    assert len(transcript.text) == 250_000
