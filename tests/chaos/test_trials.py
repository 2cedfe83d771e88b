"""Short trials, in which each kind of thing is done that can be done; ``make chaos`` runs longer ones."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.chaos.checks import check
from tests.chaos.plan import KINDS, plan
from tests.chaos.report import report
from tests.chaos.trial import trial

USERS = 12


class Short(NamedTuple):
    """A trial whose plan leaves nothing out."""

    seed: str
    seconds: float
    kinds: tuple[str, ...]


SHORT = (
    Short("490", 45, ("kill", "kill-two", "freeze", "term", "nginx-reload")),
    Short("583", 40, ("cut-redis", "redis-kill", "redis-freeze", "redis-flush", "redis-clients", "redis-full")),
    Short(
        "45", 48, ("cut-postgres", "postgres-restart", "postgres-crash", "postgres-freeze", "postgres-clients", "block")
    ),
)


def test_each_kind_is_done_in_one_of_them() -> None:
    assert sorted(kind for short in SHORT for kind in short.kinds) == sorted(KINDS)
    for short in SHORT:
        assert {planned.kind for planned in plan(*short)} == set(short.kinds)


@pytest.mark.alone
@pytest.mark.parametrize("short", SHORT, ids=["replicas", "redis", "postgres"])
async def test_whatever_is_done_nothing_is_lost(short: Short, tmp_path: Path) -> None:
    evidence = await trial(tmp_path, short.seed, short.seconds, USERS, short.kinds)
    violations = check(evidence)
    assert not violations, report(short.seed, USERS, evidence, violations)
    assert {fault.kind for fault in evidence.history.faults} == set(short.kinds)
    assert sum(message.acknowledged is not None for message in evidence.history.messages) > USERS
