"""The plot of a run, from its JSON: ours, the pattern and the limit per work, on a logarithmic scale.

`python -m benchmarks.plot` draws it again from `benchmarks/results/latest.json`.
"""

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Patch

RESULT = Path(__file__).parent / "results" / "latest.json"
IMAGE = Path(__file__).parent.parent / "docs" / "images" / "benchmarks.png"

_BARS = (
    ("limit", "#a9b4c0", "the limit"),
    ("ours", "#1f6feb", "fastapi-chatkit"),
    ("pattern", "#e08a2c", "the pattern"),
)
"""Name, colour and label, from the top down."""
_TICKS = {0.001: "1/1000", 0.01: "1/100", 0.1: "1/10", 0.5: "1/2", 1: "the pattern"}
_HEIGHT = 0.27
_PLATE = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
_INK, _FAINT, _GRID = "#1f2933", "#616e7c", "#e4e7eb"


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw a run's figures into a PNG: a bar per server with its median, and a dotted mark for the target."""
    mpl.use("Agg")
    figures = [figure for figure in result["figures"] if _is_drawn(figure)]
    drawing, axes = plt.subplots(figsize=(10, 1.3 + 0.66 * len(figures)), dpi=150)
    for row, figure in enumerate(figures):
        _draw_row(axes, row, figure)
    _dress(axes, [f"{_title(figure)}\n{figure['detail']}" for figure in figures])
    drawing.text(0.99, 0.008, _caption(result["machine"]), ha="right", size=7, color=_FAINT)
    drawing.tight_layout(rect=(0, 0.02, 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing.savefig(path)
    plt.close(drawing)


def _is_drawn(figure: dict[str, Any]) -> bool:
    """Whether it can be compared with the pattern's: not one that the pattern has no part in, nor a ratio by itself."""
    return "pattern" in figure["contenders"] and figure["unit"] != "x"


def _draw_row(axes: Axes, row: int, figure: dict[str, Any]) -> None:
    medians = {name: contender["median"] for name, contender in figure["contenders"].items()}
    one = medians["pattern"]
    for place, (name, color, _) in enumerate(_BARS):
        value = medians.get(name)
        if value is None or value <= 0:
            continue
        at = row + (place - 1) * _HEIGHT
        axes.barh(at, value / one, _HEIGHT * 0.88, color=color)
        axes.text(value / one * 1.05, at, f"{value:,.3g}", va="center", size=7.5, color=_INK, bbox=_PLATE)
    if figure["target_value"]:
        target = figure["target_value"] / one
        axes.vlines(target, row - 1.5 * _HEIGHT, row + 1.5 * _HEIGHT, color=_INK, lw=1.1, ls=":")


def _dress(axes: Axes, labels: list[str]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(left=axes.get_xlim()[0] * 0.7, right=1.8)
    axes.set_yticks(range(len(labels)), labels, size=8, color=_INK)
    axes.set_ylim(len(labels) - 0.45, -0.55)
    ticks = {at: label for at, label in _TICKS.items() if at > axes.get_xlim()[0]}
    axes.set_xticks(list(ticks), list(ticks.values()), size=8, color=_FAINT)
    axes.minorticks_off()
    axes.grid(axis="x", color=_GRID)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    handles = [Patch(color=color, label=label) for _, color, label in _BARS]
    target = axes.plot([], [], color=_INK, lw=1.1, ls=":", label="our target")[0]
    place = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "ncols": 4, "frameon": False, "fontsize": 9}
    axes.legend(handles=[*handles, target], title="less is better, logarithmic", title_fontsize=8, **place)


def _title(figure: dict[str, Any]) -> str:
    return f"{figure['title']} [{figure['unit']}]" if figure["unit"] else figure["title"]


def _caption(machine: dict[str, Any]) -> str:
    return f"medians; {machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, {machine['date'][:10]}"


if __name__ == "__main__":
    draw(json.loads(RESULT.read_text()), IMAGE)
