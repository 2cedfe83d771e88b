"""From a seed to what is done to the servers, and when: the same seed, the same plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

SECONDS: dict[str, tuple[float, float]] = {
    "kill": (1, 12),
    "kill-two": (2, 6),
    "freeze": (12, 16),
    "term": (0.5, 4),
    "block": (11, 13),
    "cut-redis": (2, 15),
    "cut-postgres": (2, 20),
    "redis-kill": (0.5, 10),
    "redis-freeze": (2, 10),
    "redis-flush": (0, 0),
    "redis-clients": (0, 0),
    "redis-full": (3, 10),
    "postgres-restart": (0, 3),
    "postgres-crash": (0, 3),
    "postgres-freeze": (2, 20),
    "postgres-clients": (0, 0),
    "nginx-reload": (0, 0),
}
"""What can be done, and how long it may last. A lease lasts 10 s: ``freeze`` and ``block`` are longer."""

KINDS = tuple(SECONDS)

SETTLE = 3.0
"""Before the first, and without a new one at the end."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Something to be done ``at`` so many seconds after the beginning, for ``seconds``.

    ``replica`` is the place in line of whom it is done to, where it is done to one; ``way`` chooses among variants.
    """

    at: float
    kind: str
    replica: int
    seconds: float
    way: int

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.kind}{lasting}"


def plan(seed: str, seconds: float, kinds: Sequence[str] = KINDS) -> list[Planned]:
    """Each of ``kinds`` once before any comes again, as often as time allows; about half begin while another lasts."""
    return list(_plan(Random(f"{seed}/plan"), seconds, kinds))


def _plan(random: Random, seconds: float, kinds: Sequence[str]) -> Iterator[Planned]:
    at = SETTLE
    while True:
        for kind in random.sample(sorted(kinds), len(kinds)):
            lasting = round(random.uniform(*SECONDS[kind]), 1)
            planned = Planned(round(at, 1), kind, random.randrange(100), lasting, random.randrange(100))
            if at + lasting > seconds - SETTLE:
                return
            yield planned
            at += random.uniform(1.5, 6) + (lasting if random.random() < 0.5 else 0)
