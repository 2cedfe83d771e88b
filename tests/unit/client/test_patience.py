"""How long it is waited, and when no more."""

import pytest

from fastapi_chatkit.client import Broken, Busy, ClientError, Patience
from fastapi_chatkit.client.patience import Retries


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def delays(patience: Patience, error: ClientError, clock: Clock | None = None) -> list[float]:
    """The waits until patience ends, each waited by the clock."""
    clock = clock or Clock()
    retries = Retries(patience, clock)
    waited: list[float] = []
    while True:
        try:
            waited.append(retries.delay(error))
        except ClientError:
            return waited
        clock.now += waited[-1]


def test_waits_double_up_to_a_limit_and_half_of_each_is_random() -> None:
    patience = Patience(attempts=10, seconds=1000, first_delay=1, max_delay=20)
    runs = [delays(patience, Broken("x")) for _ in range(50)]
    for attempt, most in enumerate([1, 2, 4, 8, 16, 20, 20, 20, 20, 20]):
        found = [run[attempt] for run in runs]
        assert most / 2 <= min(found) < max(found) <= most
    assert {len(run) for run in runs} == {10}


def test_time_is_a_limit_of_its_own() -> None:
    waited = delays(Patience(attempts=1000, seconds=60, first_delay=5, max_delay=10), Broken("x"))
    assert 50 <= sum(waited) <= 60


def test_what_the_server_says_is_waited_unless_it_is_shorter() -> None:
    patience = Patience(attempts=3, seconds=100, first_delay=1)
    assert delays(patience, Busy(503, retry_after=30)) == [30, 30, 30]
    assert delays(patience, Busy(503, retry_after=0))[2] >= 2
    assert delays(patience, Busy(503, retry_after=101)) == []


def test_progress_begins_the_count_anew() -> None:
    clock = Clock()
    retries = Retries(Patience(attempts=2, seconds=10, first_delay=1), clock)
    for _ in range(5):
        for _ in range(2):
            clock.now += retries.delay(Broken("x"))
        with pytest.raises(Broken):
            retries.delay(Broken("x"))
        clock.now += 100
        retries.progress()


def test_a_thousand_attempts_do_not_overflow() -> None:
    assert delays(Patience(attempts=2000, seconds=1e9), Broken("x"))[-1] <= 10
