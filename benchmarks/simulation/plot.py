"""The picture of `docs/scale.md`: where readers are as time goes by, and what becomes of them when a zone is lost."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.simulation.fanout import STEP_SECONDS, Fanout
from benchmarks.simulation.zone import Storm

IMAGE = Path(__file__).parents[2] / "docs" / "images" / "scale.png"

_COLOURS = ("#1f6feb", "#e08a2c", "#4c9f70", "#b5485d")
_SHOWN_SECONDS = 20
"""Of a zone's loss."""
_INK, _FAINT, _GRID = "#1f2933", "#616e7c", "#e4e7eb"


def draw(fanouts: Mapping[int, Fanout], storms: Mapping[str, Storm], path: Path = IMAGE) -> None:
    """Draw both into a PNG: fan-outs by their number of processes, storms by how clients come back."""
    mpl.use("Agg")
    drawing, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), dpi=150)
    for colour, (processes, fanout) in zip(_COLOURS, fanouts.items(), strict=False):
        seconds = [STEP_SECONDS * (step + 1) for step in range(len(fanout.remote))]
        left.plot(seconds, [share * 100 for share in fanout.remote], color=colour, label=f"{processes} processes")
    _dress(left, "readers away from their run, %", "seconds; at 60 all lose their connection")
    for colour, (name, storm) in zip(_COLOURS, storms.items(), strict=False):
        right.plot(storm.seconds, [count / 1e3 for count in storm.away], color=colour, label=name)
    any_storm = next(iter(storms.values()))
    right.plot(
        any_storm.seconds, [count / 1e3 for count in any_storm.orphans], color=_FAINT, ls=":", label="runs to end"
    )
    _dress(right, "clients that follow nothing, thousands", "seconds after a third of a cell was lost")
    right.set_xlim(right=_SHOWN_SECONDS)
    drawing.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing.savefig(path)
    plt.close(drawing)


def _dress(axes: Axes, title: str, below: str) -> None:
    axes.set_title(title, size=9, color=_INK, loc="left")
    axes.set_xlabel(below, size=8, color=_FAINT)
    axes.tick_params(length=0, labelsize=8, labelcolor=_FAINT)
    axes.grid(color=_GRID)
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.legend(frameon=False, fontsize=8)
    for side in axes.spines.values():
        side.set_visible(False)
