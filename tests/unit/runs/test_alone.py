"""Processes that use one database and cannot hear each other."""

from dataclasses import dataclass

import pytest

from fastapi_chatkit.runs.alone import said_of


@dataclass
class Running:
    shares_log: bool


@pytest.mark.parametrize("shared", [[], [False], [True], [True, True], [True] * 5])
def test_nothing_is_wrong(shared: list[bool]) -> None:
    assert said_of([Running(one) for one in shared]) is None


@pytest.mark.parametrize(
    ("shared", "words"),
    [
        ([False, False], "2 processes use this database, and none of them has CHATKIT_REDIS_URL: "),
        ([True, False], "2 processes use this database, and 1 of them has not CHATKIT_REDIS_URL: "),
        ([True, False, False, True], "4 processes use this database, and 2 of them have not CHATKIT_REDIS_URL: "),
    ],
)
def test_somebody_is_not_heard(shared: list[bool], words: str) -> None:
    said = said_of([Running(one) for one in shared])
    assert said is not None
    assert said.startswith(words)
    assert said.endswith("set it, to the same Redis for all, or run one process")
