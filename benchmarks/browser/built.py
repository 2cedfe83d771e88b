"""How large the built component is, as it goes over the wire."""

import gzip
import re
from pathlib import Path

from fastapi_chatkit.ui import ASSETS

ENTRY = "chatkit.js"
_ROOT = ASSETS.resolve()
_IMPORTED = re.compile(r"(?:\bfrom|\bimport)\s*[\"'](\.[^\"']+)[\"']")
_LEVEL = 9


def before_chunks() -> dict[str, int]:
    """Bytes, compressed, of each file that is loaded at once, before anything is needed that is loaded lazily."""
    return {str(path.relative_to(_ROOT)): _size(path) for path in sorted(_with_imports(_ROOT / ENTRY, set()))}


def in_all() -> dict[str, int]:
    """The same of every script."""
    return {str(path.relative_to(_ROOT)): _size(path) for path in sorted(_ROOT.rglob("*.js"))}


def _with_imports(path: Path, seen: set[Path]) -> set[Path]:
    """A file, and those that it cannot begin without."""
    if path not in seen:
        seen.add(path)
        for imported in _IMPORTED.findall(path.read_text()):
            _with_imports((path.parent / imported).resolve(), seen)
    return seen


def _size(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), _LEVEL))
