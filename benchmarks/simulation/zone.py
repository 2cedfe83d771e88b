"""The loss of a zone: a third of a cell's processes and of its Redis die at once; PostgreSQL has its primary elsewhere.

Client by client, in steps of a tenth of a second. Everyone who was connected there comes back to the rest, as all do
whose runs went on there are told of the end. What limits that are the spare CPU of the processes that are left, and
that of PostgreSQL; both serve whoever came first.
"""

import heapq
import random
from collections import deque
from dataclasses import dataclass, field
from math import inf

from benchmarks.simulation.deployment import Cell, Load, Plan, stream_cpu
from benchmarks.simulation.figures import Costs

STEP = 0.1
LOST = 1 / 3
LEASE_SECONDS, RENEW_SECONDS, LOOK_SECONDS = 10.0, 3.0, 2.0


@dataclass(frozen=True, slots=True)
class Clients:
    """How clients come back: what they wait before the first try, and before each further one, twice as long.

    `random_share` is how much of each wait is random. Whoever has not been answered after `patience` tries again.
    """

    first: float = 0.25
    most: float = 10.0
    random_share: float = 0.5
    patience: float = 10.0

    def delay(self, attempt: int, chance: random.Random) -> float:
        """Seconds before an attempt, from 0."""
        delay = min(self.first * 2**attempt, self.most)
        return delay * (1 - self.random_share * chance.random())


@dataclass(slots=True)
class Storm:
    """What was seen, a number for each step."""

    seconds: list[float] = field(default_factory=list[float])
    away: list[int] = field(default_factory=list[int])
    """Clients that follow nothing."""
    orphans: list[int] = field(default_factory=list[int])
    """Runs of dead processes that have not been ended."""
    process_busy: list[float] = field(default_factory=list[float])
    database_busy: list[float] = field(default_factory=list[float])
    attempts: int = 0

    def until(self, counts: list[int]) -> float:
        """Seconds until none are left; infinite where that never came."""
        return next((at for at, count in zip(self.seconds, counts, strict=True) if not count), inf)

    @staticmethod
    def full(busy: list[float]) -> float:
        """How many seconds something had no CPU left."""
        return STEP * sum(share > 0.99 for share in busy)


@dataclass(frozen=True, slots=True)
class Spare:
    """What is left for the storm, in seconds of CPU a second: of the processes together, of PostgreSQL."""

    processes: float
    processes_all: float
    database: float
    database_all: float


def spare(cell: Cell, costs: Costs, load: Load, plan: Plan) -> Spare:
    """After the loss: two thirds of the runs go on, on two thirds of the processes; PostgreSQL has their checkpoints.

    PostgreSQL has the cores that keep it as busy as the plan says when all is well.
    """
    left = 1 - LOST
    processes = cell.processes * left
    database = cell.database_cores / plan.busy
    used = cell.streams * left * stream_cpu(costs, load, cell.remote)
    return Spare(max(0.0, processes - used), processes, database - cell.database_cores * left, database)


def lose_a_zone(
    cell: Cell, costs: Costs, load: Load, plan: Plan, clients: Clients, *, seconds: float = 60.0, seed: int = 1
) -> Storm:
    """From the moment of the loss on."""
    return _Loss(cell, costs, spare(cell, costs, load, plan), clients, seed).run(seconds)


class _Loss:
    def __init__(self, cell: Cell, costs: Costs, spare: Spare, clients: Clients, seed: int) -> None:
        self._costs = costs
        self._spare = spare
        self._clients = clients
        self._chance = random.Random(seed)
        self._left = cell.processes * (1 - LOST)
        self._away = round(cell.streams * LOST)
        self._tries = [(clients.delay(0, self._chance), client, 0) for client in range(self._away)]
        """When a client tries again, and how often it has."""
        heapq.heapify(self._tries)
        self._waiting: deque[tuple[float, int, int]] = deque()
        """Clients that have asked and were not answered: since when."""
        self._storm = Storm()
        self._orphans = round(cell.streams * LOST)
        self._dead = self._leases(round(cell.processes * LOST))

    def _leases(self, processes: int) -> deque[tuple[float, int]]:
        """When the dead are taken for dead, and how many runs that makes orphans: some look by then soon enough."""
        shares = [self._orphans * (at + 1) // processes - self._orphans * at // processes for at in range(processes)]
        ends = sorted(LEASE_SECONDS - self._chance.uniform(0, RENEW_SECONDS) for _ in range(processes))
        looks = LOOK_SECONDS / max(1.0, self._left)
        return deque((end + looks, share) for end, share in zip(ends, shares, strict=True))

    def run(self, seconds: float) -> Storm:
        """Step by step."""
        found = 0
        for step in range(1, round(seconds / STEP) + 1):
            now = step * STEP
            self._ask(now)
            processes, database = self._spare.processes * STEP, self._spare.database * STEP
            answered = self._answer(processes, database / 2 if found else database)
            while self._dead and self._dead[0][0] <= now:
                found += self._dead.popleft()[1]
            cpu = self._costs.database_recovery
            room = database - answered * self._costs.database_attach
            ended = min(found, int(room / cpu), int(self._left * STEP / self._costs.recovery_each))
            found -= ended
            self._orphans -= ended
            self._note(now, answered, ended * cpu)
        return self._storm

    def _ask(self, now: float) -> None:
        """Those whose time has come ask; those who have waited too long ask again, later."""
        while self._waiting and now - self._waiting[0][0] > self._clients.patience:
            _, client, attempt = self._waiting.popleft()
            again = now + self._clients.delay(attempt + 1, self._chance)
            heapq.heappush(self._tries, (again, client, attempt + 1))
        while self._tries and self._tries[0][0] <= now:
            _, client, attempt = heapq.heappop(self._tries)
            self._waiting.append((now, client, attempt))
            self._storm.attempts += 1

    def _answer(self, processes: float, database: float) -> int:
        """As many as there is CPU for."""
        most = min(processes / self._costs.attach, database / self._costs.database_attach)
        answered = min(len(self._waiting), int(most))
        for _ in range(answered):
            self._waiting.popleft()
        self._away -= answered
        return answered

    def _note(self, now: float, answered: int, recovering: float) -> None:
        storm, spare = self._storm, self._spare
        storm.seconds.append(now)
        storm.away.append(self._away)
        storm.orphans.append(self._orphans)
        used = answered * self._costs.attach / STEP
        storm.process_busy.append(1 - (spare.processes - used) / spare.processes_all)
        used = (answered * self._costs.database_attach + recovering) / STEP
        storm.database_busy.append(1 - (spare.database - used) / spare.database_all)
