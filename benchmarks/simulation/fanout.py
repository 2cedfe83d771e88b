"""Where readers are: a run stays where it began, and its reader lands on any process when it comes back.

Second by second, and stream by stream. The share of readers that are away from their run does not depend on how many
streams there are, so that a sample of them will do.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

STEP_SECONDS = 1.0


@dataclass(slots=True)
class _Stream:
    ends: float
    owner: int
    reader: int


@dataclass(frozen=True, slots=True)
class Fanout:
    """What was seen, a number for each step: the share of readers that are away from their run."""

    remote: list[float]
    fullest: float
    """Runs of the fullest process, by the average, in the end."""


def fanout(
    *,
    streams: int,
    processes: int,
    answer_seconds: float,
    comes_back: float,
    steps: int,
    all_leave_at: int | None = None,
    seed: int = 1,
) -> Fanout:
    """Streams whose lengths are as random as can be; each that ends is followed by a new one, on any process.

    At step `all_leave_at` every reader loses its connection, as when a load balancer is restarted.
    """
    chance = random.Random(seed)

    def any_process() -> int:
        return chance.randrange(processes)

    running = [_begin(chance, any_process, 0.0, answer_seconds) for _ in range(streams)]
    leaves, remote = min(1.0, STEP_SECONDS / comes_back), list[float]()
    for step in range(1, steps + 1):
        now = step * STEP_SECONDS
        for at, stream in enumerate(running):
            if stream.ends <= now:
                running[at] = _begin(chance, any_process, now, answer_seconds)
            elif step == all_leave_at or chance.random() < leaves:
                stream.reader = any_process()
        remote.append(sum(stream.reader != stream.owner for stream in running) / streams)
    counts = [0] * processes
    for stream in running:
        counts[stream.owner] += 1
    return Fanout(remote, max(counts) * processes / streams)


def _begin(chance: random.Random, any_process: Callable[[], int], now: float, seconds: float) -> _Stream:
    process = any_process()
    return _Stream(now + chance.expovariate(1 / seconds), process, process)
