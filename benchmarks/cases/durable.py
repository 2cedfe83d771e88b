"""A turn of 20 deltas with PostgreSQL and Redis, beside PostgreSQL alone and the others."""

from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.cases.turns import Turns
from benchmarks.contenders import Database
from benchmarks.figures import Figure, Target
from benchmarks.harness import Contender


class Durable(Turns):
    """The same turns as on PostgreSQL alone; Redis has what is said for whoever follows elsewhere."""

    name = "durable"
    database = Database.POSTGRES
    target = Target(1.5)

    def figures(self) -> Sequence[Figure]:
        detail = "20 deltas, PostgreSQL and Redis"
        return [Figure(self.name, "CPU per turn", detail, "ms", self.target, "{:,.0f}/s")]

    def servers(self) -> Sequence[Contender]:
        return contenders.durable()
