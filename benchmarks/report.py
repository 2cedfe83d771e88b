"""The report of a run: a table for people, JSON for everything else."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.contenders import BATCHED
from benchmarks.figures import LIMIT, OURS, PATTERN, Figure

_HEADINGS = ("work", "ours", "pattern", "limit", "ours/pattern", "ours/limit", "target", "")
_BESIDE = {BATCHED: "the limit at 64 frames a send"}
"""What else was measured, where its name does not say it."""
_VERDICTS = {True: "met", False: "MISSED", None: ""}


def table(figures: Sequence[Figure]) -> str:
    """Two lines a figure: medians, ratios, target and verdict; below them the least and greatest."""
    rows = [_HEADINGS, *(row for figure in figures for row in _rows(figure))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _rows(figure: Figure) -> list[tuple[str, ...]]:
    three = (OURS, PATTERN, LIMIT)
    bound, target = figure.bound(), figure.target
    first = (
        f"{figure.title} [{figure.unit}]" if figure.unit else figure.title,
        *(_median(figure, name) for name in three),
        _ratio(figure.ratio(OURS, PATTERN)),
        _ratio(figure.ratio(OURS, LIMIT)),
        "" if bound is None else f"<= {_number(bound)}",
        _VERDICTS[figure.met()],
    )
    share = None if target is None else target.at_most if target.of == "pattern" else target.share
    rows = [
        first,
        (
            f"  {figure.detail}",
            *(_spread(figure, name) for name in three),
            "",
            "",
            "" if share is None else f"{share:.2g} of pattern",
            "",
        ),
    ]
    others = [name for name in figure.samples if name not in three]
    return rows + [(f"  {_BESIDE.get(name, name)}", "", "", _median(figure, name), "", "", "", "") for name in others]


def _median(figure: Figure, contender: str) -> str:
    value = figure.median(contender)
    if value is None:
        return "-"
    beside = figure.median_beside(contender)
    shown = f"  {figure.beside.format(beside)}" if beside is not None else ""
    return f"{_number(value)}{shown}"


def _spread(figure: Figure, contender: str) -> str:
    if contender not in figure.samples:
        return ""
    low, high = figure.spread(contender)
    return f"{_number(low)} - {_number(high)}"


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}x"


def _number(value: float) -> str:
    """Three digits that count, without an exponent."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}"


def as_json(machine: dict[str, object], options: dict[str, object], figures: Sequence[Figure]) -> dict[str, Any]:
    """The whole run: what it ran on, how, and every sample."""
    return {"machine": machine, "options": options, "figures": [_figure_json(figure) for figure in figures]}


def _figure_json(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "title": figure.title,
        "detail": figure.detail,
        "unit": figure.unit,
        "target": asdict(figure.target) if figure.target else None,
        "target_value": figure.bound(),
        "met": figure.met(),
        "ours_to_pattern": figure.ratio(OURS, PATTERN),
        "ours_to_limit": figure.ratio(OURS, LIMIT),
        "beside": figure.beside,
        "contenders": {
            name: {
                "median": figure.median(name),
                "least": figure.spread(name)[0],
                "greatest": figure.spread(name)[1],
                "median_beside": figure.median_beside(name),
                "samples": [asdict(sample) for sample in samples],
            }
            for name, samples in figure.samples.items()
        },
    }


def machine_lines(machine: dict[str, Any]) -> str:
    """What it ran on, in three lines."""
    pinned = "server on one core, load on the others" if machine["pinned"] else "nothing is pinned"
    libraries = ", ".join(f"{name} {version}" for name, version in machine["libraries"].items())
    return (
        f"{machine['date']}, commit {machine['commit']}; {machine['cpu']}, {machine['cores']} cores ({pinned}), "
        f"{machine['memory_gib']} GiB, load before {machine['load_before']}\n"
        f"{machine['system']}, Python {machine['python']}, SQLite {machine['sqlite']}, "
        f"PostgreSQL {machine['postgresql']} (fsync and synchronous_commit on), Redis {machine['redis']}\n"
        f"{libraries}"
    )


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write the run to a file, whose folder is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")
