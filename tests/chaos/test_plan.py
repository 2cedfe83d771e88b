"""The same seed is the same plan, and every kind comes."""

from collections import Counter

from tests.chaos.faults import FAULTS
from tests.chaos.plan import KINDS, SECONDS, plan


def test_the_same_seed_plans_the_same() -> None:
    assert plan("7", 600) == plan("7", 600)
    assert plan("7", 600) != plan("8", 600)


def test_every_kind_comes_before_any_comes_again() -> None:
    kinds = [planned.kind for planned in plan("7", 1800)]
    assert set(kinds[: len(KINDS)]) == set(KINDS)
    assert max(Counter(kinds).values()) - min(Counter(kinds).values()) <= 1


def test_all_of_it_is_over_in_time() -> None:
    for planned in plan("7", 120):
        shortest, longest = SECONDS[planned.kind]
        assert shortest <= planned.seconds <= longest
        assert planned.at + planned.seconds < 120


def test_all_that_is_planned_can_be_done() -> None:
    assert set(FAULTS) == set(KINDS)
