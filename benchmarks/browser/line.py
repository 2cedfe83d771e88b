"""What was measured in a browser, as a line of the table in `benchmarks/README.md`."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.figures import OURS, Figure, Sample

COLUMNS = {
    "Enter to words": "{keypress.value:.0f} ms; server {keypress.beside:.1f}",
    "frames": "{frames.beside:.1f}/s; p95 {frames_p95.value:.1f} ms; {frames_p95.beside:.1f} % left out",
    "main thread": "{frames_main.value:.0f} %",
    "raster": "{frames_raster.value:.0f} %",
    "thread opened": "{open_thread.value:.0f} ms",
    "page opened": "{open_page.value:.0f} ms",
    "long tasks": "{long_tasks.value:.0f}; CPU at most {task.value:.0f} ms",
    "heap of an item": "{heap_loaded.beside:.2f} KiB; {heap_loaded.value:.1f} x its JSON",
    "heap, all loaded": "{heap_all.value:.1f} MiB; at first {heap_all.beside:.1f}",
    "by more scrolling": "{heap_scrolled.value:.1f} MiB",
    "size": "{bundle.value:.1f} KB; all {bundle.beside:.0f}",
}
"""What the columns after the first one are made of: the medians of figures, by their names."""


def line(machine: Mapping[str, Any], figures: Sequence[Figure]) -> str | None:
    """The line, with a dash for what was not measured; None where nothing of it was."""
    medians = {
        figure.name: Sample(value, figure.median_beside(OURS))
        for figure in figures
        if (value := figure.median(OURS)) is not None
    }
    cells = [_cell(template, medians) for template in COLUMNS.values()]
    if set(cells) == {_MISSING}:
        return None
    first = f"{machine['commit']}, {machine['date'][:10]}"
    return " | ".join(["", first, *cells, ""]).strip()


_MISSING = "-"


def _cell(template: str, medians: Mapping[str, Sample]) -> str:
    try:
        return template.format_map(medians)
    except KeyError:
        return _MISSING
