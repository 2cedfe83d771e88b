"""Runs a case: its servers take turns, so that a slow minute of the machine hits them all alike."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TypeVar

from benchmarks.cases.base import Case, Say, Sole
from benchmarks.figures import OURS, Figure, Sample
from benchmarks.harness import Contender, DidNotStart, Harness, Server

T = TypeVar("T")


async def run_case(
    case: Case | Sole, harness: Harness, *, rounds: int, only: Sequence[str], say: Say
) -> tuple[list[Figure], list[DidNotStart]]:
    """The case's figures with `rounds` samples for each contender, and the contenders that did not start.

    `only`, if not empty, names the contenders to measure.
    """
    figures = {figure.name: figure for figure in case.figures()}
    if isinstance(case, Sole):
        try:
            if not only or OURS in only:
                await _run_alone(case, harness, 1 if case.once else rounds, _Recorder(case, figures, say))
        except DidNotStart as error:
            return list(figures.values()), [error]
        return list(figures.values()), []
    run = _run_fresh if case.fresh else _run_side_by_side
    async with case.contenders(harness) as contenders:
        wanted = [contender for contender in contenders if not only or contender.name in only]
        missing = await run(case, harness, wanted, rounds, _Recorder(case, figures, say))
    return list(figures.values()), missing


class _Recorder:
    """Adds samples to figures, and says so."""

    def __init__(self, case: Case | Sole, figures: dict[str, Figure], say: Say) -> None:
        self._case = case
        self._figures = figures
        self.say = say

    def add(self, stage: str, contender: str, samples: dict[str, Sample]) -> None:
        shown: list[str] = []
        for name, sample in samples.items():
            figure = self._figures[name]
            figure.add(contender, sample)
            beside = f" ({figure.beside.format(sample.beside)})" if sample.beside is not None else ""
            shown.append(f"{name} {sample.value:.3g} {figure.unit}{beside}")
        self.say(f"{self._case.name}: {stage}: {contender}: {', '.join(shown)}")


async def _run_side_by_side(
    case: Case, harness: Harness, contenders: Sequence[Contender], rounds: int, recorder: _Recorder
) -> list[DidNotStart]:
    missing: list[DidNotStart] = []
    servers: list[Server] = []
    async with AsyncExitStack() as stack:
        for contender in contenders:
            recorder.say(f"{case.name}: starting and warming up {contender.name}")
            try:
                server = await stack.enter_async_context(harness.running(contender))
            except DidNotStart as error:
                missing.append(error)
                continue
            await case.prepare(server)
            servers.append(server)
        for number in range(rounds):
            for server in _rotated(servers, number):
                recorder.add(f"round {number + 1}/{rounds}", server.name, await case.sample(server))
    return missing


async def _run_alone(case: Sole, harness: Harness, rounds: int, recorder: _Recorder) -> None:
    for number in range(1, rounds + 1):
        recorder.say(f"{case.name}: round {number}/{rounds} begins")
        recorder.add(f"round {number}/{rounds}", OURS, await case.measure(harness, recorder.say))


async def _run_fresh(
    case: Case, harness: Harness, contenders: Sequence[Contender], rounds: int, recorder: _Recorder
) -> list[DidNotStart]:
    missing: list[DidNotStart] = []
    able = list(contenders)
    for number in range(0 if case.rehearsed else 1, rounds + 1):
        for contender in _rotated(able, number):
            recorder.say(f"{case.name}: starting {contender.name}")
            try:
                server = await harness.start(contender)
            except DidNotStart as error:
                missing.append(error)
                able.remove(contender)
                continue
            try:
                if number:  # round 0 only fills the caches of files and bytecode
                    recorder.add(f"round {number}/{rounds}", server.name, await case.sample(server))
            finally:
                await server.stop()
    return missing


def _rotated(things: Sequence[T], by: int) -> list[T]:
    """The things in their order, another one first each time."""
    at = by % len(things) if things else 0
    return [*things[at:], *things[:at]]
