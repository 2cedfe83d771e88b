"""The command: `python -m benchmarks [--quick] [--only NAME] [--who NAME] [--rounds N] [--no-plot] [--profile DIR]`."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import report
from benchmarks.browser import line as in_browser
from benchmarks.cases import extra_cases, quick_run, whole_run
from benchmarks.figures import LIMIT, OURS, PATTERN, Figure
from benchmarks.harness import DidNotStart, Harness
from benchmarks.machine import Cores, describe, pin, raise_file_limit
from benchmarks.plot import IMAGE, RESULT, draw
from benchmarks.rounds import run_case

PARTIAL = RESULT.with_name("partial.json")


def main() -> int:
    """Run the benchmarks: 0 if everything was measured, 1 if a server did not start. A wrong answer raises."""
    options = _options()
    cores = Cores.of_this_process()
    machine = describe(cores)
    print(report.machine_lines(machine), end="\n\n", flush=True)
    raise_file_limit()
    pin(0, cores.load)
    with tempfile.TemporaryDirectory(prefix="chatkit-benchmarks-") as directory:
        figures, missing = asyncio.run(
            _run(options, Harness(cores, Path(directory), options.profile, shared=options.quick))
        )
    print("\n" + report.table(figures))
    if line := in_browser.line(machine, figures):
        print(f"\nFor the table of benchmarks/README.md:\n{line}")
    for error in {error.contender: error for error in missing}.values():
        print(f"\nNot measured: {error}", file=sys.stderr)
    whole = not (options.quick or options.only or options.who or options.profile or missing)
    result = report.as_json(machine, {"quick": options.quick, "rounds": options.rounds}, figures)
    path = RESULT if whole else PARTIAL
    report.write_json(path, result)
    print(f"\nWritten: {path}")
    if options.quick:
        print("A quick run only shows that everything works; its figures are not to be quoted.")
    if whole and not options.no_plot:
        draw(result, IMAGE)
        print(f"Written: {IMAGE}")
    return 1 if missing else 0


def _options() -> argparse.Namespace:
    cases = [case.name for case in [*whole_run(), *extra_cases()]]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measures ours, the pattern and the limit."
    )
    parser.add_argument("--quick", action="store_true", help="small sizes and one round, to see that everything works")
    parser.add_argument("--only", action="append", choices=cases, default=[], help="this case; may be repeated")
    parser.add_argument(
        "--who", action="append", choices=(OURS, PATTERN, LIMIT), default=[], help="this server; may be repeated"
    )
    parser.add_argument("--rounds", type=int, help="samples of each server; 3, or 1 with --quick")
    parser.add_argument("--no-plot", action="store_true", help="do not draw docs/images/benchmarks.png")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="cProfile the servers into files in DIR")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    if options.profile:
        options.profile.mkdir(parents=True, exist_ok=True)
    return options


async def _run(options: argparse.Namespace, harness: Harness) -> tuple[list[Figure], list[DidNotStart]]:
    figures: list[Figure] = []
    missing: list[DidNotStart] = []
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {line}", flush=True)

    cases = quick_run() if options.quick else whole_run()
    if options.only:
        cases = [case for case in [*cases, *extra_cases()] if case.name in options.only]
    try:
        for case in cases:
            measured, absent = await run_case(case, harness, rounds=options.rounds, only=options.who, say=say)
            figures += measured
            missing += absent
    finally:
        await harness.close()
    return figures, missing


if __name__ == "__main__":
    sys.exit(main())
