"""What is printed for good, and when: each thing once and in order, whatever the events' pace."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.cli.terminal.blocks import finished
from fastapi_chatkit.cli.terminal.conversation import Conversation
from fastapi_chatkit.cli.terminal.fields import Fields
from fastapi_chatkit.cli.terminal.items import Note, UserMessage, Workflow
from fastapi_chatkit.cli.terminal.scroll import Cited, Said, Scroll
from tests.unit.cli.fake_server import RICH
from tests.unit.cli.test_chat_conversation import added, delta, done, item, message


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("one", 0),
        ("one\n\n", 0),
        ("one\n\ntwo", 0),
        ("one\n\ntwo\n", 5),
        ("- a\n- b\n\n- c\n", 0),
        ("1. a\n\n2", 0),
        ("1. a\n\n2. b\n", 0),
        ("- a\n\nend\n", 5),
        ("```\n\na\n\nb\n", 0),
        ("```\na\n```\nend\n", 10),
        ("a\n---\nend\n", 6),
        ("| a |\n|---|\n| b |\n", 0),
    ],
)
def test_a_block_is_finished_when_a_line_of_the_next_one_is(text: str, length: int) -> None:
    assert finished(text) == length


@given(st.text(alphabet="ab \n-*>`#1.|\u2028", max_size=80))
def test_finished_blocks_stay_as_they_are_whatever_follows(text: str) -> None:
    cuts = [finished(text[:end]) for end in range(len(text) + 1)]
    assert all(cut <= end for end, cut in enumerate(cuts))
    assert all(text[:cut].endswith("\n") for cut in cuts if cut)


def printed(scroll: Scroll) -> str:
    return "".join(piece.markdown for piece in scroll.take() if isinstance(piece, Said))


@given(st.lists(st.text(alphabet="ab \n-`#", min_size=1, max_size=12), max_size=12), st.sampled_from([finished, len]))
def test_the_pieces_of_an_answer_are_the_answer(deltas: list[str], cut: object) -> None:
    conversation = Conversation("t")
    scroll = Scroll(conversation, finished if cut is finished else len)
    conversation.apply(Fields(added(message(""))))
    seen = ""
    for text in deltas:
        conversation.apply(Fields(delta(text)))
        seen += printed(scroll)
        rest = "".join(piece.markdown for piece in scroll.rest() if isinstance(piece, Said))
        assert seen + rest == "".join(deltas)[: len(seen + rest)]
    conversation.end()
    assert seen + printed(scroll) == "".join(deltas)
    assert scroll.take() == []


def test_a_long_answer_leaves_only_its_last_block_growing() -> None:
    conversation = Conversation("t")
    scroll = Scroll(conversation, finished)
    conversation.apply(Fields(added(message(""))))
    conversation.apply(Fields(delta(RICH)))
    assert printed(scroll) + "The end.\n" == RICH
    assert scroll.rest() == [Said("The end.\n")]


def test_what_comes_after_an_open_item_waits_for_it() -> None:
    conversation = Conversation("t")
    scroll = Scroll(conversation, finished)
    workflow = item("workflow", "w", workflow={"type": "custom", "tasks": []})
    for event in (added(workflow), done(message("Meanwhile", "a"))):
        conversation.apply(Fields(event))
    assert scroll.take() == []
    assert [type(piece) for piece in scroll.rest()] == [Workflow, Said]
    conversation.apply(Fields(done(workflow)))
    assert [type(piece) for piece in scroll.take()] == [Workflow, Said]
    assert scroll.rest() == []


def test_an_answer_that_ends_differently_is_said_anew() -> None:
    conversation = Conversation("t")
    scroll = Scroll(conversation, finished)
    for event in (added(message("")), delta("A secret.\n\nAnd\nmore\n")):
        conversation.apply(Fields(event))
    assert scroll.take() == [Said("A secret.\n\n")]
    conversation.apply(Fields(done(message("I cannot say."))))
    note, said = scroll.take()
    assert isinstance(note, Note)
    assert said == Said("I cannot say.", last=True)


def test_an_answer_that_ends_before_what_was_printed_is_not_repeated() -> None:
    conversation = Conversation("t")
    scroll = Scroll(conversation, len)
    for event in (added(message("")), delta("kept and lost")):
        conversation.apply(Fields(event))
    assert scroll.take() == [Said("kept and lost")]
    conversation.apply(Fields(done(message("kept and"))))
    assert scroll.take() == [Said("", last=True), Note("dim", "The last words of this were not kept.")]
    assert scroll.take() == []


def test_an_answer_taken_back_before_it_was_printed_leaves_nothing() -> None:
    conversation = Conversation("t")
    scroll = Scroll(conversation, finished)
    removed: dict[str, Any] = {"type": "thread.item.removed", "item_id": "i1"}
    for event in (added(message("")), delta("No"), removed):
        conversation.apply(Fields(event))
    assert scroll.take() == []
    assert scroll.rest() == []


def test_sources_follow_the_answer() -> None:
    annotation = {"type": "annotation", "source": {"type": "file", "title": "Plan", "filename": "plan.pdf"}}
    conversation = Conversation("t")
    asked = item("user_message", "u", content=[{"type": "input_tag", "text": "plan", "id": "1"}], quoted_text="so")
    conversation.load([Fields(asked), Fields(message("See it", "a", [annotation, annotation]))])
    user, said, cited = Scroll(conversation, finished).take()
    assert isinstance(user, UserMessage)
    assert user.text == "> so\n@plan"
    assert said == Said("See it", last=True)
    assert isinstance(cited, Cited)
    assert [source.where for source in cited.sources] == ["plan.pdf"]


def test_an_open_question_is_left_to_whoever_asks_it() -> None:
    conversation = Conversation("t")
    conversation.load([Fields(item("structured_input", status="pending", inputs=[]))])
    scroll = Scroll(conversation, finished)
    assert (scroll.take(), scroll.rest()) == ([], [])
