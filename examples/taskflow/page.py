"""The page at ``/``: the board beside the chat. All that it loads is in ``static/``, and is served as it is."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse

from fastapi_chatkit.http.ui import files_route
from fastapi_chatkit.page import HEADERS

STATIC = Path(__file__).parent / "static"


def add_page(app: FastAPI) -> None:
    """Add it, with a policy that lets nothing in from anywhere else."""
    app.add_route("/", _page, include_in_schema=False)
    app.router.routes.append(files_route("/static", STATIC))


async def _page(request: Request) -> FileResponse:
    return FileResponse(STATIC / "index.html", headers=HEADERS)
