"""Messages that are made to keep the rules busy, and a process that reads them all: ``python -m`` this module.

How long it may take is for its parent to say; a rule that tries again and again never ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, product

from hypothesis import given, settings
from hypothesis import strategies as st

from examples.taskflow.offline.conversation import Conversation
from examples.taskflow.offline.planner import next_step
from examples.taskflow.offline.reading import LONGEST, READ_CHARACTERS

from .board import Board
from .talking import TODAY

OPENINGS = (
    "", "add a task ", "add ", "add a note ", "add the tags ", "add #a ", "new task: ", "remind me ",
    "note to self ", "delete ", "remove the tag ", "complete tasks ", "rename a to ", "call it ", "mark ", "set ",
    "put ", "move ", "set the due date of ", "set the description of a to ", "progress of ", "tag ", "assign ",
    "let ", "i have ", "i'm ", "show ", "show tasks ", "find ", "what's ", "is ", "who ", "when ",
    "what happened to ", "thanks ", "hello ", "no ", "cancel ", "please ", "can you ", "today's ", "write me ",
    "project ",
)  # fmt: skip
REPEATED = (
    " ", ",", ", ", "1", "1 ", "1,", "task ", "task 1, ", "task 1 and ", "and ", "#a ", "#a, ", "#a and ", '"',
    '" ', "'", "' ", "'a ", "a' ", "“", "\u2018 ", "\u2019", "«", "-", " - ", "2026-01-01 ", "1/2 ", "today ",
    "by friday ", "due ", "every day ", "high priority ", "for a ", "thanks for ", "please ", "to a ", "is now ",
    "at ", "it's ", "the ", "now ", "today's ", "bob's ", "tag a and b ", "with description ", "assign it ",
    "@bob ", "a", "a ", "é", "日本 ", "٣ ", "\u200b", "\n", "a\n", "- a\n", "1. a ", "for a\n", "(", "[ ] ", "; ",
    ": ", "?! ", "50% ", "done ", "my list ", "one ",
)  # fmt: skip
CLOSINGS = ("x", " x", "\nx", " to high", " as done")
REPEATS = 2_000

WORDS = sorted({piece.strip() for piece in (*OPENINGS, *REPEATED, *CLOSINGS)} - {""})


def messages() -> Iterator[str]:
    """Each opening with each token: as long as a message that is read can be, and far longer."""
    closings = cycle(CLOSINGS)
    for opening, token in product(OPENINGS, REPEATED):
        closing = next(closings)
        room = LONGEST - len(opening) - len(closing)
        yield f"{opening}{token * (room // len(token))}{closing}"
    for token in REPEATED:
        yield f"delete {token * REPEATS}x"
        yield f"delete {(token * REPEATS)[: READ_CHARACTERS - 8]}x"


def read(message: str) -> None:
    """Answer it, once alone and once as the answer to a question."""
    tools = Board().names()
    asked = "2 tasks match. Which one do you mean?\n\n- **1** Milk\n- **2** Oat milk"
    said = {"role": "user", "content": message}
    order, question = {"role": "user", "content": "delete milk"}, {"role": "assistant", "content": asked}
    for items in ([said], [order, question, said]):
        assert next_step(Conversation.of(items), tools, TODAY)


SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=120).map(" ".join)
RUNS = st.tuples(SENTENCES, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), SENTENCES).map(
    lambda parts: f"{parts[0][:40]} {' '.join(parts[1]) * 40} {parts[2][:40]}"[:LONGEST]
)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(SENTENCES | RUNS)
def read_anything(message: str) -> None:
    """Messages of the words that the rules know, in any order."""
    read(message)


if __name__ == "__main__":
    corpus = list(messages())
    for adversary in corpus:
        read(adversary)
    read_anything()
    print(len(corpus))
