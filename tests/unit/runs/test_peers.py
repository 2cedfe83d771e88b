"""Processes that use one database and cannot hear each other."""

import pytest

from fastapi_chatkit.runs import peers
from fastapi_chatkit.runs.peers import Peers, said_of
from fastapi_chatkit.store.base import Replica


def running(shared: list[bool]) -> list[Replica]:
    return [Replica(f"rep_{number}", "redis 1" if one else None) for number, one in enumerate(shared)]


@pytest.mark.parametrize("shared", [[], [False], [True], [True, True], [True] * 5])
def test_nothing_is_wrong(shared: list[bool]) -> None:
    assert said_of(running(shared)) is None


@pytest.mark.parametrize(
    ("shared", "words"),
    [
        ([False, False], "2 processes use this database, and none of them has CHATKIT_REDIS_URL: "),
        ([True, False], "2 processes use this database, and 1 of them has not CHATKIT_REDIS_URL: "),
        ([True, False, False, True], "4 processes use this database, and 2 of them have not CHATKIT_REDIS_URL: "),
    ],
)
def test_somebody_is_not_heard(shared: list[bool], words: str) -> None:
    said = said_of(running(shared))
    assert said is not None
    assert said.startswith(words)
    assert said.endswith("set it, to the same Redis for all, or run one process")


def test_it_is_said_once_and_only_when_it_stays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1000.0
    monkeypatch.setattr(peers.time, "monotonic", lambda: now)
    seen = Peers()
    for shared, seconds in [([False, False], 10), ([False], 10), ([False, False], 10)]:  # one died, and came again
        seen.see(running(shared))
        now += seconds
        assert seen.problem is None
    for _ in range(3):
        now += 10
        seen.see(running([False, False]))
    assert seen.problem is not None
    assert caplog.text.count("2 processes use this database") == 1
    seen.see(running([True, True]))
    assert seen.problem is None


def test_another_redis_is_not_the_same() -> None:
    several = [Replica("rep_1", "redis 1"), Replica("rep_2", ""), Replica("rep_3", "redis 1")]
    assert said_of(several) is None, "one of them does not know yet"
    said = said_of([*several, Replica("rep_4", "redis 2")])
    assert said is not None
    assert said.startswith("4 processes use this database, and 2 different Redis servers or databases of one: ")
