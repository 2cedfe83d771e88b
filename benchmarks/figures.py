"""What a run yields: figures, each a list of samples per contender, with its target."""

import math
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

OURS, PATTERN, LIMIT = "ours", "pattern", "limit"


@dataclass(frozen=True, slots=True)
class Target:
    """The most that ours may be: a value in the figure's unit, or a share of what the pattern measured.

    `share` is such a share that is held besides a value.
    """

    at_most: float
    of: Literal["absolute", "pattern"] = "absolute"
    share: float | None = None

    def bound(self, pattern: float | None) -> float | None:
        """The lesser of both in the figure's unit, None if what the pattern measured is missing."""
        share = self.at_most if self.of == "pattern" else self.share
        value = self.at_most if self.of == "absolute" else math.inf
        if share is None:
            return value
        return None if pattern is None else min(value, pattern * share)


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement. `beside` is a second number that is shown with it and has no target, such as a rate."""

    value: float
    beside: float | None = None


@dataclass(slots=True)
class Figure:
    """A work's cost, in `unit`; less is better. `beside` is the format of the samples' second number."""

    name: str
    title: str
    detail: str
    unit: str
    target: Target | None = None
    beside: str = ""
    samples: dict[str, list[Sample]] = field(default_factory=dict[str, list[Sample]])

    def add(self, contender: str, sample: Sample) -> None:
        """Take another sample."""
        self.samples.setdefault(contender, []).append(sample)

    def median(self, contender: str) -> float | None:
        """The median of a contender's samples, None if it has none."""
        samples = self.samples.get(contender)
        return median(sample.value for sample in samples) if samples else None

    def spread(self, contender: str) -> tuple[float, float]:
        """The least and the greatest of a contender's samples."""
        values = [sample.value for sample in self.samples[contender]]
        return min(values), max(values)

    def median_beside(self, contender: str) -> float | None:
        """The median of the second numbers, None if there are none."""
        values = [sample.beside for sample in self.samples.get(contender, ()) if sample.beside is not None]
        return median(values) if values else None

    def ratio(self, contender: str, other: str) -> float | None:
        """A contender's median over another's, None where either is missing."""
        ours, theirs = self.median(contender), self.median(other)
        return None if ours is None or not theirs else ours / theirs

    def bound(self) -> float | None:
        """The target in the figure's unit, None if there is none or the pattern that it is a share of is missing."""
        return None if self.target is None else self.target.bound(self.median(PATTERN))

    def met(self) -> bool | None:
        """Whether ours is within the target, None where that cannot be said."""
        ours, bound = self.median(OURS), self.bound()
        return None if ours is None or bound is None else ours <= bound
