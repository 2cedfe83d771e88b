"""``GET <path>/ui/chatkit.js`` and what it loads: static files, which need no user."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ..ui import ASSETS

CHUNKS = "chunks"
"""The folder of files that never change: the hash of what is in them is in their names."""

ALWAYS_ASK = "no-cache"
NEVER_ASK = "public, max-age=31536000, immutable"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # A page of another origin may load it as a module; it holds nothing of anybody's.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class Files(StaticFiles):
    """Files of a folder, for browsers: those that may change are asked for each time."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or that it has not changed."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(HEADERS)
        response.headers["Cache-Control"] = NEVER_ASK if Path(full_path).parent.name == CHUNKS else ALWAYS_ASK
        return response


def ui_route(path: str) -> Mount:
    """The component's files, below ``path``."""
    return files_route(f"{path.rstrip('/')}/ui", ASSETS)


def files_route(path: str, directory: Path) -> Mount:
    """The files of a folder, below ``path``, compressed for those who take that."""
    return Mount(path, GZipMiddleware(Files(directory=directory)), name=f"files {path}")
