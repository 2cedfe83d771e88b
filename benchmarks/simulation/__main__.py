"""The command: `python -m benchmarks.simulation [--take RESULTS] [--no-plot]`."""

import argparse
import json
import re
import sys
from pathlib import Path

from benchmarks.simulation import figures, tables
from benchmarks.simulation.deployment import Load, cell
from benchmarks.simulation.fanout import Fanout, fanout
from benchmarks.simulation.figures import Costs

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"

_PLAN = tables.PLANS[2]
_SAMPLE = 5_000
_STEPS = 180
_ALL_LEAVE_AT = 60


def main() -> int:
    """Take new figures, if any are given; put the tables into `docs/scale.md`, print them, and draw its picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulation", description="A deployment on paper.")
    parser.add_argument("--take", action="append", type=Path, default=[], metavar="RESULTS", help="a run's figures")
    parser.add_argument("--no-plot", action="store_true", help="do not draw docs/images/scale.png")
    options = parser.parse_args()
    known = json.loads(figures.FILE.read_text()) if figures.FILE.exists() else {}
    for results in options.take:
        known = figures.take(json.loads(results.read_text()), known)
    if options.take:
        figures.FILE.write_text(json.dumps(known, indent=2) + "\n")
    missing = [name for name in figures.WANTED if name not in known]
    if missing:
        print(f"Not measured yet: {', '.join(missing)}", file=sys.stderr)
        return 1
    made = made_tables(known)
    for name, table in made.items():
        print(f"{name}\n\n{table}\n")
    PAGE.write_text(with_tables(PAGE.read_text(), made))
    if not options.no_plot:
        from benchmarks.simulation.plot import draw

        costs, load = figures.costs_of(known), Load()
        draw(fanouts(costs, load), tables.storms(costs, load, _PLAN))
    return 0


def made_tables(known: dict[str, dict[str, object]]) -> dict[str, str]:
    """The tables of the page, by their names in it."""
    costs, load = figures.costs_of(known), Load()
    return {
        "one process": tables.holds(costs, load, _PLAN.busy),
        "one core": tables.limits(costs),
        "deployments": tables.deployments(costs, load),
        "all came back": tables.all_came_back(costs, load),
        "a zone is lost": tables.zones(costs, load, _PLAN),
        "measured": tables.measured(known),
    }


def with_tables(page: str, made: dict[str, str]) -> str:
    """A page whose tables, each between two comments with its name, are these. :raises ValueError: it lacks one."""
    for name, table in made.items():
        place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if place.search(page) is None:
            raise ValueError(f"there is no place for the table {name!r}")
        page = place.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)
    return page


def fanouts(costs: Costs, load: Load) -> dict[int, Fanout]:
    """Where readers are, with two processes, with some, and with those of a cell."""
    return {
        processes: fanout(
            streams=_SAMPLE,
            processes=processes,
            answer_seconds=load.seconds,
            comes_back=load.comes_back,
            steps=_STEPS,
            all_leave_at=_ALL_LEAVE_AT,
        )
        for processes in (2, 8, cell(costs, load, _PLAN).processes)
    }


if __name__ == "__main__":
    sys.exit(main())
