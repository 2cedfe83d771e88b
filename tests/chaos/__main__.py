"""The command: ``python -m tests.chaos [--minutes N] [--seed N] [--users N] [--only KIND] [--keep FOLDER]``."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

import pytest

from tests.chaos.checks import check
from tests.chaos.plan import KINDS
from tests.chaos.report import report
from tests.chaos.trial import trial


def main() -> int:
    """Run one trial and print its report: 0 if no rule was violated."""
    options = _options()
    seed = options.seed or str(random.randrange(10**6))
    again = f"make chaos ARGS='--seed {seed} --minutes {options.minutes:g} --users {options.users}'"
    print(f"seed {seed}; the same again: {again}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chatkit-chaos-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            evidence = asyncio.run(
                trial(folder, seed, options.minutes * 60, options.users, options.only or KINDS, say=_say)
            )
        except pytest.skip.Exception as missing:
            print(f"The suite {missing}", file=sys.stderr)
            return 1
        violations = check(evidence)
        print(report(seed, options.users, evidence, violations), flush=True)
    return 1 if violations else 0


def _say(line: str) -> None:
    print(line, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make chaos",
        description="Lets users talk to three replicas while servers are killed, stopped and cut off.",
    )
    parser.add_argument("--minutes", type=float, default=5.0, help="for how long; 5")
    parser.add_argument("--seed", help="what is done and said, again; at random")
    parser.add_argument("--users", type=int, default=30, help="how many talk at once; 30")
    parser.add_argument("--only", action="append", choices=KINDS, help="do this alone; may be repeated")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the replicas' logs there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
