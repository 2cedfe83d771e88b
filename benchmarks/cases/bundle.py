"""How much of the component a browser loads before it can show anything, beside what others load."""

from collections.abc import Sequence

from benchmarks.browser.built import before_chunks, in_all
from benchmarks.cases.base import Say, Sole
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Harness

OTHERS = {"deep-chat": 111, "assistant-ui, minimal thread": 176, "CopilotKit": 1_137}
"""KB of theirs, as they were known when ours was begun: they are not measured here."""


class Bundle(Sole):
    """The files as they are built: KB of 1,000 bytes, compressed by gzip at its best."""

    name = "bundle"
    once = True

    def figures(self) -> Sequence[Figure]:
        others = ", ".join(f"{name} {size:,}" for name, size in OTHERS.items())
        return [Figure(self.name, "component before lazy chunks, compressed", others, "KB", Target(90.0), "all {:.0f}")]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        first, everything = before_chunks(), in_all()
        say(f"{self.name}: {first}")
        return {self.name: Sample(sum(first.values()) / 1000, sum(everything.values()) / 1000)}
